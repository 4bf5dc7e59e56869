import NIOCore

/// The name of a header field, as HTTP/1.1 is used to it and as HTTP/2 wants it: "field names MUST be
/// converted to lowercase" (RFC 9113 §8.2).
struct FieldName: Sendable {
  let text: StaticString
  /// How a field of HTTP/2 begins that nobody has to remember (RFC 7541 §6.2.2).
  let compressed: [UInt8]

  init(_ text: StaticString) {
    self.text = text
    let name = text.description.lowercased()
    var bytes = ByteBuffer()
    let index = Self.staticIndexes[name] ?? 0
    FieldBlockBuffer.writeInteger(index, prefixBitCount: 4, to: &bytes)
    if index == 0 { FieldBlockBuffer.write(name, to: &bytes) }
    compressed = Array(bytes.readableBytesView)
  }

  /// Names that responses have in the static table (RFC 7541, appendix A).
  private static let staticIndexes = [
    "accept-ranges": 18, "access-control-allow-origin": 20, "age": 21, "allow": 22,
    "cache-control": 24, "content-encoding": 26, "content-length": 28, "content-range": 30,
    "content-type": 31, "date": 33, "etag": 34, "last-modified": 44, "location": 46,
    "retry-after": 53, "server": 54, "set-cookie": 55, "vary": 59, "www-authenticate": 61,
  ]
}

extension FieldName {
  static let date = FieldName("Date")
  static let contentType = FieldName("Content-Type")
  static let contentLength = FieldName("Content-Length")
  static let entityTag = FieldName("ETag")
  static let contentRange = FieldName("Content-Range")
  static let contentEncoding = FieldName("Content-Encoding")
  static let vary = FieldName("Vary")
  static let acceptRanges = FieldName("Accept-Ranges")
  static let serverDataStatic = FieldName("CMSD-Static")
  static let serverDataDynamic = FieldName("CMSD-Dynamic")
  static let cacheControl = FieldName("Cache-Control")
  static let allow = FieldName("Allow")
  static let allowMethods = FieldName("Access-Control-Allow-Methods")
  static let allowHeaders = FieldName("Access-Control-Allow-Headers")
  static let maxAge = FieldName("Access-Control-Max-Age")
  static let retryAfter = FieldName("Retry-After")
  static let wwwAuthenticate = FieldName("WWW-Authenticate")
  static let location = FieldName("Location")
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
  /// Each with its line end.
  let lines: String
  /// For HTTP/2.
  let compressed: [UInt8]

  init(_ fields: [Field]) {
    lines = fields.map { "\($0.name.text): \($0.value)\r\n" }.joined()
    var bytes = ByteBuffer()
    for field in fields {
      bytes.writeBytes(field.name.compressed)
      FieldBlockBuffer.write(field.value, to: &bytes)
    }
    compressed = Array(bytes.readableBytesView)
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
