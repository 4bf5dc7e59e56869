import ISOBMFF
import Library
import MediaCore
import NIOCore
import Testing
import Text

@testable import Packaging

@Suite struct TextTimelineTests {
  /// Segments of so many ticks.
  private func timeline(_ ticks: [Int64], _ timescale: UInt32) -> TextTimeline {
    let scale = Timescale(literal: timescale)
    var times = [MediaTime(0, scale)]
    for length in ticks { times.append(MediaTime(times[times.count - 1].value + length, scale)) }
    return TextTimeline(cuts: Array(times.dropLast()), end: times[times.count - 1])
  }

  @Test(
    arguments: [
      (24000, 24000), (25, 1000), (30, 3000), (1000, 1000), (90000, 90000), (12288, 12288),
      (11, 11000), (999_983, 999_983), (44100, 441_000),
    ] as [(UInt32, UInt32)])
  func `ticks are a multiple of the picture's, no coarser than milliseconds`(
    picture: UInt32, text: UInt32
  ) {
    #expect(timeline([1], picture).timescale.ticksPerSecond == text)
  }

  @Test func `segments start exactly at the cuts`() {
    let timeline = timeline([48048, 48048, 24024], 24000)
    #expect(timeline.bounds == [0, 48048, 96096, 120_120])
    #expect(timeline.milliseconds == [0, 2002, 4004, 5005])
    #expect(timeline.ticks(2002, in: 0) == 48048)
    #expect(timeline.ticks(2002, in: 1) == 48048)
    #expect(timeline.ticks(2003, in: 1) == 48072)
  }

  @Test func `cues are cut to the title, moved, and told of when they fall out`() {
    let timeline = timeline([2000, 2000], 1000)
    let list = CueList(cues: [
      Cue(start: -500, end: 100, text: "a"), Cue(start: 100, end: 300, text: "b"),
      Cue(start: 3900, end: 9000, text: "c"), Cue(start: 4000, end: 5000, text: "d"),
      Cue(start: .max - 1, end: .max, text: "e"),
    ])
    let plain = timeline.fitted(list, offset: 0, place: "x")
    #expect(plain.cues.map(\.text) == ["a", "b", "c"])
    #expect(plain.cues.map(\.start) == [0, 100, 3900])
    #expect(plain.cues.map(\.end) == [100, 300, 4000])
    #expect(plain.notes.count == 1)
    let moved = timeline.fitted(list, offset: -200, place: "x")
    #expect(moved.cues.map(\.text) == ["b", "c", "d"])
    #expect(moved.cues.map(\.start) == [0, 3700, 3800])
  }

  @Test func `times inside a cue move with it`() {
    let timeline = timeline([2000, 2000], 1000)
    let list = CueList(cues: [Cue(start: 100, end: 900, text: "a<00:00.500>b<00:00:00.700>c")])
    let moved = timeline.fitted(list, offset: 1000, place: "x")
    #expect(moved.cues.map(\.text) == ["a<00:00:01.500>b<00:00:01.700>c"])
    let far = CueList(cues: [Cue(start: 0, end: 1, text: "a<999999:00:00.000>b")])
    #expect(timeline.fitted(far, offset: .max - 1, place: "x").cues.isEmpty)
  }
}

@Suite struct TextRenderingTests {
  static let cues = CueList(cues: [
    Cue(start: 0, end: 1500, id: "WEBVTT", text: "first"),
    Cue(start: 1000, end: 4500, text: "over two cuts"),
    Cue(start: 4100, end: 4200, text: "within"), Cue(start: 5004, end: 5005, text: "last"),
  ])

  private func rendering(
    _ list: CueList, segments: [Int64] = [48048, 48048, 24024], byteLimit: Int = 1 << 20
  ) -> TextRendering {
    let scale = Timescale(literal: 24000)
    var time: Int64 = 0
    let cuts = segments.map { length in
      defer { time += length }
      return MediaTime(time, scale)
    }
    return TextRendering(
      list, timeline: TextTimeline(cuts: cuts, end: MediaTime(time, scale)), language: "de",
      place: "test", byteLimit: byteLimit)
  }

