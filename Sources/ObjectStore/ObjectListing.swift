import FileIO
import MediaCore

/// An object as a store lists it.
package struct ObjectSummary: Hashable, Sendable {
  package var key: String
  package var byteCount: Int64
  /// Without quotation marks.
  package var entityTag: String
  /// Seconds since 1970.
  package var modified: Int64

  package init(key: String, byteCount: Int64, entityTag: String, modified: Int64) {
    self.key = key
    self.byteCount = byteCount
    self.entityTag = entityTag
    self.modified = modified
  }

  /// A tag as a header or a list writes it, without quotation marks.
  static func plainTag(_ text: String) -> String {
    var text = text[...]
    if text.hasPrefix("W/") { text = text.dropFirst(2) }
    if text.hasPrefix("\""), text.hasSuffix("\""), text.utf8.count > 1 {
      text = text.dropFirst().dropLast()
    }
    return String(text)
  }

  /// A tag that can stand in a header.
  static func isTag(_ text: String) -> Bool {
    (1...256).contains(text.utf8.count)
      && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != 0x22 }
  }
}

/// One answer of ListObjectsV2.
struct ObjectListing: Hashable, Sendable {
  var objects: [ObjectSummary] = []
  /// Prefixes up to the delimiter, with it.
  var prefixes: [String] = []
  /// Asks for what follows; `nil` at the end.
  var continuation: String?

  /// Bytes of an answer, at most: a thousand keys of 1,024 bytes, each byte escaped.
  static let maximumByteCount = 16 << 20

  /// - Throws: `.other` for what is no such answer.
  init(xml: [UInt8]) throws(FileIOError) {
    var reader = Reader(xml: xml)
    var isListing = false
    var isTruncated = false
    var object: [String: String]?
    while let event = reader.next() {
      switch event {
      case .start("ListBucketResult"): isListing = true
      case .start("Contents"): object = [:]
      case .end("Contents", _):
        guard let found = object.flatMap(Self.summary) else { throw Self.malformed }
        objects.append(found)
        object = nil
      case .end("Prefix", let text) where reader.depth == 2: prefixes.append(text)
      case .end(let name, let text) where object != nil && reader.depth == 2:
        object?[name] = text
      case .end("IsTruncated", let text): isTruncated = text == "true"
      case .end("NextContinuationToken", let text): continuation = text
      default: break
      }
    }
    guard isListing, reader.isWhole else { throw Self.malformed }
    guard isTruncated else {
      continuation = nil
      return
    }
    guard continuation?.isEmpty == false else { throw Self.malformed }
  }

  static let malformed = FileIOError(
    .other, "the object store's list of objects cannot be read; S3's ListObjectsV2 is expected")

  private static func summary(_ fields: [String: String]) -> ObjectSummary? {
    guard let key = fields["Key"], let size = fields["Size"].flatMap({ Int64($0) }), size >= 0,
      let tag = fields["ETag"].map({ ObjectSummary.plainTag($0) }), ObjectSummary.isTag(tag)
    else { return nil }
    return ObjectSummary(
      key: key, byteCount: size, entityTag: tag,
      modified: fields["LastModified"].flatMap(StoreTime.seconds) ?? 0)
  }

  /// Elements and their text, as far as this answer has them: no attributes are looked at.
  private struct Reader {
    enum Event: Equatable {
      case start(String)
      case end(String, String)
    }

    private let xml: [UInt8]
    private var at = 0
    private var open: [String] = []
    private var text = ""

    init(xml: [UInt8]) { self.xml = xml }

    /// Elements around the one that has just ended, or that begins.
    var depth: Int { open.count }
    private(set) var isWhole = false

    mutating func next() -> Event? {
      while let mark = xml[at...].firstIndex(of: UInt8(ascii: "<")) {
        guard let more = XMLText.unescaped(xml[at..<mark]),
          let end = xml[mark...].firstIndex(of: UInt8(ascii: ">"))
        else { return nil }
        text += more
        at = end + 1
        let tag = xml[(mark + 1)..<end]
        if tag.first == UInt8(ascii: "?") || tag.first == UInt8(ascii: "!") { continue }
        if tag.first == UInt8(ascii: "/") {
          let name = String(decoding: tag.dropFirst(), as: UTF8.self)
          guard open.popLast() == name else { return nil }
          isWhole = open.isEmpty
          defer { text = "" }
          return .end(name, text)
        }
        let isEmpty = tag.last == UInt8(ascii: "/")
        let name = String(
          decoding: tag.prefix { $0 != 0x20 && $0 != 0x2f && $0 != 0x0a && $0 != 0x09 },
          as: UTF8.self)
        text = ""
        if isEmpty { return .end(name, "") }
        guard open.count < 16 else { return nil }
        open.append(name)
        return .start(name)
      }
      return nil
    }
  }
}

/// Times as stores write them: `2026-11-29T00:57:25.713Z` in lists, those of HTTP in headers.
enum StoreTime {
  /// Seconds since 1970.
  static func seconds(_ text: String) -> Int64? {
    let parts = text.split { !$0.isNumber && !$0.isLetter }
    if text.hasSuffix("GMT"), parts.count >= 8 - 1 {
      // Sun, 29 Nov 2026 00:57:25 GMT
      guard let month = months.firstIndex(of: String(parts[2])) else { return nil }
      return seconds(
        [parts[3], Substring("\(month + 1)"), parts[1], parts[4], parts[5], parts[6]])
    }
    let digits = text.split { !("0"..."9").contains($0) }
    return digits.count >= 6 ? seconds(Array(digits.prefix(6))) : nil
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func seconds(_ fields: [Substring]) -> Int64? {
    let values = fields.compactMap { Int64($0) }
    guard values.count == 6, (1970...9999).contains(values[0]), (1...12).contains(values[1]),
      (1...31).contains(values[2]), (0...23).contains(values[3]), (0...59).contains(values[4]),
      (0...60).contains(values[5])
    else { return nil }
    // Days from civil, the year beginning in March.
    let year = values[1] <= 2 ? values[0] - 1 : values[0]
    let month = (values[1] + 9) % 12
    let days =
      year * 365 + year / 4 - year / 100 + year / 400 + (month * 306 + 5) / 10 + values[2] - 1
      - 719_468
    return days * 86_400 + values[3] * 3600 + values[4] * 60 + values[5]
  }
}
