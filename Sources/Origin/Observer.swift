import NIOCore

/// Sees every exchange and connection of one event loop, counts them and writes them down; touched on that loop only, so that nothing is
/// locked. An origin whose figures nobody wants has none.
final class Observer {
  private(set) var traffic = Traffic()
  private(set) var connections = ConnectionFigures()
  private let log: AccessLogFeed?

  init(log: AccessLog?) { self.log = log.map { AccessLogFeed($0) } }

  func ended(_ record: ExchangeRecord, of request: Request) {
    traffic.record(record)
    if request.hasClientData { traffic.record(request.clientData) }
    log?.add(record, of: request)
  }

  /// Called at every sweep, and at the end.
  func flush() { log?.flush() }

  func opened() { connections.opened() }

  func closed(_ ending: ConnectionEnding) { connections.closed(ending) }
}

/// Why a connection ended.
enum ConnectionEnding: Int, CaseIterable, Hashable, Sendable {
  /// The client closed it, or went away.
  case client
  /// It said that it would close after a response, or was refused.
  case finished
  /// No request came for too long.
  case idle
  /// A request or the taking of a response was too slow.
  case slow
  /// Its client had enough of them.
  case refused
  /// The origin is stopping.
  case draining
  /// A response could not be completed, or what came was not understood.
  case failed
}

/// Connections of one event loop, as sums.
struct ConnectionFigures: Hashable, Sendable {
  private(set) var openedCount: UInt64 = 0
  private(set) var closedCounts = [UInt64](repeating: 0, count: ConnectionEnding.allCases.count)

  var openCount: UInt64 { openedCount - closedCounts.reduce(0, +) }

  mutating func opened() { openedCount += 1 }
  mutating func closed(_ ending: ConnectionEnding) { closedCounts[ending.rawValue] += 1 }

  mutating func add(_ other: ConnectionFigures) {
    openedCount += other.openedCount
    for index in closedCounts.indices { closedCounts[index] += other.closedCounts[index] }
  }
}
