/// A channel of captions that video carries in its own samples (CEA-608, CEA-708).
package struct CaptionService: Codable, Hashable, Sendable {
  /// `CC1` to `CC4`, `SERVICE1` to `SERVICE63`: INSTREAM-ID of draft-pantos-hls-rfc8216bis §4.4.6.1.
  package var channel: String
  /// BCP 47, `und` if unknown.
  package var language: String

  package init(channel: String, language: String) {
    self.channel = channel
    self.language = language
  }

  /// Services of one track, at most: four channels of CEA-608 and 63 services of CEA-708.
  package static let maximumCount = 67

  /// The number in CEA-708; `nil` for a channel of CEA-608.
  package var serviceNumber: Int? {
    channel.hasPrefix("SERVICE") ? Int(channel.dropFirst("SERVICE".count)) : nil
  }

  package var isValid: Bool {
    ["CC1", "CC2", "CC3", "CC4"].contains(channel)
      || serviceNumber.map { (1...63).contains($0) && channel == "SERVICE\($0)" } ?? false
  }
}
