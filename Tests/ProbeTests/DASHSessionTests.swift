import DASH
import MediaCore
import NIOCore
import Testing

@testable import Probe

@Suite struct DASHSegmentsTests {
  private func segments(_ template: String, end: Duration? = nil) throws -> DASHSegments {
    let text = """
      <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="p" minBufferTime="PT1S"><Period>
      <AdaptationSet contentType="video"><Representation id="v" bandwidth="5">\(template)
      </Representation></AdaptationSet></Period></MPD>
      """
    let set = try MPD(parsing: text).periods[0].adaptationSets[0]
    return try DASHSegments(
      set.representations[0], in: set, base: WebAddress("http://h/a/m.mpd"), start: .seconds(100),
      end: end)
  }

  @Test func `numbers follow from one duration`() throws {
    let segments = try segments(
      """
      <SegmentTemplate timescale="10" presentationTimeOffset="50" startNumber="3" duration="20"
        initialization="$RepresentationID$/i.mp4" media="$RepresentationID$-$Bandwidth%03d$-$Number%05d$-$Time$$$.m4s"/>
      """, end: .seconds(105))
    #expect(try segments.initialization()?.target == "/a/v/i.mp4")
    let places = [100, 101.9, 102, 104, 106].map {
      segments.segment(at: .milliseconds(Int64($0 * 1000)))
    }
    #expect(places.map { $0?.number } == [3, 3, 4, 5, nil])
    #expect(places[2]?.position == .seconds(102))
    let place = try #require(places[2])
    #expect(try segments.address(of: place).target == "/a/v-005-00004-70$.m4s")
  }

  @Test func `a timeline says where segments are`() throws {
    let segments = try segments(
      """
      <SegmentTemplate timescale="10" media="$Time$" startNumber="7"><SegmentTimeline>
      <S t="0" d="20" r="1"/><S t="60" d="15"/></SegmentTimeline></SegmentTemplate>
      """)
    let places = [100, 102, 105, 106, 108].map { segments.segment(at: .seconds($0)) }
    // At 105 is a hole.
    #expect(places.map { $0?.time } == [0, 20, 60, 60, nil])
    #expect(places.map { $0?.number } == [7, 8, 9, 9, nil])
    #expect(places[3]?.duration == .milliseconds(1500))
  }

  @Test func `what has no template is refused`() {
    #expect(throws: ProbeError.self) { try segments("<SegmentBase/>") }
    #expect(throws: ProbeError.self) { try segments("<SegmentTemplate media=\"a\"/>") }
  }
}

@Suite struct DASHSessionTests {
  private static let mpd = """
    <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="p" type="dynamic" minBufferTime="PT1S"
      availabilityStartTime="2020-01-01T00:00:00Z" publishTime="2020-01-01T00:00:00Z">
    <ServiceDescription id="0"><Latency target="1500"/></ServiceDescription>
    <Period id="0" start="PT0S"><AdaptationSet contentType="video" mimeType="video/mp4">
    <SegmentTemplate timescale="1000" duration="1000" startNumber="0" initialization="init.mp4"
      media="$Number$.m4s" availabilityTimeOffset="0.9" availabilityTimeComplete="false"/>
    <Representation id="v" bandwidth="800000"/></AdaptationSet></Period></MPD>
    """

  @Test func `a segment is asked for early and shown chunk by chunk`() throws {
    // 85 parts of a tenth of a second are there.
    let stream = SyntheticStream(start: SyntheticStream.day, count: 85)
    let wall = Duration.milliseconds(SyntheticStream.day) + .milliseconds(8500)
    var opened = Exchange(
      ProbeRequest(try WebAddress("http://h/m.mpd"), for: .presentation), asked: .zero)
    opened.status = 200
    opened.body = ByteBuffer(string: Self.mpd)
    var session = DASHSession(opened, wallStart: wall)

    func answer(_ request: ProbeRequest, _ bytes: ByteBuffer, at moment: Duration) -> Exchange {
      var exchange = Exchange(request, asked: moment)
      exchange.status = 200
      exchange.body = bytes
      exchange.firstByte = moment
      exchange.arrived(bytes.readableBytes, at: moment)
      exchange.lastByte = moment
      return exchange
    }
    var requests = session.turn(at: .zero).requests
    #expect(requests.map(\.address.target) == ["/init.mp4"])
    _ = session.take(answer(requests[0], SyntheticStream.header, at: .zero))
    // A second and a half before 8.5 is in segment 7.
    requests = session.turn(at: .zero).requests
    #expect(requests.map(\.address.target) == ["/7.m4s"])
    var whole = ByteBuffer()
    for part in 70..<80 { whole.writeImmutableBuffer(stream.chunk(part)) }
    let chunks = session.take(answer(requests[0], whole, at: .zero))
    #expect(chunks.count == 1)
    #expect(session.playhead.state == .playing)
    #expect(session.playhead.buffered == .seconds(1))
    #expect(session.playhead.latency(at: wall) == .milliseconds(1500))

    requests = session.turn(at: .zero).requests
    #expect(requests.map(\.address.target) == ["/8.m4s"])
    guard case .media(let piece) = requests[0].purpose else { return }
    #expect(piece.isGrowing)
    var growing = ByteBuffer()
    for part in 80..<85 { growing.writeImmutableBuffer(stream.chunk(part)) }
    growing.writeImmutableBuffer(stream.chunk(85).getSlice(at: 0, length: 100) ?? growing)
    session.takeProgress(answer(requests[0], growing, at: .zero))
    #expect(session.playhead.buffered == .milliseconds(1500))
    let turn = session.turn(at: .zero)
    #expect(turn.requests.isEmpty)
    // The next segment may be asked for when its first chunk is there.
    var rest = ByteBuffer()
    for part in 80..<90 { rest.writeImmutableBuffer(stream.chunk(part)) }
    _ = session.take(answer(requests[0], rest, at: .milliseconds(500)))
    #expect(session.turn(at: .milliseconds(500)).next == .milliseconds(600))
    #expect(
      session.turn(at: .milliseconds(600)).requests.map(\.address.target) == ["/9.m4s"])
  }
}
