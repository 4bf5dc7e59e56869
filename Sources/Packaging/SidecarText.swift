package import Text

/// Subtitles from a file of their own, read.
package struct SidecarText: Sendable {
  /// As the user named the file.
  package var name: String
  package var cues: CueList
  /// BCP 47.
  package var language: String
  package var role: TextRole
  /// `nil` for the language's own name.
  package var label: String?
  /// Shown when the viewer has not said otherwise.
  package var isDefault: Bool
  /// The file is TTML: the title gets an `stpp` track of it too.
  package var isTTML: Bool

  package init(
    name: String, cues: CueList, language: String, role: TextRole = .subtitle,
    label: String? = nil, isDefault: Bool = false, isTTML: Bool = false
  ) {
    self.name = name
    self.cues = cues
    self.language = language
    self.role = role
    self.label = label
    self.isDefault = isDefault
    self.isTTML = isTTML
  }
}

/// What subtitles are for, as values of `urn:mpeg:dash:role:2011` (ISO/IEC 23009-1 §5.8.5.5).
package enum TextRole: String, Sendable, CaseIterable {
  case subtitle
  /// Also tells what is heard: for the deaf and hard of hearing.
  case caption
  /// Only what is not in the language of the sound.
  case forced = "forced-subtitle"
  /// Tells what is seen.
  case description
  case commentary
  case easyReader = "easyreader"
}
