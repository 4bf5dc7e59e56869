/// The characters of CEA-608 (ANSI/CTA-608-E Annex A and §6.4.2).
enum CEA608Characters {
  /// A basic character, 20 to 7F.
  static func basic(_ code: UInt8) -> Unicode.Scalar {
    switch code {
    case 0x27: "\u{2019}"
    case 0x2A: "á"
    case 0x5C: "é"
    case 0x5E: "í"
    case 0x5F: "ó"
    case 0x60: "ú"
    case 0x7B: "ç"
    case 0x7C: "÷"
    case 0x7D: "Ñ"
    case 0x7E: "ñ"
    case 0x7F: "█"
    default: Unicode.Scalar(code)
    }
  }

  /// Special characters: 11 30 to 11 3F. 11 39 is a transparent space.
  static let special = scalars("®°½¿™¢£♪à èâêîôû")
  /// Extended characters of Spanish, French and others: 12 20 to 12 3F.
  static let extendedWest = scalars("ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»")
  /// Extended characters of Portuguese, German, Danish: 13 20 to 13 3F.
  static let extendedNorth = scalars("ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘")

  private static func scalars(_ text: String) -> [Unicode.Scalar] { Array(text.unicodeScalars) }

  /// White, green, blue, cyan, red, yellow, magenta: two bits each of red, green and blue.
  static let colours: [UInt8] = [CaptionStyle.white, 0x0C, 0x03, 0x0F, 0x30, 0x3C, 0x33]
}
