import FileIO
import MediaCore
import NIOCore

/// A body that can be sent where it lies: in memory, or in a file that is open.
enum BodyAtHand {
  /// The head has all.
  case none
  case bytes(ByteBuffer)
  /// Of a file that the system can send by itself.
  case file(OpenFile, ByteRange)

  var byteCount: Int {
    switch self {
    case .none: 0
    case .bytes(let bytes): bytes.readableBytes
    case .file(_, let range): Int(range.count)
    }
  }

  /// Whether head and body make packets of their own unless the system is told to wait for full ones.
  var needsCork: Bool { if case .file = self { true } else { false } }

  /// Hands the system as much as it takes.
  func send(behind head: ByteBuffer, to socket: OutgoingSocket) -> OutgoingSocket.Outcome {
    switch self {
    case .none: socket.send(head)
    case .bytes(let bytes): socket.send(head, then: bytes)
    case .file(let file, let range):
      socket.send(head, then: file.readable, at: range.offset, count: Int(range.count))
    }
  }

  /// What is left of it behind its first bytes, for NIO, and the file that is borrowed until it has left.
  ///
  /// - Returns: `nil` if the file cannot be had any more.
  func rest(
    from offset: Int, of files: OpenFiles, now: NIODeadline
  ) -> (data: IOData, lease: OpenFile?)? {
    switch self {
    case .none: return nil
    case .bytes(var bytes):
      bytes.moveReaderIndex(forwardBy: offset)
      return (.byteBuffer(bytes), nil)
    case .file(let file, let range):
      guard let lease = files.lease(file.served) else { return nil }
      do {
        let region = try lease.region(
          at: range.offset + Int64(offset), count: Int(range.count) - offset)
        return (.fileRegion(region), lease)
      } catch {
        files.giveBack(lease, now: now)
        return nil
      }
    }
  }
}
