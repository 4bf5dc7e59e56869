import NIOCore
import NIOHTTP1
import Testing

@testable import Origin

/// Timelines: what happens, and what the connection decides.
@Suite struct ConnectionStateTests {
  private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
  private var limits: Limits {
    var limits = Limits()
    limits.pipelinedRequestCount = 2
    return limits
  }

  private func seconds(_ count: Int64) -> NIODeadline { Self.start + .seconds(count) }

  private func request(_ target: String, fields: HTTPHeaders = [:]) -> Request {
    var fields = fields
    fields.add(name: "Host", value: "test")
    return Request(
      HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: fields),
      limits: limits)
  }

  @Test func `requests are answered one after the other in their order`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    #expect(state.received(request("/1"), now: Self.start).description == "answer /1")
    #expect(state.mayRead)
    #expect(state.received(request("/2"), now: Self.start).description == "none")
    #expect(!state.mayRead, "the next one waits already")
    #expect(state.received(request("/3"), now: Self.start).description == "none")
    #expect(state.answered(now: Self.start).description == "answer /2")
    #expect(state.answered(now: Self.start).description == "answer /3")
    #expect(state.persists(after: request("/3")))
    #expect(state.answered(now: Self.start).description == "none")
    #expect(state.mayRead)
  }

  @Test func `more requests than may wait are left to the client`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    _ = state.received(request("/1"), now: Self.start)
    for target in ["/2", "/3", "/4", "/5"] {
      _ = state.received(request(target), now: Self.start)
    }
    #expect(!state.acceptsRequests)
    #expect(state.answered(now: Self.start).description == "answer /2")
    #expect(state.persists(after: request("/2")))
    #expect(state.answered(now: Self.start).description == "answer /3")
    #expect(!state.persists(after: request("/3")), "it is the last, and says so")
    #expect(state.answered(now: Self.start).description == "closeOutput")
  }

  @Test func `after close nothing is answered`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    let last = request("/1", fields: ["Connection": "close"])
    #expect(state.received(last, now: Self.start).description == "answer /1")
    #expect(!state.persists(after: last))
    #expect(state.received(request("/2"), now: Self.start).description == "none")
    #expect(state.answered(now: Self.start).description == "closeOutput")
    #expect(state.mayRead, "what still comes is read and thrown away")
    #expect(state.expired(now: seconds(1)).description == "none")
    #expect(state.expired(now: seconds(2)).description == "close")
    #expect(state.expired(now: seconds(3)).description == "none")
  }

  @Test func `a client that has said all still gets its answers`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    _ = state.received(request("/1"), now: Self.start)
    _ = state.received(request("/2"), now: Self.start)
    #expect(state.inputClosed().description == "none")
    #expect(state.persists(after: request("/1")))
    #expect(state.answered(now: Self.start).description == "answer /2")
    #expect(!state.persists(after: request("/2")))
    #expect(state.answered(now: Self.start).description == "close")
  }

  @Test func `an idle connection closes with its client`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    #expect(state.inputClosed().description == "close")
    #expect(state.answered(now: Self.start).description == "none")
  }

  @Test func `a head must arrive in time however slowly it trickles`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    state.bytesArrived(now: seconds(5))
    state.bytesArrived(now: seconds(14))
    #expect(state.expired(now: seconds(14)).description == "none")
    #expect(state.expired(now: seconds(15)).description == "answer 408")
    #expect(state.answered(now: seconds(15)).description == "closeOutput")
  }

  @Test func `a connection that says nothing is closed without a word`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    #expect(state.expired(now: seconds(10)).description == "close")
  }

  @Test func `an idle connection is kept as long as CDN edges keep theirs`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    _ = state.received(request("/1"), now: seconds(1))
    _ = state.answered(now: seconds(2))
    #expect(state.expired(now: seconds(76)).description == "none")
    #expect(state.expired(now: seconds(77)).description == "close")
  }

  @Test func `a client that stops reading is cut off`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    _ = state.received(request("/1"), now: Self.start)
    state.progressed(now: seconds(50))
    #expect(state.expired(now: seconds(109)).description == "none")
    #expect(state.expired(now: seconds(110)).description == "close")
  }

  @Test func `a client has its time for each piece that it takes of what is on its way`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    _ = state.received(request("/1"), now: Self.start)
    state.began(2_000_000, now: Self.start)
    // Less than a piece in the time of one.
    state.sent(allBut: 2_000_000 - limits.writeByteCount + 1, now: seconds(60))
    #expect(state.expired(now: seconds(60)).description == "close")

    state = ConnectionState(limits: limits, now: Self.start)
    _ = state.received(request("/1"), now: Self.start)
    state.began(2_000_000, now: Self.start)
    state.sent(allBut: 2_000_000 - limits.writeByteCount, now: seconds(60))
    #expect(state.expired(now: seconds(119)).description == "none")
    state.sent(allBut: 1_000_000, now: seconds(120))
    #expect(state.expired(now: seconds(120)).description == "close")
  }

  @Test func `what has left does not make up for a client that is slower than it may be`() {
    var limits = limits
    limits.readerBytesPerSecond = 50_000
    var state = ConnectionState(limits: limits, now: Self.start)
    _ = state.received(request("/1"), now: Self.start)
    state.began(2_000_000, now: Self.start)
    // 40 s at the least rate, and 20 s that it may be behind.
    state.sent(allBut: 100_000, now: seconds(60))
    #expect(state.expired(now: seconds(60)).description == "close")
  }

  @Test func `what the system takes at once makes up for what was slow before`() {
    var limits = limits
    limits.readerBytesPerSecond = 50_000
    limits.readerWindow = .seconds(20)
    for isMadeUpFor in [false, true] {
      var state = ConnectionState(limits: limits, now: Self.start)
      state.waits(now: Self.start)
      state.began(50_000, now: Self.start)
      _ = state.answered(now: seconds(15))
      if isMadeUpFor { state.answeredAtOnce(1_000_000, now: seconds(15)) }
      state.waits(now: seconds(16))
      state.began(50_000, now: seconds(16))
      // A second for its bytes, and what is left of the window.
      #expect(state.deadline == seconds(isMadeUpFor ? 37 : 23))
    }
  }

  @Test func `nothing but an answer is awaited until more comes or the end does`() {
    var state = ConnectionState(limits: limits, now: Self.start)
    #expect(!state.awaitsOnlyAnswer)
    state.waits(now: Self.start)
    #expect(state.awaitsOnlyAnswer)
    var (queued, closing, draining) = (state, state, state)
    _ = queued.received(request("/2"), now: Self.start)
    _ = closing.inputClosed()
    _ = draining.drain()
    let others = [queued, closing, draining].map(\.awaitsOnlyAnswer)
    #expect(others == [false, false, false])
    state.answeredAtOnce(now: seconds(1))
    #expect(state.isIdle && state.deadline == seconds(1) + limits.idleTimeout)
    state.closed()
    #expect(!state.awaitsOnlyAnswer)
  }

  @Test func `draining closes what is idle and finishes what is under way`() {
    var idle = ConnectionState(limits: limits, now: Self.start)
    #expect(idle.drain().description == "close")
    var busy = ConnectionState(limits: limits, now: Self.start)
    _ = busy.received(request("/1"), now: Self.start)
    _ = busy.received(request("/2"), now: Self.start)
    #expect(busy.drain().description == "none")
    #expect(!busy.persists(after: request("/1")))
    #expect(busy.answered(now: Self.start).description == "closeOutput")
    #expect(busy.inputClosed().description == "close")
  }
}

extension ConnectionState.Action: CustomStringConvertible {
  public var description: String {
    switch self {
    case .none: "none"
    case .answer(let request):
      "answer " + (request.rejection.map { "\($0.status.code)" } ?? request.target)
    case .closeOutput: "closeOutput"
    case .close: "close"
    }
  }
}
