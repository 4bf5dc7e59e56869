import Episodes
import Foundation

/// An episode file as it is packaged.
struct EpisodeInput {
  var episode: Episode
  var scenes: [SceneFiles]

  init(path: String) throws {
    throw CommandFailure(.data, "\(path): not read yet")
  }
}
