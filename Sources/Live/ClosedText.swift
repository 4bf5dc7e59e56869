package import NIOCore

/// The text of listed segments that does not change any more, in blocks: a new version of the playlist
/// shares all of them, and a block is written to only while it is the last.
package struct ClosedText: Sendable {
  package struct Block: Sendable {
    /// Segments.
    package var first: Int64
    package var count: Int
    package var text = ByteBuffer()

    /// Nothing is added to it any more, and nothing has been taken away.
    package var isFull: Bool { count == ClosedText.blockSegmentCount }
  }

  package private(set) var blocks = CircularBuffer<Block>()

  static let blockSegmentCount = 64

  /// The number of the segment that comes next; `nil` while there is none.
  var end: Int64? { blocks.last.map { $0.first + Int64($0.count) } }

  mutating func append(_ number: Int64, _ text: String) {
    if blocks.last.map({ $0.count >= Self.blockSegmentCount }) ?? true {
      blocks.append(Block(first: number, count: 0))
    }
    let last = blocks.index(before: blocks.endIndex)
    blocks[last].count += 1
    blocks[last].text.writeString(text)
  }

  /// - Parameters:
  ///   - number: of the first one that is listed, whether or not its text is here.
  ///   - text: that of it.
  mutating func removeFirst(_ number: Int64, _ text: String) {
    guard let first = blocks.first, first.first == number else { return }
    guard first.count > 1 else {
      blocks.removeFirst()
      return
    }
    blocks[blocks.startIndex].first += 1
    blocks[blocks.startIndex].count -= 1
    blocks[blocks.startIndex].text.moveReaderIndex(forwardBy: text.utf8.count)
  }
}
