import Dispatch
import FileIO
import Library
package import MediaCore
import NIOCore
import Synchronization

/// All scenes of an episode, and what is spoken over them: each a title of its own below one folder,
/// all scenes with the same CMAF headers.
///
///     let job = try EpisodeJob(requests, prompts: prompts, options: options, old: "library/offer")
///     let notes = try job.run(into: publication.folder, progress: progress)
///
/// What can be decided from the sources' tables is decided in `init`; `run` moves payloads. What has
/// the same origin in the old episode is taken over by linking its files.
package struct EpisodeJob: Sendable {
  /// Wanted lengths of a scene's first segments: a viewer who has chosen waits for the first.
  package static let ramp = [1, 2].map { MediaTime($0, Timescale(literal: 1)) }
  /// Wanted length of all further ones.
  package static let segment = MediaTime(4, Timescale(literal: 1))

  /// What becomes of a scene or prompt.
  private enum Work: Sendable {
    case package(PackagingJob)
    /// The folder in the old episode.
    case takeOver(String)
  }

  private struct Part: Sendable {
    var request: SceneRequest
    var work: Work

    /// Opens the sources, unless the old episode has been made of the same.
    init(
      _ request: SceneRequest, old: String?, options: (TextOptions) -> PackagingOptions
    ) throws {
      self.request = request
      if let old, let folder = EpisodeJob.unchanged(request, in: old) {
        work = .takeOver(folder)
        return
      }
      let opened = try request.open()
      do {
        work = .package(try PackagingJob(opened.sources, options: options(opened.text)))
      } catch let error as PackagingError {
        throw PackagingError(error.code, "\(request.subject): \(error.message)")
      }
      if let longest = request.longest, let duration = job?.duration, duration > longest {
        throw PackagingError(
          .limit,
          "\(request.subject) lasts \(duration.milliseconds) ms; at most \(longest.milliseconds) ms are "
            + "packaged")
      }
    }

    /// `nil` for what is taken over.
    var job: PackagingJob? {
      if case .package(let job) = work { return job }
      return nil
    }

    var notes: [String] { (job?.notes ?? []).map { "\(request.subject): \($0)" } }
  }

  private let scenes: [Part]
  private let prompts: [Part]
  private let threads: Int
  /// Sentences, each with its scene.
  package let notes: [String]
  /// Payload bytes that `run` moves.
  package let payloadByteCount: Int64

  /// Names of the scenes that are taken over.
  package var takenOver: [String] {
    scenes.filter { $0.job == nil }.map(\.request.name)
  }

  /// - Parameters:
  ///   - prompts: sound alone; the folders above theirs have to be there.
  ///   - options: of every scene; its lengths of segments and its text are the episode's own.
  ///   - segment: wanted length of what follows a scene's first segments, and the most of these.
  ///   - old: folder of the episode as it stands, or `nil`.
  package init(
    _ requests: [SceneRequest], prompts: [SceneRequest] = [], options: PackagingOptions,
    segment: MediaTime = Self.segment, old: String?
  ) throws {
    threads = max(1, options.threads)
    var notes: [String] = []
    var headers = SceneHeaders()
    scenes = try requests.map { request in
      let part = try Part(request, old: old) { text in
        var own = options
        own.segment = segment
        own.ramp = Self.ramp.map { min($0, segment) }
        own.text = text
        own.threads = 1
        own.sharesHeaders = true
        return own
      }
      guard let job = part.job else { return part }
      for track in job.headers { try headers.add(track.bytes, of: track.name, in: request.name) }
      try headers.endScene(request.name)
      notes += part.notes
      if job.headDuration.seconds > Self.longestHead {
        notes.append(
          "\(request.subject): the first segment lasts \(job.headDuration.milliseconds) ms, since no key "
            + "frame lies nearer to 1 s; a viewer who has chosen waits for it")
      }
      return part
    }
    self.prompts = try prompts.map { request in
      let part = try Part(request, old: old) { _ in
        var own = options
        // All of it is one segment.
        own.segment = request.longest ?? options.segment
        own.chapters = []
        own.threads = 1
        return own
      }
      notes += part.notes
      return part
    }
    self.notes = notes
    payloadByteCount = (scenes + self.prompts).reduce(0) { $0 + ($1.job?.payloadByteCount ?? 0) }
  }

  /// Seconds: a first segment that is longer is told of.
  private static let longestHead = 1.5

  private static func unchanged(_ request: SceneRequest, in old: String) -> String? {
    let folder = "\(old)/\(request.name)"
    guard Folder.entry(at: "\(folder)/\(TitleDescription.fileName)") == .file,
      let description = try? TitleDescription(folder: folder),
      description.origin == request.origin,
      (try? isWhole(description, in: folder)) == true
    else { return nil }
    return folder
  }

  /// Reads every byte of the old scene: damage is not taken over.
  private static func isWhole(_ description: TitleDescription, in folder: String) throws -> Bool {
    for track in description.tracks {
      let file = try TrackFile(
        TrackStorage(try ReadableFile(path: "\(folder)/\(track.name).mp4")), name: track.name)
      guard TrackDigest.text(try file.digest()) == track.digest else { return false }
      guard let expected = track.webVTT else { continue }
      let text = try ReadableFile(path: "\(folder)/\(WebVTTIndex.fileName(of: track.name))")
      var digest = ContentDigest()
      digest.add(try text.read(at: 0, count: Int(text.byteCount)))
      guard TrackDigest.text(digest.take()) == expected else { return false }
    }
    return true
  }

  /// Writes a folder for each scene and each prompt.
  /// - Returns: what is to be said of subtitles, a sentence each.
  /// - Throws: `.renditionsDiffer` if a scene's tracks are not those of the first.
  @discardableResult
  package func run(into folder: String, progress: WorkProgress) throws -> [String] {
    progress.total(payloadByteCount)
    let inner = WorkProgress(
      total: { _ in }, moved: progress.moved, isCancelled: progress.isCancelled)
    let parts = scenes + prompts
    let results = Mutex<(notes: [[String]], error: (any Error)?)>(
      ([[String]](repeating: [], count: parts.count), nil))
    let next = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: min(threads, max(1, parts.count))) { _ in
      while true {
        let index = next.withLock { value -> Int in
          defer { value += 1 }
          return value
        }
        guard index < parts.count, results.withLock({ $0.error == nil }) else { return }
        do {
          let notes = try write(parts[index], into: folder, inner)
          results.withLock { $0.notes[index] = notes }
        } catch {
          results.withLock { if $0.error == nil { $0.error = error } }
        }
      }
    }
    let (notes, error) = results.withLock { $0 }
    if let error { throw error }
    try checkHeaders(in: folder)
    return notes.flatMap { $0 }
  }

  private func write(
    _ part: Part, into folder: String, _ progress: WorkProgress
  ) throws -> [String] {
    let target = "\(folder)/\(part.request.name)"
    try Folder.make(target)
    switch part.work {
    case .package(let job):
      let notes = try job.run(into: target, origin: part.request.origin, progress: progress)
      try Folder.synchronize(target)
      return notes.map { "\(part.request.subject): \($0)" }
    case .takeOver(let old):
      for name in try Folder.names(in: old) where Folder.entry(at: "\(old)/\(name)") == .file {
        guard try !Folder.link("\(old)/\(name)", as: "\(target)/\(name)") else { continue }
        try Self.copy("\(old)/\(name)", to: "\(target)/\(name)")
      }
      try Folder.synchronize(target)
      return []
    }
  }

  private static let copyByteCount = 1 << 20

  private static func copy(_ path: String, to other: String) throws {
    let (from, to) = (try ReadableFile(path: path), try WritableFile(creating: other))
    var at: Int64 = 0
    while at < from.byteCount {
      let count = Int(min(Int64(copyByteCount), from.byteCount - at))
      try to.write(try from.read(at: at, count: count), at: at)
      at += Int64(count)
    }
    try to.synchronize()
  }

  /// Holds the files of all scenes against those of the first: text too, and what was taken over.
  private func checkHeaders(in folder: String) throws {
    var headers = SceneHeaders()
    for scene in scenes {
      let name = scene.request.name
      let stored = try TitleStore.open(folder: "\(folder)/\(name)", name: name)
      for track in stored.title.tracks {
        guard let file = stored.files[track.index.name] else { continue }
        try headers.add(
          try file.read(at: track.index.header.offset, count: Int(track.index.header.count)),
          of: track.index.name, in: name)
      }
      try headers.endScene(name)
    }
  }
}
