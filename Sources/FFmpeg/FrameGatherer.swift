import Codecs
import NIOCore

/// Puts the frames of E-AC-3 that libavformat delivers together to access units of six blocks.
///
/// Both passes over a file use it, so that both count the same samples.
struct FrameGatherer {
  private var pending = ByteBuffer()
  private var blockCount = 0

  /// Takes the frames of a packet.
  /// - Returns: the access unit that they complete; `nil` while it is not whole.
  /// - Throws: `CodecsError`
  mutating func take(_ packet: ByteBuffer) throws -> ByteBuffer? {
    let unit = try EAC3AccessUnit(
      in: packet, at: packet.readerIndex, count: packet.readableBytes)
    if pending.readableBytes == 0, unit.isWhole { return packet }
    guard blockCount + unit.blockCount <= 6 else {
      throw CodecsError(
        .invalidValue,
        "E-AC-3: frames of \(blockCount) and \(unit.blockCount) blocks do not add up to six")
    }
    pending.writeImmutableBuffer(packet)
    blockCount += unit.blockCount
    guard blockCount == 6 else { return nil }
    defer {
      pending = ByteBuffer()
      blockCount = 0
    }
    return pending
  }

  /// Nothing waits: the next packet begins an access unit.
  var isEmpty: Bool { pending.readableBytes == 0 }
}
