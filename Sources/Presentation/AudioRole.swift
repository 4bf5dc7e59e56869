import DASH

/// What the roles of a track mean in each document (ISO/IEC 23009-1 §5.8.5.5,
/// draft-pantos-hls-rfc8216bis §4.4.6.1).
enum AudioRole {
  /// CHARACTERISTICS: Uniform Type Identifiers.
  static func characteristics(_ roles: [String]) -> [String] {
    let known = [
      "description": "public.accessibility.describes-video",
      "enhanced-audio-intelligibility": "public.accessibility.enhances-speech-intelligibility",
      "easyreader": "public.easy-to-read",
    ]
    return roles.compactMap { known[$0] }
  }

  /// Accessibility: for whom the track is, by DASH's own scheme and by that of TV-Anytime, which
  /// players of broadcasters read.
  static func accessibilities(_ roles: [String]) -> [Descriptor] {
    let scheme = "urn:tva:metadata:cs:AudioPurposeCS:2007"
    return roles.flatMap { role -> [Descriptor] in
      switch role {
      case "description": [.role(role), Descriptor(schemeIdUri: scheme, value: "1")]
      case "enhanced-audio-intelligibility":
        [.role(role), Descriptor(schemeIdUri: scheme, value: "2")]
      default: []
      }
    }
  }

  /// Roles of the scheme `urn:mpeg:dash:role:2011`.
  static func roles(_ roles: [String]) -> [Descriptor] { roles.map(Descriptor.role) }

  /// A player does not take such a track by itself.
  static func isCommentary(_ roles: [String]) -> Bool { roles.contains("commentary") }
}
