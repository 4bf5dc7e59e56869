import FileIO
package import MediaCore

/// A source whose picture is the rungs of a ladder, joined of their parts; all else is handed on as
/// the source has it.
///
///     let source = try LadderSource(base, plan: plan, parts: folder)
///     let job = try PackagingJob([source], options: options)
package struct LadderSource: MediaSource {
  package let tracks: [SourceTrack]
  package let notes: [String]
  private let base: any MediaSource
  /// Parts of each rung in the order of time, by the number of its track.
  private let parts: [Int: [PartFile]]

  package var name: String { base.name }
  package var chapters: [Chapter] { base.chapters }
  package var splices: [Splice] { base.splices }
  package var hasSystemClock: Bool { base.hasSystemClock }

  /// - Parameters:
  ///   - base: the source itself, its sound as it will be packaged.
  ///   - folder: where the parts are.
  ///   - notes: what was done to the picture, a sentence each.
  /// - Throws: `.damaged` if a part is missing, is not whole, or does not go with the others.
  package init(
    _ base: any MediaSource, plan: LadderPlan, parts folder: PartFolder, notes: [String] = []
  ) throws {
    self.base = base
    let pictures = base.tracks.filter { $0.kind == .video }
    var number = (base.tracks.map(\.number).max() ?? -1) + 1
    var parts: [Int: [PartFile]] = [:]
    var rungs: [SourceTrack] = []
    for (index, rung) in plan.rungs.enumerated() {
      let files = try plan.parts.filter { $0.rung == index }.sorted { $0.chunk < $1.chunk }.map {
        try folder.file($0, of: plan)
      }
      var track = try Self.track(rung, plan: plan, files: files, number: number)
      if let picture = pictures.first {
        track.displayMatrix = picture.displayMatrix
        track.language = picture.language
        // The layout of spherical and of stereoscopic pictures is in fractions of a side.
        track.spherical = picture.spherical
        track.stereoscopic = picture.stereoscopic
      }
      rungs.append(track)
      parts[number] = files
      number += 1
    }
    self.parts = parts
    tracks = rungs + base.tracks.filter { $0.kind != .video }
    self.notes = base.notes + notes
  }

  private static func track(
    _ rung: PlannedRung, plan: LadderPlan, files: [PartFile], number: Int
  ) throws -> SourceTrack {
    guard let first = files.first else {
      throw EncodingError(.damaged, "the plan has no parts of \(rung.name)")
    }
    let grid = plan.grid
    let start = plan.start.rescaled(to: grid.timescale).value
    var track = SourceTrack(
      number: number, kind: .video, coding: first.coding, timescale: grid.timescale,
      presentationStart: start)
    for file in files {
      guard file.coding == first.coding else {
        throw EncodingError(
          .damaged,
          "\(file.path) has other parameter sets than \(first.path), so that they make no one track; "
            + "remove the folder, so that all parts are made by one encoder")
      }
      track.samples.presentationTimes += file.samples.presentationTimes.map { $0 + start }
      track.samples.sizes += file.samples.sizes
      track.samples.randomAccess += file.samples.randomAccess
    }
    track.samples.lastDuration = grid.frameDuration * Int64(rung.divisor)
    track.frameRateHint = rung.rate
    track.statedWidth = rung.width
    track.statedHeight = rung.height
    track.colour = rung.colourInformation
    track.masteringDisplay = rung.masteringDisplayValue
    track.contentLight = rung.contentLightValue
    track.isDefault = true
    track.rendition = rung.name
    return track
  }

  package func makeReader(of wanted: Set<Int>) throws -> any PayloadReader {
    let rest = wanted.subtracting(parts.keys)
    return StretchReader(
      after: rest.isEmpty ? nil : try base.makeReader(of: rest),
      parts.keys.sorted().filter { wanted.contains($0) }.flatMap { stretches($0) })
  }

  /// The parts of a track behind one another.
  private func stretches(_ track: Int) -> [PayloadStretch] {
    var first = 0
    return (parts[track] ?? []).map { part in
      defer { first += part.samples.count }
      return PayloadStretch(
        track: track, first: first, sizes: part.samples.sizes, offset: PartFile.payloadOffset
      ) {
        let file = try ReadableFile(path: part.path)
        return { try file.read(at: $0, count: $1, into: &$2) }
      }
    }
  }
}
