import FileIO
import Foundation
import TestSupport
import Testing

@Suite(.enabled(if: Program.isBuilt))
struct LadderCommandTests {
  private static let sample = "\(Program.root)/Media/dougong-540p.mp4"

  /// A small, quick ladder: two rungs, one of them with half of the pictures.
  private static let ladder = """
    ladder: 1
    name: test
    segment: 1
    chunk: 2
    presets: {h264: ultrafast}
    rungs:
      - {size: 256x144, h264: 200}
      - {size: 128x72, frame_rate: 15, h264: 60}

    """

  /// Three seconds of the sample at 30 pictures a second, with sound.
  private static func source(_ folder: String) throws -> String {
    let path = "\(folder)/source.mkv"
    let made = try Program.shell(
      "ffmpeg -v error -t 5 -i '\(sample)' -f lavfi -t 5 -i sine=r=48000 -vf scale=320:180 -r 30 "
        + "-c:v libx264 -preset ultrafast -c:a pcm_s16le '\(path)'")
    #expect(made.code == 0, "\(made.errors)")
    try ladder.write(toFile: "\(folder)/test.yaml", atomically: true, encoding: .utf8)
    return path
  }

  @Test(.enabled(if: Program.has("ffmpeg")))
  func `a ladder becomes a title that verifies, the same after a stop and when split`() throws {
    let folder = try TemporaryFolder()
    let source = try Self.source(folder.path)
    let whole = try Program.run([
      "package", source, "--ladder", "\(folder.path)/test.yaml", "-o", "\(folder.path)/whole",
      "--report", "\(folder.path)/report.html", "--parts", "\(folder.path)/parts",
    ])
    #expect(whole.code == 0, "\(whole.errors)")
    #expect(whole.output.contains("144p-h264") && whole.output.contains("SSIM"))
    let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/whole")
    #expect(names.contains("video-144p-h264.mp4") && names.contains("video-72p-h264.mp4"))
    #expect(names.contains { $0.hasPrefix("audio-") })
    let page = try String(contentsOfFile: "\(folder.path)/report.html", encoding: .utf8)
    #expect(page.contains("<svg") && page.contains("72p-h264"))
    let verified = try Program.run(["verify", "\(folder.path)/whole"])
    #expect(verified.code == 0, "\(verified.output)")

    // Some parts are gone, as if a run had been killed; one chunk is made by itself.
    let parts = try Folder.names(in: "\(folder.path)/parts").filter { $0.hasSuffix(".part") }
    #expect(parts.count == 6)
    for part in parts where !part.contains(".0001.") {
      try Folder.remove("\(folder.path)/parts/\(part)")
    }
    let one = try Program.run([
      "ladder", "part", "\(folder.path)/parts/plan.json", "--chunk", "2",
    ])
    #expect(one.output == "2 made, 0 were there\n", "\(one.errors)")
    let again = try Program.run([
      "package", source, "--ladder", "\(folder.path)/test.yaml", "-o", "\(folder.path)/again",
      "--parts", "\(folder.path)/parts", "--no-similarity",
    ])
    #expect(again.code == 0, "\(again.errors)")
    #expect(again.errors.contains("4 of 6 parts were there already"))
    for name in ["video-144p-h264.mp4", "video-72p-h264.mp4", "main.m3u8", "manifest.mpd"] {
      #expect(
        FileManager.default.contentsEqual(
          atPath: "\(folder.path)/whole/\(name)", andPath: "\(folder.path)/again/\(name)"),
        "\(name)")
    }
  }

  @Test func `a plan is printed and nothing is made`() throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(["package", Self.sample, "--ladder", "mobile", "--plan"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.output.contains("540p-h264") && result.output.contains("576 pictures"))
    let json = try Program.run(["package", Self.sample, "--ladder", "mobile", "--plan", "--json"])
    #expect(json.output.contains("\"dougongLadderPlan\" : 2"))
    try json.output.write(
      toFile: "\(folder.path)/plan.json", atomically: true, encoding: .utf8)
    let job = try Program.run([
      "ladder", "kubernetes", "\(folder.path)/plan.json", "--image", "dougong", "--claim", "work",
    ])
    #expect(job.output.contains("completionMode: Indexed"), "\(job.errors)")
  }

  @Test(arguments: [
    (["--ladder", "giant"], Int32(1), "there is no ladder called 'giant'"),
    (["--ladder", "hd", "--codec", "vp9"], 2, "vp9"),
    (["--codec", "h264"], 2, "--codec is about a ladder"),
    (["--ladder", "hd", "--preset", "h264=medum"], 2, "medum"),
    (["--ladder", "nowhere.yaml"], 1, "nowhere.yaml"),
    (["--ladder", "hd", "--executor", "slurm"], 2, "needs --parts"),
  ])
  func `what cannot be meant is said`(options: [String], code: Int32, words: String) throws {
    let folder = try TemporaryFolder()
    let result = try Program.run(["package", Self.sample, "-o", "\(folder.path)/film"] + options)
    #expect(result.code == code, "\(result.errors)")
    #expect(result.errors.contains(words), "\(result.errors)")
    #expect(try Folder.names(in: folder.path).isEmpty)
  }

  @Test func `sources without a picture make no ladder`() throws {
    let folder = try TemporaryFolder()
    let sound = "\(folder.path)/sound.wav"
    let made = try Program.shell("ffmpeg -v error -f lavfi -t 1 -i sine=r=48000 '\(sound)'")
    try #require(made.code == 0, "\(made.errors)")
    let result = try Program.run(["package", sound, "--ladder", "hd", "-o", "\(folder.path)/film"])
    #expect(result.code == 1)
    #expect(result.errors.contains("has no picture that could be encoded"), "\(result.errors)")
  }
}
