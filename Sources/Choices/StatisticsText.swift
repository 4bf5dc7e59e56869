import Foundation
import MediaCore

/// Numbers and titles as the page says them; the same in every locale.
struct StatisticsText {
  let languages: [String]

  /// The text in the first language that has it, escaped; `id` if none has.
  func title(_ texts: [String: String], or id: String) -> String {
    XMLText.escaped(plain(texts, or: id))
  }

  /// No longer than `width` characters of Latin; Chinese ones are twice as wide.
  func short(_ texts: [String: String], or id: String, width: Int) -> String {
    let text = plain(texts, or: id)
    var (kept, taken) = ("", 0)
    for character in text {
      taken += (character.unicodeScalars.first?.value ?? 0) >= 0x1100 ? 2 : 1
      guard taken <= width else { return XMLText.escaped(kept) + "…" }
      kept.append(character)
    }
    return XMLText.escaped(kept)
  }

  private func plain(_ texts: [String: String], or id: String) -> String {
    let text =
      languages.lazy.compactMap { texts[$0] }.first ?? texts.sorted { $0.key < $1.key }.first?.value
    guard let text, !text.isEmpty else { return id }
    return text
  }

  /// `1 234 567`, with thin spaces.
  static func count(_ count: Int) -> String {
    let digits = Array(String(count))
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text += "\u{202f}" }
      text.append(digit)
    }
    return text
  }

  /// `41 %`, below ten with a decimal: `4.1 %`.
  static func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    if tenths >= 100 || tenths == 0 {
      return "\(Int((share * 100).rounded()))\u{202f}%"
    }
    return "\(tenths / 10).\(tenths % 10)\u{202f}%"
  }

  /// For attributes: a part of the whole in percent, to a hundredth.
  static func width(_ share: Double) -> String { decimal(min(1, max(0, share)) * 100) }

  /// To a hundredth, without a needless point.
  static func decimal(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return sign + "\(whole)."
      + (rest % 10 == 0 ? "\(rest / 10)" : rest < 10 ? "0\(rest)" : "\(rest)")
  }
}
