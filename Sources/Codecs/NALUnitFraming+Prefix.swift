package import NIOCore

extension NALUnitFraming {
  /// Makes a sample of which only the first bytes were read one that can be read: its last NAL unit
  /// ends where the bytes do.
  package func endLastUnit(of bytes: inout ByteBuffer) {
    guard case .lengthPrefixed(let size) = self else { return }
    var at = bytes.readerIndex
    while bytes.writerIndex - at > size.byteCount {
      let left = bytes.writerIndex - at - size.byteCount
      let length: Int? =
        switch size {
        case .one: bytes.getInteger(at: at, as: UInt8.self).map(Int.init)
        case .two: bytes.getInteger(at: at, as: UInt16.self).map(Int.init)
        case .four: bytes.getInteger(at: at, as: UInt32.self).map(Int.init)
        }
      guard let length else { return }
      if length > left {
        switch size {
        case .one: bytes.setInteger(UInt8(left), at: at)
        case .two: bytes.setInteger(UInt16(left), at: at)
        case .four: bytes.setInteger(UInt32(left), at: at)
        }
        return
      }
      at += size.byteCount + length
    }
    // Not even the length is whole.
    bytes.moveWriterIndex(to: at)
  }
}
