import Episodes

/// What a player hears of its report; `docs/episodes.md` has the table.
package enum ChoiceAnswer: Hashable, Sendable {
  /// Kept now, or before; the path with the option.
  case recorded(path: String)
  /// Another option was kept for this choice of this run; the path with that one.
  case other(path: String)
  /// The choice is not the one that is open after the path.
  case early
  /// The episode has another version; the scene to go on from, if it is still there.
  case changed(version: String, scene: String?)
  /// The path cannot be walked, or the option not be taken; one sentence.
  case impossible(String)

  /// The status of HTTP.
  package var status: Int {
    switch self {
    case .recorded: 200
    case .other, .early: 409
    case .changed: 410
    case .impossible: 404
    }
  }

  /// The body; one sentence of text for `impossible`. Paths, versions and scenes hold nothing that
  /// JSON would escape.
  package var body: String {
    switch self {
    case .recorded(let path): #"{"state": "recorded", "path": "\#(path)"}"# + "\n"
    case .other(let path): #"{"state": "other", "path": "\#(path)"}"# + "\n"
    case .early: #"{"state": "early"}"# + "\n"
    case .changed(let version, let scene):
      #"{"state": "changed", "version": "\#(version)", "scene": "#
        + (scene.map { "\"\($0)\"" } ?? "null") + "}\n"
    case .impossible(let sentence): sentence + "\n"
    }
  }

  package var isJSON: Bool {
    if case .impossible = self { false } else { true }
  }
}
