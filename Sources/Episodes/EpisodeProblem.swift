package import Markup

/// A place in an episode file.
package typealias EpisodePosition = TextPosition
/// One thing that is wrong in an episode file.
package typealias EpisodeProblem = TextProblem
/// All that keeps an episode file from being used.
///
///     offer.yaml:12:7: unknown key "goto2"; did you mean "goto"?
///     offer.yaml:20:5: the scene "s2" does not go on; …
package typealias EpisodeFileError = TextFileError

extension YAMLText.Form {
  /// A file of an episode.
  static let episode = YAMLText.Form(
    byteCount: EpisodeLimits.fileByteCount, lineLength: EpisodeLimits.lineLength,
    remedy: "split the episode", opening: "an episode begins with 'branch: 1'",
    depth: "an episode needs 8")
}
