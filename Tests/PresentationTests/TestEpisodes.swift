import Episodes
import Library
import MediaCore

@testable import Presentation

/// Episodes made of numbers: nothing is on disk.
enum TestEpisodes {
  static let picture = Timescale(literal: 12_800)
  static let version = "0123456789abcdef"

  /// A title of one scene: a picture of 25 frames in a second in two sizes, a sound, and subtitles.
  ///
  /// - Parameters:
  ///   - frames: `[segment]`; sound is cut at the next whole frame of 1024 samples.
  ///   - seed: makes the sizes of segments differ from scene to scene.
  static func title(_ scene: String, frames: [Int], seed: Int64 = 0) -> Title {
    let ticks = frames.map { Int64($0) * 512 }
    func bytes(_ base: Int64) -> [Int64] {
      frames.enumerated().map { base * Int64($1) / 25 + ($0 == 0 ? base / 10 : 0) + seed }
    }
    var position: Int64 = 0
    var end: Int64 = 0
    let samples = frames.map { count -> Int64 in
      position += Int64(count) * 1920
      let next = (position + 512) / 1024 * 1024
      defer { end = next }
      return next - end
    }
    var tracks = [
      Titles.video(
        "video-1080p", 1920, 1080, codecs: "avc1.640028", colour: Titles.bt709,
        frameRate: Rational(literal: 25, 1), timescale: picture,
        Titles.parts(bytes(500_000), ticks)),
      Titles.video(
        "video-540p", 960, 540, codecs: "avc1.64001f", colour: Titles.bt709,
        frameRate: Rational(literal: 25, 1), timescale: picture,
        Titles.parts(bytes(125_000), ticks)),
      Titles.audio(
        "audio-en", "en", "English", isDefault: true, Titles.parts(bytes(16_000), samples)),
    ]
    for index in tracks.indices { tracks[index].index.version = "\(scene)01" }
    return Title(name: scene, tracks: tracks + [text(scene, ticks)])
  }

  private static func text(_ scene: String, _ ticks: [Int64]) -> TitleTrack {
    let index = TrackIndex(
      name: "text-en", version: "\(scene)02", byteCount: 400 + Int64(ticks.count) * 100,
      header: ByteRange(offset: 0, count: 320), sidx: ByteRange(offset: 320, count: 80),
      timescale: picture, codecs: "wvtt", format: .text(.webVTT), language: "en",
      segments: Titles.segments(after: 400, ticks.map { (100, $0) }))
    var track = TitleTrack(index: index, label: "English", roles: ["subtitle"], isDefault: false)
    track.webVTT = WebVTTIndex(
      version: "\(scene)03", byteCount: Int64(ticks.count) * 50,
      segments: ticks.indices.map { ByteRange(offset: Int64($0) * 50, count: 50) })
    return track
  }

  static func media(_ titles: [String: Title]) -> EpisodeMedia {
    let tracks = titles.min { $0.key < $1.key }?.value.tracks ?? []
    return EpisodeMedia(
      tracks: tracks.map { track in
        EpisodeMedia.Track(
          name: track.index.name, kind: track.index.kind.rawValue, codecs: track.index.codecs,
          language: track.index.language, label: track.label, roles: track.roles,
          isDefault: track.isDefault, timescale: UInt32(track.index.timescale.ticksPerSecond),
          width: 0, height: 0, frameRate: nil, bandwidth: 0, header: "head\(track.index.name.count)"
        )
      }, scenes: [:])
  }

  static func presented(
    _ episode: Episode, _ titles: [String: Title]
  ) throws -> PresentedEpisode {
    var episode = episode
    episode.media = media(titles)
    return try PresentedEpisode(
      name: episode.id, version: version, EpisodeGraph(episode), scenes: titles)
  }

  /// s1 → s1b: accept → s2a, the end; refuse, if the viewer trusts → the checkpoint s2b, the end.
  static func offer() throws -> PresentedEpisode {
    let trust = Variable(name: "trust", kind: .int, minimum: 0, maximum: 5, initial: 1)
    let choice = Choice(
      id: "k1", at: 1000, length: 2000,
      options: [
        ChoiceOption(id: "accept", text: ["en": "Accept"], goto: .scene("s2a")),
        ChoiceOption(
          id: "refuse", when: .binary(.greaterOrEqual, .variable("trust"), .literal(1)),
          effects: [Effect(variable: "trust", value: .literal(3))], goto: .scene("s2b")),
      ], fallback: .option(1))
    let episode = Episode(
      id: "offer", title: ["en": "The Offer"], languages: ["en"], entry: "s1", variables: [trust],
      scenes: [
        Scene(id: "s1", next: .scene("s1b"), checkpoint: ["trust"]),
        Scene(id: "s1b", choices: [choice]), Scene(id: "s2a", ending: "hired"),
        Scene(id: "s2b", ending: "fired", checkpoint: ["trust"]),
      ], groups: [],
      endings: [
        Ending(id: "hired", scene: "s2a", title: [:], rank: nil, isSecret: false),
        Ending(id: "fired", scene: "s2b", title: [:], rank: nil, isSecret: false),
      ])
    return try presented(
      episode,
      [
        "s1": title("s1", frames: [25, 50]), "s1b": title("s1b", frames: [25, 50, 49], seed: 7),
        "s2a": title("s2a", frames: [25, 50], seed: 90_000), "s2b": title("s2b", frames: [25]),
      ])
  }
}

extension EpisodeDocuments {
  init(
    _ episode: PresentedEpisode, _ path: String, _ addressing: EpisodeAddressing = .origin
  ) throws {
    try self.init(
      episode, Walk(episode.graph, path: EpisodePath(path)), addressing: addressing)
  }
}
