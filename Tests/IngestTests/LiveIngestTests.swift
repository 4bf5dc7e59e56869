import CMAF
import ISOBMFF
import Ingest
import Library
import LiveSupport
import MediaCore
import NIOCore
import Packaging
import Testing

/// What comes of uploads, by a clock that the test sets.
@Suite struct LiveIngestTests {
  /// New Year 2026, in nanoseconds and at the begin of a segment of two seconds.
  private static let newYear: Int64 = 1_767_225_600_000_000_000

  // MARK: One title, however it comes

  private enum Way: CaseIterable {
    case oneLongUpload
    case uploadForEachFragment
    case headerFirst
    case folders
    case namesOfFFmpeg
  }

  @Test(arguments: [0.2, 2])
  func `a title is the same however its tracks come`(length: Double) throws {
    var all: [[LiveIngestRun.Known]] = []
    for way in Way.allCases {
      var run = LiveIngestRun(now: Self.newYear)
      try run.publish(
        video: .video(start: Self.newYear), audio: .audio(start: Self.newYear), length
      ) {
        index, name in
        switch way {
        case .oneLongUpload: (index == 0 ? nil : "\(name).cmfv", "\(name).cmfv")
        case .uploadForEachFragment: ("\(name).cmfv", "\(name).cmfv")
        case .headerFirst: ("Streams(\(name))", "Streams(\(name))")
        case .folders: ("\(name)/init.mp4", "\(name)/\(index).m4s")
        case .namesOfFFmpeg: ("init-\(name)0.m4s", "chunk-\(name)0-0000\(index).m4s")
        }
      }
      all.append(run.known)
    }
    #expect(all[0].count > (length < 1 ? 60 : 40))
    for other in all.dropFirst() { #expect(other == all[0]) }
  }

  /// Ten seconds of a picture, whose bytes come in requests that are cut anywhere.
  /// - Parameter send: gets all bytes up to the end of a fragment, and where it begins in them.
  private func inPieces(
    _ send: (inout LiveIngestRun, ByteBuffer, _ start: Int, _ index: Int) throws -> Void
  ) throws -> LiveIngestRun {
    var run = LiveIngestRun(now: Self.newYear)
    let video = EncodedTrack.video(start: Self.newYear)
    var all = video.header
    try run.send(all, "video.cmfv", from: 0)
    for index in 0..<50 {
      run.now = Self.newYear + Int64(index + 1) * 200_000_000
      let start = all.readableBytes
      all.writeImmutableBuffer(video.fragment(Double(index) / 5..<Double(index + 1) / 5))
      try send(&run, all, start, index)
    }
    return run
  }

  @Test func `a track comes in pieces that end anywhere, and some of them twice`() throws {
    let whole = try inPieces { run, all, start, _ in
      try run.send(all.suffix(from: start), "video.cmfv", from: start)
    }
    let cut = try inPieces { run, all, start, index in
      let count = all.readableBytes - start
      let ends = [count / 5, count / 2, count].map { start + $0 }
      for (from, to) in zip([start] + ends, ends) {
        let piece = try #require(all.getSlice(at: from, length: to - from))
        try run.send(piece, "video.cmfv", from: from)
        if index.isMultiple(of: 7) { try run.send(piece, "video.cmfv", from: from) }
      }
    }
    #expect(whole.known.count > 40)
    #expect(cut.known == whole.known)
  }

  @Test func `who has lost the rest of a fragment goes on with the next one`() throws {
    var lost = 0
    let run = try inPieces { run, all, start, index in
      let fragment = all.suffix(from: start)
      // GStreamer's sink leaves out what its parser marks as a header, and does not count it.
      let sent = index == 20 ? fragment.getSlice(at: 0, length: 300) : fragment
      if index == 20 { lost = fragment.readableBytes - 300 }
      try run.send(try #require(sent), "video.cmfv", from: index > 20 ? start - lost : start)
    }
    let chunks = run.chunks("video-720p")
    let last = try #require(chunks.last)
    #expect(last.time + last.duration >= (Self.newYear / 1_000_000_000 + 9) * 25_000)
    #expect(chunks.count > 35)
  }

  @Test func `times are the publisher's where they are since 1970`() throws {
    var run = LiveIngestRun(now: Self.newYear)
    try run.publish(video: .video(start: Self.newYear), audio: .audio(start: Self.newYear), 0.2)
    let first = try #require(run.chunks("video-720p").first)
    #expect(first.time == Self.newYear / 1_000_000_000 * 25_000)
    #expect(first.segment == Self.newYear / 2_000_000_000)
    for chunks in [run.chunks("video-720p"), run.chunks("audio-en")] {
      for (one, two) in zip(chunks, chunks.dropFirst()) {
        #expect(one.time + one.duration == two.time)
        #expect(!two.isGap && !two.startsDiscontinuity)
      }
    }
  }

  @Test func `other times are by prft, or else by when they come`() throws {
    let captured = Self.newYear - 3_000_000_000
    var video = EncodedTrack.video(start: 5_000_000_000)
    var audio = EncodedTrack.audio(start: 5_000_000_000)
    (video.captured, audio.captured) = (captured, captured)
    var run = LiveIngestRun(now: Self.newYear)
    try run.publish(video: video, audio: audio, 0.2)
    let first = try #require(run.chunks("video-720p").first)
    let second = Int64(25_000)
    #expect(first.time == captured / 1_000_000_000 * second)

    var other = LiveIngestRun(now: Self.newYear)
    try other.publish(
      video: .video(start: 5_000_000_000), audio: .audio(start: 5_000_000_000), 0.2)
    let begin = try #require(other.chunks("video-720p").first)
    // It came with its last picture, or its last frame of sound.
    #expect(abs(begin.time - Self.newYear / 1_000_000_000 * second) <= second / 25)
  }

  // MARK: Twice, late, again

  @Test func `of two encoders that send the same times the first is taken, and either may go`()
    throws
  {
    var run = LiveIngestRun(now: Self.newYear)
    var one = EncodedTrack.video(start: Self.newYear)
    var two = one
    (one.seed, two.seed) = (1, 100)
    let first = try run.begin("video.cmfv", one.header)
    let second = try run.begin("video.cmfv", two.header)
    for index in 0..<40 {
      let seconds = Double(index) / 5..<Double(index + 1) / 5
      run.now = Self.newYear + Int64(index + 1) * 200_000_000
      // The first is killed in the middle of a group of pictures.
      if index < 23 { try run.take(one.fragment(seconds), first) }
      if index == 23 { try run.close(first, isWhole: false) }
      run.now += 20_000_000
      try run.take(two.fragment(seconds), second)
    }
    let chunks = run.chunks("video-720p")
    // What is left of that group is missing; all else is there once.
    let last = try #require(chunks.last)
    #expect(last.time + last.duration >= (Self.newYear / 1_000_000_000 + 7) * 25_000)
    for (one, two) in zip(chunks, chunks.dropFirst()) {
      #expect(one.time + one.duration == two.time)
      #expect(!two.startsDiscontinuity)
    }
  }

  @Test func `what is sent again after a broken connection is taken once, and nothing is missing`()
    throws
  {
    var run = LiveIngestRun(now: Self.newYear)
    let video = EncodedTrack.video(start: Self.newYear)
    var upload = try run.begin("video.cmfv", video.header)
    for index in 0..<40 {
      run.now = Self.newYear + Int64(index + 1) * 200_000_000
      if index == 23 {
        // Half of a fragment came; the header and the last second are sent anew.
        let half = video.fragment(4.6..<4.8)
        try run.take(half.getSlice(at: 0, length: half.readableBytes / 2) ?? half, upload)
        try run.close(upload, isWhole: false)
        upload = try run.begin("video.cmfv", video.header)
        for past in 18..<23 {
          try run.take(video.fragment(Double(past) / 5..<Double(past + 1) / 5), upload)
        }
      }
      try run.take(video.fragment(Double(index) / 5..<Double(index + 1) / 5), upload)
    }
    let chunks = run.chunks("video-720p")
    #expect(chunks.count >= 35)
    #expect(!chunks.contains { $0.isGap || $0.startsDiscontinuity })
    for (one, two) in zip(chunks, chunks.dropFirst()) {
      #expect(one.time + one.duration == two.time)
    }
  }

  @Test func `an encoder that begins anew goes on behind a discontinuity`() throws {
    var run = LiveIngestRun(now: Self.newYear)
    try run.publish(video: .video(start: 0), audio: .audio(start: 0), 0.2)
    run.now += 5_000_000_000
    run.advance()
    try run.publish(video: .video(start: 0), audio: .audio(start: 0), 0.2, isEnded: false)
    let chunks = run.chunks("video-720p")
    #expect(chunks.count { $0.startsDiscontinuity } == 1)
    #expect(chunks.contains { $0.isGap })
    for (one, two) in zip(chunks, chunks.dropFirst()) {
      #expect(one.time + one.duration == two.time)
    }
    let last = try #require(chunks.last)
    #expect(abs((last.time + last.duration) * 40_000 - run.now) < 3_000_000_000)
  }

  @Test func `segments that come whole are no silence in between`() throws {
    var run = LiveIngestRun(now: Self.newYear)
    try run.publish(
      video: .video(start: Self.newYear), audio: .audio(start: Self.newYear), 4, audioLag: 1.5)
    #expect(!run.known.isEmpty)
    #expect(!run.all.contains { $0.chunk.isGap })
  }

  @Test func `a silence is as long as it lasts`() throws {
    var run = LiveIngestRun(now: Self.newYear)
    try run.publish(video: .video(start: Self.newYear), audio: .audio(start: Self.newYear), 0.2)
    let end = run.now
    for _ in 0..<300 {
      run.now += 100_000_000
      run.advance()
      let last = try #require(run.chunks("video-720p").last)
      #expect((last.time + last.duration) * 40_000 <= max(end, run.now))
    }
    let last = try #require(run.chunks("video-720p").last)
    #expect(run.now - (last.time + last.duration) * 40_000 < 5_000_000_000)
  }

  // MARK: The end

  @Test(arguments: ["mfra", "lmsg", "m3u8", "mpd"])
  func `a title ends when its publisher says so of all tracks`(way: String) throws {
    var run = LiveIngestRun(now: Self.newYear)
    try run.publish(
      video: .video(start: Self.newYear), audio: .audio(start: Self.newYear), 0.2,
      isEnded: way == "mfra"
    ) { _, name in ("\(name).cmfv", "\(name).cmfv") }
    switch way {
    case "lmsg":
      for (name, track) in [
        ("video", EncodedTrack.video(start: Self.newYear)), ("audio", .audio(start: Self.newYear)),
      ] {
        var track = track
        track.brand = "lmsg"
        #expect(!run.hasEnded)
        try run.send(track.fragment(10..<10.2), "\(name).cmfv")
      }
    case "m3u8": try run.send(ByteBuffer(string: "#EXTM3U\n#EXT-X-ENDLIST\n"), "a.m3u8")
    case "mpd": try run.send(ByteBuffer(string: "<MPD type=\"static\"/>"), "a.mpd")
    default: break
    }
    if way == "m3u8" || way == "mpd" {
      // It has overtaken the last segment.
      let track = EncodedTrack.video(start: Self.newYear)
      try run.send(track.fragment(10..<10.2), "video.cmfv")
      #expect(!run.hasEnded)
      run.now += 2_000_000_000
      run.advance()
      let last = run.chunks("video-720p").last { !$0.isGap }
      #expect(last?.time == (Self.newYear / 1_000_000_000 + 10) * 25_000)
    }
    #expect(run.hasEnded)
    let last = try #require(run.chunks("video-720p").last)
    #expect(!last.isGap)
  }

  @Test func `filler is not published`() throws {
    var run = LiveIngestRun(now: Self.newYear)
    var video = EncodedTrack.video(start: Self.newYear)
    let upload = try run.begin("video.cmfv", video.header)
    for index in 0..<50 {
      run.now = Self.newYear + Int64(index + 1) * 200_000_000
      video.brand = (20..<40).contains(index) ? "slat" : "cmfs"
      try run.take(video.fragment(Double(index) / 5..<Double(index + 1) / 5), upload)
      run.advance()
    }
    let chunks = run.chunks("video-720p")
    let gap = chunks.filter(\.isGap).reduce(0) { $0 + $1.duration }
    #expect(gap >= 75_000 && gap <= 125_000)
  }

  // MARK: What cannot be taken

  @Test func `what is wrong is told by kind`() throws {
    let video = EncodedTrack.video(start: Self.newYear)
    let audio = EncodedTrack.audio(start: Self.newYear)
    var header = video.header
    let cases: [(String, ByteBuffer, IngestError.Code)] = [
      ("a fragment without header", video.fragment(0..<5), .noHeader),
      ("no box", ByteBuffer(string: "<html><body>hello</body></html>"), .unsupported),
      (
        "a picture", ByteBuffer(bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
        .unsupported
      ),
      ("a transport stream", ByteBuffer(repeating: 0x47, count: 188), .unsupported),
      ("a box of size 3", ByteBuffer(bytes: [0, 0, 0, 3, 0x66, 0x74, 0x79, 0x70]), .malformed),
      ("a box without end", ByteBuffer(bytes: [0, 0, 0, 0, 0x66, 0x74, 0x79, 0x70]), .malformed),
      ("a moov that is empty", Self.box("moov", 0), .noHeader),
      ("a moov that is too large", Self.promise("moov", 2 << 20), .tooLarge),
      ("media without moof", joined(header, Self.box("mdat", 9)), .unsupported),
      ("media that is too large", joined(header, Self.promise("mdat", 1 << 30)), .tooLarge),
      ("the end inside a box", header.readSlice(length: header.readableBytes - 1)!, .malformed),
      (
        "samples outside of their mdat", joined(audio.header, Self.cut(audio.fragment(0..<5))),
        .malformed
      ),
    ]
    for (name, bytes, code) in cases {
      var run = LiveIngestRun(now: Self.newYear)
      let error = #expect(throws: IngestError.self, "\(name)") {
        try run.send(bytes, "video.cmfv")
      }
      #expect(error?.code == code, "\(name): \(error?.message ?? "")")
    }
  }

  @Test func `whatever is cut off or flipped makes an error or nothing, in pieces of any size`()
    throws
  {
    let video = EncodedTrack.video(start: Self.newYear)
    let whole = joined(video.header, video.fragment(0..<3))
    for count in 0..<whole.readableBytes {
      var run = LiveIngestRun(now: Self.newYear)
      _ = try? run.send(whole.getSlice(at: 0, length: count) ?? whole, "video.cmfv", pieces: 7)
      var flipped = whole
      flipped.setInteger(
        (whole.getInteger(at: count, as: UInt8.self) ?? 0) ^ 0x81, at: count)
      _ = try? run.send(flipped, "other.cmfv", pieces: 1000)
    }
  }

  @Test func `no more uploads are taken than the limit says`() throws {
    var ingest = LiveIngest(LiveOptions(), name: "tv")
    for index in 0..<IngestLimits.uploadCount { _ = try ingest.open("\(index).cmfv") }
    let error = #expect(throws: IngestError.self) { _ = try ingest.open("one.cmfv") }
    #expect(error?.code == .busy)
  }

  private func joined(_ one: ByteBuffer, _ two: ByteBuffer) -> ByteBuffer {
    var bytes = one
    bytes.writeImmutableBuffer(two)
    return bytes
  }

  private static func box(_ type: FourCC, _ count: Int) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.writeBox(type) { $0.writeRepeatingByte(0, count: count) }
    return bytes
  }

  /// The begin of a box that is said to be large.
  private static func promise(_ type: FourCC, _ count: Int) -> ByteBuffer {
    var bytes = ByteBuffer(integer: UInt32(count))
    bytes.writeCode(type)
    return bytes
  }

  /// The fragment with half of its media.
  private static func cut(_ fragment: ByteBuffer) -> ByteBuffer {
    var bytes = fragment
    let media = 8 + 5 * 16
    bytes.moveWriterIndex(to: bytes.writerIndex - 40)
    bytes.setInteger(UInt32(media - 40), at: fragment.writerIndex - media)
    return bytes
  }
}

extension ByteBuffer {
  fileprivate func suffix(from index: Int) -> ByteBuffer {
    getSlice(at: index, length: readableBytes - index) ?? ByteBuffer()
  }
}
