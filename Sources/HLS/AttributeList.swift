/// The attributes of one tag, as read (draft-pantos-hls-rfc8216bis §4.2).
///
///     let list = try AttributeList(parsing: #"BANDWIDTH=1,URI="a""#, tag: "EXT-X-…", line: 7)
///     try list.integer("BANDWIDTH")  // 1
struct AttributeList {
  private enum Value {
    case quoted(String)
    case unquoted(String)
  }

  private let tag: String
  let line: Int
  private var values: [String: Value] = [:]
  /// In the order of the tag.
  private(set) var names: [String] = []

  init(parsing text: Substring, tag: String, line: Int) throws(HLSError) {
    self.tag = tag
    self.line = line
    var rest = text.utf8[...]
    while true {
      let name = rest.prefix {
        ($0 >= 0x41 && $0 <= 0x5A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D
      }
      rest = rest.dropFirst(name.count)
      guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else {
        throw error(.syntax, "expected NAME=VALUE at “\(Substring(name))\(Substring(rest))”")
      }
      let key = String(Substring(name))
      guard let value = Self.value(&rest) else {
        throw error(.syntax, "\(key) has no readable value")
      }
      guard values.updateValue(value, forKey: key) == nil else {
        throw error(.duplicate, "\(key) stands twice")
      }
      names.append(key)
      guard values.count <= PlaylistLimits.attributeCount else {
        throw error(.tooLarge, "more than \(PlaylistLimits.attributeCount) attributes")
      }
      guard let comma = rest.popFirst() else { return }
      guard comma == UInt8(ascii: ","), !rest.isEmpty else {
        throw error(.syntax, "expected a comma and an attribute after \(key)")
      }
    }
  }

  /// Takes one value off the front; `nil` if there is none that the draft allows.
  private static func value(_ rest: inout Substring.UTF8View) -> Value? {
    if rest.first == UInt8(ascii: "\"") {
      rest.removeFirst()
      let body = rest.prefix { $0 != UInt8(ascii: "\"") }
      rest = rest.dropFirst(body.count)
      return rest.popFirst() == nil ? nil : .quoted(String(Substring(body)))
    }
    let body = rest.prefix { $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "\"") && $0 != 0x20 }
    rest = rest.dropFirst(body.count)
    return body.isEmpty ? nil : .unquoted(String(Substring(body)))
  }

  func error(_ code: HLSError.Code, _ message: String) -> HLSError {
    HLSError(code, line: line, "\(tag): \(message)")
  }

  func required<T>(_ name: String, _ value: T?) throws(HLSError) -> T {
    guard let value else { throw error(.missing, "\(name) is missing") }
    return value
  }

  /// A quoted-string.
  func string(_ name: String) throws(HLSError) -> String? {
    switch values[name] {
    case nil: return nil
    case .quoted(let text): return text
    case .unquoted(let text): throw error(.syntax, "\(name)=\(text) must be quoted")
    }
  }

  /// An enumerated-string, or the text of any other unquoted value.
  func word(_ name: String) throws(HLSError) -> String? {
    switch values[name] {
    case nil: return nil
    case .unquoted(let text): return text
    case .quoted(let text): throw error(.syntax, "\(name)=\"\(text)\" must not be quoted")
    }
  }

  func isQuoted(_ name: String) -> Bool {
    if case .quoted = values[name] { true } else { false }
  }

  func integer(_ name: String) throws(HLSError) -> Int64? {
    guard let text = try word(name) else { return nil }
    guard let value = decimalInteger(text) else {
      throw error(.syntax, "\(name)=\(text) is no whole number")
    }
    return value
  }

  /// `YES` or `NO`; absent is `NO`.
  func flag(_ name: String) throws(HLSError) -> Bool {
    switch try word(name) {
    case nil, "NO": return false
    case "YES": return true
    case .some(let text): throw error(.syntax, "\(name)=\(text) is neither YES nor NO")
    }
  }

  /// The parts of a quoted list with a separator.
  func list(_ name: String, separator: Character) throws(HLSError) -> [String] {
    guard let text = try string(name) else { return [] }
    return text.split(separator: separator).map { $0.filter { $0 != " " } }
  }
}
