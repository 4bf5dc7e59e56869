import Encoding
import Ladder
import MediaCore
import Packaging

/// The ladder of an episode: the picture of each scene is encoded into it, from a key frame where the
/// scene is entered to its last picture.
struct SceneLadder {
  let ladder: Ladder
  let arguments: LadderArguments
  /// Where the parts of all scenes are kept.
  let folder: String
  let threads: Int

  /// - Parameter segment: wanted length of the scenes' segments.
  init(
    _ ladder: Ladder, _ arguments: LadderArguments, folder: String, threads: Int,
    segment: MediaTime
  ) {
    var ladder = ladder
    // A scene begins with short segments; its key frames lie as near to one another.
    ladder.segment = EpisodeJob.ramp.reduce(segment) { min($0, $1) }
    self.ladder = ladder
    self.arguments = arguments
    self.folder = folder
    self.threads = threads
  }

  /// Puts the rungs in the place of the pictures of a scene's first file; those of its further files,
  /// renditions of the same, are not needed.
  func encode(_ sources: inout [any MediaSource], of files: SceneFiles) throws {
    guard let base = sources.first, let path = files.media.first else { return }
    let work = try LadderWork(
      base, path: path, ladder: ladder, segment: nil, isPerTitle: arguments.perTitle,
      isCancelled: { Interruption.isRequested })
    sources[0] = try work.encode(
      in: try PartFolder(path: folder), threads: threads, by: arguments)
    sources.removeSubrange(1..<max(1, min(files.media.count, sources.count)))
  }
}
