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

  /// Hands the system as much as it takes, and no more of a file than `Limits.sentByteCount`.
  func send(behind head: ByteBuffer, to socket: OutgoingSocket) -> OutgoingSocket.Outcome {
    switch self {
    case .none: socket.send(head)
    case .bytes(let bytes): socket.send([head, bytes])
    case .file(let file, let range):
      socket.send(
        head, then: file.readable, at: range.offset,
        count: min(Int(range.count), Limits.sentByteCount))
    }
  }

  /// What is left of it behind its first bytes.
  func source(from offset: Int) -> BodySource {
    switch self {
    case .none: return .none
    case .bytes(var bytes):
      bytes.moveReaderIndex(forwardBy: offset)
      return .bytes(bytes)
    case .file(let file, let range):
      return .file(
        file.served,
        ByteRange(offset: range.offset + Int64(offset), count: range.count - Int64(offset)))
    }
  }
}

extension LoopContext {
  /// Head and body of a ready response for a client of HTTP/1.1 whose connection goes on.
  ///
  /// - Parameter sendsFiles: whether the connection has the system send files.
  /// - Returns: `nil` if the body has to be fetched.
  func message(
    of ready: ReadyResponse, sendsFiles: Bool
  ) -> (head: ByteBuffer, body: BodyAtHand)? {
    let date = dates.current()
    switch ready.response.body {
    case .bytes(let body):
      return ready.message(date: date, body: body, inlineUpTo: limits.inlineBodyByteCount)
    case .file(let file, let range) where range.count > 0:
      if let bytes = bytes(of: file, range, sendsFiles: sendsFiles) {
        return (ready.message(date: date, body: nil), .bytes(bytes))
      }
      guard sendsFiles, let open = openFile(file, of: ready) else { return nil }
      return (ready.message(date: date, body: nil), .file(open, range))
    default: return nil
    }
  }
}

extension ReadyResponse {
  /// Head and body for a client of HTTP/1.1 whose connection goes on: a small body goes in the same buffer.
  ///
  /// - Parameters:
  ///   - body: always the same.
  ///   - byteCount: what is small.
  func message(
    date: String, body: ByteBuffer, inlineUpTo byteCount: Int
  ) -> (head: ByteBuffer, body: BodyAtHand) {
    body.readableBytes <= byteCount
      ? (message(date: date, body: body), .none)
      : (message(date: date, body: nil), .bytes(body))
  }
}
