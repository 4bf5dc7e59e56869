package import Episodes
import MediaCore

/// What one viewer took at one choice, as the player reports it.
///
///     let report = try ChoiceReport(body)   // 512 bytes of JSON and spaces
///     report.path.description               // "01"
///
/// Everything is of a shape that can be right; whether it is right, only the episode can say.
package struct ChoiceReport: Hashable, Sendable {
  package enum Origin: String, Hashable, Sendable, Codable {
    case viewer
    /// Nobody chose in time.
    case fallback = "default"
  }

  /// Of the episode that the viewer sees: `EpisodePath`'s `{version}`.
  package var version: String
  /// Drawn by the player for each run; says nothing about the viewer.
  package var run: RunID
  /// Before the choice.
  package var path: EpisodePath
  /// The choice's id.
  package var choice: String
  /// From 1.
  package var occurrence: Int
  /// Position of the option.
  package var option: Int
  package var origin: Origin
  /// Milliseconds of the scene's media time at which the option was taken.
  package var at: Int

  package init(
    version: String, run: RunID, path: EpisodePath, choice: String, occurrence: Int, option: Int,
    origin: Origin, at: Int
  ) {
    self.version = version
    self.run = run
    self.path = path
    self.choice = choice
    self.occurrence = occurrence
    self.option = option
    self.origin = origin
    self.at = at
  }

  /// - Throws: `.malformed` in one sentence.
  package init(_ bytes: [UInt8]) throws(ChoicesError) {
    var fields = try ReportFields("report", bytes)
    version = try fields.string("version", "16 hexadecimal digits") { text in
      text.utf8.count == ChoiceLimits.versionLength
        && text.utf8.allSatisfy {
          (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
        } ? text : nil
    }
    run = try fields.string("run", "a UUID") { RunID($0) }
    path = try fields.string("path", "a path of the episode") { try? EpisodePath($0) }
    choice = try fields.string("choice", "the id of a choice") {
      EpisodeName.isValid($0) ? $0 : nil
    }
    occurrence = try fields.integer("occurrence", in: 1...EpisodeLimits.pathSceneCount)
    option = try fields.integer("option", in: 0...EpisodeLimits.optionCount - 1)
    origin = try fields.string("by", "\"viewer\" or \"default\"") { Origin(rawValue: $0) }
    at = try fields.milliseconds("at", to: ChoiceLimits.mediaTime)
    try fields.finish()
  }
}
