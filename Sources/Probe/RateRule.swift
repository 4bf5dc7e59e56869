/// How fast the link is, by what came over it: two means that forget at different speeds, of which the
/// lower counts.
struct Throughput: Sendable {
  /// A mean in which the weight of a sample halves with each such length of transfer after it.
  private struct Mean {
    let halfLife: Double
    var value = 0.0
    var weight = 0.0

    init(halfLife: Double) { self.halfLife = halfLife }

    mutating func add(_ sample: Double, seconds: Double) {
      let kept = exponent(seconds / halfLife)
      value = value * kept + sample * (1 - kept)
      weight = weight * kept + (1 - kept)
    }

    /// 2 to the power of -x, without a library: x is small and not negative.
    private func exponent(_ x: Double) -> Double {
      var result = 1.0
      for _ in 0..<min(Int(x), 60) { result /= 2 }
      let rest = (x - Double(Int(x))) * -0.693_147_180_559_945
      var (term, sum) = (1.0, 1.0)
      for index in 1..<16 {
        term *= rest / Double(index)
        sum += term
      }
      return result * sum
    }

    var mean: Double? { weight > 0 ? value / weight : nil }
  }

  private var fast = Mean(halfLife: 1)
  private var slow = Mean(halfLife: 4)

  /// Transfers of fewer bytes say more of the answer's beginning than of the link.
  static let leastByteCount = 4096

  mutating func add(_ transfer: (byteCount: Int, length: Duration)) {
    guard transfer.byteCount >= Self.leastByteCount, transfer.length > .zero else { return }
    let seconds = max(transfer.length.inSeconds, 1e-5)
    let rate = Double(transfer.byteCount) * 8 / seconds
    fast.add(rate, seconds: seconds)
    slow.add(rate, seconds: seconds)
  }

  /// Bits in a second; `nil` before anything is known.
  var bitsPerSecond: Int64? {
    guard let fast = fast.mean, let slow = slow.mean else { return nil }
    return Int64(min(fast, slow, 1e15))
  }
}

/// Which rung of a ladder is played next.
///
/// The highest whose bandwidth is within the safe share of what the link carries; a rung higher only
/// with media in the buffer, and the share halves when there is almost none.
struct RateRule: Sendable {
  /// Bits in a second, the lowest first.
  let ladder: [Int64]

  /// Of the measured rate.
  static let safePercent: Int64 = 80

  /// - Parameters:
  ///   - buffered: media ahead of the playhead.
  ///   - full: the buffer that the player means to have: hold-back of a live stream.
  func rung(
    after rung: Int, bitsPerSecond: Int64?, buffered: Duration, full: Duration
  ) -> Int {
    guard let bitsPerSecond, !ladder.isEmpty else { return rung }
    let isLow = buffered < full / 4
    let safe = bitsPerSecond / 100 * (isLow ? Self.safePercent / 2 : Self.safePercent)
    let best = ladder.lastIndex { $0 <= safe } ?? 0
    if best > rung { return buffered < full / 2 ? rung : best }
    return best
  }
}
