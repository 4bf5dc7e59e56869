/// How urgently a response is wanted, and whether a part of it is of use (RFC 9218 §4).
///
///     Priority(field: "u=1, i", default: 3)
struct Priority: Hashable, Sendable {
  /// 0, the most urgent, to 7.
  var urgency: Int
  /// Whether it shares the connection with others like it, instead of being sent behind those before it.
  var isIncremental = false

  static let urgencies = 0...7

  init(urgency: Int) { self.urgency = urgency }

  /// - Parameters:
  ///   - field: of the client. What cannot be understood is passed over (§4).
  ///   - urgency: where the client does not say: "servers … can use other information" (§10).
  init(field: String?, default urgency: Int) {
    self.urgency = urgency
    guard let field else { return }
    for member in field.utf8.prefix(Limits.priorityFieldByteCount).split(
      separator: UInt8(ascii: ","))
    {
      // Parameters of members mean nothing here.
      let item = member.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 0x20 && $0 != 0x09 }
      switch String(decoding: item, as: UTF8.self) {
      case "i", "i=?1": isIncremental = true
      case "i=?0": isIncremental = false
      case let text where text.hasPrefix("u="):
        if let value = Int(text.dropFirst(2)), Self.urgencies.contains(value), text.utf8.count == 3
        {
          self.urgency = value
        }
      default: break
      }
    }
  }
}

extension ObjectClass {
  /// Without a word of the client's: what a player has to read before it can ask for media goes before media
  /// ("playlists … 1, media … 2–6", rfc8216bis B.1), and what is asked for ahead of its time after it.
  var urgency: Int {
    switch self {
    case .multivariant, .mediaPlaylist, .mpd, .document, .report, .publication, .probe: 1
    case .header, .page, .other, .webVTT, .prompt: 2
    case .segment, .track, .statistics: 3
    case .image: 4
    }
  }
}
