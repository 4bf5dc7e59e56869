import Foundation

/// Language codes: what containers say, and what documents want.
package enum LanguageTag {
  /// Bibliographic codes of ISO 639-2 that differ from the terminological ones.
  private static let bibliographic = [
    "alb": "sqi", "arm": "hye", "baq": "eus", "bur": "mya", "chi": "zho", "cze": "ces",
    "dut": "nld", "fre": "fra", "geo": "kat", "ger": "deu", "gre": "ell", "ice": "isl",
    "mac": "mkd", "mao": "mri", "may": "msa", "per": "fas", "rum": "ron", "slo": "slk",
    "tib": "bod", "wel": "cym",
  ]

  /// The BCP 47 tag of what a container says: `eng` and `en` give `en`, nonsense gives `und`.
  package static func bcp47(_ code: String) -> String {
    let parts = code.replacingOccurrences(of: "_", with: "-").split(separator: "-")
    guard let first = parts.first.map({ $0.lowercased() }), (2...3).contains(first.utf8.count),
      parts.allSatisfy({ (1...8).contains($0.utf8.count) }),
      code.utf8.allSatisfy({ $0 == 0x2d || $0 == 0x5f || isAlphanumeric($0) })
    else { return "und" }
    let plain = bibliographic[first] ?? first
    if plain == "und" { return "und" }
    let short = Locale.LanguageCode(plain).identifier(.alpha2) ?? plain
    return ([short] + parts.dropFirst().map(String.init)).joined(separator: "-")
  }

  /// The three letters of `mdhd` (ISO 639-2/T) for a BCP 47 tag.
  package static func iso639(_ tag: String) -> String {
    let first = tag.split(separator: "-").first.map(String.init) ?? "und"
    let plain = bibliographic[first] ?? first
    if plain.utf8.count == 3 { return plain }
    return Locale.LanguageCode(plain).identifier(.alpha3) ?? "und"
  }

  /// The language's own name: `English`, `中文`; `nil` if unknown.
  package static func ownName(_ tag: String) -> String? {
    guard tag != "und" else { return nil }
    guard let name = Locale(identifier: tag).localizedString(forIdentifier: tag) else { return nil }
    return name.prefix(1).uppercased() + name.dropFirst()
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
