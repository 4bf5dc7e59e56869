import NIOCore

/// A text file in lines, whatever ends them: CR LF, LF or CR.
struct TextLines {
  private let bytes: [UInt8]
  private var position: Int
  /// Number of the line that `next()` returned last, from 1.
  private(set) var number = 0

  /// - Parameter bytes: valid UTF-8.
  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
  }

  /// UTF-8 with or without a byte order mark, UTF-16 with one.
  ///
  /// - Throws: `.unsupported` for another coding, `.limit` for a large file.
  init(decoding file: ByteBuffer) throws(TextError) {
    self.init(try Self.decoded(file))
  }

  /// UTF-8 without a byte order mark.
  static func decoded(_ file: ByteBuffer) throws(TextError) -> [UInt8] {
    guard file.readableBytes <= CueList.maximumFileByteCount else {
      throw TextError(
        .limit,
        "\(file.readableBytes) bytes; at most \(CueList.maximumFileByteCount) are read")
    }
    let view = file.readableBytesView
    if view.starts(with: [0xFE, 0xFF]) { return transcoded(view.dropFirst(2), isBigEndian: true) }
    if view.starts(with: [0xFF, 0xFE]) { return transcoded(view.dropFirst(2), isBigEndian: false) }
    let bytes = Array(view.starts(with: [0xEF, 0xBB, 0xBF]) ? view.dropFirst(3) : view)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw TextError(
        .unsupported, line: firstFaultyLine(bytes),
        "not UTF-8; save the file as UTF-8, or as UTF-16 with a byte order mark")
    }
    if bytes.prefix(64).contains(0), bytes.count % 2 == 0 {
      throw TextError(
        .unsupported, "UTF-16 without a byte order mark; save the file as UTF-8")
    }
    return bytes
  }

  private static func transcoded(_ bytes: ByteBufferView, isBigEndian: Bool) -> [UInt8] {
    var units: [UInt16] = []
    units.reserveCapacity(bytes.count / 2)
    var index = bytes.startIndex
    while index + 1 < bytes.endIndex {
      let pair = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
      units.append(isBigEndian ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0)
      index += 2
    }
    return Array(String(decoding: units, as: UTF16.self).utf8)
  }

  private static func firstFaultyLine(_ bytes: [UInt8]) -> Int {
    var number = 0
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      number += 1
      if String(validating: line, as: UTF8.self) == nil { return number }
    }
    return number
  }

  /// The next line without its end; `nil` after the last.
  mutating func next() -> ArraySlice<UInt8>? {
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D {
      position += 1
    }
    let line = bytes[start..<position]
    if position < bytes.count {
      let isReturn = bytes[position] == 0x0D
      position += 1
      if isReturn, position < bytes.count, bytes[position] == 0x0A { position += 1 }
    }
    number += 1
    return line
  }

  /// Without spaces and tabs at both ends.
  static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var line = line
    while let first = line.first, first == 0x20 || first == 0x09 { line.removeFirst() }
    while let last = line.last, last == 0x20 || last == 0x09 { line.removeLast() }
    return line
  }

  static func hasArrow(_ line: ArraySlice<UInt8>) -> Bool {
    arrow(in: line) != nil
  }

  /// Where `-->` begins.
  static func arrow(in line: ArraySlice<UInt8>) -> Int? {
    guard line.count >= 3 else { return nil }
    var index = line.startIndex + 2
    while index < line.endIndex {
      if line[index] == UInt8(ascii: ">"), line[index - 1] == UInt8(ascii: "-"),
        line[index - 2] == UInt8(ascii: "-")
      {
        return index - 2
      }
      index += 1
    }
    return nil
  }
}
