/// One thing that a title must or should be, with the clause that says so.
package struct Rule: Hashable, Sendable {
  package enum Severity: String, Sendable, Codable, CaseIterable {
    /// The title breaks a rule that players or the standards rely on.
    case error
    /// The title can be played, but says less, or other things, than it should.
    case warning
  }

  /// Short, stable, in kebab case: `sap-type`.
  package let code: String
  /// `ISO/IEC 14496-12 §8.16.3`
  package let clause: String
  package let severity: Severity

  init(_ code: String, _ clause: String, _ severity: Severity = .error) {
    self.code = code
    self.clause = clause
    self.severity = severity
  }
}

/// A rule that a title breaks, and where.
package struct Finding: Hashable, Sendable {
  package let rule: Rule
  /// The file in the title's folder, then a box's path and byte offset, a line, or a segment.
  package let place: String
  /// What was found and what was expected.
  package let message: String

  package var severity: Rule.Severity { rule.severity }
  package var code: String { rule.code }
  package var clause: String { rule.clause }
}

/// Collects what is found in one file. The first few breaches of each rule are kept, the others
/// counted, so that a file that is wrong all over stays readable and small.
struct FindingLog: Sendable {
  /// Kept findings of one rule in one file.
  static let maximumPerRule = 5
  /// Characters of a message or place; files from outside have a say in them.
  static let maximumTextLength = 600

  /// Name of the file.
  let file: String
  private var kept: [Finding] = []
  private var counts: [Rule: Int] = [:]

  init(file: String) { self.file = file }

  mutating func add(
    _ rule: Rule, _ place: @autoclosure () -> String, _ message: @autoclosure () -> String
  ) {
    counts[rule, default: 0] += 1
    guard counts[rule, default: 0] <= Self.maximumPerRule else { return }
    let place = place()
    kept.append(
      Finding(
        rule: rule, place: Self.plain(place.isEmpty ? file : "\(file) \(place)"),
        message: Self.plain(message())))
  }

  /// Adds a finding unless `holds`.
  mutating func require(
    _ holds: Bool, _ rule: Rule, _ place: @autoclosure () -> String,
    _ message: @autoclosure () -> String
  ) {
    if !holds { add(rule, place(), message()) }
  }

  /// How often a rule was broken.
  func count(_ rule: Rule) -> Int { counts[rule, default: 0] }

  /// What was kept, and for each rule that was broken more often a line that says how often.
  var findings: [Finding] {
    let more = counts.filter { $0.value > Self.maximumPerRule }.sorted { $0.key.code < $1.key.code }
    return kept
      + more.map {
        Finding(
          rule: $0.key, place: file, message: "\($0.value - Self.maximumPerRule) more of this")
      }
  }

  /// Text without control characters, which a file could send to a terminal.
  private static func plain(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(maximumTextLength) {
      let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
      plain.append(isControl ? "\u{fffd}" : scalar)
    }
    return String(plain)
  }
}
