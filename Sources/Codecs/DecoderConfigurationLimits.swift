import NIOCore

/// Limits on what `avcC` and `hvcC` carry.
package enum DecoderConfigurationLimits {
  /// Bytes of a record.
  package static let byteCount = 1 << 20
  /// Arrays in `hvcC`: one of each type that may stand there, and room for the unknown.
  package static let arrayCount = 32
  /// NAL units of a record.
  package static let nalUnitCount = 1024
}

/// Takes NAL units with 16-bit lengths out of a record, with a teaching error when they end early.
struct RecordReader {
  let subject: String
  private var buffer: ByteBuffer
  private let byteCount: Int

  init(_ buffer: ByteBuffer, of subject: String) throws {
    self.subject = subject
    self.buffer = buffer
    byteCount = buffer.readableBytes
    guard byteCount <= DecoderConfigurationLimits.byteCount else {
      throw CodecsError(
        .limitExceeded,
        "\(subject): \(byteCount) bytes, at most \(DecoderConfigurationLimits.byteCount) are read")
    }
  }

  var remaining: Int { buffer.readableBytes }

  mutating func integer<Number: FixedWidthInteger>(_ field: StaticString, as: Number.Type)
    throws -> Number
  {
    guard let value = buffer.readInteger(as: Number.self) else { throw truncated(field) }
    return value
  }

  mutating func byte(_ field: StaticString) throws -> UInt8 { try integer(field, as: UInt8.self) }

  mutating func slice(_ field: StaticString, byteCount: Int) throws -> ByteBuffer {
    guard let slice = buffer.readSlice(length: byteCount) else { throw truncated(field) }
    return slice
  }

  /// NAL units, each behind its length of 16 bits.
  mutating func nalUnits(_ field: StaticString, count: Int) throws -> [ByteBuffer] {
    guard count <= DecoderConfigurationLimits.nalUnitCount else {
      throw CodecsError(
        .limitExceeded,
        "\(subject): \(count) \(field), at most \(DecoderConfigurationLimits.nalUnitCount)")
    }
    var units: [ByteBuffer] = []
    for _ in 0..<count {
      let unit = try slice(field, byteCount: Int(try integer(field, as: UInt16.self)))
      // A copy: a slice would keep the whole file header in memory.
      units.append(ByteBuffer(bytes: unit.readableBytesView))
    }
    return units
  }

  func version(_ found: UInt8) throws {
    guard found == 1 else {
      throw CodecsError(
        .unsupported, "\(subject): configurationVersion is \(found), only 1 is known")
    }
  }

  private func truncated(_ field: StaticString) -> CodecsError {
    CodecsError(
      .truncated,
      "\(subject): its \(byteCount) bytes end inside \(field) at byte "
        + "\(byteCount - buffer.readableBytes); the box is cut or damaged")
  }
}

/// How many bytes a NAL unit's length takes in a sample (ISO/IEC 14496-15 §5.3.3.1.2).
package enum NALUnitLengthSize: UInt8, Hashable, Sendable, CaseIterable {
  case one = 1
  case two = 2
  case four = 4

  package var byteCount: Int { Int(rawValue) }

  init(minusOne: UInt8, of subject: String) throws {
    guard let size = Self(rawValue: minusOne & 3 + 1) else {
      throw CodecsError(
        .invalidValue, "\(subject): NAL unit lengths of 3 bytes; 1, 2 or 4 are allowed")
    }
    self = size
  }
}

/// Checks that NAL units fit their 16-bit length and are not empty.
func checkRecordUnits(_ units: [ByteBuffer], atMost count: Int, _ name: String) throws {
  guard units.count <= count else {
    throw CodecsError(
      .limitExceeded, "\(units.count) \(name) NAL units, a record takes at most \(count)")
  }
  for unit in units where !(1...Int(UInt16.max)).contains(unit.readableBytes) {
    throw CodecsError(
      .limitExceeded,
      "a \(name) NAL unit has \(unit.readableBytes) bytes, a record takes 1 to \(UInt16.max)")
  }
}

extension ByteBuffer {
  /// A NAL unit behind its 16-bit length; the caller has checked that it fits.
  mutating func writeRecordUnit(_ unit: ByteBuffer) {
    writeInteger(UInt16(unit.readableBytes))
    writeImmutableBuffer(unit)
  }
}
