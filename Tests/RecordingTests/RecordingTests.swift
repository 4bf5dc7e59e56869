import CMAF
import Codecs
import FFmpeg
import FileIO
import Foundation
import ISOBMFF
import Library
import MP4
import MediaCore
import NIOCore
import Packaging
import Recording
import TestSupport
import Testing
import Verification

/// Live titles of real files, ended.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct RecordingTests {
  let folder: TemporaryFolder
  private static let epoch: Int64 = 1_767_225_600_000_000_000
  private static let second: Int64 = 1_000_000_000

  init() throws { folder = try TemporaryFolder() }

  /// What a packager published, and what it kept.
  private struct Published {
    var segmenter: LiveSegmenter
    /// Payloads of each track, one behind the other, and where each chunk with a key frame begins there.
    var payloads: [String: ByteBuffer] = [:]
    var durations: [String: MediaTime] = [:]
  }

  private func store(window: Int64 = 3600) throws -> LiveStore {
    try LiveStore(
      library: folder.path, name: "channel", window: MediaTime(window, Timescale(literal: 1)))
  }

  /// Packages so much of a file, again and again if need be, as one run of a packager.
  private func run(
    _ path: String, seconds: Double, into store: LiveStore, at epoch: Int64 = Self.epoch,
    cutsOff: Bool = false
  ) throws -> Published {
    var options = LiveOptions()
    options.epoch = epoch
    options.segment = MediaTime(1, Timescale(literal: 1))
    options.lastSegment = try store.lastSegment()
    let input = LiveInput(LiveAddress(path), loops: true, clock: { 0 }, isCancelled: { false })
    var analysis = LiveAnalysis(options, name: path)
    while let event = try input.next() {
      if try analysis.take(event) { break }
    }
    var run = Published(segmenter: try analysis.segmenter())
    _ = try store.past(
      of: run.segmenter.tracks, targetDuration: run.segmenter.cells.targetDuration)
    var outputs = try run.segmenter.begin()
    var passed = 0.0
    while passed < seconds {
      try keep(outputs, store, &run, &passed)
      for splice in run.segmenter.takeSplices() {
        try store.append(LiveSplice(splice: splice, segments: [:]))
      }
      guard let event = try input.next() else { break }
      outputs = try run.segmenter.take(event)
    }
    if !cutsOff { try keep(run.segmenter.finish(), store, &run, &passed) }
    return run
  }

  private func keep(
    _ outputs: [LiveSegmenter.Output], _ store: LiveStore, _ run: inout Published,
    _ passed: inout Double
  ) throws {
    for output in outputs {
      let track = run.segmenter.tracks[output.track]
      try store.append(output.chunk, track: track.name)
      guard !output.chunk.isGap else { continue }
      for box in try Box.sequence(in: output.chunk.bytes) where box.type == "mdat" {
        run.payloads[track.name, default: ByteBuffer()].writeImmutableBuffer(box.payload)
      }
      let ticks = output.chunk.duration + (run.durations[track.name]?.value ?? 0)
      run.durations[track.name] = MediaTime(ticks, track.partTarget.timescale)
      if output.track == 0 { passed = run.durations[track.name]?.seconds ?? 0 }
    }
  }

  private func publish(_ store: LiveStore, replaces: Bool = false) throws -> LiveRecording.Published
  {
    try LiveRecording(of: store, name: "channel", library: folder.path)
      .publish(replacesTitle: replaces, progress: WorkProgress())
  }

  /// Samples of a track of the title, one behind the other.
  private func payloads(_ track: String, of title: String = "channel") throws -> ByteBuffer {
    let path = "\(folder.path)/\(title)/\(track).mp4"
    let source = try MP4Source(try ReadableFile(path: path), name: track)
    let reader = try source.makeReader(of: [0])
    var bytes = ByteBuffer()
    while let batch = try reader.next() {
      for run in batch.runs {
        let sizes = source.tracks[0].samples.sizes[run.first..<run.first + run.count]
        let count = sizes.reduce(0) { $0 + Int($1) }
        let from = batch.bytes.readerIndex + run.offset
        bytes.writeImmutableBuffer(try #require(batch.bytes.getSlice(at: from, length: count)))
      }
    }
    return bytes
  }

  private func title(_ name: String = "channel") throws -> Title {
    try #require(try TitleStore(root: folder.path).open(name)).title
  }

  private func verify(_ name: String = "channel") throws {
    let report = try TitleVerification.verify(folder: "\(folder.path)/\(name)")
    #expect(
      report.findings.filter { $0.severity == .error }
        .map { "\($0.code) \($0.place): \($0.message)" } == [])
  }

  private func hidden() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasPrefix(".") && $0.hasSuffix(".partial") }
  }

  /// Of HEVC, whose groups are open, segments begin at the closed ones.
  @Test(arguments: [("source.mp4", SourceFiles.h264, 9), ("open.mp4", SourceFiles.hevc, 5)])
  func `a title at rest has every sample that was live`(
    _ name: String, _ coding: [String], _ segmentCount: Int
  ) throws {
    let path = "\(folder.path)/\(name)"
    try SourceFiles.make(path, coding)
    let store = try store()
    let live = try run(path, seconds: 9, into: store)
    let published = try publish(store)
    #expect(published.names == ["channel"])
    try verify()
    let video = "video-108p"
    #expect(try payloads(video) == live.payloads[video])
    // Sound ends with the pictures: frames are left out, or silent ones added.
    let sound = try payloads("audio-und")
    let all = try #require(live.payloads["audio-und"])
    let common = min(all.readableBytes, sound.readableBytes)
    #expect(
      all.readableBytesView.prefix(common).elementsEqual(sound.readableBytesView.prefix(common)))
    #expect(abs(all.readableBytes - sound.readableBytes) < 2000)
    let track = try #require(try title()[track: video]?.index)
    // Pictures that none was sent for any more are presented before the last one.
    let frames = (track.duration - (live.durations[video]?.value ?? 0)) / 1001
    #expect((0...3).contains(frames))
    #expect(track.segments.count == segmentCount)
    #expect(try title().tracks.map(\.index.name) == [video, "audio-und"])
  }

  @Test(arguments: [SourceFiles.h264, SourceFiles.hevc])
  func `what nobody sent is left out, and what a crash cut off`(_ coding: [String]) throws {
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, coding)
    let one = try run(path, seconds: 4.3, into: try store(), cutsOff: true)
    let two = try run(path, seconds: 3, into: try store(), at: Self.epoch + 60 * Self.second)
    // As 'finish' does, from what lies there.
    let left = try LiveStore(left: "channel", in: folder.path)
    let published = try publish(left)
    #expect(published.names == ["channel"])
    #expect(published.notes.contains { $0.hasPrefix("nothing came once, for 5") })
    try verify()
    let video = "video-108p"
    var all = try #require(one.payloads[video])
    all.writeImmutableBuffer(try #require(two.payloads[video]))
    #expect(try payloads(video) == all)
    let track = try #require(try title()[track: video]?.index)
    let seconds = one.durations[video]!.seconds + two.durations[video]!.seconds
    #expect(abs(MediaTime(track.duration, track.timescale).seconds - seconds) < 0.2)
    let sound = try #require(try title()[track: "audio-und"]?.index)
    #expect(abs(MediaTime(sound.duration, sound.timescale).seconds - seconds) < 0.2)
  }

  @Test func `where the coding changes, the longest stretch has the name`() throws {
    let (small, large) = ("\(folder.path)/small.ts", "\(folder.path)/large.ts")
    try SourceFiles.make(small, SourceFiles.h264 + ["-s", "96x54"])
    try SourceFiles.make(large, SourceFiles.h264)
    let both = "\(folder.path)/both.ts"
    let parts = try [small, large, large, large].map { try Data(contentsOf: URL(filePath: $0)) }
    try parts.reduce(Data(), +).write(to: URL(filePath: both))
    let store = try store()
    let live = try run(both, seconds: 6, into: store)
    let published = try publish(store)
    #expect(published.names == ["channel", "channel-1"])
    for name in published.names { try verify(name) }
    var heights: [Int] = []
    var count = 0
    for name in published.names {
      let track = try #require(try title(name).tracks(of: .video).first)
      guard case .video(let format) = track.index.format else { continue }
      heights.append(format.height)
      count += try payloads(track.index.name, of: name).readableBytes
    }
    #expect(heights == [108, 54])
    #expect(count == live.payloads[live.segmenter.tracks[0].name]?.readableBytes)
  }

  @Test func `only what viewers could go back to is kept`() throws {
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, SourceFiles.h264)
    let store = try store(window: 4)
    _ = try run(path, seconds: 9, into: store)
    _ = try publish(store)
    try verify()
    let track = try #require(try title().tracks.first).index
    #expect((4...5.01).contains(MediaTime(track.duration, track.timescale).seconds))
  }

  @Test
  func `an older title is left alone unless it may go, and an attempt that failed leaves nothing`()
    throws
  {
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, SourceFiles.h264)
    let store = try store()
    _ = try run(path, seconds: 3, into: store)
    let recording = LiveRecording(of: store, name: "channel", library: folder.path)
    #expect(throws: (any Error).self) {
      try recording.publish(
        replacesTitle: false, progress: WorkProgress(isCancelled: { true }))
    }
    #expect(try hidden() == [] && !recording.isPublished())
    #expect(Folder.entry(at: "\(folder.path)/channel") == nil)
    _ = try publish(store)
    #expect(try recording.isPublished())
    // The same once more, as after a crash between the two steps of the end.
    _ = try publish(store)
    try store.remove()
    _ = try run(path, seconds: 5, into: try self.store(), at: Self.epoch + 60 * Self.second)
    let left = try LiveStore(left: "channel", in: folder.path)
    #expect(throws: LibraryError.self) { try publish(left) }
    #expect(try title().tracks[0].index.segments.count == 3)
    _ = try publish(left, replaces: true)
    #expect(try title().tracks[0].index.segments.count == 5)
  }

  /// A break that is announced before its time.
  private func messages() -> [(ticks: Int64, section: [UInt8])] {
    // FFmpeg begins with a time of 1.4 s, or a picture or two later.
    func section(_ isOut: Bool, at seconds: Double) -> [UInt8] {
      let time = UInt64(1.4 * 90_000) + UInt64(seconds * 90_000)
      let insert = SpliceInsert(
        eventID: 7, isOut: isOut, ptsTime: time, breakDuration: isOut ? 90_000 : nil)
      return Array(SpliceInfoSection(command: .insert(insert)).bytes.readableBytesView)
    }
    return [
      (45_000, section(true, at: 0.8)), (54_000, section(true, at: 0.8)),
      (108_000, section(false, at: 1.6)),
    ]
  }

  @Test func `splice points stay, also behind what nobody sent`() throws {
    let (plain, path) = ("\(folder.path)/plain.ts", "\(folder.path)/source.ts")
    try SourceFiles.make(plain, SourceFiles.h264)
    try SpliceStream.add(messages(), to: plain, as: path)
    let one = try run(path, seconds: 2.2, into: try store(), cutsOff: true)
    _ = try run(path, seconds: 4, into: try store(), at: Self.epoch + 60 * Self.second)
    let left = try LiveStore(left: "channel", in: folder.path)
    let published = try publish(left)
    #expect(published.names == ["channel"])
    try verify()
    let points = try title().splices
    #expect(points.count >= 4)
    let before = points.prefix(2).map(\.time.seconds)
    #expect(abs(before[0] - 0.8) < 0.13 && abs(before[1] - 1.6) < 0.13)
    // The second run begins where the first one ended.
    let length = one.durations["video-108p"]?.seconds ?? 0
    #expect(points.dropFirst(2).first.map { abs($0.time.seconds - length - 0.8) < 0.2 } == true)
  }

  @Test func `nothing that is left is no title`() throws {
    #expect(throws: LibraryError.self) { try LiveStore(left: "channel", in: folder.path) }
    #expect(try publish(try store()).names == [])
  }
}
