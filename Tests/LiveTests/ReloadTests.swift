import CMAF
import Live
import NIOCore
import Testing

/// What a request for a playlist is answered with (draft-pantos-hls-rfc8216bis §6.2.5.2).
@Suite struct ReloadTests {
  typealias Position = ReloadDirectives.Position

  /// Segments 0 to 9 are complete, of segment 10 there are parts 0 to 4.
  static func stream(dvr: Int64 = 10) throws -> Stream {
    var stream = Stream(dvr: dvr)
    try stream.parts(105)
    return stream
  }

  static func reload(
    _ stream: Stream, _ segment: Int64, _ part: Int? = nil, skip: ReloadDirectives.Skip? = nil
  ) -> LiveWindow.Reload {
    stream.window.reload(
      ReloadDirectives(
        position: Position(segment: Stream.first + segment, part: part), skip: skip))
  }

  @Test(arguments: [(9, .whole), (10, .held), (11, .held)] as [(Int64, LiveWindow.Reload)])
  func `H17: a segment is waited for until it is complete`(
    segment: Int64, expected: LiveWindow.Reload
  ) throws {
    #expect(Self.reload(try Self.stream(), segment) == expected)
  }

  @Test(
    arguments: [(10, 4, .whole), (10, 5, .held), (10, 9, .held), (11, 0, .held)]
      as [(Int64, Int, LiveWindow.Reload)])
  func `H17: a part is waited for until it is there`(
    segment: Int64, part: Int, expected: LiveWindow.Reload
  ) throws {
    #expect(Self.reload(try Self.stream(), segment, part) == expected)
  }

  @Test func `H17: a timeline of holds`() throws {
    var stream = try Self.stream()
    #expect(Self.reload(stream, 10, 6) == .held)
    try stream.parts(1)
    #expect(Self.reload(stream, 10, 6) == .held)
    try stream.parts(1)
    #expect(Self.reload(stream, 10, 6) == .whole)
    #expect(Self.reload(stream, 10) == .held)
    try stream.parts(3)
    #expect(Self.reload(stream, 10) == .whole)
  }

  @Test func `H18: a part beyond the last of its segment is the next segment's first`() throws {
    var stream = try Self.stream()
    #expect(Self.reload(stream, 9, 10) == .whole)
    #expect(Self.reload(stream, 10, 7) == .held)
    try stream.cutShort()
    // Segment 10 has six parts now: its seventh and eighth are part 0 of segment 11.
    #expect(Self.reload(stream, 10, 6) == .held)
    #expect(Self.reload(stream, 10, 7) == .held)
    try stream.parts(1)
    #expect(Self.reload(stream, 10, 6) == .whole)
    #expect(Self.reload(stream, 10, 7) == .whole)
  }

  @Test func `H18: what lies before the window is answered at once, whole`() throws {
    let stream = try Self.stream()
    #expect(Self.reload(stream, -100) == .whole)
    #expect(Self.reload(stream, -100, 3, skip: .segments) == .whole)
    #expect(Self.reload(stream, 0, 3) == .whole)
  }

