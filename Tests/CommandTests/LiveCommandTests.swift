import Foundation
import TestSupport
import Testing

/// A live title as viewers meet it: a file that is played at its own pace.
@Suite(.enabled(if: Program.isBuilt && SourceFiles.canMake), .serialized)
struct LiveCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try SourceFiles.make("\(folder.path)/source.mp4", SourceFiles.h264)
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/library", withIntermediateDirectories: true)
  }

  private func start(_ options: [String] = []) throws -> RunningOrigin {
    try RunningOrigin(
      [
        "live", "\(folder.path)/source.mp4", "\(folder.path)/library", "--name", "channel",
        "--loop",
        "--segment", "1s",
      ] + options)
  }

  /// What is at a path of the title, once the title has begun.
  private func get(_ origin: RunningOrigin, _ path: String) throws -> String {
    let url = "\(origin.url)channel/\(path)"
    let result = try Program.shell(
      "curl -sf --retry 30 --retry-delay 1 --retry-all-errors '\(url)' | tee '\(folder.path)/got' | "
        + "{ case '\(path)' in *.m4s) sha256sum;; *) cat;; esac; }")
    #expect(result.code == 0)
    return result.output
  }

  /// The playlist once the segment is whole that was being made in another one.
  private func next(_ origin: RunningOrigin, after playlist: String) throws -> String {
    let hint = try #require(playlist.firstMatch(of: /PRELOAD-HINT.*\/([0-9]+)\.[0-9]+\.m4s/))
    return try get(origin, "video-108p.m3u8?_HLS_msn=\(hint.output.1)")
  }

  /// Of whole segments.
  private func numbers(_ playlist: String) -> [Int] {
    playlist.split(separator: "\n").filter { $0.hasSuffix(".m4s") }
      .compactMap { $0.split(separator: "/").last?.dropLast(4) }.compactMap { Int($0) }
  }

  @Test
  func `a packager that is killed goes on, with one discontinuity and no name for other bytes`()
    throws
  {
    let first = try start()
    var playlist = try get(first, "video-108p.m3u8")
    for _ in 0..<3 { playlist = try next(first, after: playlist) }
    let path = try #require(
      playlist.split(separator: "\n").first { $0.hasSuffix(".m4s") }.map(String.init))
    let bytes = try get(first, path)
    kill(first.process.processIdentifier, SIGKILL)
    first.process.waitUntilExit()

    let second = try start()
    var after = try get(second, "video-108p.m3u8")
    #expect(numbers(after).first == numbers(playlist).first)
    #expect(try get(second, path) == bytes)
    for _ in 0..<10 where !after.contains("#EXT-X-DISCONTINUITY\n") {
      after = try next(second, after: after)
    }
    #expect(after.split(separator: "\n").count { $0 == "#EXT-X-DISCONTINUITY" } == 1)
    let all = numbers(after)
    #expect(all == Array(all[0]..<all[0] + all.count))
    #expect(second.stop() == 0)
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/library").sorted()
  }

  private func verify() throws {
    let result = try Program.run(["verify", "\(folder.path)/library/channel"])
    #expect(result.code == 0, "\(result.output)")
  }

  @Test(arguments: ["vod", "dvr", "none"])
  func `a packager that is asked to end leaves what it was told to`(_ keep: String) throws {
    let origin = try start(["--keep", keep])
    var playlist = try get(origin, "video-108p.m3u8")
    for _ in 0..<2 { playlist = try next(origin, after: playlist) }
    #expect(origin.stop() == 0)
    switch keep {
    case "vod":
      #expect(try names() == ["channel"])
      try verify()
      let again = try Program.run([
        "live", "\(folder.path)/source.mp4", "\(folder.path)/library", "--name", "channel",
        "--port",
        "0",
      ])
      #expect(again.code == 1 && again.errors.contains("--replace"))
    case "dvr": #expect(try names() == [".channel.live"])
    default: #expect(try names() == [])
    }
  }

  @Test func `what a packager has left that was killed becomes a title`() throws {
    let origin = try start()
    var playlist = try get(origin, "video-108p.m3u8")
    for _ in 0..<2 { playlist = try next(origin, after: playlist) }
    let finish = ["finish", "\(folder.path)/library", "--name", "channel"]
    #expect(try Program.run(finish).code == 1)
    kill(origin.process.processIdentifier, SIGKILL)
    origin.process.waitUntilExit()
    let finished = try Program.run(finish)
    #expect(finished.code == 0, "\(finished.errors)")
    #expect(try names() == ["channel"])
    try verify()
    #expect(try Program.run(finish).code == 1)
  }
}
