import Episodes
import Library
import MediaCore
import NIOCore
import Presentation

@testable import Origin

extension MediaFolder {
  /// The episode `offer`: its scene s1 has a choice, and every other one is an end.
  /// - Parameters:
  ///   - version: of the compiled graph.
  ///   - endings: by the scenes that they are, in order.
  ///   - scenes: the media of all scenes, and of gates.
  ///   - prompts: spoken prompts, by name.
  func offer(
    _ version: String, title: String = "The Offer", choice: Choice,
    endings: [(scene: String, ending: String)], scenes: [String: ServedTitle],
    prompts: [String: ServedTrack] = [:]
  ) throws -> ServedTitle {
    var episode = Episode(
      id: "offer", title: ["en": title], languages: ["en"], entry: "s1", variables: [],
      scenes: [Scene(id: "s1", choices: [choice])]
        + endings.map { Scene(id: $0.scene, ending: $0.ending) }, groups: [],
      endings: endings.map {
        Ending(id: $0.ending, scene: $0.scene, title: [:], rank: nil, isSecret: false)
      })
    episode.media = EpisodeMedia(
      tracks: ["video", "audio"].map { name in
        EpisodeMedia.Track(
          name: name, kind: name, codecs: "", language: "en", label: "", roles: [],
          isDefault: true, timescale: 1000, width: 0, height: 0, frameRate: nil, bandwidth: 0,
          header: "beef")
      }, scenes: [:])
    let presented = try PresentedEpisode(
      name: "offer", version: version, EpisodeGraph(episode), scenes: scenes.mapValues(\.title))
    return ServedTitle(
      ServedEpisode(
        presented, compiled: ByteBuffer(bytes: try episode.json), scenes: scenes, prompts: prompts))
  }
}
