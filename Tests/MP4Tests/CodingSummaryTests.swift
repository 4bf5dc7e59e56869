import Codecs
import FileIO
import MP4
import MediaCore
import TestSupport
import Testing

/// What a report says of a track's coding, from true records.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct CodingSummaryTests {
  @Test(arguments: [("avc1.64", SourceFiles.h264), ("hvc1.1.6.L", SourceFiles.hevc)])
  func `pictures and sound are described by their records`(
    _ codecs: String, _ options: [String]
  ) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(
      path,
      options + [
        "-vf", "setsar=4/3", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace",
        "bt709",
      ])
    let tracks = try MP4Source(try ReadableFile(path: path), name: "source").tracks
    let video = try CodingSummary(tracks[0])
    #expect(video.codecs.hasPrefix(codecs))
    let picture = try #require(video.picture)
    #expect(picture.width == 192)
    #expect(picture.height == 108)
    #expect(picture.bitDepth == 8)
    #expect(picture.sampleAspectRatio == Rational(4, 3))
    #expect(VideoRange(picture.colour) == .sdr)
    #expect(picture.colour.transfer == 1)
    let audio = try CodingSummary(tracks[1])
    #expect(audio.codecs == "mp4a.40.2")
    #expect(audio.sound?.channelCount == 1)
    #expect(audio.sound?.sampleRate == 48000)
    #expect(audio.sound?.samplesPerFrame == 1024)
    #expect(audio.picture == nil)
  }

  @Test func `a coding that is not read has its name alone`() throws {
    let track = SourceTrack(
      number: 0, kind: .video, coding: .unsupported("AV1"), timescale: Timescale(literal: 1))
    let summary = try CodingSummary(track)
    #expect(summary.codecs == "AV1")
    #expect(summary.picture == nil)
    #expect(summary.sound == nil)
  }

  @Test(arguments: [
    (SourceFiles.av1PQ, "av01.0.", 10, VideoRange.pq), (SourceFiles.av1, "av01.0.", 8, .sdr),
    (SourceFiles.vp9HLG, "vp09.02.", 10, .hlg),
  ])
  func `depth and range of other codings`(
    _ options: [String], _ codecs: String, _ depth: Int, _ range: VideoRange
  ) throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, audio: 0, options)
    let track = try MP4Source(try ReadableFile(path: path), name: "source").tracks[0]
    let summary = try CodingSummary(track)
    #expect(summary.codecs.hasPrefix(codecs))
    #expect(summary.picture?.bitDepth == depth)
    #expect(summary.picture?.width == 192)
    #expect(summary.picture?.height == 108)
    #expect(summary.picture.map { VideoRange($0.colour) } == range)
  }
}
