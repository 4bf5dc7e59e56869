import Glibc
package import NIOCore

/// The socket of a connection of NIO, written to past NIO and without waiting. Whoever does that has to see to it that NIO has
/// nothing left to write there, and that the channel is active: then its descriptor is open.
///
///     guard let socket = OutgoingSocket(under: context) else { … the channel has no socket … }
///     switch socket.send(head, then: file, at: 0, count: 200_000) {
///     case .taken(let byteCount): … what is missing is for later: the system takes no more now …
///     case .fileIsCutShort, .broken: … the connection is over …
///     }
package struct OutgoingSocket: Sendable {
  package enum Outcome: Hashable, Sendable {
    /// So many bytes, of all that was to be sent.
    case taken(Int)
    /// The file has no such bytes any more.
    case fileIsCutShort
    /// Nothing can be sent there.
    case broken
  }

  private let descriptor: CInt

  init(descriptor: CInt) { self.descriptor = descriptor }

  /// `nil` if the channel of a handler has no socket, or none any more.
  package init?(under context: ChannelHandlerContext) {
    let found = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) {
      $0
    }
    guard let found else { return nil }
    descriptor = found
  }

  /// Sends bytes (send(2)).
  package func send(_ bytes: ByteBuffer) -> Outcome { send(bytes, flags: 0) }

  /// Sends runs of bytes together (sendmsg(2)): as many of them, of the first `IOV_MAX`, as the system takes.
  package func send(_ runs: [ByteBuffer]) -> Outcome {
    var vectors = unsafe [iovec]()
    unsafe vectors.reserveCapacity(min(runs.count, Self.vectorCount))
    for run in runs.prefix(Self.vectorCount) {
      // Their storage stays where it is as long as `runs` does; they are only read from, whatever the type says.
      unsafe run.withUnsafeReadableBytesWithStorageManagement { bytes, _ in
        unsafe vectors.append(
          iovec(iov_base: .init(mutating: bytes.baseAddress), iov_len: bytes.count))
      }
    }
    return withExtendedLifetime(runs) {
      unsafe vectors.withUnsafeMutableBufferPointer { vectors in
        var message = unsafe msghdr()
        unsafe (message.msg_iov, message.msg_iovlen) = (vectors.baseAddress, vectors.count)
        return taken(nothing: .taken(0)) {
          unsafe sendmsg(descriptor, &message, CInt(MSG_NOSIGNAL))
        }
      }
    }
  }

  /// `IOV_MAX` of Linux (<limits.h>, UIO_MAXIOV).
  private static let vectorCount = 1024

  /// Sends bytes, not in a packet of their own, and behind them some of a file, which the system does not copy
  /// (sendfile(2)).
  ///
  /// - Parameter count: bytes of the file, from 1.
  package func send(
    _ head: ByteBuffer, then file: ReadableFile, at offset: Int64, count: Int
  ) -> Outcome {
    let sent = send(head, flags: CInt(MSG_MORE))
    guard sent == .taken(head.readableBytes) else { return sent }
    var place = off_t(offset)
    let rest = taken(nothing: .fileIsCutShort) {
      unsafe sendfile(descriptor, file.descriptor, &place, count)
    }
    guard case .taken(let byteCount) = rest else { return rest }
    // The end of a file and a full socket look the same.
    guard byteCount == count || !file.isCutShort else { return .fileIsCutShort }
    return .taken(head.readableBytes + byteCount)
  }

  /// Sets an option of TCP (tcp(7)); nothing is lost where the socket has none such.
  package func setTCPOption(_ name: CInt, _ value: CInt) {
    var value = value
    _ = unsafe setsockopt(
      descriptor, CInt(IPPROTO_TCP), name, &value, socklen_t(MemoryLayout<CInt>.size))
  }

  private func send(_ bytes: ByteBuffer, flags: CInt) -> Outcome {
    unsafe bytes.withUnsafeReadableBytes { bytes in
      taken(nothing: .taken(0)) {
        unsafe Glibc.send(
          descriptor, bytes.baseAddress, bytes.count, flags | CInt(MSG_NOSIGNAL))
      }
    }
  }

  /// - Parameter nothing: what it means that no byte was sent.
  private func taken(nothing: Outcome, _ call: () -> Int) -> Outcome {
    while true {
      let byteCount = call()
      if byteCount > 0 { return .taken(byteCount) }
      if byteCount == 0 { return nothing }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .taken(0)
      default: return .broken
      }
    }
  }
}
