import Library
import Live
import LiveSupport
import MediaCore
import NIOCore
import Synchronization

@testable import Origin

/// A live title with some of its parts, served while `body` runs.
func withLive(
  parts: Int, window: Int64 = 60, archive: (any LiveArchive)? = nil,
  memory: MediaTime = MediaTime(60, Timescale(literal: 1)),
  _ body: (RunningOrigin, LiveTitle, LiveFeed) async throws -> Void
) async throws {
  let (live, title, feed) = try LiveFeed.begin(
    LiveFixture(window: window), parts: parts, archive: archive, memory: memory)
  try await withOrigin(FakeTitles([])) {
    $0.live = live
    // However busy the machine is, nobody has waited too long.
    $0.limits.sweepInterval = .hours(1)
    $0.limits.writeTimeout = .hours(24)
  } _: {
    try await body($0, title, feed)
  }
}

/// The fixture's chunks, published one after the other.
final class LiveFeed: Sendable {
  private let fixture: Mutex<LiveFixture>
  private let title: LiveTitle

  init(_ fixture: LiveFixture, _ title: LiveTitle) {
    self.fixture = Mutex(fixture)
    self.title = title
  }

  /// Begins a title, the only one that is live, and publishes its first parts.
  static func begin(
    _ fixture: LiveFixture, parts: Int, archive: (any LiveArchive)? = nil,
    memory: MediaTime = MediaTime(60, Timescale(literal: 1))
  ) throws -> (live: LiveTitles, title: LiveTitle, feed: LiveFeed) {
    let title = try LiveTitle(fixture.description, archive: archive, memory: memory)
    let feed = LiveFeed(fixture, title)
    try feed.publish(parts)
    let live = LiveTitles()
    live.begin(title)
    return (live, title, feed)
  }

  /// - Parameter count: parts of every track.
  func publish(_ count: Int) throws {
    for _ in 0..<count {
      for (track, chunk) in fixture.withLock({ $0.next() }) {
        try title.publish(chunk, track: track)
      }
    }
  }

  /// The same when somebody waits.
  func publishWhenHeld(_ count: Int) async throws {
    await whenHeld()
    try publish(count)
  }

  func whenHeld() async { while title.waitingLoopCount == 0 { await Task.yield() } }

  func bytes(_ track: String, _ place: (segment: Int64, part: Int)) -> [UInt8] {
    Array(fixture.withLock { $0.bytes(of: track, place) }.readableBytesView)
  }
}
