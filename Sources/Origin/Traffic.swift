/// What one event loop has answered, as sums; those of several loops add up.
struct Traffic: Hashable, Sendable {
  /// `1xx` to `5xx`, and before them no response at all.
  static let statusClassNames = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"]

  /// `[object class][status class]`, one behind the other.
  private(set) var requestCounts = Self.table
  /// Bytes of bodies, in the same order.
  private(set) var byteCounts = Self.table
  /// Responses of which not all has left, by object class.
  private(set) var brokenCounts = [UInt64](repeating: 0, count: ObjectClass.allCases.count)
  private(set) var firstByte = Histograms(seriesCount: ObjectClass.allCases.count)
  private(set) var whole = Histograms(seriesCount: ObjectClass.allCases.count)
  /// Answers to choice reports by their status. There are as many as the origin has ways to answer.
  private(set) var reportCounts: [UInt: UInt64] = [:]
  /// Faults on request, in the order of `FaultRule.Effect.names`.
  private(set) var faultCounts = [UInt64](repeating: 0, count: FaultRule.Effect.names.count)
  private(set) var players = PlayerFigures()

  private static let table = [UInt64](
    repeating: 0, count: ObjectClass.allCases.count * statusClassNames.count)

  func index(_ objectClass: ObjectClass, statusClass: Int) -> Int {
    objectClass.rawValue * Self.statusClassNames.count + statusClass
  }

  mutating func record(_ record: ExchangeRecord) {
    let series = record.objectClass.rawValue
    let index = index(record.objectClass, statusClass: Int(min(record.status ?? 0, 599)) / 100)
    requestCounts[index] += 1
    byteCounts[index] &+= UInt64(max(0, record.byteCount))
    if let time = record.timeToFirstByte { firstByte.record(time, in: series) }
    if record.isComplete {
      whole.record(record.duration, in: series)
    } else {
      brokenCounts[series] += 1
    }
    for effect in record.faults {
      if let index = FaultRule.Effect.names.firstIndex(of: effect.name) { faultCounts[index] += 1 }
    }
    if record.objectClass == .report, let status = record.status {
      reportCounts[status, default: 0] += 1
    }
  }

  mutating func record(_ data: ClientData) { players.record(data) }

  mutating func add(_ other: Traffic) {
    for index in requestCounts.indices {
      requestCounts[index] += other.requestCounts[index]
      byteCounts[index] &+= other.byteCounts[index]
    }
    for index in brokenCounts.indices { brokenCounts[index] += other.brokenCounts[index] }
    firstByte.add(other.firstByte)
    whole.add(other.whole)
    reportCounts.merge(other.reportCounts, uniquingKeysWith: +)
    for index in faultCounts.indices { faultCounts[index] += other.faultCounts[index] }
    players.add(other.players)
  }
}

/// What players say of themselves (CMCD), as sums. No name that they give becomes a label: whoever asks could make as
/// many series as they like.
struct PlayerFigures: Hashable, Sendable {
  /// A sum and of how many.
  struct Sum: Hashable, Sendable {
    var count: UInt64 = 0
    var total: UInt64 = 0

    /// What is beyond `limit` is nobody's true figure.
    mutating func record(_ value: Int?, limit: Int) {
      guard let value, (0...limit).contains(value) else { return }
      count += 1
      total &+= UInt64(value)
    }

    mutating func add(_ other: Sum) {
      count += other.count
      total &+= other.total
    }
  }

  private(set) var requestCount: UInt64 = 0
  private(set) var ignoredCount: UInt64 = 0
  private(set) var starvationCount: UInt64 = 0
  private(set) var startupCount: UInt64 = 0
  /// Milliseconds.
  private(set) var bufferLength = Sum()
  /// Kilobits per second.
  private(set) var bitrate = Sum()
  private(set) var throughput = Sum()

  mutating func record(_ data: ClientData) {
    requestCount += 1
    ignoredCount += UInt64(data.ignoredCount)
    if data[.bufferStarvation] == .boolean(true) { starvationCount += 1 }
    if data[.startup] == .boolean(true) { startupCount += 1 }
    bufferLength.record(data.integer(.bufferLength), limit: 86_400_000)
    bitrate.record(data.integer(.bitrate), limit: 10_000_000)
    throughput.record(data.integer(.measuredThroughput), limit: 100_000_000)
  }

  mutating func add(_ other: PlayerFigures) {
    requestCount += other.requestCount
    ignoredCount += other.ignoredCount
    starvationCount += other.starvationCount
    startupCount += other.startupCount
    bufferLength.add(other.bufferLength)
    bitrate.add(other.bitrate)
    throughput.add(other.throughput)
  }
}
