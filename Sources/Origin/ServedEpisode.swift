import Episodes
import Library
package import NIOCore
package import Presentation

/// An episode with all that its responses are made of. Documents of its paths are rendered when they are
/// asked for.
package struct ServedEpisode: Sendable {
  package let presented: PresentedEpisode
  /// `episode.json` with the version in it.
  package let compiled: ServedDocument
  /// The media of each scene and further viewpoint, by name.
  package let scenes: [String: ServedTitle]
  /// Spoken prompts, by name.
  let prompts: [String: ServedTrack]
  let documentNames: Set<String>

  /// - Parameters:
  ///   - compiled: `episode.json` as it is at rest.
  ///   - prompts: spoken prompts, by name.
  package init(
    _ presented: PresentedEpisode, compiled: ByteBuffer, scenes: [String: ServedTitle],
    prompts: [String: ServedTrack] = [:]
  ) {
    self.prompts = prompts
    self.presented = presented
    self.compiled = ServedDocument(
      bytes: Self.versioned(compiled, presented.version))
    self.scenes = scenes
    documentNames = Set(EpisodeDocuments.names(of: presented))
  }

  /// `{"version":"…",` and the rest of the object as it was.
  private static func versioned(_ json: ByteBuffer, _ version: String) -> ByteBuffer {
    guard let brace = json.readableBytesView.firstIndex(of: UInt8(ascii: "{")) else { return json }
    var made = ByteBuffer(string: "{\"version\":\"\(version)\",")
    made.writeBytes(json.readableBytesView[(brace + 1)...])
    return made
  }

  /// The file that has a track's header: the entry's, as good as any.
  func track(_ name: String) -> ServedTrack? {
    scenes[presented.graph.episode.entry]?.tracks[name]
  }
}

extension ServedTitle {
  /// What an episode is to those who ask for a title.
  package init(_ episode: ServedEpisode) {
    self.init(title: episode.presented.whole, documents: [:])
    self.episode = episode
  }
}
