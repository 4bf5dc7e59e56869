import Episodes
import FileIO
import HLS
import Library
import MediaCore
import NIOCore

extension Rule {
  static let episodeSyntax = Rule("episode-syntax", "docs/episodes.md, At rest")
  static let sceneMissing = Rule("scene-missing", "docs/episodes.md, At rest")
  static let sceneHeader = Rule("scene-header", "docs/episodes.md, At rest")
  static let sceneSegments = Rule("scene-segments", "docs/episodes.md, At rest")
  static let sceneStart = Rule("scene-start", "docs/episodes.md, At rest")
  static let sceneHead = Rule("scene-head", "docs/episodes.md, At rest", .warning)
  static let sceneVersion = Rule("scene-version", "docs/episodes.md, URLs")
  static let promptMissing = Rule("prompt-missing", "docs/episodes.md, At rest")
  static let promptSound = Rule("prompt-sound", "docs/episodes.md, At rest")
  static let promptVersion = Rule("prompt-version", "docs/episodes.md, URLs")
  static let defaultCut = Rule("default-cut", "docs/episodes.md, At rest")
}

/// The second opinion on an episode at rest: each scene as a title, then what they have in common,
/// what `episode.json` says of them, the spoken prompts, and the default cut.
struct EpisodeExamination {
  let folder: String
  let files: [String]
  let progress: WorkProgress
  private var findings: [Finding] = []
  private var tracks: [String: [MeasuredTrack]] = [:]
  private var prompts: [MeasuredTrack] = []
  private var byteCount: Int64 = 0
  private var log = FindingLog(file: TitleStore.episodeFileName)

  /// Seconds: a longer first segment lets a viewer wait who has chosen.
  private static let longestHead = 1.5

  init(folder: String, files: [String], progress: WorkProgress) {
    self.folder = folder
    self.files = files
    self.progress = progress
  }

  var report: VerificationReport {
    let path = Folder.resolved(folder) ?? folder
    let measured = tracks.values.joined() + prompts
    return VerificationReport(
      name: path.split(separator: "/").last.map(String.init) ?? path,
      findings: findings + log.findings,
      trackCount: measured.count,
      segmentCount: measured.reduce(0) { $0 + $1.segments.count },
      byteCount: byteCount)
  }

  mutating func run() throws {
    guard let graph = try read() else { return }
    let names = graph.episode.scenes.flatMap { scene in
      [scene.id] + scene.viewpoints.map { "\(scene.id).\($0.id)" }
    }.filter { graph.episode.media?.scenes[$0] != nil || graph.scene($0) != nil }
    let silent = WorkProgress(
      total: { _ in }, moved: progress.moved, isCancelled: progress.isCancelled)
    for name in names { try examine(name, silent) }
    checkMedia(graph.episode, entry: graph.episode.entry)
    try checkPrompts(graph.episode, silent)
    checkDefaultCut(graph)
  }

  private mutating func read() throws -> EpisodeGraph? {
    let file = try ReadableFile(path: "\(folder)/\(TitleStore.episodeFileName)")
    guard file.byteCount <= EpisodeLimits.documentByteCount else {
      log.add(
        .limit, "",
        "has \(file.byteCount) bytes; at most \(EpisodeLimits.documentByteCount) are read")
      return nil
    }
    byteCount += file.byteCount
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    do {
      return try EpisodeGraph(Episode(json: bytes.readableBytesView))
    } catch {
      log.add(.episodeSyntax, "", "\(error)")
      return nil
    }
  }

  private mutating func examine(_ scene: String, _ progress: WorkProgress) throws {
    guard Folder.entry(at: "\(folder)/\(scene)") == .folder else {
      log.add(.sceneMissing, scene, "has no folder")
      return
    }
    tracks[scene] = try measure(scene, progress)
  }

  /// Holds a title below the episode's folder against the rules of titles.
  private mutating func measure(
    _ name: String, _ progress: WorkProgress
  ) throws -> [MeasuredTrack] {
    let path = "\(folder)/\(name)"
    var examination = TitleExamination(
      folder: path, files: try Folder.names(in: path, limit: VerificationLimits.nameCount),
      isScene: true, progress: progress)
    try examination.run()
    byteCount += examination.byteCount
    findings += examination.findings.map {
      Finding(rule: $0.rule, place: "\(name)/\($0.place)", message: $0.message)
    }
    return examination.tracks
  }

  // MARK: What scenes have in common

  private mutating func checkMedia(_ episode: Episode, entry: String) {
    guard let media = episode.media else {
      log.add(.episodeSyntax, "media", "is missing: the episode was not packaged")
      return
    }
    let headers = (tracks[entry] ?? []).map { track in
      (track.name, header(of: track, in: entry))
    }
    for (scene, measured) in tracks.sorted(by: { $0.key < $1.key }) {
      checkHeaders(scene, measured, headers)
      for track in measured { check(track, scene, media.scenes[scene]?.tracks[track.name]) }
    }
  }

  private mutating func checkHeaders(
    _ scene: String, _ measured: [MeasuredTrack], _ headers: [(String, ByteBuffer?)]
  ) {
    log.require(
      measured.map(\.name) == headers.map(\.0), .sceneHeader, scene,
      "has the tracks \(measured.map(\.name).joined(separator: ", ")); those of the entry are "
        + headers.map(\.0).joined(separator: ", "))
    for track in measured {
      guard let expected = headers.first(where: { $0.0 == track.name })?.1 else { continue }
      log.require(
        header(of: track, in: scene) == expected, .sceneHeader, "\(scene)/\(track.name)",
        "has another CMAF header than in the entry: a player that has the one cannot play the other"
      )
    }
  }