  @Test(
    arguments: [(11, nil, false), (12, nil, true), (10, 19, false), (10, 20, true), (11, 15, true)]
      as [(Int64, Int?, Bool)])
  func `H19: what lies too far ahead is refused`(
    segment: Int64, part: Int?, isRefused: Bool
  ) throws {
    let answer = Self.reload(try Self.stream(), segment, part)
    if case .refused = answer { #expect(isRefused) } else { #expect(!isRefused) }
  }

  @Test func `H16: a delta update is given to those who ask`() throws {
    let stream = try Self.stream(dvr: 60)
    let skip = ReloadDirectives(skip: .segments)
    #expect(stream.window.reload(skip) == .delta)
    #expect(stream.window.reload(ReloadDirectives(skip: .dateRanges)) == .delta)
    #expect(stream.window.reload(ReloadDirectives()) == .whole)
    #expect(Self.reload(stream, 10, 4, skip: .segments) == .delta)
  }

  @Test func `H16 H20: an ended playlist ignores directives`() throws {
    var stream = try Self.stream(dvr: 60)
    stream.window.finish()
    #expect(Self.reload(stream, 500) == .whole)
    #expect(Self.reload(stream, 10, 99, skip: .segments) == .whole)
    #expect(stream.window.delta(reports: []) == nil)
  }

  @Test(
    arguments: [(9, nil, .whole), (10, nil, .held), (10, 2, .held), (12, nil, .refused)]
      as [(Int64, Int?, Expected)])
  func `H22: of a playlist of I-frames whole segments are waited for`(
    segment: Int64, part: Int?, expected: Expected
  ) throws {
    let position = Position(segment: Stream.first + segment, part: part)
    let answer = try Self.stream().window.reload(
      ReloadDirectives(position: position), form: .iFrames)
    switch answer {
    case .whole, .delta: #expect(expected == .whole)
    case .held: #expect(expected == .held)
    case .refused: #expect(expected == .refused)
    }
  }

  enum Expected { case whole, held, refused }

  @Test func `a stream that has not begun is waited for`() {
    let stream = Stream()
    #expect(Self.reload(stream, 0) == .held)
  }
}

/// What media may be fetched (§6.2.6).
@Suite struct LiveMediaTests {
  @Test func `H23: a part that is hinted at is waited for`() throws {
    var stream = Stream()
    try stream.parts(3)
    guard case .hinted = stream.window.media(segment: Stream.first, part: 3, version: "a1") else {
      Issue.record("the hinted part is not")
      return
    }
    try stream.parts(1)
    guard
      case .whole(let bytes, _) = stream.window.media(
        segment: Stream.first, part: 3, version: "a1")
    else {
      Issue.record("the part is not there")
      return
    }
    #expect(String(buffer: bytes) == "\(Stream.first).3;")
  }

  @Test(
    arguments: [(0, 4, "a1"), (0, 12, "a1"), (1, 0, "a1"), (0, 3, "b2"), (0, 0, "b2")]
      as [(Int64, Int, String)])
  func `H24: what is not hinted at is unknown`(number: Int64, part: Int, version: String) throws {
    var stream = Stream()
    try stream.parts(3)
    guard
      case .unknown = stream.window.media(
        segment: Stream.first + number, part: part, version: version)
    else {
      Issue.record("it is known")
      return
    }
  }

  @Test func `H24: a hint that is given up is unknown`() throws {
    var stream = Stream()
    try stream.segments(1)
    stream.header.version = "b2"
    try stream.parts(1, discontinuity: true)
    guard case .unknown = stream.window.media(segment: Stream.first + 1, part: 0, version: "a1")
    else {
      Issue.record("the hint still holds")
      return
    }
  }

  @Test func `a segment grows by whole parts`() throws {
    var stream = Stream()
    try stream.parts(3)
    guard case .growing = stream.window.media(segment: Stream.first, version: "a1") else {
      Issue.record("it does not grow")
      return
    }
    let first = try #require(
      stream.window.pieces(ofSegment: Stream.first, from: 0, version: "a1"))
    #expect(first.bytes.count == 3 && !first.isComplete)
    try stream.parts(7)
    let rest = try #require(stream.window.pieces(ofSegment: Stream.first, from: 3, version: "a1"))
    #expect(rest.bytes.count == 7 && rest.isComplete)
  }

  @Test func `D12: a segment that an MPD announces is waited for, also where the packager is late`()
    throws
  {
    var stream = Stream()
    try stream.segments(1)
    for segment in 1...2 {
      guard
        case .growing = stream.window.media(segment: Stream.first + Int64(segment), version: "a1"),
        let pieces = stream.window.pieces(
          ofSegment: Stream.first + Int64(segment), from: 0, version: "a1")
      else {
        Issue.record("segment \(segment) is not expected")
        return
      }
      #expect(pieces.bytes.isEmpty && !pieces.isComplete)
    }
    guard case .unknown = stream.window.media(segment: Stream.first + 3, version: "a1"),
      case .unknown = stream.window.media(segment: Stream.first + 1, version: "b2")
    else {
      Issue.record("what nobody announces is expected")
      return
    }
    stream.window.finish()
    guard case .unknown = stream.window.media(segment: Stream.first + 1, version: "a1") else {
      Issue.record("something is expected behind the end")
      return
    }
  }
}
