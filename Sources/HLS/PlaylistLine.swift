/// One line of a playlist that says something: blank lines and comments are gone.
struct PlaylistLine {
  enum Content {
    /// `#EXTINF:6,` has the name `EXTINF` and the value `6,`.
    case tag(name: String, value: Substring)
    case uri(String)
  }

  /// From 1.
  var number: Int
  var content: Content

  /// The lines after `#EXTM3U` (draft-pantos-hls-rfc8216bis §4.1).
  static func lines(of text: String) throws(HLSError) -> [PlaylistLine] {
    let bytes = text.utf8
    guard bytes.count <= PlaylistLimits.byteCount else {
      throw HLSError(
        .tooLarge, line: nil,
        "\(bytes.count) bytes, at most \(PlaylistLimits.byteCount) are read")
    }
    var lines: [PlaylistLine] = []
    var number = 0
    for slice in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = slice.last == UInt8(ascii: "\r") ? slice.dropLast() : slice
      try check(line, number)
      if number == 1 {
        guard line.elementsEqual("#EXTM3U".utf8) else {
          throw HLSError(.notThisPlaylist, line: 1, "the first line is not #EXTM3U")
        }
      } else if let content = content(of: Substring(line)) {
        lines.append(PlaylistLine(number: number, content: content))
      }
    }
    return lines
  }

  private static func content(of line: Substring) -> Content? {
    guard let first = line.utf8.first else { return nil }
    guard first == UInt8(ascii: "#") else { return .uri(String(line)) }
    guard line.utf8.starts(with: "#EXT".utf8) else { return nil }
    let tag = line.dropFirst()
    guard let colon = tag.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      return .tag(name: String(tag), value: "")
    }
    return .tag(name: String(tag[..<colon]), value: tag[tag.index(after: colon)...])
  }

  /// No control characters, U+0000–U+001F and U+007F–U+009F, but the line ends (§4.1), and the tabs between names of date
  /// ranges in EXT-X-SKIP (§4.4.5.2).
  private static func check(_ line: Substring.UTF8View, _ number: Int) throws(HLSError) {
    guard line.count <= PlaylistLimits.lineByteCount else {
      throw HLSError(
        .tooLarge, line: number,
        "\(line.count) bytes, at most \(PlaylistLimits.lineByteCount) are read")
    }
    var previous: UInt8 = 0
    let mayHaveTabs = line.starts(with: "#\(SkippedSegments.tag):".utf8)
    for byte in line where byte != 0x09 || !mayHaveTabs {
      let isC1 = previous == 0xC2 && (0x80...0x9F).contains(byte)
      guard byte >= 0x20, byte != 0x7F, !isC1 else {
        throw HLSError(
          .syntax, line: number, "control character \(byte): only line ends may stand in a playlist"
        )
      }
      previous = byte
    }
  }
}

extension PlaylistLine {
  /// Tags that stand in Media Playlists only (§4.4.3, §4.4.4, §4.4.5).
  static let mediaTags: Set<String> = [
    "EXTINF", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY-SEQUENCE",
    "EXT-X-ENDLIST", "EXT-X-PLAYLIST-TYPE", "EXT-X-I-FRAMES-ONLY", "EXT-X-PART-INF",
    "EXT-X-SERVER-CONTROL", "EXT-X-BYTERANGE", "EXT-X-DISCONTINUITY", "EXT-X-KEY", "EXT-X-MAP",
    "EXT-X-PROGRAM-DATE-TIME", "EXT-X-GAP", "EXT-X-BITRATE", "EXT-X-PART", "EXT-X-DATERANGE",
    "EXT-X-SKIP", "EXT-X-PRELOAD-HINT", "EXT-X-RENDITION-REPORT",
  ]
  /// Tags that stand in Multivariant Playlists only (§4.4.6).
  static let multivariantTags: Set<String> = [
    "EXT-X-MEDIA", "EXT-X-STREAM-INF", "EXT-X-I-FRAME-STREAM-INF", "EXT-X-SESSION-DATA",
    "EXT-X-SESSION-KEY", "EXT-X-CONTENT-STEERING",
  ]
  /// The error for a tag that the reader of a playlist does not take; `nil` if it is to be
  /// ignored as one that the draft does not know (§6.3.1).
  func refusal(of name: String, wrongKind: Set<String>, kind: String) -> HLSError? {
    if wrongKind.contains(name) {
      return HLSError(.notThisPlaylist, line: number, "\(name) cannot stand in a \(kind)")
    }
    if Self.mediaTags.contains(name) || Self.multivariantTags.contains(name) {
      return HLSError(.unsupported, line: number, "\(name) is not read here")
    }
    return nil
  }
}

/// A decimal-integer of the draft (§4.2): digits only.
func decimalInteger(_ text: some StringProtocol) -> Int64? {
  guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
  return Int64(text)
}
