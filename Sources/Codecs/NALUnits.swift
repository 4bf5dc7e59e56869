package import NIOCore

/// Where one NAL unit lies in a buffer, without its length or start code.
package struct NALUnitRange: Hashable, Sendable {
  /// Index of the header byte in the buffer.
  package var offset: Int
  /// Bytes of the NAL unit, its header included; at least 1.
  package var count: Int

  @inlinable
  package init(offset: Int, count: Int) {
    self.offset = offset
    self.count = count
  }

  package var end: Int { offset + count }
}

/// How NAL units lie one after the other in a sample.
package enum NALUnitFraming: Hashable, Sendable {
  /// Each behind its length (ISO/IEC 14496-15 §5.3.2).
  case lengthPrefixed(NALUnitLengthSize)
  /// Each behind a start code (ISO/IEC 14496-10 Annex B).
  case annexB
}

/// The NAL units of a run of bytes in a buffer, found one after the other without a copy.
///
///     var units = try NALUnits.lengthPrefixed(in: buffer, at: 0, count: size, lengthSize: .four)
///     while let unit = try units.next() { … }
package struct NALUnits: Sendable {
  private let buffer: ByteBuffer
  private let framing: NALUnitFraming
  private let start: Int
  private let end: Int
  private var index: Int

  /// NAL units of a sample of an MP4 file. Empty ones are passed over, as zeros at the end.
  ///
  /// - Throws: `.truncated` when the buffer does not hold the run.
  package static func lengthPrefixed(
    in buffer: ByteBuffer, at offset: Int, count: Int, lengthSize: NALUnitLengthSize
  ) throws -> NALUnits {
    try NALUnits(in: buffer, at: offset, count: count, framing: .lengthPrefixed(lengthSize))
  }

  /// NAL units of a byte stream, without the zeros around them. Bytes before the first start code
  /// are passed over.
  package static func annexB(in buffer: ByteBuffer) -> NALUnits {
    NALUnits(
      buffer: buffer, framing: .annexB, start: buffer.readerIndex, end: buffer.writerIndex)
  }

  /// - Throws: `.truncated` when the buffer does not hold the run.
  package init(
    in buffer: ByteBuffer, at offset: Int, count: Int, framing: NALUnitFraming
  ) throws {
    guard
      offset >= buffer.readerIndex, count >= 0, offset <= buffer.writerIndex,
      count <= buffer.writerIndex - offset
    else {
      throw CodecsError(
        .truncated,
        "sample of \(count) bytes at \(offset): the buffer holds bytes \(buffer.readerIndex) to "
          + "\(buffer.writerIndex); read the whole sample first")
    }
    self.init(buffer: buffer, framing: framing, start: offset, end: offset + count)
  }

  private init(buffer: ByteBuffer, framing: NALUnitFraming, start: Int, end: Int) {
    self.buffer = buffer
    self.framing = framing
    self.start = start
    self.end = end
    switch framing {
    case .lengthPrefixed: index = start
    case .annexB:
      index = start
      index = nextStartCode(from: start).map { $0 + 3 } ?? end
    }
  }

  /// The next NAL unit, `nil` after the last.
  ///
  /// - Throws: `.truncated` for a length that leads past the end; never with start codes.
  package mutating func next() throws -> NALUnitRange? {
    switch framing {
    case .lengthPrefixed(let size): try nextBehindLength(of: size)
    case .annexB: nextBehindStartCode()
    }
  }

  private mutating func nextBehindLength(of size: NALUnitLengthSize) throws -> NALUnitRange? {
    while index < end {
      let width = size.byteCount
      guard end - index >= width, let length = length(at: index, size) else {
        guard isZero(from: index) else { throw past(index, end - index, size) }
        index = end
        return nil
      }
      let offset = index + width
      guard length <= end - offset else { throw past(index, length, size) }
      index = offset + length
      if length > 0 { return NALUnitRange(offset: offset, count: length) }
    }
    return nil
  }

  private func length(at index: Int, _ size: NALUnitLengthSize) -> Int? {
    switch size {
    case .one: buffer.getInteger(at: index, as: UInt8.self).map(Int.init)
    case .two: buffer.getInteger(at: index, as: UInt16.self).map(Int.init)
    case .four: buffer.getInteger(at: index, as: UInt32.self).map(Int.init)
    }
  }

  private func isZero(from index: Int) -> Bool {
    (index..<end).allSatisfy { buffer.getInteger(at: $0, as: UInt8.self) == 0 }
  }

  private func past(_ index: Int, _ length: Int, _ size: NALUnitLengthSize) -> CodecsError {
    CodecsError(
      .truncated,
      "NAL unit at byte \(index - start) of a sample of \(end - start): its \(size.byteCount)-byte "
        + "length leads past the end (\(length) bytes); the sample is cut, or its record states "
        + "the wrong length size")
  }

  private mutating func nextBehindStartCode() -> NALUnitRange? {
    while index < end {
      let offset = index
      var stop = end
      if let code = nextStartCode(from: index) {
        stop = code
        index = code + 3
      } else {
        index = end
      }
      // trailing_zero_8bits and the zero_byte of the next start code: no NAL unit ends in zero.
      while stop > offset, buffer.getInteger(at: stop - 1, as: UInt8.self) == 0 { stop -= 1 }
      if stop > offset { return NALUnitRange(offset: offset, count: stop - offset) }
    }
    return nil
  }

  /// Index of the next 000001 that lies whole in the run. Looks at its third byte first: above 1
  /// no start code reaches it, so most of a stream is passed in steps of three.
  private func nextStartCode(from first: Int) -> Int? {
    let bytes = buffer.readableBytesUInt8Span
    let base = buffer.readerIndex
    let limit = end - base
    var index = first - base + 2
    while index < limit {
      let third = bytes[index]
      if third > 1 {
        index += 3
      } else if bytes[index - 1] != 0 {
        index += third == 0 ? 2 : 3
      } else if third == 0 {
        index += 1
      } else if bytes[index - 2] == 0 {
        return base + index - 2
      } else {
        index += 3
      }
    }
    return nil
  }
}
