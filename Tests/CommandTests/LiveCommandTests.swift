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

  @Test func `a title that cannot be made is told, by the exit code too`() throws {
    let origin = try start(["--keep", "vod"])
    var playlist = try get(origin, "video-108p.m3u8")
    for _ in 0..<2 { playlist = try next(origin, after: playlist) }
    let place = "\(folder.path)/library/channel"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: URL(filePath: "\(place)/notes.txt"))
    #expect(origin.stop() == 1)
    #expect(try names() == [".channel.live", "channel"])
    let finish = ["finish", "\(folder.path)/library", "--name", "channel"]
    #expect(try Program.run(finish).code == 1)
    try FileManager.default.removeItem(atPath: place)
    #expect(try Program.run(finish).code == 0)
    #expect(try names() == ["channel"])
    try verify()
  }

  @Test(arguments: ["nothing.mp4", "empty.ts", "page.html"])
  func `a source that is none ends the command`(_ name: String) throws {
    let source = "\(folder.path)/\(name)"
    if name == "empty.ts" { try Data().write(to: URL(filePath: source)) }
    if name == "page.html" { try Data("<html></html>".utf8).write(to: URL(filePath: source)) }
    let result = try Program.run([
      "live", source, "\(folder.path)/library", "--name", "channel", "--port", "0",
    ])
    #expect(result.code == 1)
    #expect(result.errors.contains(name))
  }

  @Test func `a program that is killed while it makes a title leaves all that it makes it of`()
    throws
  {
    let library = "\(folder.path)/library"
    let origin = try start()
    var playlist = try get(origin, "video-108p.m3u8")
    for _ in 0..<3 { playlist = try next(origin, after: playlist) }
    kill(origin.process.processIdentifier, SIGKILL)
    origin.process.waitUntilExit()
    let left = "\(folder.path)/left"
    try FileManager.default.copyItem(atPath: "\(library)/.channel.live", toPath: left)
    var killedCount = 0
    // From before it has begun until behind its end.
    for delay in stride(from: 0.0, through: 0.4, by: 0.02) {
      let finishing = Process()
      finishing.executableURL = URL(filePath: Program.path)
      finishing.arguments = ["finish", library, "--name", "channel"]
      finishing.standardError = FileHandle.nullDevice
      try finishing.run()
      Thread.sleep(forTimeInterval: delay)
      kill(finishing.processIdentifier, SIGKILL)
      finishing.waitUntilExit()
      let after = try names()
      if finishing.terminationReason == .uncaughtSignal { killedCount += 1 }
      // The title is there whole, or not at all; and if not, what it is made of is.
      if after.contains("channel") {
        try verify()
      } else {
        #expect(after.contains(".channel.live"))
      }
      if after.contains(".channel.live") {
        let again = try Program.run(["finish", library, "--name", "channel"])
        #expect(again.code == 0, "\(again.errors)")
      }
      #expect(try names() == ["channel"])
      try verify()
      try FileManager.default.removeItem(atPath: "\(library)/channel")
      try FileManager.default.copyItem(atPath: left, toPath: "\(library)/.channel.live")
    }
    #expect(killedCount > 0)
  }

  @Test func `subtitles of a source are live in HLS and DASH, and stay in the title at rest`()
    throws
  {
    let made = try Program.shell(
      "printf '1\\n00:00:00,400 --> 00:00:01,300\\nHello\\n\\n' >lines.srt && "
        + "ffmpeg -v error -nostdin -y -i source.mp4 -i lines.srt -map 0 -map 1 -c copy -c:s srt "
        + "-metadata:s:s:0 language=deu source.mkv", folder: folder.path)
    #expect(made.code == 0, "\(made.errors)")
    let origin = try RunningOrigin([
      "live", "\(folder.path)/source.mkv", "\(folder.path)/library", "--name", "channel",
      "--loop", "--segment", "1s", "--keep", "vod",
    ])
    var playlist = try get(origin, "video-108p.m3u8")
    for _ in 0..<4 { playlist = try next(origin, after: playlist) }
    let main = try get(origin, "main.m3u8")
    #expect(main.contains("TYPE=SUBTITLES") && main.contains("URI=\"text-de.m3u8\""))
    let text = try get(origin, "text-de.m3u8")
    #expect(text.contains(".vtt") && !text.contains("EXT-X-MAP"))
    #expect(text.contains("RENDITION-REPORT:URI=\"video-108p.m3u8\""))
    #expect(numbers(playlist).allSatisfy { text.contains("/\($0).vtt\n") })
    let shown = try text.split(separator: "\n").filter { $0.hasSuffix(".vtt") }.map {
      try get(origin, String($0))
    }
    #expect(shown.allSatisfy { $0.hasPrefix("WEBVTT\nX-TIMESTAMP-MAP=LOCAL:") })
    #expect(shown.contains { $0.contains("-->") && $0.contains("\nHello\n") })
    #expect(try get(origin, "manifest.mpd").contains("codecs=\"wvtt\""))
    #expect(origin.stop() == 0)
    try verify()
    #expect(
      try Program.shell("grep -c Hello channel/text-de.vtt", folder: "\(folder.path)/library")
        .code == 0)
  }

  // MARK: What is uploaded

  /// Uploads the source twice over to an origin, at its own pace, and waits until the title has ended.
  private func upload(to origin: RunningOrigin) throws {
    let sent = try Program.shell(
      "for i in $(seq 30); do ffmpeg -v error -nostdin -re -stream_loop 1 -i source.mp4 -c copy -f mp4 "
        + "-movflags cmaf+delay_moov+frag_keyframe -method POST '\(origin.url)channel/both.mp4' && exit 0; "
        + "sleep 1; done; exit 1", folder: folder.path)
    #expect(sent.code == 0)
    #expect(try get(origin, "video-108p.m3u8").contains("#EXT-X-ENDLIST"))
  }

  @Test func `what was uploaded becomes a title when it ends, and so does what comes then`() throws
  {
    let origin = try RunningOrigin([
      "serve", "\(folder.path)/library", "--ingest", "channel", "--publishers", "anybody",
      "--segment", "1s", "--keep", "vod",
    ])
    for _ in 0..<2 {
      try upload(to: origin)
      // It has more than the one before.
      let waited = try Program.shell(
        """
        made=library/channel/video-108p.mp4
        for i in $(seq 300); do
          [ -e $made ] && [ "$(stat -c %s $made)" -gt "$(cat size || echo 0)" ] \
            && stat -c %s $made > size && exit 0
          sleep 0.2
        done
        exit 1
        """, folder: folder.path)
      #expect(waited.code == 0)
      try verify()
    }
    #expect(origin.stop() == 0)
    #expect(try names() == [".channel.live", "channel"])
  }

  @Test func `what was uploaded is made a title by hand, once nobody takes any more`() throws {
    let origin = try RunningOrigin([
      "serve", "\(folder.path)/library", "--ingest", "channel", "--publishers", "anybody",
      "--segment", "1s",
    ])
    try upload(to: origin)
    let finish = ["finish", "\(folder.path)/library", "--name", "channel"]
    let early = try Program.run(finish)
    #expect(early.code == 1 && early.errors.contains("in use"), "\(early.errors)")
    #expect(origin.stop() == 0)
    let finished = try Program.run(finish)
    #expect(finished.code == 0, "\(finished.errors)")
    #expect(try names() == ["channel"])
    try verify()
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
