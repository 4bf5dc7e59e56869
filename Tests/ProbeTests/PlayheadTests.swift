import Testing

@testable import Probe

@Suite struct PlayheadTests {
  private func seconds(_ value: Double) -> Duration { .milliseconds(Int64(value * 1000)) }

  @Test func `it begins with enough of every track, stands without, and goes on`() {
    var playhead = Playhead(trackCount: 2, startLevel: .seconds(1))
    playhead.append(track: 0, position: .seconds(10), duration: .seconds(2), taken: nil, at: .zero)
    #expect(playhead.state == .waiting)
    playhead.append(
      track: 1, position: .seconds(10), duration: .seconds(1), taken: nil, at: seconds(0.5))
    #expect(playhead.state == .playing)
    #expect(playhead.started == seconds(0.5))
    playhead.advance(to: .seconds(1))
    #expect(playhead.position == seconds(10.5))
    #expect(playhead.buffered == seconds(0.5))
    // The sound ends at 11, which is shown at 1.5.
    playhead.advance(to: .seconds(2))
    #expect(playhead.state == .waiting)
    #expect(playhead.standing(at: .seconds(2)) == seconds(0.5))
    playhead.append(
      track: 1, position: .seconds(11), duration: .seconds(1), taken: nil, at: .seconds(3))
    #expect(playhead.state == .playing)
    #expect(playhead.stalls.map(\.began) == [seconds(1.5)])
    #expect(playhead.stalls.map(\.length) == [seconds(1.5)])
    playhead.complete(at: seconds(3.5))
    playhead.advance(to: .seconds(5))
    #expect(playhead.state == .ended)
    #expect(playhead.position == .seconds(12))
    #expect(playhead.stalls.count == 1)
  }

  @Test func `latency is what was taken of what is shown`() {
    var playhead = Playhead(trackCount: 1, startLevel: .seconds(1))
    playhead.append(
      track: 0, position: .zero, duration: .seconds(1), taken: .seconds(100), at: .zero)
    playhead.append(
      track: 0, position: .seconds(1), duration: .seconds(1), taken: seconds(101.2), at: .zero)
    #expect(playhead.latency(at: .seconds(103)) == .seconds(3))
    playhead.advance(to: seconds(1.5))
    #expect(playhead.latency(at: seconds(104.5)) == seconds(2.8))
  }

  @Test func `it catches up while it is late`() {
    var playhead = Playhead(trackCount: 1, startLevel: .seconds(1))
    playhead.target = .seconds(1)
    playhead.wallOffset = .seconds(100)
    playhead.append(
      track: 0, position: .zero, duration: .seconds(60), taken: .seconds(98), at: .zero)
    playhead.advance(to: .seconds(2))
    #expect(playhead.position == seconds(2.1))
  }

  @Test func `it goes over what is lost when it stands`() {
    var playhead = Playhead(trackCount: 1, startLevel: .seconds(1))
    playhead.append(track: 0, position: .zero, duration: .seconds(1), taken: nil, at: .zero)
    playhead.append(
      track: 0, position: .seconds(8), duration: .seconds(1), taken: nil, at: .seconds(3))
    #expect(playhead.position == .seconds(8))
    #expect(playhead.buffered == .seconds(1))
    #expect(playhead.state == .playing)
  }
}
