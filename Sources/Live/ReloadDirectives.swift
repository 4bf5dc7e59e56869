/// The delivery directives of a request for a media playlist
/// (draft-pantos-hls-rfc8216bis §6.2.5).
///
///     try ReloadDirectives(query: "_HLS_msn=273&_HLS_part=2")
package struct ReloadDirectives: Hashable, Sendable {
  package enum Skip: String, Hashable, Sendable {
    /// Segments beyond the skip boundary may be left out (§6.2.5.1).
    case segments = "YES"
    /// And date ranges.
    case dateRanges = "v2"
  }

  /// What the playlist is to have: a segment, or a part of it.
  package struct Position: Hashable, Sendable {
    package var segment: Int64
    /// `nil`: the whole segment.
    package var part: Int?

    package init(segment: Int64, part: Int? = nil) {
      self.segment = segment
      self.part = part
    }
  }

  package var position: Position?
  package var skip: Skip?

  package init(position: Position? = nil, skip: Skip? = nil) {
    self.position = position
    self.skip = skip
  }

  /// Why a query is answered with 400.
  package struct Malformed: Error, Hashable, Sendable {
    package var message: String
  }

  /// What else a query says is not for playlists: other names that begin with `_HLS_` are reserved
  /// and have no effect (§6.2.5).
  package init(query: some StringProtocol) throws(Malformed) {
    var values: [String: Substring] = [:]
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard ["_HLS_msn", "_HLS_part", "_HLS_skip"].contains(name) else { continue }
      guard values.updateValue(parts.count > 1 ? Substring(parts[1]) : "", forKey: name) == nil
      else { throw Malformed(message: "\(name) stands twice in the query.") }
    }
    let segment = try Self.number("_HLS_msn", values)
    let part = try Self.number("_HLS_part", values)
    // "… if the client includes _HLS_part, it MUST also include _HLS_msn" (§6.2.5.2).
    if part != nil, segment == nil {
      throw Malformed(message: "_HLS_part needs _HLS_msn beside it.")
    }
    position = segment.map { Position(segment: $0, part: part.map(Int.init(clamping:))) }
    if let text = values["_HLS_skip"] {
      guard let skip = Skip(rawValue: String(text)) else {
        throw Malformed(message: "_HLS_skip is YES or v2.")
      }
      self.skip = skip
    }
  }

  private static func number(
    _ name: String, _ values: [String: Substring]
  ) throws(Malformed) -> Int64? {
    guard let text = values[name] else { return nil }
    guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int64(text)
    else { throw Malformed(message: "\(name) is a whole number, not negative.") }
    return number
  }
}
