import Foundation
import TestSupport
import Testing

/// A file that is encoded as a small ladder while it is live.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake), .serialized)
struct LiveLadderTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try SourceFiles.run([
      "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
      "testsrc2=size=320x180:rate=50:duration=5", "-f", "lavfi", "-i",
      "sine=frequency=440:sample_rate=48000:duration=5", "-threads", "1", "-c:v", "mpeg2video",
      "-q:v", "4", "-g", "33", "-c:a", "mp2", "\(folder.path)/source.ts",
    ])
    try """
    ladder: 1
    presets: {h264: ultrafast}
    rungs:
      - {size: 320x180, frame_rate: 60, h264: 300}
      - {size: 192x108, frame_rate: 30, h264: 120}
    """.write(toFile: "\(folder.path)/small.yaml", atomically: true, encoding: .utf8)
  }

  /// Plays it as if it had begun long ago, so that it is there at once.
  private func start(_ library: String, _ options: [String]) throws -> RunningOrigin {
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/\(library)", withIntermediateDirectories: true)
    return try RunningOrigin(
      [
        "live", "\(folder.path)/source.ts", "\(folder.path)/\(library)", "--name", "channel",
        "--segment", "1s", "--epoch", "2026-01-01T00:00:00Z", "--keep", "dvr", "--anyway",
      ] + options)
  }

  private func get(_ origin: RunningOrigin, _ name: String) throws -> String {
    let loop =
      "for i in $(seq 300); do curl -sf '\(origin.url)channel/\(name)' > got && "
      + "{ case \(name) in main*) true;; *) grep -q ENDLIST got;; esac; } && break; sleep 0.2; "
      + "done; cat got"
    return try Program.shell(loop, folder: folder.path).output
  }

  private func digests(_ origin: RunningOrigin, _ playlist: String) throws -> String {
    let names = playlist.split(separator: "\n").filter { $0.hasSuffix(".m4s") }
    return try Program.shell(
      "for n in \(names.joined(separator: " ")); do curl -sf '\(origin.url)channel/'$n | sha256sum; done"
    ).output
  }

  @Test func `rungs are cut at the same seconds, and each segment decodes alone`() throws {
    let origin = try start("library", ["--ladder", "\(folder.path)/small.yaml"])
    let main = try get(origin, "main.m3u8")
    #expect(main.contains("RESOLUTION=320x180,FRAME-RATE=50.000"))
    #expect(main.contains("RESOLUTION=192x108,FRAME-RATE=25.000"))
    let (large, small) = (try get(origin, "video-180p.m3u8"), try get(origin, "video-108p.m3u8"))
    func lines(_ playlist: String, _ tag: String) -> [Substring] {
      playlist.split(separator: "\n").filter { $0.hasPrefix(tag) }
    }
    for playlist in [large, small] {
      #expect(playlist.contains("#EXT-X-INDEPENDENT-SEGMENTS"))
      #expect(lines(playlist, "#EXTINF:") == Array(repeating: "#EXTINF:1.000000,", count: 5))
      #expect(lines(playlist, "#EXT-X-GAP").isEmpty)
    }
    #expect(
      lines(large, "#EXT-X-PROGRAM-DATE-TIME").first?.hasSuffix("2026-01-01T00:00:00.000Z") ?? false
    )
    #expect(
      lines(large, "#EXT-X-PROGRAM-DATE-TIME") == lines(small, "#EXT-X-PROGRAM-DATE-TIME"))
    for (playlist, count) in [(large, 50), (small, 25)] {
      let header = try #require(playlist.firstMatch(of: /EXT-X-MAP:URI="([^"]+)"/)?.output.1)
      let names = playlist.split(separator: "\n").filter { $0.hasSuffix(".m4s") }
      let counts = try Program.shell(
        "for n in \(names.joined(separator: " ")); do { curl -sf '\(origin.url)channel/\(header)'; "
          + "curl -sf '\(origin.url)channel/'$n; } > one.mp4; ffprobe -v error -count_frames "
          + "-show_entries stream=nb_read_frames -of csv=p=0 one.mp4; done", folder: folder.path)
      #expect(counts.output == String(repeating: "\(count)\n", count: 5), "\(counts.errors)")
    }
    let other = try start("other", ["--ladder", "\(folder.path)/small.yaml"])
    let twin = try get(other, "video-180p.m3u8")
    #expect(twin == large)
    #expect(try digests(other, twin) == digests(origin, large))
    #expect(other.stop() == 0)
    #expect(origin.stop() == 0)
  }

  @Test func `what says how to encode needs to be told what, and one source`() throws {
    let source = "\(folder.path)/source.ts"
    for (options, words) in [
      ([source, "--codec", "hevc"], "needs --ladder or --encode"),
      ([source, "--encode", "--ladder", "hd"], "exclude each other"),
      ([source, source, "--encode"], "one source is encoded"),
      ([source, "--encode", "--codec", "vp9"], "codec"),
    ] {
      let result = try Program.run(
        ["live"] + [options[0]] + options.dropFirst() + [folder.path, "--name", "channel"])
      #expect(result.code == 2 && result.errors.contains(words), "\(result.errors)")
    }
    let unknown = try Program.run([
      "live", source, folder.path, "--name", "channel", "--ladder", "hdd",
    ])
    #expect(unknown.code == 1 && unknown.errors.contains("uhd, hd, mobile"), "\(unknown.errors)")
  }
}
