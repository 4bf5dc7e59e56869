import CMAF
import HLS
import Live
import MediaCore
import NIOCore
import Testing

/// Rules of draft-pantos-hls-rfc8216bis for what a live playlist lists, by their numbers in the
/// requirements.
@Suite struct LiveWindowTests {
  @Test func `a playlist with its first parts`() throws {
    var stream = Stream()
    try stream.parts(2)
    let report = RenditionReport(uri: "a.m3u8", lastSegment: 890_000_000, lastPart: 1)
    #expect(
      String(buffer: stream.window.playlist(reports: [report]).bytes) == """
        #EXTM3U
        #EXT-X-VERSION:6
        #EXT-X-TARGETDURATION:2
        #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=12.000000,CAN-SKIP-DATERANGES=YES,\
        HOLD-BACK=6.000000,PART-HOLD-BACK=0.600000
        #EXT-X-PART-INF:PART-TARGET=0.200000
        #EXT-X-MEDIA-SEQUENCE:890000000
        #EXT-X-INDEPENDENT-SEGMENTS
        #EXT-X-MAP:URI="v/a1/init.mp4"
        #EXT-X-PROGRAM-DATE-TIME:2026-05-28T20:26:40.000Z
        #EXT-X-PART:DURATION=0.200000,URI="v/a1/890000000.0.m4s",INDEPENDENT=YES
        #EXT-X-PART:DURATION=0.200000,URI="v/a1/890000000.1.m4s"
        #EXT-X-PRELOAD-HINT:TYPE=PART,URI="v/a1/890000000.2.m4s"
        #EXT-X-RENDITION-REPORT:URI="a.m3u8",LAST-MSN=890000000,LAST-PART=1

        """)
  }

  @Test func `H1 H2 H3: what parts need is said, at three times the part target`() throws {
    var stream = Stream()
    try stream.segments(1)
    let playlist = try stream.playlist()
    #expect(playlist.partTarget == 200_000)
    #expect(playlist.serverControl?.partHoldBack == 600_000)
    #expect(playlist.serverControl?.holdBack == 6_000_000)
    #expect(playlist.serverControl?.canSkipUntil == 12_000_000)
    #expect(playlist.serverControl?.canSkipDateRanges == true)
  }

  @Test func `H4: a part that is too long is refused, and the window stays`() throws {
    var stream = Stream()
    try stream.parts(3)
    let before = stream.text
    #expect(throws: LiveError.self) { try stream.parts(1, lasting: Stream.partTicks + 1) }
    #expect(stream.text == before)
  }

  @Test func `H5: independent parts are said to be, missing ones make the segment a gap`() throws {
    var stream = Stream()
    try stream.parts(5)
    try stream.parts(1, gap: true)
    try stream.parts(4)
    let segment = try #require(try stream.playlist().segments.first)
    #expect(segment.parts.map(\.isIndependent) == [true] + Array(repeating: false, count: 9))
    #expect(segment.parts.map(\.isGap) == (0..<10).map { $0 == 5 })
    #expect(segment.isGap)
  }

  @Test func `H6: the tags of a segment precede its first part`() throws {
    var stream = Stream()
    try stream.segments(1)
    stream.header = LiveHeader(version: "b2", bytes: ByteBuffer(string: "other"))
    try stream.parts(1, discontinuity: true)
    let lines = stream.text.split(separator: "\n")
    let at = try #require(lines.firstIndex(of: "#EXT-X-DISCONTINUITY"))
    #expect(lines[at + 1] == #"#EXT-X-MAP:URI="v/b2/init.mp4""#)
    #expect(lines[at + 2].hasPrefix("#EXT-X-PROGRAM-DATE-TIME:"))
    #expect(lines[at + 3].hasPrefix("#EXT-X-PART:"))
  }

  @Test func `H7: a segment has the bytes of its parts`() throws {
    var stream = Stream()
    try stream.segments(1)
    let segment = try #require(stream.window.segment(Stream.first))
    let joined = segment.parts.map { String(buffer: $0.bytes) }.joined()
    #expect(segment.bytes.map { String(buffer: $0) } == joined)
    #expect(segment.duration == segment.parts.reduce(0) { $0 + $1.duration })
  }

  @Test func `H8: date ranges are left out for who asks, and those that went lately are named`()
    throws
  {
    let scale = Timescale(literal: 1000)
    var window = LiveWindow(
      listing: "v", timescale: scale, targetDuration: 2, initialization: nil,
      hasIndependentSegments: true, window: MediaTime(60, Timescale(literal: 1)))
    var removed: [[String]] = []
    for number in Int64(1)...60 {
      var segment = MediaSegment(duration: MediaTime(2000, scale), uri: "\(number).m4s")
      segment.programDateTime = ProgramDateTime(millisecondsSince1970: number * 2000)
      // A choice every ten seconds, and its verdict with the same name four seconds later.
      let choice = number % 5 == 1 ? number : number % 5 == 3 ? number - 2 : nil
      if let choice {
        segment.dateRanges = [
          DateRange(
            id: "k\(choice)", start: ProgramDateTime(millisecondsSince1970: choice * 2000))
        ]
      }
      try window.take(
        ListedSegment(
          start: number * 2000, duration: 2000, segment: segment, microseconds: 2_000_000))
      guard let delta = window.delta(skip: .dateRanges, reports: []) else { continue }
      let text = String(buffer: delta.bytes)
      let read = try MediaPlaylist(parsing: text)
      removed.append(try #require(read.skipped?.recentlyRemovedDateRanges))
      #expect(read.version == 10)
      // Those of the last six target durations are listed.
      #expect((2...4).contains(text.matches(of: /EXT-X-DATERANGE/).count))
      let plain = String(buffer: try #require(window.delta(reports: [])).bytes)
      let whole = String(buffer: window.playlist(reports: []).bytes)
      #expect(
        plain.matches(of: /EXT-X-DATERANGE/).count == whole.matches(of: /EXT-X-DATERANGE/).count)
      #expect(!plain.contains("RECENTLY-REMOVED"))
    }
    // Each goes with its last tag, and is named for six target durations.
    #expect(removed.first == [] && removed.last == ["k26"])
    #expect(Set(removed.joined()).sorted() == ["k1", "k11", "k16", "k21", "k26", "k6"])
    #expect(removed.allSatisfy { $0.count <= 2 })
  }

  @Test func `H8: a delta update leaves out what lies before the skip boundary`() throws {
    var stream = Stream(dvr: 60)
    try stream.segments(6)
    #expect(try stream.delta() == nil)
    try stream.segments(2)
    for _ in 0..<40 {
      try stream.parts(7)
      let (whole, delta) = (try stream.playlist(), try #require(try stream.delta()))
      let skipped = try #require(delta.skipped?.count)
      #expect(delta.version == 9)
      #expect(delta.mediaSequence == whole.mediaSequence)
      #expect(delta.discontinuitySequence == whole.discontinuitySequence)
      #expect(skipped + delta.segments.count == whole.segments.count)
      #expect(delta.segments.map(\.uri) == whole.segments.dropFirst(skipped).map(\.uri))
      #expect(delta.segments.map(\.parts) == whole.segments.dropFirst(skipped).map(\.parts))
      #expect(delta.unfinished?.parts == whole.unfinished?.parts)
      // No more than the boundary allows, and not a segment less.
      let rest =
        delta.segmentMicroseconds.reduce(0, +)
        + (delta.unfinished?.parts.reduce(0) { $0 + $1.duration } ?? 0)
      #expect((12_000_000..<14_000_000).contains(rest))
    }
  }

  @Test func `H9: the next part is hinted at, and nothing once the stream has ended`() throws {
    var stream = Stream()
    try stream.parts(9)
    #expect(try stream.playlist().preloadHints.map(\.uri) == ["v/a1/890000000.9.m4s"])
    try stream.parts(1)
    #expect(try stream.playlist().preloadHints.map(\.uri) == ["v/a1/890000001.0.m4s"])
    stream.window.finish()
    let ended = try stream.playlist()
    #expect(ended.isEnded)
    #expect(ended.preloadHints.isEmpty)
    #expect(ended.partTarget == nil)
  }

  @Test func `H9: a header that is to come is hinted at until it is there`() throws {
    var stream = Stream()
    let next = LiveHeader(version: "b2", bytes: ByteBuffer(string: "other"))
    func maps() throws -> [String] {
      try stream.playlist().preloadHints.filter { $0.type == .map }.map(\.uri)
    }
    try stream.parts(4)
    #expect(try maps() == [])
    try stream.parts(1, before: next)
    #expect(try maps() == ["v/b2/init.mp4"])
    try stream.parts(5, gap: true)
    #expect(try maps() == ["v/b2/init.mp4"])
    stream.header = next
    try stream.parts(1, discontinuity: true)
    #expect(try maps() == [])
  }

  @Test func `H10: playlists only lose their front and grow at their end`() throws {
    var stream = Stream(dvr: 10)
    var last: MediaPlaylist?
    for step in 0..<300 {
      try stream.parts(1, discontinuity: step % 50 == 30 && step % 10 == 0)
      let now = try stream.playlist()
      if let last {
        #expect(now.targetDuration == last.targetDuration && now.partTarget == last.partTarget)
        #expect(now.mediaSequence >= last.mediaSequence)
        #expect((now.discontinuitySequence ?? 0) >= (last.discontinuitySequence ?? 0))
        let lost = Int(now.mediaSequence - last.mediaSequence)
        let kept = last.segments.dropFirst(lost)
        #expect(now.segments.prefix(kept.count).map(\.uri) == kept.map(\.uri))
        #expect(now.segments.count - kept.count <= 1)
      }
      last = now
    }
    // Every fifth segment begins with a discontinuity: those that are lost are counted.
    let lost = try #require(last).mediaSequence - Stream.first
    #expect(last?.discontinuitySequence == (lost + 1) / 5)
  }

  @Test func `H13: parts are listed for three target durations, and stay for three more`() throws {
    var stream = Stream(dvr: 60)
    try stream.segments(20)
    let playlist = try stream.playlist()
    // A segment that ends three target durations from the end has lost its parts.
    #expect(playlist.segments.suffix(4).map { $0.parts.count } == [0, 10, 10, 10])
    for back in 0..<6 {
      let number = Stream.first + 19 - Int64(back)
      guard case .whole = stream.window.media(segment: number, part: 9, version: "a1") else {
        Issue.record("part \(number).9 is not there")
        continue
      }
    }
  }

  @Test func `H13: media that lies elsewhere leaves memory no earlier`() throws {
    var stream = Stream(dvr: 60, memory: MediaTime(1, Timescale(literal: 1)))
    try stream.segments(20)
    let held = stream.window.segments.map { $0.bytes != nil }
    #expect(held == (0..<20).map { $0 >= 13 })
    guard case .older = stream.window.media(segment: Stream.first + 5, version: "a1") else {
      Issue.record("an old segment is not looked for elsewhere")
      return
    }
  }

  @Test func `H14: the window keeps its length, and more may be fetched than is listed`() throws {
    var stream = Stream(dvr: 10)
    for count in 1...40 {
      try stream.segments(1)
      let listed = try stream.playlist().segments.count
      #expect(listed == min(count, 5))
    }
    // Listed; and since a segment was removed, its own length and that of the playlist have not passed.
    #expect(stream.window.segments.count == 5 + 7)
    let oldest = Stream.first + 40 - 12
    guard case .whole = stream.window.media(segment: oldest, version: "a1"),
      case .gone = stream.window.media(segment: oldest - 1, version: "a1")
    else {
      Issue.record("what may be fetched ends elsewhere")
      return
    }
  }

  @Test func `H14: a playlist is never shorter than three target durations`() throws {
    var stream = Stream(dvr: 1)
    try stream.segments(20)
    #expect(try stream.playlist().segments.count == 3)
  }

  @Test func `H15: every segment has its date, which is that of its media`() throws {
    var stream = Stream()
    try stream.segments(3)
    let playlist = try stream.playlist()
    for (index, segment) in playlist.segments.enumerated() {
      #expect(
        segment.programDateTime?.millisecondsSince1970 == (Stream.first + Int64(index)) * 2000)
    }
  }

  @Test(arguments: [1, 3, 500] as [Int64])
  func `segments that never came are gaps, so that numbers stay right`(missing: Int64) throws {
    var stream = Stream(dvr: 10)
    try stream.segments(6)
    stream.outage(segments: missing)
    try stream.segments(1)
    let playlist = try stream.playlist()
    let last = Stream.first + 6 + missing
    #expect(playlist.mediaSequence + Int64(playlist.segments.count) - 1 == last)
    #expect(playlist.segments.last?.uri == "v/a1/\(last).m4s")
    #expect(playlist.segments.dropLast().suffix(Int(missing)).allSatisfy { $0.isGap })
    #expect(playlist.segments.count == 5)
    for segment in playlist.segments.dropLast() where segment.isGap {
      #expect(segment.duration.seconds == 2)
    }
  }

  @Test func `a segment that a crash cut off is a gap, so that its name has no other bytes`() throws
  {
    var stream = Stream()
    try stream.parts(13)
    stream.crash()
    try stream.parts(1, discontinuity: true)
    let playlist = try stream.playlist()
    #expect(playlist.segments.map(\.isGap) == [false, true])
    #expect(playlist.segmentMicroseconds == [2_000_000, 2_000_000])
    #expect(playlist.unfinished?.hasDiscontinuity == true)
    let number = Stream.first + 1
    guard case .unknown = stream.window.media(segment: number, version: "a1"),
      case .whole = stream.window.media(segment: number, part: 2, version: "a1"),
      case .unknown = stream.window.media(segment: number, part: 3, version: "a1")
    else {
      Issue.record("its parts alone are to be had")
      return
    }
  }

  @Test func `a segment some of whose bytes lie elsewhere is looked for there`() throws {
    var stream = Stream()
    for part in 0..<10 {
      try stream.window.take(
        LiveChunk(
          header: Stream.header, segment: Stream.first, part: part,
          time: Int64(part) * Stream.partTicks, duration: Stream.partTicks,
          isIndependent: part == 0, endsSegment: part == 9, producedAt: 0,
          bytes: ByteBuffer(string: part < 6 ? "" : "bytes")))
    }
    guard case .older = stream.window.media(segment: Stream.first, version: "a1") else {
      Issue.record("some of it is taken for all")
      return
    }
  }

  @Test func `what is not next is refused`() throws {
    var stream = Stream()
    try stream.segments(2)
    func chunk(_ segment: Int64, _ part: Int) -> LiveChunk {
      LiveChunk(
        header: Stream.header, segment: segment, part: part, time: 0, duration: 1,
        isIndependent: true, endsSegment: false, producedAt: 0, bytes: ByteBuffer())
    }
    for (segment, part) in [(0, 0), (1, 0), (1, 10), (2, 1), (2, -1)] as [(Int64, Int)] {
      #expect(throws: LiveError.self) {
        try stream.window.take(chunk(Stream.first + segment, part))
      }
    }
    stream.window.finish()
    #expect(throws: LiveError.self) { try stream.parts(1) }
  }

  @Test func `H12: all that is listed can be had`() throws {
    var stream = Stream(dvr: 30)
    for step in 0..<300 {
      try stream.parts(1, gap: step % 37 == 9)
      let playlist = try stream.playlist()
      func isThere(_ media: LiveWindow.Media) -> Bool {
        if case .whole = media { true } else { false }
      }
      for (index, segment) in playlist.segments.enumerated() {
        let number = playlist.mediaSequence + Int64(index)
        #expect(isThere(stream.window.media(segment: number, version: "a1")) != segment.isGap)
        for (part, listed) in segment.parts.enumerated() {
          let media = stream.window.media(segment: number, part: part, version: "a1")
          #expect(isThere(media) != listed.isGap)
        }
      }
      let last = playlist.mediaSequence + Int64(playlist.segments.count)
      for (part, listed) in (playlist.unfinished?.parts ?? []).enumerated() {
        let media = stream.window.media(segment: last, part: part, version: "a1")
        #expect(isThere(media) != listed.isGap)
      }
    }
  }

  @Test func `H22: a playlist of I-frames has no parts, and its segments by themselves`() throws {
    var stream = Stream(dvr: 2, frameRate: Rational(25, 1))
    for _ in 0..<40 { try stream.pictures() }
    let (media, frames) = (try stream.playlist(), try stream.playlist(.iFrames))
    #expect(frames.isIFramesOnly && frames.partTarget == nil && frames.preloadHints.isEmpty)
    #expect(frames.serverControl == media.serverControl)
    #expect(frames.targetDuration == media.targetDuration)
    #expect(frames.mediaSequence == media.mediaSequence)
    #expect(frames.segments.map(\.uri) == media.segments.map(\.uri))
    #expect(frames.segmentMicroseconds == media.segmentMicroseconds)
    #expect(frames.segments.map(\.programDateTime) == media.segments.map(\.programDateTime))
    // What comes before the samples, and the first of them.
    let count = try #require(stream.window.segments.last?.byteCount)
    #expect(
      frames.segments.allSatisfy { $0.byteRange == ByteRange(offset: 0, count: Int64(count) - 50) })
  }

  @Test func `H22: segments without a key frame are gaps among I-frames`() throws {
    var stream = Stream(dvr: 40, frameRate: Rational(25, 1))
    try stream.segments(10)
    try stream.pictures()
    let frames = try stream.playlist(.iFrames)
    #expect(frames.segments.map(\.isGap) == Array(repeating: true, count: 10) + [false])
    let delta = try MediaPlaylist(
      parsing: String(buffer: try #require(stream.window.delta(.iFrames, reports: [])).bytes))
    let skipped = try #require(delta.skipped?.count)
    #expect(skipped + delta.segments.count == 11)
    #expect(delta.segments.map(\.uri) == frames.segments.dropFirst(skipped).map(\.uri))
  }

  @Test func `H23: parts are byte ranges of their segment, one behind the other`() throws {
    var stream = Stream()
    try stream.segments(2)
    try stream.parts(3)
    let (urls, ranges) = (try stream.playlist(), try stream.playlist(.ranges))
    #expect(ranges.segments.map(\.uri) == urls.segments.map(\.uri))
    for (index, segment) in ranges.segments.enumerated() {
      let made = try #require(stream.window.segment(Stream.first + Int64(index)))
      #expect(segment.parts.map(\.duration) == urls.segments[index].parts.map(\.duration))
      #expect(Set(segment.parts.map(\.uri)) == [segment.uri])
      #expect(segment.parts.last?.byteRange?.end == Int64(made.byteCount))
      let bytes = try #require(made.bytes)
      for (part, whole) in zip(segment.parts, made.parts) {
        let range = try #require(part.byteRange)
        let slice = bytes.getSlice(
          at: bytes.readerIndex + Int(range.offset), length: Int(range.count))
        #expect(slice == whole.bytes)
      }
    }
    let parts = try #require(ranges.unfinished?.parts)
    #expect(parts.count == 3)
    let uri = "v/a1/\(Stream.first + 2).m4s"
    #expect(
      ranges.preloadHints
        == [PreloadHint(type: .part, uri: uri, byteRangeStart: parts[2].byteRange?.end ?? 0)])
    try stream.parts(7)
    let next = "v/a1/\(Stream.first + 3).m4s"
    #expect(try stream.playlist(.ranges).preloadHints == [PreloadHint(type: .part, uri: next)])
  }

  @Test(
    arguments: [
      (0, 11, "890000000.0;"), (12, 23, "890000000.1;"), (0, 23, "890000000.0;890000000.1;"),
      (3, 13, "000000.0;89"), (24, nil, "890000000.2;"), (35, nil, ";"), (30, 35, "000.2;"),
      (36, nil, nil), (24, 36, nil), (40, 50, nil),
    ] as [(Int64, Int64?, String?)])
  func `H23: bytes of a segment that is being made are had when all of them are there`(
    first: Int64, last: Int64?, expected: String?
  ) throws {
    var stream = Stream()
    try stream.parts(3)
    let found = stream.window.excerpt(
      ofSegment: Stream.first, from: first, to: last, version: "a1")
    switch found {
    case .bytes(let bytes): #expect(String(buffer: bytes) == expected)
    case .held: #expect(expected == nil)
    case .unknown: Issue.record("the segment is not known")
    }
  }

  @Test func `hours of parts take no more room than their window`() throws {
    var stream = Stream(dvr: 600)
    for _ in 0..<180 { try stream.segments(20) }
    #expect(stream.window.segments.count == 602)
    #expect(try stream.playlist().segments.count == 300)
    #expect(try stream.delta()?.skipped?.count == 294)
  }

  @Test func `H8: a day of a stream takes no more room than its window`() throws {
    var stream = Stream(dvr: 600, part: 180_000, frameRate: Rational(25, 1))
    // Each segment is a part.
    for _ in 0..<43_200 { try stream.pictures(lasting: 180_000) }
    #expect(stream.window.segments.count == 602)
    let whole = stream.window.playlist(reports: [])
    #expect(whole.pieces.count <= 300 / 64 + 4)
    #expect(try stream.delta()?.skipped?.count == 294)
  }

  /// All but the named pieces are made for every version.
  @Test func `what is rendered for a version does not grow with the window`() throws {
    func rendered(dvr: Int64) throws -> Int {
      var stream = Stream(dvr: dvr)
      try stream.segments(Int(dvr) / 2 + 200)
      return stream.window.playlist(reports: []).pieces.filter { $0.name == nil }
        .reduce(0) { $0 + $1.text.readableBytes }
    }
    // Two incomplete blocks, and the segments that have parts.
    let limit = 2 * 64 * 110 + 4 * 11 * 80 + 1000
    #expect(try rendered(dvr: 64) < limit)
    #expect(try rendered(dvr: 6400) < limit)
  }
}
