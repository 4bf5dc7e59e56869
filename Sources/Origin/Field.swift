import NIOCore
import NIOHPACK

/// The name of a header field, as HTTP/1.1 is used to it and as HTTP/2 wants it: "field names MUST be
/// converted to lowercase" (RFC 9113 §8.2).
struct FieldName: Sendable {
  let text: StaticString
  let lowercase: String
  /// Whether its values seldom come twice on a connection, so that remembering them is of no use.
  let isSingular: Bool

  init(_ text: StaticString, isSingular: Bool = false) {
    self.text = text
    lowercase = text.description.lowercased()
    self.isSingular = isSingular
  }
}

extension FieldName {
  static let date = FieldName("Date")
  static let contentType = FieldName("Content-Type")
  static let contentLength = FieldName("Content-Length", isSingular: true)
  static let entityTag = FieldName("ETag", isSingular: true)
  static let contentRange = FieldName("Content-Range", isSingular: true)
  static let contentEncoding = FieldName("Content-Encoding")
  static let vary = FieldName("Vary")
  static let acceptRanges = FieldName("Accept-Ranges")
  static let serverDataStatic = FieldName("CMSD-Static", isSingular: true)
  static let serverDataDynamic = FieldName("CMSD-Dynamic")
  static let cacheControl = FieldName("Cache-Control")
  static let allow = FieldName("Allow")
  static let allowMethods = FieldName("Access-Control-Allow-Methods")
  static let allowHeaders = FieldName("Access-Control-Allow-Headers")
  static let maxAge = FieldName("Access-Control-Max-Age")
  static let retryAfter = FieldName("Retry-After")
  static let contentTypeOptions = FieldName("X-Content-Type-Options")
}

/// A header field of a response.
struct Field: Sendable {
  var name: FieldName
  var value: String

  init(_ name: FieldName, _ value: String) { (self.name, self.value) = (name, value) }
}

/// Fields that many responses have in common, written once for each framing.
struct FieldBlock: Sendable {
  let fields: [Field]
  /// Each with its line end.
  let lines: String

  init(_ fields: [Field]) {
    self.fields = fields
    lines = fields.map { "\($0.name.text): \($0.value)\r\n" }.joined()
  }
}

/// How a framing writes header fields.
protocol FieldWriter {
  mutating func write(_ name: FieldName, _ value: String)
  mutating func write(_ block: FieldBlock)
}

extension FieldWriter {
  mutating func write(_ name: FieldName, _ value: String?) {
    if let value { write(name, value) }
  }
}

/// Lines of a head of HTTP/1.1.
extension ByteBuffer: FieldWriter {
  mutating func write(_ name: FieldName, _ value: String) {
    writeStaticString(name.text)
    writeStaticString(": ")
    writeString(value)
    writeStaticString("\r\n")
  }

  mutating func write(_ block: FieldBlock) { writeString(block.lines) }
}

/// A field section of HTTP/2.
extension HPACKHeaders: FieldWriter {
  mutating func write(_ name: FieldName, _ value: String) {
    add(name: name.lowercase, value: value, indexing: name.isSingular ? .nonIndexable : .indexable)
  }

  mutating func write(_ block: FieldBlock) {
    for field in block.fields { write(field.name, field.value) }
  }
}
