import NIOCore

/// The body of a request while it comes: read piece by piece, and no faster than that from the network.
/// Belongs to one event loop.
final class IncomingBody {
  enum Piece {
    case bytes(ByteBuffer)
    case end
    /// The client has gone, or what it sent is no body.
    case cutOff
  }

  /// Called once, when somebody begins to read.
  var onWanted: () -> Void = {}
  /// Called with the bytes that have been read.
  var onTaken: (Int) -> Void = { _ in }

  private var waiting = ByteBuffer()
  private var reader: ((Piece) -> Void)?
  private var isBegun = false
  private(set) var isOver = false
  private var isCutOff = false

  /// Whether all of it has come, be it read or not.
  var isWhole: Bool { isOver && !isCutOff }

  /// Whether the reader waits for the client.
  var isStarving: Bool { reader != nil }

  /// Whether more should be taken from the network.
  var isWanted: Bool { isBegun && !isOver && waiting.readableBytes < Limits.uploadWindow }

  /// Gets the next piece, now or when it comes. One reader at a time.
  func read(_ body: @escaping (Piece) -> Void) {
    reader = body
    if !isBegun {
      isBegun = true
      onWanted()
    }
    deliver()
  }

  func append(_ bytes: ByteBuffer) {
    guard !isOver else { return }
    if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeImmutableBuffer(bytes) }
    deliver()
  }

  /// All of it has come.
  func finish() {
    isOver = true
    deliver()
  }

  /// The rest will not come.
  func cutOff() {
    guard !isOver else { return }
    (isOver, isCutOff) = (true, true)
    waiting.clear()
    deliver()
  }

  /// Nobody will read the rest.
  func abandon() {
    reader = nil
    isOver = true
    waiting.clear()
  }

  private func deliver() {
    guard let reader else { return }
    if waiting.readableBytes > 0 {
      let bytes = waiting
      waiting = ByteBuffer()
      self.reader = nil
      onTaken(bytes.readableBytes)
      reader(.bytes(bytes))
    } else if isOver {
      self.reader = nil
      reader(isCutOff ? .cutOff : .end)
    } else {
      onTaken(0)
    }
  }
}
