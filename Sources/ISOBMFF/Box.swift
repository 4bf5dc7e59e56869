package import NIOCore

/// The type and extent of a box (ISO/IEC 14496-12 §4.2.2).
package struct BoxHeader: Hashable, Sendable {
  package var type: FourCC
  /// Bytes of the header: 8, 16 with a 64-bit size, 16 more for a `uuid`.
  package var headerByteCount: Int
  /// Bytes of the whole box; `nil` if it reaches to the end of the file.
  package var byteCount: Int64?

  /// The most bytes a header can have.
  package static let maximumByteCount = 16

  package init(type: FourCC, headerByteCount: Int, byteCount: Int64?) {
    self.type = type
    self.headerByteCount = headerByteCount
    self.byteCount = byteCount
  }

  /// Reads a header from the front of `bytes`.
  /// - Returns: `nil` if `bytes` are too few.
  /// - Throws: `.badSize` for a size smaller than the header or beyond 63 bits.
  package init?(parsing bytes: ByteBuffer, where place: @autoclosure () -> String)
    throws(ISOBMFFError)
  {
    let start = bytes.readerIndex
    guard let small = bytes.getInteger(at: start, as: UInt32.self),
      let type = bytes.getInteger(at: start + 4, as: UInt32.self)
    else { return nil }
    self.type = FourCC(rawValue: type)
    headerByteCount = 8
    switch small {
    case 0: byteCount = nil
    case 1:
      guard let large = bytes.getInteger(at: start + 8, as: UInt64.self) else { return nil }
      headerByteCount = 16
      guard large >= 16, large <= UInt64(Int64.max) else {
        throw ISOBMFFError(
          .badSize, "\(place()): box '\(self.type)' has the size \(large); at least 16 is expected")
      }
      byteCount = Int64(large)
    default:
      guard small >= 8 else {
        throw ISOBMFFError(
          .badSize, "\(place()): box '\(self.type)' has the size \(small); at least 8 is expected")
      }
      byteCount = Int64(small)
    }
  }
}

/// A box in memory: its type, where it was found, and its payload.
package struct Box: Sendable {
  package var type: FourCC
  /// Types from the outermost box to this one: `moov/trak/tkhd`.
  package var path: String
  /// Offset of the header in the file.
  package var offset: Int64
  package var headerByteCount: Int
  package var payload: ByteBuffer

  package init(
    type: FourCC, path: String, offset: Int64, headerByteCount: Int, payload: ByteBuffer
  ) {
    self.type = type
    self.path = path
    self.offset = offset
    self.headerByteCount = headerByteCount
    self.payload = payload
  }

  /// Children of one box, at most.
  package static let maximumChildCount = 4096

  /// Where the box stands, for messages.
  package var place: String { "\(path) at byte \(offset)" }

  /// The boxes inside, after `skipped` bytes of own fields.
  /// - Throws: `.badSize` if a child does not end inside this box.
  package func children(after skipped: Int = 0) throws(ISOBMFFError) -> [Box] {
    try Box.sequence(
      in: payload, after: skipped, path: path + "/",
      offset: offset + Int64(headerByteCount), place: place)
  }

  /// Boxes that follow each other in `bytes`.
  package static func sequence(
    in bytes: ByteBuffer, after skipped: Int = 0, path: String = "", offset: Int64 = 0,
    place: String = "file"
  ) throws(ISOBMFFError) -> [Box] {
    var boxes: [Box] = []
    guard skipped <= bytes.readableBytes else {
      throw ISOBMFFError(.truncated, "\(place) is cut short")
    }
    var at = bytes.readerIndex + skipped
    while at < bytes.writerIndex {
      let left = bytes.writerIndex - at
      let position = offset + Int64(at - bytes.readerIndex)
      guard let rest = bytes.getSlice(at: at, length: left),
        let header = try BoxHeader(parsing: rest, where: "\(place), byte \(position)")
      else {
        // Some writers end a container with four zero bytes (QuickTime's terminator).
        if left <= 4 { break }
        throw ISOBMFFError(.truncated, "\(place): \(left) stray bytes at byte \(position)")
      }
      let count = header.byteCount ?? Int64(left)
      guard count <= Int64(left) else {
        throw ISOBMFFError(
          .badSize,
          "\(place): box '\(header.type)' at byte \(position) claims \(count) bytes, \(left) are left"
        )
      }
      guard boxes.count < maximumChildCount else {
        throw ISOBMFFError(.limit, "\(place) holds more than \(maximumChildCount) boxes")
      }
      guard
        let payload = rest.getSlice(
          at: rest.readerIndex + header.headerByteCount,
          length: Int(count) - header.headerByteCount)
      else {
        throw ISOBMFFError(.badSize, "\(place): box '\(header.type)' is shorter than its header")
      }
      boxes.append(
        Box(
          type: header.type, path: "\(path)\(header.type)", offset: position,
          headerByteCount: header.headerByteCount, payload: payload))
      at += Int(count)
    }
    return boxes
  }

  /// The first child of a type, `nil` if there is none.
  package func child(_ type: FourCC) throws(ISOBMFFError) -> Box? {
    try children().first { $0.type == type }
  }

  /// The first child of a type.
  /// - Throws: `.missing` with this box's path.
  package func required(_ type: FourCC) throws(ISOBMFFError) -> Box {
    guard let child = try child(type) else {
      throw ISOBMFFError(.missing, "\(place) has no '\(type)' box")
    }
    return child
  }

  /// A reader of the fields in the payload.
  package var fields: BoxFields { BoxFields(self) }
}

