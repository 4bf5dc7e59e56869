import Foundation
import TestSupport
import Testing

/// An episode from its file to the screen: packaged, served, and played by choosing.
@Suite(
  .enabled(if: Program.isBuilt && Program.has("chromedriver") && Program.has("python3")),
  .serialized)
struct EpisodePlayerTests {
  /// a → k1 → b → k2 → c → k3 → d, the end; every other option ends in x.
  private static let file = """
    branch: 1
    episode: {id: steps, title: {en: Steps, zh: 台阶}, entry: a, languages: [en, zh]}
    scenes:
      a:
        media: a.mp4
        choice:
          id: k1
          window: {at: 0.6, for: 2}
          lock: {mode: at_end, min_mask: 0.5}
          prompt: {en: "Up?", audio: {en: up.wav}}
          options: [{id: off, text: {en: "Off"}, goto: x}, {id: up, text: {en: Up}, goto: b}]
          a11y: {announce_at: 0.2}
          default: off
      b:
        media: b.mp4
        choice:
          id: k2
          window: {at: 0.6, for: 2}
          lock: {mode: at_end, min_mask: 0.5}
          options:
            - {id: off, text: {en: "Off"}, goto: x}
            - {id: side, text: {en: Aside}, goto: x}
            - {id: up, text: {en: Up}, goto: c}
          default: off
      c:
        media: c.mp4
        choice:
          id: k3
          window: {at: 0.6, for: 1.5}
          lock: {mode: at_end, min_mask: 0.5}
          options: [{id: off, text: {en: "Off"}, goto: x}, {id: up, text: {en: Up}, goto: d}]
          default: up
      d: {media: d.mp4}
      x: {media: x.mp4}
    endings: {top: {scene: d, title: {en: The top}}, out: {scene: x, title: {en: Out}}}

    """

  private struct Join: Decodable {
    var from: String
    var to: String
    var at: Double
    var before: Double
    var after: Double
  }

  private struct Spoken: Decodable {
    var choice: String
    /// Second of the timeline.
    var at: Double
    /// Seconds that were spoken.
    var heard: Double
    /// The film's least loudness meanwhile.
    var film: Double
  }

  private struct Played: Decodable {
    var path: String?
    var ending: String?
    var scenes: [String]
    var joins: [Join]?
    var spoken: [Spoken]?
    var errors: [String]
  }

  private func library() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (number, name) in ["a", "b", "c", "d", "x"].enumerated() {
      let source = [
        "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=3.84", "-f", "lavfi", "-i",
        "sine=frequency=\(300 + 100 * number):sample_rate=48000:duration=3.84",
      ]
      try SourceFiles.run(
        ["-v", "error", "-nostdin", "-y"] + source + SourceFiles.h264
          + ["-g", "25", "-ac", "2", "\(folder.path)/\(name).mp4"])
    }
    try SourceFiles.run(
      ["-v", "error", "-nostdin", "-f", "lavfi", "-i", "sine=duration=5", "\(folder.path)/up.wav"])
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/library", withIntermediateDirectories: true)
    try Data(Self.file.utf8).write(to: URL(filePath: "\(folder.path)/steps.yaml"))
    let packaged = try Program.run(
      ["package", "\(folder.path)/steps.yaml", "-o", "\(folder.path)/library/steps"])
    #expect(packaged.code == 0, "\(packaged.errors)")
    return folder
  }

  private func play(_ origin: RunningOrigin, _ steps: [String]) throws -> Played {
    let result = try Program.run(
      ["python3", "\(Program.root)/scripts/play-episode", "\(origin.url)play/steps"] + steps,
      program: "/usr/bin/env")
    #expect(result.code == 0, "\(result.output) \(result.errors)")
    return try JSONDecoder().decode(Played.self, from: Data(result.output.utf8))
  }

  @Test(.enabled(if: SourceFiles.canMake))
  func `keys, a click and a default lead to the end, and no frame is lost at a join`() throws {
    let folder = try library()
    let origin = try RunningOrigin(library: "\(folder.path)/library")
    // At the second choice the controls are asleep; a mouse that wakes them still meets the option.
    let played = try play(origin, ["arrows=1", "click=2", "default"])
    #expect(played.errors == [])
    #expect(played.path == "121" && played.ending == "top")
    #expect(played.scenes == ["a", "b", "c", "d"])
    // From the announcement to the lock, over a film that is quieter.
    let spoken = try #require(played.spoken)
    #expect(spoken.map(\.choice) == ["k1"])
    for prompt in spoken {
      #expect(prompt.at >= 0.4 && prompt.at < 2.6, "\(prompt)")
      #expect(prompt.heard > 0 && prompt.heard < 4 && prompt.film < 1, "\(prompt)")
    }
    let joins = try #require(played.joins)
    #expect(joins.map { $0.from + $0.to } == ["ab", "bc", "cd"])
    for (number, join) in joins.enumerated() {
      // Scene behind scene, whole: 96 pictures each. A page that is slow may not see each of them.
      #expect(abs(join.at - 3.84 * Double(number + 1)) < 0.001)
      #expect(join.before < join.at && join.after > join.at - 0.001, "\(join)")
      #expect(join.after - join.before < 1, "\(join)")
    }
    #expect(origin.stop() == 0)
  }

  @Test(.enabled(if: SourceFiles.canMake))
  func `who does nothing sees the default cut`() throws {
    let folder = try library()
    let origin = try RunningOrigin(library: "\(folder.path)/library")
    let played = try play(origin, [])
    #expect(played.errors == [])
    #expect(played.path == "0" && played.ending == "out")
    #expect(played.scenes == ["a", "x"])
    #expect(origin.stop() == 0)
  }

  @Test func `the player's script walks as the core does`() throws {
    let held = try Program.run(
      ["python3", "\(Program.root)/scripts/player-vectors"], program: "/usr/bin/env")
    #expect(held.code == 0, "\(held.output) \(held.errors)")
  }
}
