/// What a client may send of all streams of a connection together (RFC 9113 §6.9.1). What is kept of it is bounded by
/// the window of each stream, so that this one is opened again whatever has become of the bytes.
struct ReceiveWindow {
  private var left = Limits.initialWindow
  private var full = Limits.initialWindow

  /// - Returns: bytes by which the client is to be told that it may send more, if they are worth a frame.
  /// - Throws: `FLOW_CONTROL_ERROR` if it may not have sent as many.
  mutating func take(_ byteCount: Int) throws(HTTP2Fault) -> Int? {
    left -= byteCount
    guard left >= 0 else { throw HTTP2Fault(.flowControlError) }
    return left < full / 2 ? open() : nil
  }

  /// Makes it as wide as the uploads of a connection of their own are.
  ///
  /// - Returns: as `take`.
  mutating func widen() -> Int? {
    guard full < Limits.uploadWindow else { return nil }
    full = Limits.uploadWindow
    return open()
  }

  private mutating func open() -> Int {
    defer { left = full }
    return full - left
  }
}
