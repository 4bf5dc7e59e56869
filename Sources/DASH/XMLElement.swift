import MediaCore

/// One element of an XML document: as much of XML as an MPD needs.
///
/// Comments and processing instructions are gone, character data is one string.
struct XMLElement: Sendable {
  var name: String
  /// In the order of the document.
  var attributes: [(name: String, value: String)] = []
  var children: [XMLElement] = []
  var text = ""
  /// From 1.
  var line = 0

  init(_ name: String) { self.name = name }

  /// The name without its prefix.
  var localName: Substring { name.split(separator: ":").last ?? "" }

  subscript(name: String) -> String? { attributes.first { $0.name == name }?.value }

  func children(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  /// Appends the attribute, unless the value is `nil`.
  mutating func set(_ name: String, _ value: (some CustomStringConvertible)?) {
    if let value { attributes.append((name, value.description)) }
  }

  func render(into document: inout String, depth: Int = 0) {
    let indent = String(repeating: "  ", count: depth)
    document += "\(indent)<\(name)"
    for (name, value) in attributes { document += " \(name)=\"\(XMLText.escaped(value))\"" }
    if !children.isEmpty {
      document += ">\n"
      for child in children { child.render(into: &document, depth: depth + 1) }
      document += "\(indent)</\(name)>\n"
    } else if !text.isEmpty {
      document += ">\(XMLText.escaped(text))</\(name)>\n"
    } else {
      document += "/>\n"
    }
  }
}
