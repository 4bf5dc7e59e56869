import Foundation
import TestSupport
import Testing

/// Subtitles from the command line to what players get.
@Suite(.enabled(if: Program.isBuilt))
struct SubtitleTests {
  private static let source = "\(Program.root)/Media/dougong-540p.mp4"
  private static let german = """
    1
    00:00:00,500 --> 00:00:03,000
    Erste <i>Zeile</i>

    2
    00:00:05,900 --> 00:00:12,000
    Über drei Schnitte

    """

  private func package(_ options: [String], _ files: [String: String] = [:]) throws -> (
    folder: TemporaryFolder, result: Program.Result
  ) {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    let result = try Program.run(
      ["package", Self.source, "-o", "\(folder.path)/film"]
        + options.map { $0.replacingOccurrences(of: "@", with: folder.path) })
    return (folder, result)
  }

  private func text(_ folder: TemporaryFolder, _ name: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/film/\(name)", encoding: .utf8)
  }

  @Test func `a sidecar becomes a rendition that verifies`() throws {
    let (folder, result) = try package(
      ["--text", "de=@/de.srt,role=caption,label=Deutsch für alle,default"],
      ["de.srt": Self.german])
    #expect(result.code == 0, "\(result.errors)")
    let main = try text(folder, "main.m3u8")
    #expect(
      main.contains(
        "TYPE=SUBTITLES,GROUP-ID=\"subtitles\",NAME=\"Deutsch für alle\",LANGUAGE=\"de\","
          + "DEFAULT=YES,AUTOSELECT=YES"), "\(main)")
    #expect(try text(folder, "text-de.vtt").hasPrefix("WEBVTT\n\n00:00:00.500 --> 00:00:03.000\n"))
    let verified = try Program.run(["verify", "\(folder.path)/film"])
    #expect(verified.output.hasPrefix("PASS"), "\(verified.output)")
    #expect(verified.output.contains("0 errors, 0 warnings"), "\(verified.output)")
  }

  @Test(.enabled(if: Program.has("ffmpeg"))) func `FFmpeg reads the cues of the playlist`() throws {
    let (folder, result) = try package(["--text", "de=@/de.srt"], ["de.srt": Self.german])
    #expect(result.code == 0, "\(result.errors)")
    let read = try Program.shell(
      "ffmpeg -v error -nostdin -i '\(folder.path)/film/text-de.m3u8' -f srt -")
    #expect(
      read.output.replacingOccurrences(of: "\r", with: "").hasPrefix(
        Self.german.trimmingCharacters(in: .newlines)), "\(read.output)")
  }

  @Test func `an empty file and one whose cues lie outside are silence, and told of`() throws {
    let (folder, result) = try package(
      ["--text", "de=@/empty.srt", "--text", "en=@/late.srt"],
      ["empty.srt": "", "late.srt": "1\n01:00:00,000 --> 01:00:01,000\nLate\n"])
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.errors.contains("empty.srt has no cue within the title"), "\(result.errors)")
    #expect(result.errors.contains("late.srt: 1 of 1 cues lie outside"), "\(result.errors)")
    #expect(try text(folder, "text-en.vtt").contains("-->") == false)
    #expect(try Program.run(["verify", "\(folder.path)/film"]).output.hasPrefix("PASS"))
  }

  @Test func `an offset moves sidecars`() throws {
    let (folder, result) = try package(
      ["--text", "de=@/de.srt", "--text-offset", "1.25s"], ["de.srt": Self.german])
    #expect(result.code == 0, "\(result.errors)")
    #expect(try text(folder, "text-de.vtt").contains("00:00:01.750 --> 00:00:04.250"))
  }

  /// The source as a transport stream whose clock begins elsewhere: in its first hour, and 2 s before it
  /// begins again.
  @Test(.enabled(if: Program.has("ffmpeg")), arguments: [3600, 95441.717])
  func `WebVTT that names the system clock is placed by it`(seconds: Double) throws {
    let folder = try TemporaryFolder()
    let stream = "\(folder.path)/film.ts"
    let made = try Program.shell(
      "ffmpeg -v error -nostdin -i '\(Self.source)' -c copy -muxdelay 0 -output_ts_offset \(seconds) "
        + "'\(stream)' && ffprobe -v error -show_entries packet=pts -of csv=p=0 '\(stream)'")
    let times = made.output.split(whereSeparator: \.isNewline).compactMap {
      Int64($0.split(separator: ",").first ?? "")
    }
    let first = try #require(times.min(), "\(made.errors)")
    let ticks = (first + 90000) & (1 << 33 - 1)
    let map = "X-TIMESTAMP-MAP=LOCAL:00:00:10.000,MPEGTS:\(ticks)"
    let text = """
      WEBVTT
      \(map)

      00:00:10.500 --> 00:00:12.000
      Text

      """
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/de.vtt"))
    try Data(text.replacingOccurrences(of: map, with: "").utf8).write(
      to: URL(fileURLWithPath: "\(folder.path)/en.vtt"))
    let result = try Program.run(
      ["package", stream, "-o", "\(folder.path)/film"]
        + ["--text", "de=\(folder.path)/de.vtt", "--text", "en=\(folder.path)/en.vtt"])
    #expect(result.code == 0, "\(result.errors)")
    // 0.5 s after the map's moment, which is 1 s after the title's beginning.
    #expect(
      try self.text(folder, "text-de.vtt").contains("00:00:01.500 --> 00:00:03.000"))
    // Without the map times count from the beginning, where these cues are too late.
    #expect(try !self.text(folder, "text-en.vtt").contains("00:00:01.500"))
  }

  @Test(arguments: [
    ["--text", "de"], ["--text", "=x.srt"], ["--text", "de="], ["--text", "not a tag=x.srt"],
    ["--text", "de=x.srt,role=none"], ["--text-offset", "soon"],
    ["--text", "de=x.srt,default", "--text", "en=y.srt,default"], ["--captions", "burn"],
  ])
  func `a command line that says nothing is a usage error`(options: [String]) throws {
    let (folder, result) = try package(options)
    #expect(result.code == 2, "\(result.errors)")
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: ["de=@/none.srt", "de=@/text.srt"])
  func `subtitles that cannot be read are refused before anything is written`(option: String)
    throws
  {
    let (folder, result) = try package(
      ["--text", option], ["text.srt": "these are no subtitles\n"])
    #expect(result.code == 1, "\(result.errors)")
    #expect(result.complaints.count == 1, "\(result.errors)")
    #expect(folder.names == ["text.srt"])
  }
}
