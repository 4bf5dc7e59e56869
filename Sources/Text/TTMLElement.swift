import MediaCore

/// One element of a TTML document, with its text and children in order.
struct TTMLElement {
  enum Node {
    case text(String)
    case element(TTMLElement)
  }

  /// Without a prefix; empty for an element that is not TTML's.
  var name: String
  /// By name without prefix.
  var attributes: [String: String] = [:]
  var nodes: [Node] = []
  /// From 1.
  var line = 0

  subscript(name: String) -> String? { attributes[name] }

  var children: [TTMLElement] {
    nodes.compactMap { if case .element(let element) = $0 { element } else { nil } }
  }

  func child(_ name: String) -> TTMLElement? { children.first { $0.name == name } }
}

/// Reads the subset of XML 1.0 that subtitles use: no document type, so no entities but the five
/// of the standard, nothing external, nothing that expands.
struct TTMLParser {
  /// Elements in each other, at most.
  static let maximumDepth = 64
  /// Elements of a document, at most.
  static let maximumElementCount = 1 << 21
  /// Attributes of an element, at most.
  static let maximumAttributeCount = 64

  private let bytes: [UInt8]
  private var position = 0
  private var elementCount = 0
  private var lineNumber = 1
  private var linePosition = 0
  /// The root's prefix with its colon: other prefixes are of metadata and extensions.
  private var prefix: String?

  /// - Parameter bytes: valid UTF-8 without a byte order mark.
  static func parse(_ bytes: [UInt8]) throws(TextError) -> TTMLElement {
    var parser = TTMLParser(bytes)
    try parser.skipMiscellaneous()
    guard parser.take("<") else { throw parser.error("expected the root element") }
    let root = try parser.element(depth: 1)
    try parser.skipMiscellaneous()
    // Some writers end a sample with zeros.
    while parser.position < bytes.count, bytes[parser.position] == 0 { parser.position += 1 }
    guard parser.position == bytes.count else {
      throw parser.error("something stands after the root element")
    }
    return root
  }

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func error(
    _ message: String, _ code: TextError.Code = .syntax
  ) -> TextError {
    TextError(code, line: line(), message)
  }

  private mutating func line() -> Int {
    let end = min(position, bytes.count)
    lineNumber += bytes[linePosition..<end].count { $0 == 0x0A }
    linePosition = end
    return lineNumber
  }

  private func starts(_ text: StaticString) -> Bool {
    bytes[position...].starts(with: text.description.utf8)
  }

  private mutating func take(_ text: StaticString) -> Bool {
    guard starts(text) else { return false }
    position += text.utf8CodeUnitCount
    return true
  }

  private func byte() -> UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = byte(), byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      position += 1
    }
  }

  private mutating func skip(past text: StaticString) throws(TextError) {
    let first = text.description.utf8.first
    while let byte = byte() {
      if byte == first, take(text) { return }
      position += 1
    }
    throw error("expected \(text)")
  }

  /// White space, comments and processing instructions.
  private mutating func skipMiscellaneous() throws(TextError) {
    while true {
      skipSpace()
      if take("<!--") {
        try skip(past: "-->")
      } else if take("<?") {
        try skip(past: "?>")
      } else if starts("<!") {
        throw error("a document type declaration is not read", .unsupported)
      } else {
        return
      }
    }
  }

  private mutating func name() throws(TextError) -> String {
    let start = position
    while let byte = byte() {
      switch byte {
      case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x80...: position += 1
      default:
        guard position > start else { throw error("expected a name") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
      }
    }
    throw error("the document ends in a name")
  }

  /// A name without its prefix; empty if the prefix is not the root's.
  private mutating func localName(_ name: String) -> String {
    let colon = name.lastIndex(of: ":")
    let own = colon.map { String(name[...$0]) } ?? ""
    if prefix == nil { prefix = own }
    guard own == prefix else { return name.hasSuffix(":image") ? "image" : "" }
    return colon.map { String(name[name.index(after: $0)...]) } ?? name
  }

  /// After the `<` of a start tag, to the end of the end tag.
  private mutating func element(depth: Int) throws(TextError) -> TTMLElement {
    elementCount += 1
    guard depth <= Self.maximumDepth, elementCount <= Self.maximumElementCount else {
      throw error(
        "more than \(Self.maximumElementCount) elements, or \(Self.maximumDepth) in each other",
        .limit)
    }
    let fullName = try name()
    var element = TTMLElement(name: localName(fullName))
    element.line = line()
    if try takeAttributes(of: &element) { return element }
    while true {
      let start = position
      while let byte = byte(), byte != UInt8(ascii: "<") { position += 1 }
      if position > start {
        element.nodes.append(.text(try characters(start..<position)))
      }
      if take("</") {
        guard try name() == fullName else { throw error("expected </\(fullName)>") }
        skipSpace()
        guard take(">") else { throw error("expected >") }
        return element
      } else if take("<!--") {
        try skip(past: "-->")
      } else if take("<?") {
        try skip(past: "?>")
      } else if take("<![CDATA[") {
        let start = position
        try skip(past: "]]>")
        let text = String(decoding: bytes[start..<position - 3], as: UTF8.self)
        element.nodes.append(.text(text))
      } else if take("<") {
        element.nodes.append(.element(try self.element(depth: depth + 1)))
      } else {
        throw error("the document ends inside \(fullName)")
      }
    }
  }

  /// - Returns: whether the element is empty (`/>`).
  private mutating func takeAttributes(of element: inout TTMLElement) throws(TextError) -> Bool {
    while true {
      let before = position
      skipSpace()
      if take("/>") { return true }
      if take(">") { return false }
      guard position > before else { throw error("expected white space") }
      let key = try name()
      skipSpace()
      guard take("=") else { throw error("expected = after \(key)") }
      skipSpace()
      guard let quote = byte(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
        throw error("expected the quoted value of \(key)")
      }
      position += 1
      let start = position
      while let byte = byte(), byte != quote, byte != UInt8(ascii: "<") { position += 1 }
      guard byte() == quote else { throw error("the value of \(key) does not end") }
      let value = try characters(start..<position)
      position += 1
      guard element.attributes.count < Self.maximumAttributeCount else {
        throw error("more than \(Self.maximumAttributeCount) attributes", .limit)
      }
      if key == "xmlns" || key.hasPrefix("xmlns:") { continue }
      let local = key.lastIndex(of: ":").map { String(key[key.index(after: $0)...]) } ?? key
      element.attributes[local] = value
    }
  }

  private mutating func characters(_ range: Range<Int>) throws(TextError) -> String {
    guard let text = XMLText.unescaped(bytes[range]) else {
      throw error("an & that begins no known reference")
    }
    return text
  }
}
