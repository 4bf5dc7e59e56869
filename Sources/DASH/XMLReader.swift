import MediaCore

/// Reads the subset of XML 1.0 that MPDs use: no document type, so no entities but the five of
/// the standard, nothing external, nothing that expands.
struct XMLReader {
  private let bytes: [UInt8]
  private var position = 0
  private var elementCount = 0
  /// Line of `linePosition`; moves on with `line()`.
  private var lineNumber = 1
  private var linePosition = 0

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// The root element of a document.
  static func read(_ text: String) throws(DASHError) -> XMLElement {
    guard text.utf8.count <= MPDLimits.byteCount else {
      throw DASHError(
        .tooLarge, line: nil,
        "\(text.utf8.count) bytes, at most \(MPDLimits.byteCount) are read")
    }
    var reader = XMLReader(text)
    if reader.take("\u{FEFF}") {}
    try reader.skipMisc()
    guard reader.take("<") else { throw reader.error(.xml, "expected the root element") }
    let root = try reader.element(depth: 1)
    try reader.skipMisc()
    guard reader.position == reader.bytes.count else {
      throw reader.error(.xml, "something stands after the root element")
    }
    return root
  }

  private mutating func error(_ code: DASHError.Code, _ message: String) -> DASHError {
    DASHError(code, line: line(), message)
  }

  private mutating func line() -> Int {
    let end = min(position, bytes.count)
    lineNumber += bytes[linePosition..<end].count { $0 == 0x0A }
    linePosition = end
    return lineNumber
  }

  private func starts(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

  private mutating func take(_ text: String) -> Bool {
    guard starts(text) else { return false }
    position += text.utf8.count
    return true
  }

  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }

  private mutating func skipSpace() {
    while position < bytes.count, Self.isSpace(bytes[position]) { position += 1 }
  }

  /// Skips to the end of the next `text`.
  private mutating func skip(past text: String) throws(DASHError) {
    let pattern = Array(text.utf8)
    while position < bytes.count {
      if bytes[position] == pattern[0], take(text) { return }
      position += 1
    }
    throw error(.xml, "expected \(text)")
  }

  /// White space, comments and processing instructions.
  private mutating func skipMisc() throws(DASHError) {
    while true {
      skipSpace()
      if take("<!--") {
        try skip(past: "-->")
      } else if take("<?") {
        try skip(past: "?>")
      } else if starts("<!") {
        throw error(.xml, "a document type declaration is not read")
      } else {
        return
      }
    }
  }

  private mutating func name() throws(DASHError) -> String {
    let start = position
    while position < bytes.count {
      switch bytes[position] {
      case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x80...: position += 1
      default:
        guard position > start else { throw error(.xml, "expected a name") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
      }
    }
    throw error(.xml, "the document ends in a name")
  }

  /// After the `<` of a start tag, to the end of the end tag.
  private mutating func element(depth: Int) throws(DASHError) -> XMLElement {
    elementCount += 1
    guard depth <= MPDLimits.depth, elementCount <= MPDLimits.elementCount else {
      throw error(
        .tooLarge,
        "more than \(MPDLimits.elementCount) elements, or \(MPDLimits.depth) in each other")
    }
    var element = XMLElement(try name())
    element.line = line()
    if try takeAttributes(of: &element) { return element }
    while true {
      let start = position
      while position < bytes.count, bytes[position] != UInt8(ascii: "<") { position += 1 }
      element.text += try characters(start..<position)
      if take("</") {
        guard try name() == element.name else {
          throw error(.xml, "expected </\(element.name)>")
        }
        skipSpace()
        guard take(">") else { throw error(.xml, "expected >") }
        return element
      } else if take("<!--") {
        try skip(past: "-->")
      } else if take("<?") {
        try skip(past: "?>")
      } else if take("<![CDATA[") {
        let start = position
        try skip(past: "]]>")
        element.text += String(decoding: bytes[start..<position - 3], as: UTF8.self)
      } else if take("<") {
        element.children.append(try self.element(depth: depth + 1))
      } else {
        throw error(.xml, "the document ends inside \(element.name)")
      }
    }
  }

  /// - Returns: whether the element is empty (`/>`).
  private mutating func takeAttributes(of element: inout XMLElement) throws(DASHError) -> Bool {
    while true {
      let before = position
      skipSpace()
      if take("/>") { return true }
      if take(">") { return false }
      guard position > before else { throw error(.xml, "expected white space") }
      let key = try name()
      skipSpace()
      guard take("=") else { throw error(.xml, "expected = after \(key)") }
      skipSpace()
      guard position < bytes.count, "\"'".utf8.contains(bytes[position]) else {
        throw error(.xml, "expected the quoted value of \(key)")
      }
      let quote = bytes[position]
      position += 1
      let start = position
      while position < bytes.count, bytes[position] != quote, bytes[position] != UInt8(ascii: "<") {
        position += 1
      }
      guard position < bytes.count, bytes[position] == quote else {
        throw error(.xml, "the value of \(key) does not end")
      }
      let value = try characters(start..<position)
      position += 1
      guard element[key] == nil else { throw error(.xml, "\(key) stands twice") }
      guard element.attributes.count < MPDLimits.attributeCount else {
        throw error(.tooLarge, "more than \(MPDLimits.attributeCount) attributes")
      }
      element.attributes.append((key, value))
    }
  }

  private mutating func characters(_ range: Range<Int>) throws(DASHError) -> String {
    guard let text = XMLText.unescaped(bytes[range]) else {
      throw error(.xml, "an & that begins no known reference")
    }
    return text
  }
}
