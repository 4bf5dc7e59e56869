/// What was chosen, spelt as a part of a URL: where a run began, and one digit for each choice.
///
///     path = [ "@" scene "." state "." ] ( "_" | 1*digit )      "_"  "0110"  "@act2.Bx81kQ.01"
///
/// A digit, 0–9 then a–z, is the position of the option in the authored list, enabled or not, so
/// the spelling of a path never changes. `_` is "nothing chosen yet". One path has one spelling.
package struct EpisodePath: Hashable, Sendable, CustomStringConvertible {
  /// A scene that is a checkpoint, and the packed state in which it is entered.
  package struct Start: Hashable, Sendable {
    package var scene: String
    /// See `EpisodeState.packed`.
    package var state: String

    package init(scene: String, state: String) {
      self.scene = scene
      self.state = state
    }
  }

  /// `nil`: the entry of the episode, with all variables at their initial values.
  package var start: Start?
  /// Positions of options, one for each choice that was met.
  package var options: [Int]

  /// Nothing chosen yet.
  package static let beginning = EpisodePath(start: nil, options: [])

  package init(start: Start?, options: [Int]) {
    self.start = start
    self.options = options
  }

  package init(_ text: String) throws(EpisodesError) {
    var digits = Substring(text)
    if text.hasPrefix("@") {
      let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 3, EpisodeName.isValid(String(parts[0])), !parts[1].isEmpty else {
        throw EpisodesError(
          .malformedPath, "a path from a checkpoint is spelt @scene.state.digits")
      }
      start = Start(scene: String(parts[0]), state: String(parts[1]))
      digits = parts[2]
    }
    guard digits != "_" else {
      options = []
      return
    }
    guard !digits.isEmpty, digits.utf8.count <= EpisodeLimits.pathDigitCount else {
      throw EpisodesError(
        .malformedPath,
        "a path has 1 to \(EpisodeLimits.pathDigitCount) digits, or _ for none")
    }
    var options: [Int] = []
    for byte in digits.utf8 {
      switch byte {
      case 0x30...0x39: options.append(Int(byte) - 0x30)
      case 0x61...0x7a: options.append(Int(byte) - 0x61 + 10)
      default:
        throw EpisodesError(.malformedPath, "the digits of a path are 0 to 9 and a to z")
      }
    }
    self.options = options
  }

  package var description: String {
    let digits =
      options.isEmpty ? "_" : String(decoding: options.map { Self.digits[$0] }, as: UTF8.self)
    guard let start else { return digits }
    return "@\(start.scene).\(start.state).\(digits)"
  }

  private static let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
}
