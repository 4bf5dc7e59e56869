import NIOCore

/// How often something has happened in a while.
struct FrameCount {
  private var start = NIODeadline.uptimeNanoseconds(0)
  private var count = 0

  /// - Returns: how often with this one.
  mutating func add(now: NIODeadline) -> Int {
    if now >= start + Limits.frameCountingTime { (start, count) = (now, 0) }
    count += 1
    return count
  }
}
