import FFmpeg
import Foundation
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct TextScanTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let subRip =
    "1\n00:00:00,250 --> 00:00:00,750\nFirst\n\n2\n00:00:01,000 --> 00:00:01,500\nSecond\n"

  private func source(
    _ codec: String, _ options: [String] = [], subtitles: String = subRip,
    name: String = "subtitles.srt"
  ) throws -> FFmpegSource {
    let text = try folder.write(subtitles.utf8, to: name)
    let path = "\(folder.path)/source.mkv"
    try SourceFiles.run(
      [
        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
        "testsrc2=size=64x36:rate=25:duration=2", "-i", text, "-map", "0:v", "-map", "1:s", "-c:v",
        "libx264", "-preset", "ultrafast", "-bf", "0", "-c:s", codec, "-metadata:s:s:0",
        "language=ger", "-metadata:s:s:0", "title=Untertitel", "-fflags", "+bitexact",
      ] + options + [path])
    return try FFmpegSource(path: path, name: "source.mkv")
  }

  @Test(arguments: [("srt", TextCoding.subRip), ("webvtt", .wvtt), ("ass", .ass)])
  func `subtitles are tracks with times and lengths`(codec: String, coding: TextCoding) throws {
    let track = try source(codec).tracks[1]
    #expect(track.kind == .text)
    guard case .text(let found, _) = track.coding else {
      Issue.record("\(track.coding)")
      return
    }
    #expect(found == coding)
    #expect(track.timescale.ticksPerSecond == 1000)
    #expect(track.samples.presentationTimes == [250, 1000])
    #expect(track.samples.durations == [500, 500])
    #expect(track.language == "ger")
    #expect(track.label == "Untertitel")
  }

  private func payloads(of source: FFmpegSource) throws -> [String] {
    let reader = try source.makeReader(of: [1])
    var texts: [String] = []
    while let batch = try reader.next() {
      for run in batch.runs {
        var at = batch.bytes.readerIndex + run.offset
        for index in run.first..<run.first + run.count {
          let count = Int(source.tracks[1].samples.sizes[index])
          texts.append(batch.bytes.getString(at: at, length: count) ?? "")
          at += count
        }
      }
    }
    return texts
  }

  @Test func `payloads are the texts`() throws {
    #expect(try payloads(of: try source("srt")) == ["First", "Second"])
  }

  @Test func `identifiers and settings of WebVTT cues are kept beside their texts`() throws {
    // Encoded anew, cues lose their settings; copied, they keep them.
    let source = try source(
      "copy",
      subtitles: "WEBVTT\n\none\n00:00.250 --> 00:00.750 line:10%\nFirst\n\n"
        + "00:01.000 --> 00:01.500\nSecond\n",
      name: "subtitles.vtt")
    #expect(
      try payloads(of: source) == [
        "\0\0\0\u{30}vttc\0\0\0\u{b}idenone\0\0\0\u{10}sttgline:10%\0\0\0\u{d}paylFirst",
        "\0\0\0\u{16}vttc\0\0\0\u{e}paylSecond",
      ])
  }

  @Test(arguments: [
    ("forced", "forced-subtitle"), ("hearing_impaired", "caption"), ("comment", "commentary"),
  ])
  func `the container says what they are for`(disposition: String, role: String) throws {
    let track = try source("srt", ["-disposition:s:0", disposition]).tracks[1]
    #expect(track.roles == [role])
  }
}
