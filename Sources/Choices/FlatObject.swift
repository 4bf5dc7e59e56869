/// A JSON object (RFC 8259) whose members are strings and numbers: no nesting, no member twice.
struct FlatObject {
  enum Value: Equatable {
    case string(String)
    /// As it is spelt.
    case number(String)
  }

  private(set) var members: [String: Value] = [:]
  private var rest: ArraySlice<UInt8>
  /// What it is called in messages.
  private let noun: String

  init(_ noun: String = "report", _ bytes: [UInt8]) throws(ChoicesError) {
    self.noun = noun
    rest = bytes[...]
    skipSpace()
    try expect("{")
    skipSpace()
    if rest.first == UInt8(ascii: "}") {
      rest.removeFirst()
    } else {
      repeat {
        skipSpace()
        let name = try string()
        skipSpace()
        try expect(":")
        skipSpace()
        guard members.updateValue(try value(), forKey: name) == nil else {
          throw wrong("names a member twice")
        }
        skipSpace()
      } while try goesOn()
    }
    skipSpace()
    guard rest.isEmpty else { throw wrong("goes on behind its end") }
  }

  private func wrong(_ what: String) -> ChoicesError {
    ChoicesError(.malformed, "The \(noun) \(what); it is one JSON object of strings and numbers.")
  }

  private mutating func skipSpace() {
    rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(ChoicesError) {
    guard let first = rest.popFirst(), first == UInt8(ascii: character) else {
      throw wrong("lacks a '\(character)'")
    }
  }

  private mutating func goesOn() throws(ChoicesError) -> Bool {
    switch rest.popFirst() {
    case UInt8(ascii: ","): return true
    case UInt8(ascii: "}"): return false
    default: throw wrong("lacks a ',' or '}'")
    }
  }

  private mutating func value() throws(ChoicesError) -> Value {
    rest.first == UInt8(ascii: "\"") ? .string(try string()) : .number(try number())
  }

  /// RFC 8259 §6.
  private mutating func number() throws(ChoicesError) -> String {
    let start = rest
    if rest.first == UInt8(ascii: "-") { rest.removeFirst() }
    let leadsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole == 1 || (whole > 1 && !leadsWithZero) else { throw wrong("holds no number") }
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      guard digits() > 0 else { throw wrong("holds no number") }
    }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      rest.removeFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
      guard digits() > 0 else { throw wrong("holds no number") }
    }
    return String(decoding: start[..<rest.startIndex], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let end = rest.firstIndex { !(0x30...0x39).contains($0) } ?? rest.endIndex
    defer { rest = rest[end...] }
    return end - rest.startIndex
  }

  /// RFC 8259 §7.
  private mutating func string() throws(ChoicesError) -> String {
    try expect("\"")
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""):
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.elementsEqual(bytes) else { throw wrong("is not UTF-8") }
        return text
      case UInt8(ascii: "\\"): bytes.append(contentsOf: try escape())
      case ..<0x20: throw wrong("holds a control character")
      default: bytes.append(byte)
      }
    }
    throw wrong("ends inside a string")
  }

  private mutating func escape() throws(ChoicesError) -> [UInt8] {
    switch rest.popFirst() {
    case UInt8(ascii: "\""): return [UInt8(ascii: "\"")]
    case UInt8(ascii: "\\"): return [UInt8(ascii: "\\")]
    case UInt8(ascii: "/"): return [UInt8(ascii: "/")]
    case UInt8(ascii: "b"): return [0x08]
    case UInt8(ascii: "f"): return [0x0c]
    case UInt8(ascii: "n"): return [0x0a]
    case UInt8(ascii: "r"): return [0x0d]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"): return Array(String(try escapedScalar()).utf8)
    default: throw wrong("holds an escape that JSON does not have")
    }
  }

  private mutating func escapedScalar() throws(ChoicesError) -> Unicode.Scalar {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard UTF16.isLeadSurrogate(UInt16(first)), rest.popFirst() == UInt8(ascii: "\\"),
      rest.popFirst() == UInt8(ascii: "u")
    else { throw wrong("holds half a surrogate pair") }
    let second = try codeUnit()
    guard UTF16.isTrailSurrogate(UInt16(second)),
      let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
    else { throw wrong("holds half a surrogate pair") }
    return scalar
  }

  private mutating func codeUnit() throws(ChoicesError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = rest.popFirst(), let hexadecimal = Self.hexadecimal(digit) else {
        throw wrong("holds an escape that JSON does not have")
      }
      value = value << 4 | hexadecimal
    }
    return value
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(digit - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(digit - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}