  @Test(arguments: [cues, CueList()])
  func `the WebVTT file has a segment for each cut, each with the cues that reach into it`(
    list: CueList
  ) throws {
    let bytes = try rendering(list).webVTT()
    let ranges = WebVTTIndex.segments(in: bytes)
    #expect(ranges.count == 3)
    let texts = ranges.map { range in
      bytes.getString(at: Int(range.offset), length: Int(range.count)) ?? ""
    }
    #expect(texts.allSatisfy { $0.hasPrefix("WEBVTT\n") && $0.hasSuffix("\n\n") })
    guard !list.cues.isEmpty else { return }
    let expected = [
      ["first", "over two cuts"], ["over two cuts"],
      [
        "over two cuts", "within", "last",
      ],
    ]
    for (text, wanted) in zip(texts, expected) {
      for cue in list.cues { #expect(text.contains(cue.text) == wanted.contains(cue.text)) }
    }
    #expect(bytes.getString(at: 0, length: bytes.readableBytes)?.contains("WEBVTT\n00:") == false)
  }

  @Test(arguments: [cues, CueList()])
  func `the wvtt track covers every tick once`(list: CueList) throws {
    let track = try rendering(list).wvttTrack()
    let samples = try Samples(track.bytes)
    #expect(samples.segmentStarts == [0, 48048, 96096])
    #expect(samples.times.first == 0)
    #expect(samples.end == 120_120)
    #expect(samples.durations.allSatisfy { $0 > 0 })
    #expect(zip(samples.times, samples.times.dropFirst()).allSatisfy { $0 < $1 })
    #expect(samples.payloads.allSatisfy { !$0.isEmpty })
  }

  @Test func `the same cues give the same bytes`() throws {
    let one = try rendering(Self.cues).wvttTrack()
    let two = try rendering(Self.cues).wvttTrack()
    #expect(one.bytes == two.bytes)
    #expect(one.digest == two.digest)
  }

  @Test func `the stpp track has one document for each segment`() throws {
    let samples = try Samples(try rendering(Self.cues).stppTrack().bytes)
    #expect(samples.times == [0, 48048, 96096])
    #expect(samples.durations == [48048, 48048, 24024])
    #expect(samples.payloads.allSatisfy { $0.contains("http://www.w3.org/ns/ttml") })
    #expect(samples.payloads.map { $0.contains("over two cuts") } == [true, true, true])
    #expect(samples.payloads.map { $0.contains("within") } == [false, false, true])
  }

  @Test func `cues that pile up are refused before they fill the memory`() throws {
    // Each cue stands in three segments.
    let list = CueList(cues: (0..<40).map { _ in Cue(start: 0, end: 5005, text: "some text") })
    for make in [
      { try $0.webVTT() }, { try $0.wvttTrack().bytes }, { try $0.stppTrack().bytes },
    ] as [(TextRendering) throws -> ByteBuffer] {
      _ = try make(rendering(list))
      let error = #expect(throws: PackagingError.self) {
        try make(rendering(list, byteLimit: 900))
      }
      #expect(error?.code == .limit)
    }
  }

  @Test func `a segment shorter than a millisecond has a sample`() throws {
    let samples = try Samples(
      try rendering(Self.cues, segments: [48048, 2, 48048]).wvttTrack().bytes)
    #expect(samples.segmentStarts == [0, 48048, 48050])
    #expect(samples.durations.allSatisfy { $0 > 0 })
  }
}

/// The samples of a track file.
private struct Samples {
  var times: [Int64] = []
  var durations: [Int64] = []
  var payloads: [String] = []
  var segmentStarts: [Int64] = []
  var end: Int64 { (times.last ?? 0) + (durations.last ?? 0) }

  init(_ bytes: ByteBuffer) throws {
    let boxes = try Box.sequence(in: bytes, offset: 0, place: "track")
    for (moof, mdat) in zip(boxes, boxes.dropFirst()) where moof.type == "moof" {
      let traf = try moof.required("traf")
      let header = try TrackFragmentHeaderBox(traf.required("tfhd"))
      var time = Int64(
        try TrackFragmentDecodeTimeBox(traf.required("tfdt")).baseMediaDecodeTime)
      segmentStarts.append(time)
      var payload = mdat.payload
      for sample in try TrackRunBox(traf.required("trun")).samples {
        let duration = Int64(sample.duration ?? header.duration ?? 0)
        times.append(time)
        durations.append(duration)
        payloads.append(payload.readString(length: Int(sample.size ?? header.size ?? 0)) ?? "")
        time += duration
      }
    }
  }
}
