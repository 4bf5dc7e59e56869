import Episodes
import FFmpeg
import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import Packaging
import Presentation
import Proof

/// Files of one scene, with paths that can be opened.
struct SceneFiles {
  /// The scene's id, or `{scene}.{viewpoint}`.
  var name: String
  var media: [String]
  var audio: [(language: String, path: String)]
  var text: [(language: String, path: String)]

  /// What the scene is made from, word for word and byte for byte.
  func origin(
    audio arguments: AudioArguments, segment: MediaTime, skipsUnsupported: Bool,
    ladder: SceneLadder?
  ) throws -> String {
    var digest = OriginDigest()
    if let ladder { digest.add("ladder \(ladder.ladder)") }
    if segment != EpisodeJob.segment { digest.add("segment \(segment.value)/\(segment.timescale)") }
    digest.add(
      "\(arguments.audioCodec.rawValue) \(arguments.keepMP3) \(arguments.aacTwins) \(skipsUnsupported)"
    )
    for path in media {
      digest.add("media")
      try digest.add(file: path)
    }
    for (kind, files) in [("audio", audio), ("text", text)] {
      for file in files {
        digest.add("\(kind) \(file.language)")
        try digest.add(file: file.path)
      }
    }
    return digest.take()
  }

  func request(
    opener: SourceOpener, audio arguments: AudioArguments, segment: MediaTime,
    skipsUnsupported: Bool, ladder: SceneLadder?
  ) throws -> SceneRequest {
    let files = self
    let origin = try origin(
      audio: arguments, segment: segment, skipsUnsupported: skipsUnsupported, ladder: ladder)
    return SceneRequest(name: name, origin: origin) {
      var sound = arguments
      sound.added = try files.audio.map { file in
        guard let argument = AudioArgument(argument: "\(file.language)=\(file.path)") else {
          throw CommandFailure(
            .data, "scene \(files.name): \(SafeText.quoted(file.language)) is no language")
        }
        return argument
      }
      var text = TextOptions()
      text.sidecars = try files.text.map { file in
        guard let argument = TextArgument(argument: "\(file.language)=\(file.path)") else {
          throw CommandFailure(
            .data, "scene \(files.name): \(SafeText.quoted(file.language)) is no language")
        }
        return try argument.read()
      }
      do {
        var sources = try sound.open(
          files.media, by: opener, sounds: ladder?.ladder.soundForms ?? [])
        if let ladder { try ladder.encode(&sources, of: files) }
        return (sources, text)
      } catch {
        let failure = CommandFailure(error)
        throw CommandFailure(failure.code, "scene \(files.name): \(failure.message)")
      }
    }
  }
}

/// An episode file in, a folder with all scenes and `episode.json` out.
struct EpisodePackaging {
  /// The episode file, for messages.
  var file: String
  var episode: Episode
  /// Milliseconds that the author wants behind the windows of choices.
  var masks: [String: Int]
  var scenes: [SceneFiles]
  var prompts: [PromptFile]
  var publication: TitlePublication
  var threads: Int
  /// Wanted length of a segment.
  var segment = EpisodeJob.segment
  /// What pictures are encoded into; `nil` packages them as they are.
  var ladder: SceneLadder?

  struct Result {
    var episode: PresentedEpisode
    var takenOver: [String]
    var notes: [String]
  }

  func run(
    opener: SourceOpener, audio: AudioArguments, skipsUnsupported: Bool, progress: WorkProgress
  ) throws -> Result {
    var options = PackagingOptions()
    options.threads = threads
    options.skipsUnsupported = skipsUnsupported
    let job = try EpisodeJob(
      try scenes.map {
        try $0.request(
          opener: opener, audio: audio, segment: segment, skipsUnsupported: skipsUnsupported,
          ladder: ladder)
      }, prompts: try prompts.map { try $0.request(opener: opener) }, options: options,
      segment: segment, old: publication.path)
    try prove(try EpisodeGraph(episode))
    if !prompts.isEmpty {
      try Folder.make("\(publication.folder)/\(SpokenPrompt.folderName)")
    }
    var notes = job.notes + (try job.run(into: publication.folder, progress: progress))
    let spoken = try openPrompts()
    notes += cutShort(spoken)
    let presented = try compile(spoken)
    // Only now is known how long scenes last, and how much their heads weigh.
    try prove(presented.graph)
    let walk = try Walk(presented.graph, path: .beginning, takesDefaults: true)
    let documents = try EpisodeDocuments(presented, walk, addressing: .atRest)
    for name in documents.names {
      try publication.write(ByteBuffer(string: documents.document(named: name) ?? ""), to: name)
    }
    return Result(episode: presented, takenOver: job.takenOver, notes: notes)
  }

  /// An episode that does not work is not published.
  private func prove(_ graph: EpisodeGraph) throws {
    let report = try EpisodeProof.report(on: graph, masks: masks)
    let errors = report.findings.filter { $0.severity == .error }
    guard let first = errors.first else { return }
    throw CommandFailure(
      .data,
      "\(file), \(first.place): \(first.message) (\(first.rule.rawValue)); \(errors.count) such faults: "
        + "'dougong episode check \(file)' shows all, with the ways that lead there")
  }

  private func openPrompts() throws -> [SpokenPrompt: TrackIndex] {
    try prompts.reduce(into: [:]) { found, file in
      let folder = "\(publication.folder)/\(file.prompt.folder)"
      found[file.prompt] =
        try TitleStore.open(folder: folder, name: file.prompt.name).title.tracks.first?.index
    }
  }

  /// A prompt is not spoken beyond the lock.
  private func cutShort(_ spoken: [SpokenPrompt: TrackIndex]) -> [String] {
    zip(prompts, episode.spokenPrompts).compactMap { file, item in
      guard let index = spoken[item.prompt], !item.choice.isUntimed else { return nil }
      let length = MediaTime(index.duration, index.timescale).milliseconds
      let most = item.choice.length + (item.choice.accessibility?.announceAt ?? 0)
      return length <= most
        ? nil
        : "\(file.place): the spoken prompt \(item.prompt.name) lasts \(length) ms, and the choice locks "
          + "\(most) ms after it begins: its end is not heard"
    }
  }

  /// Writes `episode.json`.
  private func compile(_ spoken: [SpokenPrompt: TrackIndex]) throws -> PresentedEpisode {
    var titles: [String: Title] = [:]
    var headers: [String: String] = [:]
    for scene in scenes {
      let stored = try TitleStore.open(
        folder: "\(publication.folder)/\(scene.name)", name: scene.name)
      titles[scene.name] = stored.title
      guard headers.isEmpty else { continue }
      for track in stored.title.tracks {
        guard let file = stored.files[track.index.name] else { continue }
        var digest = ContentDigest()
        digest.add(
          try file.read(at: track.index.header.offset, count: Int(track.index.header.count)))
        headers[track.index.name] = String(
          TrackDigest.text(digest.take()).prefix(TrackDigest.versionLength))
      }
    }
    var episode = episode
    episode.takePrompts(spoken.mapValues(\.version))
    try episode.takeMedia(of: publication.name, scenes: titles, headers: headers)
    let json = ByteBuffer(bytes: try episode.json)
    try publication.write(json, to: EpisodeDocuments.compiledName)
    var digest = ContentDigest()
    digest.add(json)
    return try PresentedEpisode(
      name: publication.name, version: TrackDigest.text(digest.take()),
      try EpisodeGraph(episode), scenes: titles)
  }
}
