import Foundation
import TestSupport
import Testing

/// The main job from a file to a picture on a screen, with nothing in between replaced.
@Suite(.enabled(if: Program.isBuilt), .serialized)
struct EndToEndTests {
  private static let renditions = ["2160p", "1080p", "540p"].map {
    "\(Program.root)/Media/dougong-\($0).mp4"
  }

  private func library() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let packaged = try Program.run(
      ["package"] + Self.renditions + ["-o", "\(folder.path)/film"])
    #expect(packaged.code == 0, "\(packaged.errors)")
    return folder
  }

  @Test func `the sample is packaged and verified without a finding`() throws {
    let folder = try library()
    #expect(folder.names == ["film"])
    let verified = try Program.run(["verify", "\(folder.path)/film"])
    #expect(verified.code == 0, "\(verified.output)")
    #expect(verified.output.hasPrefix("PASS"), "\(verified.output)")
  }

  @Test
  func `the same sources give the same bytes, by one thread and by many, by tables and by FFmpeg`()
    throws
  {
    let folder = try TemporaryFolder()
    let ways: [[String]] = [["--threads", "1"], ["--threads", "8"], ["--ffmpeg"]]
    for (number, way) in ways.enumerated() {
      let result = try Program.run(
        ["package"] + Self.renditions + ["-o", "\(folder.path)/\(number)"] + way)
      #expect(result.code == 0, "\(result.errors)")
    }
    for number in 1..<ways.count {
      let same = try Program.shell("diff -r \(folder.path)/0 \(folder.path)/\(number)")
      #expect(same.code == 0, "\(same.output)")
    }
  }

  @Test(.enabled(if: Program.has("ffmpeg")), arguments: ["main.m3u8", "manifest.mpd"])
  func `FFmpeg decodes the title to the pictures of the source`(document: String) throws {
    let folder = try TemporaryFolder()
    let source = Self.renditions[2]
    #expect(try Program.run(["package", source, "-o", "\(folder.path)/film"]).code == 0)
    let hash = "-map 0:v:0 -fps_mode passthrough -f framemd5 - | grep -v '^#' | sed 's/.*,//'"
    let expected = try Program.shell("ffmpeg -v error -nostdin -i '\(source)' \(hash)")
    let decoded = try Program.shell(
      "ffmpeg -v error -nostdin -i '\(folder.path)/film/\(document)' \(hash)")
    #expect(expected.output.split(separator: "\n").count == 576)
    #expect(decoded.output == expected.output)
  }

  @Test(.enabled(if: Program.has("chromedriver") && Program.has("python3")))
  func `a browser plays it from the origin`() throws {
    let folder = try library()
    let origin = try RunningOrigin(library: folder.path)
    let played = try Program.run(
      ["python3", "\(Program.root)/scripts/play", "\(origin.url)play/film", "4"],
      program: "/usr/bin/env")
    #expect(played.code == 0, "\(played.output) \(played.errors)")
    let seen = try #require(
      try JSONSerialization.jsonObject(with: Data(played.output.utf8)) as? [String: Any])
    #expect((seen["decoded"] as? Int ?? 0) >= 48)
    #expect((seen["audioBytes"] as? Int ?? 0) > 0)
    #expect((seen["errors"] as? [String]) == [])
    #expect(origin.stop() == 0)
  }

  @Test(.enabled(if: Program.has("chromedriver") && Program.has("python3")))
  func `the demo says where to watch it, and the language is changed while it plays`() throws {
    let folder = try TemporaryFolder()
    let origin = try RunningOrigin(["demo", "--library", "\(folder.path)/demo"])
    // Done when a segment of the other language has come.
    let change = """
      document.querySelectorAll('#audio li button')[1].click();
      return new Promise(done => new PerformanceObserver((list, observer) => {
        if (list.getEntries().every(entry => !/audio-zh.*m4s/.test(entry.name))) return;
        observer.disconnect();
        done(document.querySelector('#audio button').textContent);
      }).observe({type: 'resource', buffered: true}));
      """
    let played = try Program.run(
      [
        "python3", "\(Program.root)/scripts/play", "\(origin.url)play/dougong", "6", "--run",
        change,
      ],
      program: "/usr/bin/env")
    #expect(played.code == 0, "\(played.output) \(played.errors)")
    let seen = try #require(
      try JSONSerialization.jsonObject(with: Data(played.output.utf8)) as? [String: Any])
    #expect(seen["result"] as? String == "中文")
    #expect(seen["errors"] as? [String] == [])
    #expect(origin.stop() == 0)
  }

  @Test(
    .enabled(
      if: Program.has("chromedriver") && Program.has("python3") && Program.has("ffmpeg")),
    arguments: [true, false])
  func `a browser without AC-3 plays the sound that it can decode`(hasTwins: Bool) throws {
    let folder = try TemporaryFolder()
    let source = "\(folder.path)/source.mkv"
    let made = try Program.shell(
      "ffmpeg -v error -nostdin -i '\(Program.root)/Media/dougong-540p.mp4' -f lavfi -i sine=r=48000:d=24 "
        + "-map 0:v -map 1:a -map 1:a -c:v copy -c:a:0 aac -metadata:s:a:0 language=eng -c:a:1 ac3 "
        + "-metadata:s:a:1 language=fra '\(source)'")
    #expect(made.code == 0, "\(made.errors)")
    let packaged = try Program.run(
      ["package", source, "-o", "\(folder.path)/film", hasTwins ? "--aac-twins" : "--no-aac-twins"])
    #expect(packaged.code == 0, "\(packaged.errors)")
    #expect(
      try Program.run(["verify", "\(folder.path)/film"]).output.contains(
        "0 errors, 0 warnings"))
    let origin = try RunningOrigin(library: folder.path)
    let state = """
      return [MediaSource.isTypeSupported('audio/mp4; codecs="ac-3"'),
        [...document.querySelectorAll('#audio li small')].map(x => x.textContent).join()];
      """
    let played = try Program.run(
      ["python3", "\(Program.root)/scripts/play", "\(origin.url)play/film", "3", "--run", state],
      program: "/usr/bin/env")
    #expect(played.code == 0, "\(played.output) \(played.errors)")
    let seen = try #require(
      try JSONSerialization.jsonObject(with: Data(played.output.utf8)) as? [String: Any])
    #expect((seen["audioBytes"] as? Int ?? 0) > 0)
    #expect(seen["errors"] as? [String] == [])
    let result = try #require(seen["result"] as? [Any])
    // What is offered is what the browser can decode.
    let hasAll = hasTwins || result[0] as? Bool == true
    #expect(result[1] as? String == (hasAll ? "en,fr" : "en"))
    #expect(origin.stop() == 0)
  }

  @Test(.enabled(if: Program.has("nginx") && Program.has("ffmpeg")))
  func `a plain web server is enough to play it`() throws {
    let folder = try library()
    // Below those that the system gives to clients.
    let port = 20000 + Int(ProcessInfo.processInfo.processIdentifier % 12000)
    let configuration = """
      daemon off; pid \(folder.path)/nginx.pid; error_log /dev/null; events {}
      http { access_log off; client_body_temp_path \(folder.path)/a; proxy_temp_path \(folder.path)/b;
        fastcgi_temp_path \(folder.path)/c; uwsgi_temp_path \(folder.path)/d; scgi_temp_path \(folder.path)/e;
        server { listen 127.0.0.1:\(port); root \(folder.path); } }
      """
    let file = "\(folder.path)/nginx.conf"
    try Data(configuration.utf8).write(to: URL(fileURLWithPath: file))
    let nginx = Process()
    nginx.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    nginx.arguments = ["nginx", "-c", file]
    nginx.standardError = FileHandle.nullDevice
    try nginx.run()
    defer { nginx.terminate() }
    let url = "http://127.0.0.1:\(port)/film"
    // Asked again until it listens.
    let first = try Program.shell(
      "curl -sf --retry 50 --retry-connrefused --retry-delay 0 --retry-max-time 20 -o /dev/null \(url)/main.m3u8"
    )
    #expect(first.code == 0)
    for document in ["main.m3u8", "manifest.mpd"] {
      let decoded = try Program.shell(
        "ffmpeg -v error -nostdin -i \(url)/\(document) -map 0:v:0 -map 0:a:0 -t 4 "
          + "-f null - 2>&1")
      #expect(decoded.code == 0)
      #expect(decoded.output == "")
    }
  }
}
