/// A screening as it was opened: with its verdicts all that says what is published when.
package struct Screening: Hashable, Sendable {
  /// Sixteen hexadecimal digits.
  package var id: String
  /// The episode's name in the library, and its version.
  package var episode: String
  package var version: String
  /// Milliseconds since 1970.
  package var start: Int64

  package init(id: String, episode: String, version: String, start: Int64) {
    self.id = id
    self.episode = episode
    self.version = version
    self.start = start
  }

  /// An id that nobody guesses.
  package static func drawID() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
