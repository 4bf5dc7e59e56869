import NIOCore

/// The header of the PROXY protocol, version 1 or 2: for whom a load balancer in front has opened the
/// connection. Clauses are those of HAProxy's proxy-protocol.txt.
///
///     PROXY TCP4 192.0.2.1 198.51.100.7 40000 443
struct ProxyHeader: Hashable, Sendable {
  /// What is no such header; connections that begin so are closed.
  struct Malformed: Error, Hashable { var reason: String }

  /// `nil`: the balancer speaks for itself (`LOCAL`) or does not say for whom (`UNKNOWN`).
  var source: SocketAddress?

  init(source: SocketAddress?) { self.source = source }

  /// Takes a header from the front of `buffer`.
  ///
  /// - Returns: `nil`, with nothing taken, if more bytes are needed.
  /// - Throws: as soon as it cannot become one any more.
  static func take(from buffer: inout ByteBuffer) throws(Malformed) -> ProxyHeader? {
    let bytes = buffer.readableBytesView
    guard let first = bytes.first else { return nil }
    let signature = first == lineSignature[0] ? lineSignature : binarySignature
    guard bytes.starts(with: signature.prefix(bytes.count)) else {
      throw Malformed(reason: "neither version begins like this")
    }
    guard bytes.count >= signature.count else { return nil }
    return first == lineSignature[0] ? try takeLine(&buffer) : try takeBinary(&buffer)
  }

  // MARK: Version 1 (2.1)

  private static let lineSignature = Array("PROXY ".utf8)
  /// "107 bytes … is always enough", with CR LF.
  private static let lineByteCount = 107

  private static func takeLine(_ buffer: inout ByteBuffer) throws(Malformed) -> ProxyHeader? {
    let bytes = buffer.readableBytesView.prefix(lineByteCount)
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else {
      guard bytes.count < lineByteCount else { throw Malformed(reason: "the line is too long") }
      return nil
    }
    var line = bytes[..<end]
    guard line.popLast() == UInt8(ascii: "\r") else {
      throw Malformed(reason: "CR LF ends the line")
    }
    buffer.moveReaderIndex(to: end + 1)
    let words = String(decoding: line, as: UTF8.self)
      .split(separator: " ", omittingEmptySubsequences: false)
    // "For UNKNOWN … the receiver must ignore anything presented before the CRLF".
    if words[1] == "UNKNOWN" { return ProxyHeader(source: nil) }
    guard words.count == 6 else { throw Malformed(reason: "the line has six words") }
    let source = try address(words[2], words[4], family: words[1])
    _ = try address(words[3], words[5], family: words[1])
    return ProxyHeader(source: source)
  }

  private static func address(
    _ text: Substring, _ port: Substring, family: Substring
  ) throws(Malformed) -> SocketAddress {
    guard port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), port == "0" || port.first != "0",
      let number = UInt16(port)
    else { throw Malformed(reason: "a port is 0 to 65535") }
    switch (family, try? SocketAddress(ipAddress: String(text), port: Int(number))) {
    case ("TCP4", .v4(let address)?): return .v4(address)
    case ("TCP6", .v6(let address)?): return .v6(address)
    case ("TCP4", _), ("TCP6", _): throw Malformed(reason: "an address is not of its family")
    default: throw Malformed(reason: "the family is TCP4, TCP6 or UNKNOWN")
    }
  }

  // MARK: Version 2 (2.2)

  private static let binarySignature: [UInt8] = [
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a,
  ]

  private static func takeBinary(_ buffer: inout ByteBuffer) throws(Malformed) -> ProxyHeader? {
    var rest = buffer
    rest.moveReaderIndex(forwardBy: binarySignature.count)
    guard let (command, family, count) = rest.readMultipleIntegers(as: (UInt8, UInt8, UInt16).self)
    else { return nil }
    guard command >> 4 == 2, command & 15 <= 1 else {
      throw Malformed(reason: "version 2 has the commands LOCAL and PROXY")
    }
    guard count <= Limits.proxyHeaderByteCount else { throw Malformed(reason: "it is too long") }
    guard var block = rest.readSlice(length: Int(count)) else { return nil }
    buffer = rest
    // "LOCAL … must discard the protocol block including the family which is ignored".
    if command & 15 == 0 { return ProxyHeader(source: nil) }
    // What follows the addresses are TLVs: vectors that nobody here asks for.
    switch family {
    case 0x11: return ProxyHeader(source: try source(&block, byteCount: 4, of: 12))
    case 0x21: return ProxyHeader(source: try source(&block, byteCount: 16, of: 36))
    case 0x31:
      guard block.readableBytes >= 216 else { throw Malformed(reason: "addresses are missing") }
      return ProxyHeader(source: nil)
    case 0x00: return ProxyHeader(source: nil)
    default: throw Malformed(reason: "the family is a stream over IPv4, IPv6 or a Unix socket")
    }
  }

  /// - Parameters:
  ///   - byteCount: of one address.
  ///   - total: bytes of both addresses and ports.
  private static func source(
    _ block: inout ByteBuffer, byteCount: Int, of total: Int
  ) throws(Malformed) -> SocketAddress {
    guard block.readableBytes >= total, let address = block.readSlice(length: byteCount),
      let port = block.getInteger(at: block.readerIndex + byteCount, as: UInt16.self),
      let source = try? SocketAddress(packedIPAddress: address, port: Int(port))
    else { throw Malformed(reason: "addresses are missing") }
    return source
  }
}