/// Reads the fields of one box in order; every read past the end throws with the box's place.
package struct BoxFields {
  package private(set) var bytes: ByteBuffer
  private let box: Box

  init(_ box: Box) {
    self.box = box
    bytes = box.payload
  }

  package var remaining: Int { bytes.readableBytes }

  package mutating func read<T: FixedWidthInteger>(_ type: T.Type = T.self) throws(ISOBMFFError)
    -> T
  {
    guard let value = bytes.readInteger(as: T.self) else { throw truncated() }
    return value
  }

  package mutating func skip(_ count: Int) throws(ISOBMFFError) {
    guard bytes.readableBytes >= count else { throw truncated() }
    bytes.moveReaderIndex(forwardBy: count)
  }

  package mutating func slice(_ count: Int) throws(ISOBMFFError) -> ByteBuffer {
    guard count >= 0, let slice = bytes.readSlice(length: count) else { throw truncated() }
    return slice
  }

  package mutating func code() throws(ISOBMFFError) -> FourCC {
    FourCC(rawValue: try read(UInt32.self))
  }

  /// Version and flags of a full box (§4.2.2).
  package mutating func versionAndFlags() throws(ISOBMFFError) -> (version: UInt8, flags: UInt32) {
    let word: UInt32 = try read()
    return (UInt8(word >> 24), word & 0xff_ffff)
  }

  /// An unsigned field of 32 bits in version 0 and of 64 in later ones.
  package mutating func wide(_ version: UInt8) throws(ISOBMFFError) -> UInt64 {
    version == 0 ? UInt64(try read(UInt32.self)) : try read(UInt64.self)
  }

  private func truncated() -> ISOBMFFError {
    ISOBMFFError(.truncated, "\(box.place) ends in the middle of a field")
  }
}

extension ByteBuffer {
  /// Writes a box: the header, what `body` writes, then the size that came out.
  package mutating func writeBox(_ type: FourCC, _ body: (inout ByteBuffer) -> Void) {
    let start = writerIndex
    writeInteger(UInt32(0))
    writeInteger(type.rawValue)
    body(&self)
    setInteger(UInt32(writerIndex - start), at: start)
  }

  /// Writes a full box: a box whose payload starts with a version and 24 bits of flags.
  package mutating func writeFullBox(
    _ type: FourCC, version: UInt8 = 0, flags: UInt32 = 0, _ body: (inout ByteBuffer) -> Void
  ) {
    writeBox(type) {
      $0.writeInteger(UInt32(version) << 24 | flags)
      body(&$0)
    }
  }

  package mutating func writeCode(_ code: FourCC) { writeInteger(code.rawValue) }
}
