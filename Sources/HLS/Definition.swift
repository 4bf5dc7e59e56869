/// A variable that URIs and quoted strings behind it may name as `{$NAME}`: EXT-X-DEFINE
/// (draft-pantos-hls-rfc8216bis §4.4.2.3, §4.3).
///
/// References are kept as they are written: they are the player's to resolve.
package enum Definition: Hashable, Sendable {
  case value(name: String, value: String)
  /// Defined by the Multivariant Playlist that named this one.
  case imported(name: String)
  /// The value of a parameter in the query of the playlist's own URI.
  case queryParameter(name: String)

  package var name: String {
    switch self {
    case .value(let name, _), .imported(let name), .queryParameter(let name): name
    }
  }

  /// The protocol version that the tag needs (§8).
  var version: Int { if case .queryParameter = self { 11 } else { 8 } }

  /// `{$NAME}`, as part of a URI.
  package var reference: String { "{$\(name)}" }

  /// Letters, digits, `-` and `_`.
  package static func isName(_ name: some StringProtocol) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
        default: false
        }
      }
  }

  static let tag = "EXT-X-DEFINE"

  init(_ attributes: AttributeList) throws(HLSError) {
    let name = try attributes.string("NAME")
    let imported = try attributes.string("IMPORT")
    let query = try attributes.string("QUERYPARAM")
    guard [name, imported, query].compactMap({ $0 }).count == 1 else {
      throw attributes.error(.syntax, "one of NAME, IMPORT and QUERYPARAM is expected")
    }
    if let name {
      self = .value(name: name, value: try attributes.required("VALUE", attributes.string("VALUE")))
    } else if let imported {
      self = .imported(name: imported)
    } else {
      self = .queryParameter(name: query ?? "")
    }
    guard Self.isName(self.name) else {
      throw attributes.error(
        .syntax, "“\(self.name)” names no variable: letters, digits, - and _ are expected")
    }
  }

  func render() -> String {
    var attributes = AttributeText()
    switch self {
    case .value(let name, let value):
      attributes.quoted("NAME", name)
      attributes.quoted("VALUE", value)
    case .imported(let name): attributes.quoted("IMPORT", name)
    case .queryParameter(let name): attributes.quoted("QUERYPARAM", name)
    }
    return "#\(Self.tag):\(attributes.text)\n"
  }
}

/// The names of variables defined so far in a playlist that is being read.
struct DefinedNames {
  private var names: Set<String> = []

  mutating func define(_ definition: Definition, line: Int) throws(HLSError) {
    guard names.insert(definition.name).inserted else {
      throw HLSError(.duplicate, line: line, "\(definition.name) is defined twice")
    }
  }

  /// Every `{$NAME}` must be defined before it (§4.3).
  func check(_ text: some StringProtocol, line: Int) throws(HLSError) {
    for name in Self.references(in: text) where !names.contains(name) {
      throw HLSError(.missing, line: line, "the variable \(name) is not defined before it is used")
    }
  }

  /// Names in `{$NAME}`, in order.
  static func references(in text: some StringProtocol) -> [String] {
    guard text.utf8.contains(UInt8(ascii: "{")) else { return [] }
    var names: [String] = []
    var rest = Array(text.utf8)[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "{")) {
      rest = rest[(open + 1)...]
      guard rest.first == UInt8(ascii: "$"), let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
        continue
      }
      let name = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
      if Definition.isName(name) { names.append(name) }
    }
    return names
  }
}
