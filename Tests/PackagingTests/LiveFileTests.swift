import CMAF
import FFmpeg
import Foundation
import Library
import MediaCore
import NIOCore
import Packaging
import TestSupport
import Testing

/// Files of real encoders, as live sources.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct LiveFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Feeds a file, again and again if need be, until so much of it has been cut.
  private func run(_ path: String, seconds: Double, segment: Int64 = 1000) throws -> LiveRun {
    var options = LiveOptions()
    options.epoch = 1_767_225_600_000_000_000
    options.segment = MediaTime(segment, Timescale(literal: 1000))
    let input = LiveInput(LiveAddress(path), loops: true, clock: { 0 }, isCancelled: { false })
    var analysis = LiveAnalysis(options, name: path)
    while let event = try input.next() {
      if try analysis.take(event) { break }
    }
    var run = LiveRun(try analysis.segmenter())
    run.take(try run.segmenter.begin())
    while run.seconds < seconds, let event = try input.next() { try run.feed([event]) }
    run.take(run.segmenter.finish())
    return run
  }

  /// Has FFmpeg decode what a track became.
  private func decode(_ run: LiveRun) throws {
    for (track, chunks) in zip(run.segmenter.tracks, run.chunks) {
      var bytes = track.header.bytes
      // One that changes would need its own header.
      for chunk in chunks.prefix(while: { $0.header == track.header }) {
        bytes.writeImmutableBuffer(chunk.bytes)
      }
      let path = "\(folder.path)/\(track.name).mp4"
      try Data(bytes.readableBytesView).write(to: URL(filePath: path))
      try SourceFiles.run(["-v", "error", "-xerror", "-i", path, "-f", "null", "-"])
    }
  }

  @Test(arguments: ["source.mp4", "source.ts", "source.mkv", "source.flv"])
  func `a looped file of any container goes on without a break, the same on every run`(
    _ name: String
  ) throws {
    let path = "\(folder.path)/\(name)"
    try SourceFiles.make(path, SourceFiles.h264)
    let one = try run(path, seconds: 9)
    one.check()
    #expect(!one.chunks.joined().contains { $0.isGap || $0.startsDiscontinuity })
    #expect(one.segmenter.tracks.map(\.name) == ["video-108p", "audio-und"])
    #expect(one.segmenter.tracks[0].frameRate == Rational(24000, 1001))
    // Twice twelve pictures.
    #expect(one.segmenter.cells.duration.seconds == 1.001)
    try decode(one)
    let two = try run(path, seconds: 9)
    for (chunks, others) in zip(one.chunks, two.chunks) {
      #expect(chunks.count == others.count)
      #expect(zip(chunks, others).allSatisfy { $0.bytes == $1.bytes })
    }
  }

  @Test(arguments: ["sound.mp4", "sound.mkv", "sound.ts", "cover.mp4"])
  func `of sound alone, where no picture is announced, a second is looked at`(
    _ name: String
  ) throws {
    let path = "\(folder.path)/\(name)"
    var arguments = ["-v", "error", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=20"]
    if name == "cover.mp4" {
      arguments += ["-f", "lavfi", "-i", "color=size=64x64:duration=0.1"]
      arguments += ["-map", "0", "-map", "1", "-c:v", "mjpeg", "-frames:v", "1"]
      arguments += ["-disposition:v", "attached_pic"]
    }
    try SourceFiles.run(arguments + ["-c:a", "aac", path])
    let input = LiveInput(LiveAddress(path), clock: { 0 }, isCancelled: { false })
    var analysis = LiveAnalysis(LiveOptions(), name: path)
    var count = 0
    while let event = try input.next() {
      count += 1
      analysis.expectsPictures = input.expectsPictures
      if try analysis.take(event) { break }
    }
    #expect((46...60).contains(count))
  }

  @Test func `two files become renditions that are cut at the same moments, with one sound`() throws
  {
    let paths = ["large", "small"].map { "\(folder.path)/\($0).mp4" }
    try SourceFiles.make(paths[0], SourceFiles.h264)
    try SourceFiles.make(paths[1], SourceFiles.h264 + ["-s", "96x54", "-output_ts_offset", "3"])
    var options = LiveOptions()
    options.epoch = 1_767_225_600_000_000_000
    options.segment = MediaTime(1, Timescale(literal: 1))
    let files = LiveFiles(
      paths.map { LiveInput(LiveAddress($0), loops: true, clock: { 0 }, isCancelled: { false }) })
    var analysis = LiveAnalysis(options, name: files.name)
    while let event = try files.next() {
      if try analysis.take(event) { break }
    }
    var run = LiveRun(try analysis.segmenter())
    run.take(try run.segmenter.begin())
    while run.seconds < 9, let event = try files.next() { try run.feed([event]) }
    run.check()
    #expect(run.segmenter.tracks.map(\.name) == ["video-108p", "video-54p", "audio-und"])
    #expect(!run.chunks.joined().contains { $0.isGap || $0.startsDiscontinuity })
    let starts = run.chunks.prefix(2).map { chunks in
      chunks.filter { $0.part == 0 }.map { [$0.segment, $0.time] }
    }
    #expect(starts[0].count > 8 && starts[0] == starts[1])
    #expect(run.chunks[1].filter { $0.part == 0 }.allSatisfy { $0.isIndependent })
    try decode(run)
  }

  @Test(arguments: [("source.ts", "mp2"), ("source.mkv", "pcm_s16le"), ("source.ts", "libmp3lame")])
  func `sound that has no place in CMAF is encoded as it comes`(
    _ name: String, _ codec: String
  ) throws {
    let path = "\(folder.path)/\(name)"
    try SourceFiles.make(path, SourceFiles.h264 + ["-c:a", codec])
    let run = try run(path, seconds: 7)
    run.check()
    #expect(run.segmenter.tracks.map(\.name) == ["video-108p", "audio-und"])
    let sound = run.chunks[1]
    #expect(!sound.contains { $0.isGap || $0.startsDiscontinuity })
    // Both tracks have come as far.
    let ends = zip(run.segmenter.tracks, run.chunks).compactMap { track, chunks in
      chunks.last.map { MediaTime($0.time + $0.duration, track.partTarget.timescale).seconds }
    }
    #expect(abs(ends[0] - ends[1]) < 1)
    try decode(run)
  }

  @Test func `HEVC with open groups is cut at its key frames`() throws {
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, SourceFiles.hevc)
    let run = try run(path, seconds: 7)
    run.check()
    let starts = run.chunks[0].filter { $0.part == 0 }
    #expect(starts.count > 5 && starts.allSatisfy { $0.isIndependent })
    try decode(run)
  }

  static let media = ProcessInfo.processInfo.environment["DOUGONG_MEDIA"]

  @Test(
    .enabled(if: media != nil, "DOUGONG_MEDIA names no folder"),
    arguments: [
      "derived/reel_720p2997_30s.mp4", "gop-timing/h264_negcts_5994.mp4",
      "gop-timing/h264_noelst_50.mp4", "gop-timing/h264_opengop_bpyr_23976.mp4",
      "gop-timing/h264_irregular_keys.mp4", "gop-timing/h264_one_key_10s.mp4",
      "gop-timing/vfr_a.mp4", "gop-timing/audio_starts_late.mp4",
      "gop-timing/video_starts_late.mkv", "gop-timing/avc3_inband.mp4",
      "hdr-hevc-av1-vp9/hevc_opengop_rasl.mp4", "hdr-hevc-av1-vp9/hlg_hevc_50p.mp4",
      "hdr-hevc-av1-vp9/av1_8bit_2997.mp4", "hdr-hevc-av1-vp9/vp9_opus.webm",
      "ts-flv/hevc_aac.ts", "ts-flv/live_like.flv", "ts-flv/pts_wrap.ts",
      "ts-flv/sample_h264.ts", "multi/two_audio_pids.ts", "real/train_video.mp4",
      "audio/aac_lc_priming_441.m4a", "audio/sample_opus.mp4", "odd/res_change.ts",
    ])
  func `files of the collection become chunks that decode`(_ name: String) throws {
    guard let media = Self.media else { return }
    let run = try run("\(media)/open/\(name)", seconds: 25, segment: 2000)
    run.check()
    try decode(run)
  }
}

extension LiveRun {
  init(_ segmenter: LiveSegmenter) {
    self.segmenter = segmenter
    chunks = segmenter.tracks.map { _ in [] }
  }

  /// How much of the first track has been cut.
  var seconds: Double {
    guard let first = chunks[0].first, let last = chunks[0].last else { return 0 }
    return MediaTime(
      last.time + last.duration - first.time, segmenter.tracks[0].partTarget.timescale
    ).seconds
  }
}
