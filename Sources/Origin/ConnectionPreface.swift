import NIOCore

/// What a client of HTTP/2 sends first (RFC 9113 §3.4): no server of HTTP/1.1 takes it for a request.
enum ConnectionPreface {
  static let bytes = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  /// Whether `received` begins with it; `nil` as long as it may.
  static func begins(_ received: ByteBuffer) -> Bool? {
    let view = received.readableBytesView
    guard bytes.starts(with: view.prefix(bytes.count)) else { return false }
    return view.count >= bytes.count ? true : nil
  }
}
