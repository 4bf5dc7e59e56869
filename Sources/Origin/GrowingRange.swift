/// One range of a segment whose length nobody knows yet: `bytes=100-199`, `bytes=100-`, or to an end that is yet to come
/// (RFC 8673).
struct GrowingRange: Hashable, Sendable {
  var first: Int64
  /// `nil`: what there is by now. `.max`: to the end.
  var last: Int64?

  /// "… a Very Large Value": 2^53 - 1 (RFC 8673 §2.2, draft-pantos-hls-rfc8216bis §6.2.6).
  static let endless: Int64 = 9_007_199_254_740_991

  /// - Returns: `nil` for several ranges, the last bytes of what has no end, and what cannot be read: those are passed
  ///   over.
  init?(_ field: String) {
    guard field.lowercased().hasPrefix("bytes=") else { return nil }
    let ends = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let first = Self.number(ends[0]) else { return nil }
    self.first = first
    guard !ends[1].isEmpty else { return }
    guard let last = Self.number(ends[1]), last >= first else { return nil }
    self.last = last >= Self.endless ? .max : last
  }

  private static func number(_ digits: Substring) -> Int64? {
    digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int64(digits) : nil
  }
}
