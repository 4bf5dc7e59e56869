import Episodes
import MediaCore

/// What one viewer of a screening wants at one choice.
///
///     let vote = try ScreeningVote(body)   // 512 bytes of JSON and spaces
package struct ScreeningVote: Hashable, Sendable {
  /// The choice's id.
  package var choice: String
  /// How often it was met, from 1.
  package var occurrence: Int
  /// Position of the option.
  package var option: Int
  /// Drawn by the player; says nothing about who it is.
  package var viewer: String

  package init(choice: String, occurrence: Int, option: Int, viewer: String) {
    self.choice = choice
    self.occurrence = occurrence
    self.option = option
    self.viewer = viewer
  }

  /// - Throws: `.malformed` in one sentence.
  package init(_ bytes: [UInt8]) throws(ChoicesError) {
    var fields = try ReportFields("vote", bytes)
    choice = try fields.string("choice", "the id of a choice") {
      EpisodeName.isValid($0) ? $0 : nil
    }
    occurrence = try fields.integer("occurrence", in: 1...EpisodeLimits.pathSceneCount)
    option = try fields.integer("option", in: 0...EpisodeLimits.optionCount - 1)
    viewer = try fields.string(
      "viewer", "1 to \(ChoiceLimits.viewerByteCount) letters, digits, - and _"
    ) { text in
      let isGood = text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
      return isGood && (1...ChoiceLimits.viewerByteCount).contains(text.utf8.count) ? text : nil
    }
    try fields.finish()
  }
}

/// What a screening is asked to begin with: `{}`, or `{"start": "2026-05-01T20:00:00Z"}`.
package struct ScreeningOpening: Hashable, Sendable {
  /// Milliseconds since 1970; `nil`: now.
  package var start: Int64?

  /// - Parameter now: milliseconds since 1970.
  /// - Throws: `.malformed` in one sentence.
  package init(_ bytes: [UInt8], now: Int64) throws(ChoicesError) {
    var fields = try ReportFields("opening", bytes)
    if fields.has("start") {
      let latest = now + 1000 * ChoiceLimits.screeningAdvance
      start = try fields.string("start", "a date and time with a zone, from now to a day from now")
      {
        UTCTime($0).map(\.millisecondsSince1970).flatMap { (now...latest).contains($0) ? $0 : nil }
      }
    }
    try fields.finish()
  }
}
