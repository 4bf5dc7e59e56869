import ArgumentParser
import FileIO
import Foundation
import Library
import ObjectStore
import MediaCore
import Origin
import Packaging
import Protection
import Recording

/// What may be uploaded to an origin that serves.
struct IngestOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Publishing point: what encoders send by POST or PUT to /NAME/… is the live title NAME. May be given several times. (see docs/ingest.md)",
      valueName: "name"))
  var ingest: [String] = []

  @Option(
    help: ArgumentHelp(
      "Who may publish: a file with a line USER PASSWORD for each, or 'anybody'.",
      valueName: "file"))
  var publishers: String?

  @Option(help: "Wanted length of a segment of what is uploaded, as 2s, 1.5s or 1001/500.")
  var segment = SegmentLength.standard

  @Option(help: "Wanted length of a part, from 0.1s to a segment's.")
  var part = PartLength.standard

  @Option(help: "How far back viewers of what is uploaded may go, as 90s, 30m or 4h.")
  var dvr = WindowLength.standard

  @Option(
    help: ArgumentHelp(
      "What stays of what is uploaded when its publisher says that it ends: vod, a title of the library in its "
        + "place; dvr, what goes on when more is uploaded; or none.",
      discussion: "Without it: dvr."))
  var keep: LiveKeeping?

  @Flag(help: "What stays may take the place of an older title of that name.")
  var replace = false

  private static let anybody = "anybody"

  func validate() throws {
    guard ingest.isEmpty == (publishers == nil) else {
      throw ValidationError(
        ingest.isEmpty
          ? "--publishers goes with --ingest NAME"
          : "--ingest needs --publishers FILE, or --publishers \(Self.anybody)")
    }
    guard !ingest.isEmpty || (keep == nil && !replace) else {
      throw ValidationError("--keep and --replace go with --ingest NAME")
    }
    guard keep == .vod || !replace else {
      throw ValidationError("--replace goes with --keep vod")
    }
    for name in ingest where !PublishingPoints.isName(name) {
      throw ValidationError(
        TrackName.isValid(name)
          ? "--ingest '\(name)' is a name that the origin has for something else"
          : "--ingest '\(name)' is no name: \(TrackName.rule)")
    }
    guard Set(ingest).count == ingest.count else {
      throw ValidationError("--ingest has a name twice")
    }
    guard part.time.seconds <= segment.time.seconds else {
      throw ValidationError("--part must be at most a segment's length, \(segment.time.seconds) s")
    }
  }

  /// - Parameter titles: where the titles are served.
  /// - Returns: `nil` if nobody publishes here.
  func points(library: String, titles: LiveTitles) throws -> PublishingPoints? {
    guard let publishers else { return nil }
    guard !ObjectLocation.isOne(library) else {
      throw CommandFailure(
        .usage, "--ingest keeps what comes in a folder: the library cannot be an object store")
    }
    var options = LiveOptions()
    options.segment = segment.time
    options.part = part.time
    let known =
      publishers == Self.anybody
      ? Publishers.anybody
      : try AccessOptions.reading(publishers) { try Publishers(text: $0) }
    return PublishingPoints(
      try ingest.map { name in
        try PublishingPoint(
          name: name, options: options, window: dvr.time, keeping: keeping(name, library),
          library: library, titles: titles,
          transport: { try TransportFile.events(of: $0, name: $1) },
          now: { WallClock.nanoseconds() })
      }, publishers: known)
  }

  private func keeping(_ name: String, _ library: String) throws -> PublishedKeeping {
    switch keep ?? .dvr {
    case .dvr: return .dvr
    case .none: return .none
    case .vod:
      let end = LiveEnd(name: name, library: library, keeping: .vod, replacesTitle: replace)
      if try !LiveRecording.isMade(of: name, in: library) { try end.checkPlace() }
      return .vod { store, isCancelled in try end.record(store, isCancelled: isCancelled) }
    }
  }
}
