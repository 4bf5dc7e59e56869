import NIOHTTP1

/// Which bytes of a representation a request has (RFC 9110 §14.4): `bytes 1609-34821/*`.
struct ContentRange: Hashable, Sendable {
  let first: Int64
  let last: Int64
  /// Bytes of the whole, where the client knows.
  let total: Int64?

  /// Nothing follows.
  var isLast: Bool { total.map { last + 1 == $0 } ?? false }

  /// - Throws: 400 for what names no bytes.
  init(_ field: String) throws(Rejection) {
    let words = field.split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bytes" else { throw .noContentRange }
    let parts = words[1].split(separator: "/", omittingEmptySubsequences: false)
    let ends = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, ends.count == 2, let first = Self.number(ends[0]),
      let last = Self.number(ends[1]), first <= last
    else { throw .noContentRange }
    let total = Self.number(parts[1])
    guard total.map({ last < $0 }) ?? (parts[1] == "*") else { throw .noContentRange }
    (self.first, self.last, self.total) = (first, last, total)
  }

  /// Less than 2^62, so that sums are never checked again.
  private static func number(_ digits: Substring) -> Int64? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int64(digits).flatMap { $0 < 1 << 62 ? $0 : nil }
  }
}

extension Rejection {
  fileprivate static let noContentRange = Rejection(
    .badRequest, "Content-Range is expected to be as in bytes 0-1608/*.")
}
