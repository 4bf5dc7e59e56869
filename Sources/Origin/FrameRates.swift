import NIOCore

/// How many of the frames that cost a client nothing and the origin something one connection of HTTP/2 may send: more
/// end it with `ENHANCE_YOUR_CALM` (RFC 9113 §10.5).
struct FrameRates {
  private let controlFrameCount: Int
  private let resetStreamCount: Int
  private var controlFrames = FrameCount()
  private var resets = FrameCount()
  private var updateCount = 0

  init(limits: Limits) {
    (controlFrameCount, resetStreamCount) = (limits.controlFrameCount, limits.resetStreamCount)
  }

  mutating func countControlFrame(now: NIODeadline) throws(HTTP2Fault) {
    guard controlFrames.add(now: now) <= controlFrameCount else {
      throw HTTP2Fault(.enhanceYourCalm)
    }
  }

  /// A request that the client, or a mistake of its, has ended early.
  mutating func countReset(now: NIODeadline) throws(HTTP2Fault) {
    guard resets.add(now: now) <= resetStreamCount else {
      throw HTTP2Fault(.enhanceYourCalm)
    }
  }

  mutating func countPriorityUpdate() throws(HTTP2Fault) {
    updateCount += 1
    guard updateCount <= controlFrameCount else { throw HTTP2Fault(.enhanceYourCalm) }
  }

  /// Called at every sweep.
  mutating func secondPassed() { updateCount = 0 }
}
