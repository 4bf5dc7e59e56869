import Episodes
import Foundation
import TestSupport
import Testing

/// Paths through an episode at the origin, played by players that know nothing of episodes.
@Suite(.enabled(if: Program.isBuilt && Program.has("ffmpeg")), .serialized)
struct EpisodePlaybackTests {
  /// Frames of each scene, 25 in a second.
  private static let scenes = [("s1", 48), ("s2", 64), ("s3", 32), ("s4", 80)]

  /// s1 → s2: back to s1, once at most; on to s3, a checkpoint; or to s4. s3 → s4, the end.
  private static func episode() -> Episode {
    let seen = Variable(name: "seen", kind: .int, minimum: 0, maximum: 1, initial: 0)
    let turn = Choice(
      id: "turn", at: 400, length: 800,
      options: [
        ChoiceOption(
          id: "back", when: .binary(.less, .variable("seen"), .literal(1)),
          effects: [Effect(variable: "seen", value: .literal(1))], goto: .scene("s1")),
        ChoiceOption(id: "on", goto: .scene("s3")), ChoiceOption(id: "off", goto: .scene("s4")),
      ], fallback: .option(1))
    let words = ["a", "b"].map { ChoiceOption(id: $0) }
    var made = Episode(
      id: "offer", title: ["en": "The Offer"], languages: ["en"], entry: "s1", variables: [seen],
      scenes: [
        Scene(id: "s1", next: .scene("s2")),
        Scene(
          id: "s2", choices: [Choice(id: "word", at: 0, length: 300, options: words), turn]),
        Scene(id: "s3", next: .scene("s4"), checkpoint: ["seen"]), Scene(id: "s4", ending: "e"),
      ], groups: [],
      endings: [Ending(id: "e", scene: "s4", title: [:], rank: nil, isSecret: false)])
    made.media = EpisodeMedia(
      tracks: ["video-180p", "audio-und"].map { name in
        EpisodeMedia.Track(
          name: name, kind: name, codecs: "", language: "und", label: "", roles: [],
          isDefault: true, timescale: 1000, width: 0, height: 0, frameRate: nil, bandwidth: 0,
          header: "beef")
      }, scenes: [:])
    return made
  }

