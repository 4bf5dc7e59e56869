import Episodes

/// Something that the proof found: a rule, where it is broken, and a run that shows it.
package struct Finding: Hashable, Sendable {
  package enum Severity: String, Hashable, Sendable { case error, warning }

  /// The rules of docs/episodes.md.
  package enum Rule: String, Hashable, Sendable, CaseIterable {
    case e1 = "E1"
    case e2 = "E2"
    case e3 = "E3"
    case e4 = "E4"
    case e5 = "E5"
    case e6 = "E6"
    case e7 = "E7"
    case e8 = "E8"
    case e9 = "E9"
    case e10 = "E10"
    case w1 = "W1"
    case w2 = "W2"
    case w3 = "W3"
    case w4 = "W4"
  }

  /// A part of an episode, by its ids.
  package struct Place: Hashable, Sendable, CustomStringConvertible {
    package var scene: String?
    package var choice: String?
    package var option: String?
    package var group: String?
    package var variable: String?
    package var ending: String?

    package init(
      scene: String? = nil, choice: String? = nil, option: String? = nil, group: String? = nil,
      variable: String? = nil, ending: String? = nil
    ) {
      self.scene = scene
      self.choice = choice
      self.option = option
      self.group = group
      self.variable = variable
      self.ending = ending
    }

    /// `scene s1b, choice k1, option accept`
    package var description: String {
      let parts = [
        ("scene", scene), ("choice", choice), ("option", option), ("group", group),
        ("variable", variable), ("ending", ending),
      ].compactMap { name, id in id.map { "\(name) \($0)" } }
      return parts.isEmpty ? "episode" : parts.joined(separator: ", ")
    }
  }

  package var rule: Rule
  package var severity: Severity
  package var place: Place
  package var message: String
  /// A run that shows it, where one does.
  package var witness: Witness?

  package init(
    _ rule: Rule, _ severity: Severity, _ place: Place, _ message: String,
    witness: Witness? = nil
  ) {
    self.rule = rule
    self.severity = severity
    self.place = place
    self.message = message
    self.witness = witness
  }
}
