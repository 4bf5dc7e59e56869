import MediaCore

/// What a `Range` field asks of a representation of known size (RFC 9110 §14).
enum RangeSelection: Hashable, Sendable {
  /// No range, or one that is not understood or not worth it: answer 200.
  case whole
  /// Answer 206 with these bytes.
  case partial(ByteRange)
  /// Answer 416.
  case unsatisfiable

  /// - Parameters:
  ///   - field: the value of `Range`.
  ///   - byteCount: size of the representation.
  init(field: String, byteCount: Int64) {
    // A server MAY ignore Range (§14.2); of several ranges, one whole response is the
    // smallest answer that is always right.
    guard let equals = field.firstIndex(of: "="), field[..<equals].lowercased() == "bytes",
      !field.contains(",")
    else { self = .whole; return }
    let spec = field[field.index(after: equals)...].trimmed
    guard let dash = spec.firstIndex(of: "-") else { self = .whole; return }
    let first = Self.number(spec[..<dash])
    let last = Self.number(spec[spec.index(after: dash)...])
    switch (first, last) {
    case (.none, .some(let count)) where spec.first == "-":  // the last `count` bytes
      let count = min(count, byteCount)
      self =
        count == 0 ? .unsatisfiable : .partial(ByteRange(offset: byteCount - count, count: count))
    case (.some(let first), .none) where spec.last == "-":
      self = Self.from(first, to: byteCount - 1, of: byteCount)
    case (.some(let first), .some(let last)):
      // "invalid if the last-pos value is … less than the first-pos" (§14.1.1): ignored.
      self = last < first ? .whole : Self.from(first, to: min(last, byteCount - 1), of: byteCount)
    default: self = .whole
    }
  }

  private static func from(_ first: Int64, to last: Int64, of byteCount: Int64) -> Self {
    guard first < byteCount else { return .unsatisfiable }
    return .partial(ByteRange(offset: first, count: last - first + 1))
  }

  /// Digits as a number; more than fits means "beyond any end".
  private static func number(_ digits: Substring) -> Int64? {
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
      return nil
    }
    return Int64(digits) ?? .max
  }
}