  /// A library with the episode, each scene in its own colour and with its own tone.
  private func library() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let episode = "\(folder.path)/offer"
    try FileManager.default.createDirectory(atPath: episode, withIntermediateDirectories: true)
    for (number, (name, frames)) in Self.scenes.enumerated() {
      let seconds = Double(frames) / 25
      let source = "\(folder.path)/\(name).mp4"
      let made = try Program.shell(
        "ffmpeg -v error -nostdin -f lavfi -i testsrc2=s=320x180:r=25:d=\(seconds),hue=h=\(number * 90) "
          + "-f lavfi -i sine=f=\(220 * (number + 1)):r=48000:d=\(seconds) -c:v libx264 "
          + "-preset ultrafast -g 25 -sc_threshold 0 -pix_fmt yuv420p -c:a aac -ac 2 \(source)")
      #expect(made.code == 0, "\(made.errors)")
      let packaged = try Program.run(["package", source, "-o", "\(episode)/\(name)"])
      #expect(packaged.code == 0, "\(packaged.errors)")
    }
    try Data(Self.episode().json).write(to: URL(fileURLWithPath: "\(episode)/episode.json"))
    return folder
  }

  /// The default cut, and five paths drawn from a seed, each with its scenes.
  private func walks() throws -> [(path: String?, scenes: [String])] {
    let graph = try EpisodeGraph(Self.episode())
    let cut = try Walk(graph, path: .beginning, takesDefaults: true)
    var all: [String: [String]] = [:]
    var seed: UInt64 = 7
    while all.count < 5 {
      var walk = try Walk(graph, path: .beginning)
      while let open = walk.openChoice {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        var path = walk.path
        path.options.append(open.enabled[Int((seed >> 33) % UInt64(open.enabled.count))])
        walk = try Walk(graph, path: path)
      }
      all[walk.path.description] = walk.steps.map(\.scene.id)
    }
    return [(nil, cut.steps.map(\.scene.id))]
      + all.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  private func url(_ path: String?, _ origin: RunningOrigin) throws -> String {
    guard let path else { return "\(origin.url)offer/main.m3u8" }
    let compiled = try Program.shell("curl -sf \(origin.url)offer/episode.json")
    let version = try #require(
      compiled.output.firstMatch(of: /"version":"([0-9a-f]{16})"/)
    ).output.1
    return "\(origin.url)offer/paths/\(version)/\(path)/main.m3u8"
  }

  @Test func `FFmpeg reads the packets of a path's scenes, each in its place`() throws {
    let folder = try library()
    let origin = try RunningOrigin(library: folder.path)
    func packets(_ input: String, _ track: String) throws -> [Substring] {
      let read = try Program.shell(
        "ffmpeg -v error -nostdin -i '\(input)' -map 0:\(track):0 -c copy -f framemd5 - "
          + "| grep -v '^#' | sed 's/.*,//'")
      return read.output.split(separator: "\n")
    }
    for (path, scenes) in try walks() {
      for (track, file) in [("v", "video-180p"), ("a", "audio-und")] {
        let expected = try scenes.flatMap {
          try packets("\(folder.path)/offer/\($0)/\(file).mp4", track)
        }
        #expect(expected.count > 40)
        #expect(try packets(url(path, origin), track) == expected, "\(path ?? "default") \(track)")
      }
    }
    #expect(origin.stop() == 0)
  }

  @Test func `FFmpeg decodes every picture of a path on one timeline, by HLS and by DASH`() throws {
    let folder = try library()
    let origin = try RunningOrigin(library: folder.path)
    func rows(_ input: String, _ options: String) throws -> [[Int64]] {
      let read = try Program.shell(
        "ffmpeg -v error -nostdin -i '\(input)' \(options) -f framehash -hash crc32 - "
          + "| grep -v '^#' | tr -d ' '")
      #expect(read.errors == "", "\(input)")
      return read.output.split(separator: "\n").map { line in
        let fields = line.split(separator: ",")
        return [Int64(fields[1]) ?? -1, Int64(fields[3]) ?? -1, Int64(fields[5], radix: 16) ?? -1]
      }
    }
    for (path, scenes) in try walks() {
      let pictures = try scenes.flatMap {
        try rows("\(folder.path)/offer/\($0)/video-180p.mp4", "-map 0:v:0").map { $0[2] }
      }
      let packets = try scenes.map {
        try rows("\(folder.path)/offer/\($0)/audio-und.mp4", "-map 0:a:0 -c copy").map { $0[2] }
      }
      // The priming of each scene but the first is left out: the sound before is there already.
      let sound = packets[0] + packets.dropFirst().flatMap { $0.dropFirst() }
      let main = try url(path, origin)
      for name in ["main.m3u8", "manifest.mpd"] {
        let input = main.replacing("main.m3u8", with: "continuous/\(name)")
        let shown = try rows(input, "-map 0:v:0 -fps_mode passthrough")
        #expect(shown.map { $0[2] } == pictures, "\(path ?? "default") \(name)")
        let heard = try rows(input, "-map 0:a:0 -c copy")
        #expect(heard.map { $0[2] } == sound, "\(path ?? "default") \(name)")
        for (row, next) in zip(heard, heard.dropFirst()) { #expect(next[0] == row[0] + row[1]) }
      }
    }
    #expect(origin.stop() == 0)
  }

  @Test func `a moved segment has ranges and a tag of its own`() throws {
    let folder = try library()
    let origin = try RunningOrigin(library: folder.path)
    func shell(_ command: String) throws -> String { try Program.shell(command).output }
    for track in ["video-180p", "audio-und"] {
      let playlist = try shell("curl -sf \(origin.url)offer/continuous/\(track).m3u8")
      let moved = try #require(
        playlist.split(separator: "\n").first { $0.hasPrefix("/") && $0.contains(";o=") })
      let stored = moved.replacing(/;[^.]*/, with: "")
      let file = "\(folder.path)/\(track).m4s"
      let url = "'\(origin.url.dropLast())\(moved)'"
      _ = try shell("curl -sf \(url) -o \(file)")
      // The front lies in the rewritten head, the end in the file, the middle in both.
      for range in ["0-99", "60-899", "-64"] {
        let part = try shell("curl -sf -r \(range) \(url) | md5sum")
        let bytes = range.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        let cut =
          if let first = bytes[0], let last = bytes[1] {
            "tail -c +\(first + 1) \(file) | head -c \(last - first + 1)"
          } else {
            "tail -c 64 \(file)"
          }
        #expect(try shell("\(cut) | md5sum") == part, "\(track) \(range)")
      }
      func field(_ name: String, _ url: String) throws -> String {
        try shell("curl -sfI \(url) | tr -d '\\r' | grep -i '^\(name):'")
      }
      let size = try shell("wc -c < \(file)").trimmingCharacters(in: .whitespacesAndNewlines)
      #expect(try field("content-length", url) == "Content-Length: \(size)\n")
      let tag = try field("etag", url)
      #expect(try tag != field("etag", "'\(origin.url.dropLast())\(stored)'") && tag != "")
    }
    #expect(origin.stop() == 0)
  }

  @Test(.enabled(if: Program.has("chromedriver") && Program.has("python3")))
  func `hls.js plays the default cut and five paths to their ends`() throws {
    let folder = try library()
    let origin = try RunningOrigin(library: folder.path)
    let walks = try walks()
    let played = try Program.run(
      ["python3", "\(Program.root)/scripts/play-hls"] + walks.map { try url($0.path, origin) },
      program: "/usr/bin/env")
    #expect(played.code == 0, "\(played.output) \(played.errors)")
    let lines = played.output.split(separator: "\n")
    #expect(lines.count == walks.count)
    for ((path, scenes), line) in zip(walks, lines) {
      let seen = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let frames = Self.scenes.reduce(0) { sum, scene in
        sum + scenes.count { $0 == scene.0 } * scene.1
      }
      #expect(seen["decoded"] as? Int == frames, "\(path ?? "default"): \(line)")
      #expect(seen["ended"] as? Bool == true && seen["errors"] as? [String] == [], "\(line)")
      // The last decision of each choice that was met is known.
      let ranges = try #require(seen["ranges"] as? [String: String], "\(line)")
      #expect(ranges["word.1"] != nil && ranges["turn.1"] != nil)
    }
    #expect(origin.stop() == 0)
  }
}