  private func header(of track: MeasuredTrack, in scene: String) -> ByteBuffer? {
    guard track.isOneFile,
      let file = try? ReadableFile(path: "\(folder)/\(scene)/\(track.name).mp4")
    else { return nil }
    return try? file.read(at: track.headerRange.offset, count: Int(track.headerRange.count))
  }

  private mutating func check(
    _ track: MeasuredTrack, _ scene: String, _ said: EpisodeMedia.Segments?
  ) {
    let place = "\(scene)/\(track.name)"
    guard let said else {
      log.add(.sceneSegments, place, "is not listed")
      return
    }
    log.require(
      said.bytes == track.segments.map { Int(clamping: $0.range.count) }, .sceneSegments, place,
      "lists \(said.bytes.count) segments whose bytes are not those of the file's \(track.segments.count)"
    )
    log.require(
      said.durations == track.segments.map { Int(clamping: $0.duration) }, .sceneSegments, place,
      "lists durations that are not those of the file's segments")
    if let digest = track.description?.digest {
      log.require(
        said.version == String(digest.prefix(TrackDigest.versionLength)), .sceneVersion, place,
        "has the version \(said.version), not that of the file")
    }
    guard let first = track.segments.first else { return }
    log.require(
      first.start == 0, .sceneStart, place, "starts at \(track.time(first.start)), not at 0")
    if track.isVideo, !track.isTrick {
      log.require(
        track.time(first.duration).seconds <= Self.longestHead, .sceneHead, place,
        "has a first segment of \(track.time(first.duration).milliseconds) ms; about 1 s is wanted")
    }
  }

  // MARK: Spoken prompts

  private mutating func checkPrompts(_ episode: Episode, _ progress: WorkProgress) throws {
    for (prompt, _, reference) in episode.spokenPrompts {
      guard let version = prompt.version(in: reference) else {
        log.add(
          .promptVersion, prompt.name,
          "is at \(SafeText.quoted(reference)), not at \(prompt.reference(version: "VERSION"))")
        continue
      }
      guard Folder.entry(at: "\(folder)/\(prompt.folder)") == .folder else {
        log.add(.promptMissing, prompt.folder, "is missing: the prompt cannot be heard")
        continue
      }
      let measured = try measure(prompt.folder, progress)
      prompts += measured
      guard measured.count == 1, let track = measured.first, track.isAudio, track.isOneFile,
        track.header.codecs?.hasPrefix("mp4a.40.") == true
      else {
        log.add(.promptSound, prompt.folder, "holds something else than one file of AAC sound")
        continue
      }
      let seconds = track.time(track.duration).seconds
      log.require(
        seconds <= Double(EpisodeLimits.spokenPromptSeconds), .promptSound, prompt.folder,
        "lasts \(seconds) s; at most \(EpisodeLimits.spokenPromptSeconds) s are spoken")
      let digest = track.description?.digest ?? ""
      log.require(
        version == String(digest.prefix(TrackDigest.versionLength)), .promptVersion, prompt.folder,
        "is named with the version \(version), which is not that of the file")
    }
  }

  // MARK: The default cut

  /// The media playlists beside the scenes name the segments of all scenes that are played where
  /// nobody chooses, one scene behind the other.
  private mutating func checkDefaultCut(_ graph: EpisodeGraph) {
    guard let walk = try? Walk(graph, path: .beginning, takesDefaults: true) else {
      log.add(.defaultCut, "", "a viewer who never chooses comes to no ending")
      return
    }
    for name in [StaticDocuments.mainName, StaticDocuments.mpdName] where !files.contains(name) {
      log.add(.documentMissing, name, "is missing; every episode at rest has it")
    }
    for track in tracks[graph.episode.entry] ?? [] where !track.isTrick {
      let name = "\(track.name).m3u8"
      guard let file = try? ReadableFile(path: "\(folder)/\(name)"),
        file.byteCount <= VerificationLimits.documentByteCount,
        let bytes = try? file.read(at: 0, count: Int(file.byteCount))
      else {
        log.add(.documentMissing, name, "is missing; every episode at rest has it")
        continue
      }
      byteCount += file.byteCount
      do {
        let playlist = try MediaPlaylist(parsing: String(buffer: bytes))
        check(playlist, name, track.name, walk)
      } catch {
        log.add(.playlistSyntax, name, error.message)
      }
    }
  }

  private mutating func check(
    _ playlist: MediaPlaylist, _ name: String, _ track: String, _ walk: Walk
  ) {
    var expected: [(uri: String, range: ByteRange, isJoin: Bool)] = []
    for (number, step) in walk.steps.enumerated() {
      guard let found = tracks[step.scene.id]?.first(where: { $0.name == track }) else { return }
      for (index, segment) in found.listedSegments.enumerated() {
        expected.append(
          ("\(step.scene.id)/\(found.listedFile)", segment.range, number > 0 && index == 0))
      }
    }
    log.require(
      playlist.segments.count == expected.count, .defaultCut, name,
      "has \(playlist.segments.count) segments; the scenes of the default cut have \(expected.count)"
    )
    for (index, (segment, wanted)) in zip(playlist.segments, expected).enumerated() {
      log.require(
        Reference.plain(segment.uri) == wanted.uri && segment.byteRange == wanted.range,
        .defaultCut, "\(name) segment \(index + 1)",
        "is \(segment.uri) \(segment.byteRange.map { "\($0)" } ?? "whole"), not \(wanted.uri) "
          + "\(wanted.range)")
      log.require(
        segment.hasDiscontinuity == wanted.isJoin, .defaultCut, "\(name) segment \(index + 1)",
        wanted.isJoin
          ? "begins a scene without EXT-X-DISCONTINUITY" : "has EXT-X-DISCONTINUITY in a scene")
    }
    log.require(playlist.isEnded, .defaultCut, name, "has no EXT-X-ENDLIST")
  }
}
