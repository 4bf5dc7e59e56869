import Episodes
import Foundation
import Library
import MediaCore
import Presentation

/// What a packaged episode holds, for people and for machines.
struct EpisodeReport: Encodable {
  struct Track: Encodable {
    var name: String
    var codecs: String
    var language: String
    var size: String?
    /// Peak over every way through the episode.
    var bitsPerSecond: Int
    /// Of all scenes.
    var bytes: Int
    /// Bytes of the first segments: the smallest and the largest of all scenes.
    var smallestHead: Int
    var largestHead: Int
  }

  var name: String
  var version: String
  var scenes: Int
  var choices: Int
  /// Spoken prompts, all languages together.
  var spokenPrompts: Int
  var endings: Int
  /// Seconds of all scenes.
  var duration: Double
  /// Scenes that did not change.
  var takenOver: [String]
  var tracks: [Track]

  init(_ episode: PresentedEpisode, takenOver: [String]) {
    let graph = episode.graph.episode
    name = episode.name
    version = episode.version
    scenes = graph.scenes.count
    choices = graph.scenes.reduce(0) { $0 + $1.choices.count }
    endings = graph.endings.count
    spokenPrompts = graph.spokenPrompts.count
    self.takenOver = takenOver
    let media = graph.media
    duration = (media?.scenes.values.reduce(0.0) { $0 + Double($1.duration) } ?? 0) / 1e6
    tracks = (media?.tracks ?? []).map { track in
      let segments = (media?.scenes.values).map { $0.compactMap { $0.tracks[track.name] } } ?? []
      let heads = segments.compactMap(\.bytes.first)
      return Track(
        name: track.name, codecs: track.codecs, language: track.language,
        size: track.width > 0 ? "\(track.width)x\(track.height)" : nil,
        bitsPerSecond: track.bandwidth,
        bytes: segments.reduce(0) { $0 + $1.bytes.reduce(0, +) },
        smallestHead: heads.min() ?? 0, largestHead: heads.max() ?? 0)
    }
  }

  var json: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }

  /// A table, a row for each track.
  var text: String {
    var lines = [
      "\(name)  \(scenes) scenes, \(choices) choices, \(endings) endings, "
        + String(
          format: "%d:%04.1f", Int(duration) / 60, duration.truncatingRemainder(dividingBy: 60))
        + (spokenPrompts == 0
          ? "" : ", \(spokenPrompts) spoken \(spokenPrompts == 1 ? "prompt" : "prompts")")
        + (takenOver.isEmpty
          ? "" : ", \(takenOver.count) \(takenOver.count == 1 ? "scene" : "scenes") taken over")
    ]
    let width = tracks.map(\.name.count).max() ?? 0
    for track in tracks {
      lines.append(
        "  " + track.name.padding(toLength: width, withPad: " ", startingAt: 0)
          + String(
            format: "  %-14@ %-10@ %8.1f kB/s peak  %8.1f MB  heads %.0f to %.0f kB",
            track.codecs as NSString, (track.size ?? track.language) as NSString,
            Double(track.bitsPerSecond) / 8000, Double(track.bytes) / 1e6,
            Double(track.smallestHead) / 1e3, Double(track.largestHead) / 1e3))
    }
    return lines.joined(separator: "\n")
  }
}
