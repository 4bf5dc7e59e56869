/// Where a request stands in a distributed trace (W3C Trace Context), to be passed on in logs.
///
///     TraceContext(parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", state: nil)
struct TraceContext: Hashable, Sendable {
  /// 32 hexadecimal digits, not all zero.
  let traceID: String
  /// 16 hexadecimal digits, not all zero: whoever called.
  let parentID: String
  let isSampled: Bool
  /// What the systems on the way have written, unread.
  let state: String?

  /// - Parameters:
  ///   - parent: the value of `traceparent`.
  ///   - state: the value of `tracestate`; several fields joined by commas.
  /// - Returns: `nil` for what is no `traceparent` (§3.2.2); `tracestate` counts for nothing then (§3.3).
  init?(parent: String, state: String?) {
    let parts = parent.split(
      separator: "-", maxSplits: 4, omittingEmptySubsequences: false)
    guard parts.count >= 4, Self.isHexadecimal(parts[0], 2), parts[0] != "ff",
      // Version 00 ends here; a later one may go on.
      parts.count == 4 || parts[0] != "00",
      Self.isHexadecimal(parts[1], 32), parts[1].contains(where: { $0 != "0" }),
      Self.isHexadecimal(parts[2], 16), parts[2].contains(where: { $0 != "0" }),
      Self.isHexadecimal(parts[3], 2), let flags = UInt8(parts[3], radix: 16)
    else { return nil }
    traceID = String(parts[1])
    parentID = String(parts[2])
    isSampled = flags & 1 == 1
    self.state = state.flatMap { Self.isState($0) ? $0 : nil }
  }

  /// Lower case alone, as the specification has it.
  private static func isHexadecimal(_ digits: Substring, _ count: Int) -> Bool {
    digits.utf8.count == count
      && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isState(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= stateByteCount,
      text.utf8.allSatisfy({ (0x20...0x7e).contains($0) || $0 == 0x09 })
    else { return false }
    return text.split(separator: ",").count <= stateMemberCount
  }

  /// Bytes of `tracestate` that are passed on: as many as everyone must (§3.3.1.5).
  private static let stateByteCount = 512
  /// "There can be a maximum of 32 list-members in a list" (§3.3.1.1).
  private static let stateMemberCount = 32
}
