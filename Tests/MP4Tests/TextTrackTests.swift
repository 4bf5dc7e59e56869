import FFmpeg
import FileIO
import Foundation
import MP4
import MediaCore
import NIOCore
import TestSupport
import Testing

/// Subtitle tracks of MP4 files, by our own tables and by libavformat.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct TextTrackTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let subtitles = """
    1
    00:00:00,250 --> 00:00:00,750
    First

    2
    00:00:01,000 --> 00:00:01,500
    Second, in <i>two</i>
    lines

    """

  private func make(_ name: String, _ options: [String] = []) throws -> String {
    let text = "\(folder.path)/subtitles.srt"
    try Data(Self.subtitles.utf8).write(to: URL(fileURLWithPath: text))
    let path = "\(folder.path)/\(name)"
    try SourceFiles.run(
      [
        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
        "testsrc2=size=64x36:rate=25:duration=2", "-i", text, "-map", "0:v", "-map", "1:s", "-c:v",
        "libx264", "-preset", "ultrafast", "-bf", "0", "-c:s", "mov_text",
        "-metadata:s:s:0", "language=ger", "-fflags", "+bitexact",
      ] + options + [path])
    return path
  }

  @Test(arguments: [
    [], ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"],
    ["-disposition:s:0", "forced"],
  ])
  func `both readers find the same samples`(options: [String]) throws {
    let path = try make("source.mp4", options)
    let own = try MP4Source(try ReadableFile(path: path), name: "own")
    let other = try FFmpegSource(path: path, name: "other")
    let (one, two) = (own.tracks[1], other.tracks[1])
    #expect(one.kind == .text && two.kind == .text)
    guard case .text(.tx3g, let record) = one.coding, case .text(.tx3g, let same) = two.coding
    else {
      Issue.record("\(one.coding), \(two.coding)")
      return
    }
    #expect(record == same)
    #expect(one.language == "deu" || one.language == "ger")
    let found = try payloads(of: own, [1])[1] ?? []
    let expected = try payloads(of: other, [1])[1] ?? []
    let texts = found.filter { $0.readableBytes > 2 }
    #expect(texts == expected.filter { $0.readableBytes > 2 })
    #expect(texts.count == 2)
    #expect(texts.first?.getString(at: 2, length: 5) == "First")
    // Samples without text fill what is between, in the file's own tables.
    let samples = zip(zip(one.samples.presentationTimes, one.samples.durations), found)
      .filter { $0.1.readableBytes > 2 }.map(\.0)
    let ticks = Int64(one.timescale.ticksPerSecond)
    #expect(samples.map { $0.0 * 1000 / ticks } == [250, 1000])
    #expect(samples.map { $0.1 * 1000 / ticks } == [500, 500])
    #expect(one.samples.durations.count == one.samples.count)
    #expect(two.samples.durations.count == two.samples.count)
  }

  @Test func `other tracks keep no durations`() throws {
    let source = try MP4Source(try ReadableFile(path: try make("source.mp4")), name: "own")
    #expect(source.tracks[0].samples.durations.isEmpty)
  }
}
