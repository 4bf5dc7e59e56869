import Markup

/// An episode as its author wrote it: the checked episode, and what only packaging and the proof
/// need.
///
///     let file = try EpisodeFile(bytes, name: "offer.yaml")
///     file.episode.entry                      // "s1"
///     file.media["s1b"]?.sources              // ["s1b-1080p.mp4", "s1b-540p.mp4"]
///     file.media["yard.gate"]?.sources        // of a further viewpoint
///     file.source[.scene("s1b")]              // 12:3, for messages
///     file.located(.scene("s1b"), "too short")   // "offer.yaml:12:3: too short"
///
/// What it refuses, it refuses in one go: `EpisodeFileError` has every problem with its place.
/// `yaml` writes a file that is read as the same.
package struct EpisodeFile: Sendable {
  /// Files of one scene, or of one further viewpoint, relative to the episode file.
  package struct Media: Hashable, Sendable {
    package struct File: Hashable, Sendable {
      /// BCP 47.
      package var language: String
      package var path: String

      package init(language: String, path: String) {
        self.language = language
        self.path = path
      }
    }

    /// Pictures and their sound, in authored order.
    package var sources: [String]
    /// Further sound.
    package var audio: [File]
    /// Subtitles.
    package var text: [File]

    package init(sources: [String], audio: [File] = [], text: [File] = []) {
      self.sources = sources
      self.audio = audio
      self.text = text
    }
  }

  /// As the author named the file.
  package var name: String
  package var episode: Episode
  /// By the title at rest: `scene`, or `scene.viewpoint`.
  package var media: [String: Media]
  /// Milliseconds of common footage that the author wants between the end of a choice's window and
  /// the end of its scene, by choice.
  package var minimumMasks: [String: Int]
  package var source: EpisodeSource

  package init(
    name: String, episode: Episode, media: [String: Media], minimumMasks: [String: Int] = [:],
    source: EpisodeSource = EpisodeSource()
  ) {
    self.name = name
    self.episode = episode
    self.media = media
    self.minimumMasks = minimumMasks
    self.source = source
  }

  /// - Parameter name: what messages call the file.
  /// - Throws: all problems that were found, in the order of the file.
  package init(_ bytes: some Collection<UInt8>, name: String) throws(EpisodeFileError) {
    self = try EpisodeReader.read(bytes, name: name)
  }

  package init(text: String, name: String) throws(EpisodeFileError) {
    try self.init(text.utf8, name: name)
  }

  /// A message with file, line and column in front; the file alone if the place is not known.
  package func located(_ item: EpisodeSource.Item, _ message: String) -> String {
    source[item].map { "\(name):\($0): \(message)" } ?? "\(name): \(message)"
  }
}
