import NIOCore

/// What one viewer measured, or many together. Times in microseconds.
package struct Measurements: Sendable {
  /// From the moment at which the server could have had a chunk whole to its first byte here; only of
  /// chunks that were the newest.
  var publishToFirstByte: [Int64] = []
  /// The same to its last byte.
  var publishToLastByte: [Int64] = []
  /// From the first to the last byte of a piece of media.
  var download: [Int64] = []
  /// From a request for media that was there to the first byte of the answer.
  var firstByte: [Int64] = []
  /// Of a playlist that was held until there was something new: from the request to the first byte.
  var held: [Int64] = []
  var latency: [Int64] = []
  /// From the first request to the first picture.
  var startup: [Int64] = []
  var stalls: [Int64] = []
  /// Played, of each rung of the ladder.
  var rungTime: [Duration] = []
  var switchCount = 0
  var requestCount = 0
  var failedCount = 0
  var byteCount: Int64 = 0
  var connectionCount = 0
  /// Viewers that could not go on, by what they said.
  var failures: [String: Int] = [:]

  mutating func add(_ other: Measurements) {
    publishToFirstByte += other.publishToFirstByte
    publishToLastByte += other.publishToLastByte
    download += other.download
    firstByte += other.firstByte
    held += other.held
    latency += other.latency
    startup += other.startup
    stalls += other.stalls
    for (rung, time) in other.rungTime.enumerated() {
      while rungTime.count <= rung { rungTime.append(.zero) }
      rungTime[rung] += time
    }
    switchCount += other.switchCount
    requestCount += other.requestCount
    failedCount += other.failedCount
    byteCount += other.byteCount
    connectionCount += other.connectionCount
    for (failure, count) in other.failures {
      guard failures.count < Limits.findingCount || failures[failure] != nil else { continue }
      failures[failure, default: 0] += count
    }
  }

  /// Takes an answer, whatever it was for.
  mutating func add(_ exchange: Exchange) {
    if case .question = exchange.request.purpose { return }
    requestCount += 1
    byteCount += Int64(exchange.body.readableBytes)
    guard exchange.isGood else {
      failedCount += 1
      return
    }
    guard let first = exchange.firstByte else { return }
    switch exchange.request.purpose {
    case .media(let piece):
      download.append((exchange.lastByte - first).inMicroseconds)
      if !piece.isHinted { firstByte.append((first - exchange.asked).inMicroseconds) }
    case .playlist where exchange.request.address.target.contains("_HLS_msn="):
      held.append((first - exchange.asked).inMicroseconds)
    default: break
    }
  }

  /// Takes chunks that came.
  /// - Parameter wallOffset: what makes moments of the run times of the server's clock.
  mutating func add(_ chunks: [ChunkArrival], wallOffset: Duration) {
    for chunk in chunks where chunk.isAtEdge {
      guard let published = chunk.published else { continue }
      publishToFirstByte.append((wallOffset + chunk.firstByte - published).inMicroseconds)
      publishToLastByte.append((wallOffset + chunk.lastByte - published).inMicroseconds)
    }
  }
}

/// One moment of the first viewer, for the plots.
package struct PlaySample: Hashable, Sendable, Encodable {
  /// Seconds since the run's start.
  var time: Double
  /// Seconds; `nil` before the first picture, and of what is not live.
  var latency: Double?
  /// Seconds of media ahead of the playhead.
  var buffer: Double
  /// Bits in a second, as the document says of the rung that is played.
  var rung: Int64
  /// Bits in a second, as they are measured.
  var throughput: Int64?
  /// Of the trace.
  var link: Int64?
  var isPlaying: Bool
}
