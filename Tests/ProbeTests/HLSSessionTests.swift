import NIOCore
import Testing

@testable import Probe

/// A session before a stream whose clock the test moves: nothing waits.
private struct Timeline {
  var stream: SyntheticStream
  let wallStart: Duration
  var session: HLSSession
  var now = Duration.zero
  /// Requests that the server holds.
  private var held: [(request: ProbeRequest, asked: Duration)] = []
  var log: [String] = []
  var chunks: [ChunkArrival] = []
  var rules = ProtocolRules()

  init(parts: Int) throws {
    // The last part's last sample was taken now.
    let start = SyntheticStream.day + 3_600_000
    stream = SyntheticStream(start: start, count: parts)
    let wall = Duration.milliseconds(start + Int64(parts * SyntheticStream.partMilliseconds))
    wallStart = wall
    let address = try WebAddress("http://h/main.m3u8")
    var opened = Exchange(ProbeRequest(address, for: .presentation), asked: .zero)
    opened.status = 200
    opened.body = ByteBuffer(string: stream.master)
    session = HLSSession(opened, wallStart: wall)
  }

  /// Carries out what the session wants, at this moment.
  mutating func settle() {
    var requests = session.turn(at: now).requests.map { ($0, now) } + held
    held = []
    while !requests.isEmpty {
      let (request, asked) = requests.removeFirst()
      if asked == now, log.last != request.address.target { log.append(request.address.target) }
      guard let exchange = answer(request, asked) else {
        held.append((request, asked))
        continue
      }
      chunks += session.take(exchange)
      rules.take(exchange)
      requests += session.turn(at: now).requests.map { ($0, now) }
    }
  }

  private func answer(_ request: ProbeRequest, _ asked: Duration) -> Exchange? {
    var exchange = Exchange(request, asked: asked)
    exchange.status = 200
    switch stream.answer(request.address) {
    case .later: return nil
    case .status(let status): exchange.status = status
    case .text(let text): exchange.body = ByteBuffer(string: text)
    case .bytes(let bytes): exchange.body = bytes
    }
    exchange.firstByte = now
    exchange.arrived(exchange.body.readableBytes, at: now)
    exchange.lastByte = now
    return exchange
  }

  mutating func part() {
    now += .milliseconds(SyntheticStream.partMilliseconds)
    stream.count += 1
    settle()
  }
}

@Suite struct HLSSessionTests {
  @Test func `it begins at hold-back, asks for what is next, and plays part by part`() throws {
    var timeline = try Timeline(parts: 85)
    timeline.settle()
    // Hold-back is three parts; part 0 of segment 8 is the last independent one before that.
    #expect(
      timeline.log == [
        "/v.m3u8", "/v.m3u8?_HLS_msn=8&_HLS_part=5", "/init.mp4", "/8.0.m4s", "/8.1.m4s",
        "/8.2.m4s", "/8.3.m4s", "/8.4.m4s", "/8.5.m4s",
      ])
    #expect(timeline.session.playhead.state == .playing)
    timeline.log = []
    timeline.part()
    #expect(Set(timeline.log) == ["/v.m3u8?_HLS_msn=8&_HLS_part=6", "/8.6.m4s"])
    for _ in 0..<50 { timeline.part() }
    #expect(timeline.session.state == .playing)
    #expect(timeline.session.playhead.stalls.isEmpty)
    #expect(timeline.rules.findings == [])
    #expect(timeline.rules.form == "LL-HLS")
    // Each part was there at the moment at which it was made.
    let edge = timeline.chunks.filter(\.isAtEdge)
    #expect(edge.count >= 50)
    let late = edge.map { chunk in
      timeline.wallStart + chunk.firstByte - (chunk.published ?? .zero)
    }
    #expect(late.allSatisfy { $0 >= .zero && $0 < .milliseconds(1) }, "\(late)")
    // It began half a second late, and has caught up.
    let wall =
      Duration.milliseconds(timeline.stream.start)
      + .milliseconds(timeline.stream.count * SyntheticStream.partMilliseconds)
    let latency = try #require(timeline.session.playhead.latency(at: wall))
    #expect(latency < .milliseconds(500) && latency > .milliseconds(250), "\(latency)")
    #expect(timeline.session.playhead.state == .playing)
  }

  @Test func `it stands when nothing comes, and goes on`() throws {
    var timeline = try Timeline(parts: 85)
    timeline.settle()
    timeline.now += .seconds(2)
    timeline.settle()
    #expect(timeline.session.playhead.state == .waiting)
    for _ in 0..<10 { timeline.part() }
    #expect(timeline.session.playhead.state == .playing)
    #expect(timeline.session.playhead.stalls.count == 1)
    #expect(timeline.rules.findings.map(\.code) == ["part-late"])
  }
}
