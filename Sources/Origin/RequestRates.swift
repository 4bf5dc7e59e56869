import NIOCore
import Synchronization

/// How many requests each client may still make, for all event loops: so many in a second, and after a quiet time some
/// at once (a token bucket, kept as the time at which it will be full again: the generic cell rate algorithm).
///
/// Memory is bounded: of clients beyond `Limits.countedClientCount` the ones that have been quiet longest are forgotten,
/// and begin anew with all that a new client has.
final class RequestRates: Sendable {
  /// What is forgotten together: whoever asks again moves to the newer half.
  private struct Clients {
    var newer: [IPAddress: NIODeadline] = [:]
    var older: [IPAddress: NIODeadline] = [:]
    var refusedCount: UInt64 = 0
  }

  private let shards: [Shard]
  /// Nanoseconds.
  private let interval: Int64
  private let burst: TimeAmount

  /// Clients that share a lock.
  private final class Shard: Sendable { let clients = Mutex(Clients()) }

  private static let shardCount = 16
  private static let halfCount = Limits.countedClientCount / shardCount / 2

  /// - Parameter perSecond: from 1 to a billion.
  init(perSecond: Int) {
    shards = (0..<Self.shardCount).map { _ in Shard() }
    interval = max(1, 1_000_000_000 / Int64(perSecond))
    burst = .nanoseconds(interval * max(0, Int64(perSecond) * Limits.requestBurstSeconds - 1))
  }

  /// Counts a request.
  ///
  /// - Returns: how long until the next one is allowed, if this one is not.
  func refusal(of client: IPAddress, now: NIODeadline) -> TimeAmount? {
    let client = client.household
    let index = Int(truncatingIfNeeded: UInt(bitPattern: client.hashValue) % UInt(shards.count))
    return shards[index].clients.withLock { clients in
      let full = max(clients.newer[client] ?? clients.older[client] ?? now, now)
      if clients.newer[client] == nil, clients.newer.count >= Self.halfCount {
        (clients.older, clients.newer) = (clients.newer, [:])
      }
      guard full - now <= burst else {
        // It counts as seen, so that no one is forgotten by going on.
        clients.newer[client] = full
        clients.refusedCount += 1
        return full - now - burst
      }
      clients.newer[client] = full + .nanoseconds(interval)
      return nil
    }
  }

  /// Requests that were one too many.
  var refusedCount: UInt64 { shards.reduce(0) { $0 + $1.clients.withLock { $0.refusedCount } } }

  /// Clients that are remembered.
  var clientCount: Int {
    shards.reduce(0) { $0 + $1.clients.withLock { $0.newer.count + $0.older.count } }
  }
}
