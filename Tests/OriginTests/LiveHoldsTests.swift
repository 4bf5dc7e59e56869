import NIOCore
import NIOEmbedded
import Synchronization
import Testing

@testable import Origin

/// Requests that wait for the same, and those who ask for the next thing while they are let go.
@Suite struct LiveHoldsTests {
  /// Has nothing until it is told to have everything.
  private final class Source: LiveSource {
    private struct State {
      var askedCount = 0
      var isHere = false
      var wakers = LiveWakers()
    }

    private let state = Mutex(State())

    var holdTime: TimeAmount { .seconds(6) }
    var askedCount: Int { state.withLock { $0.askedCount } }

    func find(_ key: LiveKey, waker: LiveWaker?) -> LiveFound {
      state.withLock { state in
        state.askedCount += 1
        let found = state.isHere ? LiveFound.complete : .held
        state.wakers.add(waker, ifHeld: found)
        return found
      }
    }

    func come(_ isHere: Bool) {
      let wakers = state.withLock { state in
        state.isHere = isHere
        return state.wakers.take()
      }
      for waker in wakers { waker.wake() }
    }
  }

  private let loop = EmbeddedEventLoop()
  private let source = Source()
  private let start = NIODeadline.uptimeNanoseconds(1)

  private func key(_ number: Int64) -> LiveKey {
    .growth(track: "video", version: "1", number: number, part: 0)
  }

  @Test func `a source is asked once for what many wait for, and again when it has news`() {
    let holds = LiveHolds(eventLoop: loop, limits: Limits())
    var found: [Bool] = []
    func ask() {
      holds.find(key(1), of: source, now: start) { found.append($0.found != nil) }
    }
    for _ in 0..<3 { ask() }
    #expect(source.askedCount == 1 && holds.count == 3)
    source.come(false)
    // The news is on its way: it is for this one, too.
    ask()
    loop.run()
    #expect(source.askedCount == 2 && holds.count == 4)
    source.come(true)
    ask()
    #expect(found.isEmpty)
    loop.run()
    #expect(found == [true, true, true, true, true])
    #expect(source.askedCount == 3 && holds.count == 0)
    ask()
    #expect(found.count == 6 && holds.count == 0)
  }

  @Test func `who asks for something else when the time is over is held for that`() {
    let holds = LiveHolds(eventLoop: loop, limits: Limits())
    var found: [Bool] = []
    for number: Int64 in 0..<8 {
      holds.find(key(number), of: source, now: start) { [self] _ in
        holds.find(key(7 - number), of: source, now: start + .seconds(6)) {
          found.append($0.found != nil)
        }
      }
    }
    holds.expire(now: start + .seconds(6))
    #expect(holds.count == 8 && found.isEmpty)
    source.come(true)
    loop.run()
    #expect(found == Array(repeating: true, count: 8) && holds.count == 0)
  }
}
