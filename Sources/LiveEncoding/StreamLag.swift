/// How far reading is behind a stream that comes at its own pace.
///
///     var lag = StreamLag()
///     let late = lag.seconds(at: now, since: lastWait, presented: time)
///
/// Whoever had to wait for the stream is not behind. From then on pictures are late by as much as they come later than the
/// last one of that time did, each by its own time: so neither bursts nor clocks that drift apart count.
struct StreamLag {
  /// Nanoseconds from when a picture is presented to when it is here, while nothing waits to be read.
  private var usual: Int64?

  /// Seconds within which there was nothing to read.
  private static let recently = 0.5

  /// - Parameters:
  ///   - now: nanoseconds since 1970.
  ///   - waited: seconds since there was last nothing to read.
  ///   - time: of the picture, nanoseconds since 1970.
  mutating func seconds(at now: Int64, waited: Double, time: Int64) -> Double {
    let distance = now - time
    guard waited > Self.recently, let usual else {
      usual = distance
      return 0
    }
    return max(0, Double(distance - usual) / 1e9)
  }
}
