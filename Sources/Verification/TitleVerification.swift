package import MediaCore
import FileIO
import Library
import NIOCore

/// The second opinion on a title at rest: reads every byte and every document of it, works out anew
/// what they must say, and reports where they say something else.
///
///     let report = try TitleVerification.verify(folder: "library/film")
///     report.passes
///
/// Nothing here is shared with what writes titles. To add a rule: a `static let` of `Rule` beside
/// the code that holds a file against it, a `require`, and a planted fault in the tests.
package enum TitleVerification {
  /// - Returns: what was found. A finding never stops the rest where it can go on.
  /// - Throws: `FileIOError` if the folder is missing, holds no title, or the system cannot read it;
  ///   `CancellationError`.
  package static func verify(
    folder: String, progress: WorkProgress = WorkProgress()
  ) throws -> VerificationReport {
    switch Folder.resolved(folder).flatMap({ Folder.entry(at: $0) }) {
    case nil:
      throw FileIOError(.notFound, "\(folder) does not exist; name the folder of a title")
    case .folder: break
    default: throw FileIOError(.notDirectory, "\(folder) is no folder; name the folder of a title")
    }
    let files = try Folder.names(in: folder, limit: VerificationLimits.nameCount)
    if files.contains(TitleStore.episodeFileName) {
      var examination = EpisodeExamination(folder: folder, files: files, progress: progress)
      try examination.run()
      return examination.report
    }
    guard files.contains(where: { $0 == TitleDescription.fileName || $0.hasSuffix(".mp4") }) else {
      throw FileIOError(
        .notFound, "\(folder) holds no title: no \(TitleDescription.fileName) and no track file")
    }
    var examination = TitleExamination(folder: folder, files: files, progress: progress)
    try examination.run()
    return examination.report
  }
}

/// A verification that goes on.
struct TitleExamination {
  let folder: String
  let files: [String]
  let progress: WorkProgress
  /// A scene of an episode has no documents: those of paths name it.
  private let isScene: Bool
  private(set) var findings: [Finding] = []
  private(set) var tracks: [MeasuredTrack] = []
  private(set) var byteCount: Int64 = 0

  init(folder: String, files: [String], isScene: Bool = false, progress: WorkProgress) {
    self.folder = folder
    self.files = files
    self.isScene = isScene
    self.progress = progress
  }

  /// The last part of the folder's path.
  private var name: String {
    let path = Folder.resolved(folder) ?? folder
    return path.split(separator: "/").last.map(String.init) ?? path
  }

  var report: VerificationReport {
    VerificationReport(
      name: name, findings: findings, trackCount: tracks.count,
      segmentCount: tracks.reduce(0) { $0 + $1.segments.count }, byteCount: byteCount)
  }

  private func storage(
    of track: DescriptionRules.Track, _ layout: TitleLayout
  ) throws -> TrackStorage {
    switch layout {
    case .tracks: TrackStorage(try ReadableFile(path: "\(folder)/\(track.name).mp4"))
    case .files: try TrackStorage(folder: "\(folder)/\(track.name)")
    }
  }

  mutating func run() throws {
    var documents = isScene ? nil : StaticDocuments(folder: folder, files: files)
    let description = DescriptionRules(folder: folder, files: files)
    byteCount += description.byteCount
    findings += description.log.findings
    let opened = try description.tracks.map {
      ($0, try storage(of: $0, description.layout))
    }
    progress.total(opened.reduce(0) { $0 + $1.1.byteCount })
    for (track, file) in opened {
      var examination = TrackExamination(
        file, name: track.name, description: track.description,
        buffer: documents?.declaredRate(of: track.name), progress: progress)
      let measured = try examination.run()
      byteCount += examination.bytesRead
      findings += examination.log.findings
      findings += SegmentFileRules.findings(file, name: track.name, measured: measured)
      if let measured { tracks.append(measured) }
    }
    checkWebVTT()
    findings += DescriptionRules.findings(in: tracks)
    findings += AlignmentRules.findings(in: tracks)
    findings += TrickRules.findings(in: tracks)
    let end = tracks.map { $0.time($0.end).seconds }.max() ?? 0
    var images: ImageDocumentRules?
    if !tracks.isEmpty, let described = description.images {
      var rules = ImageRules(folder: folder, images: described)
      rules.check(end: end)
      findings += rules.log.findings
      byteCount += rules.byteCount
      images = described.thumbnails.map {
        ImageDocumentRules(thumbnails: $0, byteCounts: rules.byteCounts, end: end)
      }
    }
    guard documents != nil else { return }
    documents?.check(against: tracks, layout: description.layout, images: images)
    if let description = description.description, let documents {
      var events = TitleEventRules(description, tracks: tracks, documents: documents)
      findings += events.check()
    }
    byteCount += documents?.byteCount ?? 0
    findings += documents?.findings ?? []
  }

  /// Subtitles stand in a WebVTT file beside their track too.
  private mutating func checkWebVTT() {
    for index in tracks.indices {
      guard let digest = tracks[index].description?.webVTT else { continue }
      var rules = WebVTTRules(tracks[index])
      rules.check(folder: folder, digest: digest)
      tracks[index].webVTT = rules.segments
      findings += rules.log.findings
      byteCount += rules.byteCount
    }
  }
}
