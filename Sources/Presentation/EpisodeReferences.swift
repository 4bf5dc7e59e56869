import Episodes
import HLS
import Library
import MediaCore

/// How documents of a path name media.
package enum EpisodeAddressing: Sendable, CaseIterable {
  /// At the origin: every segment by its URL from the root, the same in all documents.
  case origin
  /// At the origin, on one timeline: as `.origin`, each segment with the place that it is moved to.
  /// Scenes then follow each other without a discontinuity, and in one Period.
  case continuous
  /// Beside `episode.json`: files of the scenes' folders.
  case atRest

  var isAtOrigin: Bool { self != .atRest }
}

/// Names of what belongs to an episode, in its documents.
struct EpisodeReferences {
  let episode: PresentedEpisode
  let addressing: EpisodeAddressing
  /// The scene with which the path begins.
  let first: String

  private var root: String { "/\(Reference.encoded(episode.name))/" }

  /// How the media of a scene lies.
  func addressing(of scene: Title) -> Addressing {
    addressing.isAtOrigin ? .segments : .atRest(scene)
  }

  /// Where the media of a scene lies.
  func place(of scene: String) -> MediaPlace {
    MediaPlace(base: base(of: scene), headers: headers)
  }

  private func base(of scene: String) -> String {
    (addressing.isAtOrigin ? root : "") + "\(Reference.encoded(scene))/"
  }

  /// One for each track: all scenes have the same.
  private var headers: [String: MediaInitialization] {
    switch addressing {
    case .origin, .continuous:
      return episode.headers.reduce(into: [:]) { made, header in
        let folder = Reference.folder(header.key, version: header.value)
        made[header.key] = MediaInitialization(uri: root + folder + Reference.header)
      }
    case .atRest:
      guard let title = episode.scenes[first] else { return [:] }
      return title.tracks.reduce(into: [:]) { made, track in
        let (base, name) = (base(of: first), track.index.name)
        made[name] =
          title.layout == .tracks
          ? MediaInitialization(
            uri: base + Reference.trackFile(name), byteRange: track.index.header)
          : MediaInitialization(
            uri: base + Reference.folder(name, version: "", .segmentFiles) + Reference.header)
      }
    }
  }

  /// The first media segment of a scene; `nil` at rest, where it may have no URL of its own.
  ///
  /// - Parameter number: from 1; the first that is played.
  func head(of scene: String, track: String, number: Int = 1) -> String? {
    guard addressing.isAtOrigin, let track = episode.scenes[scene]?[track: track] else {
      return nil
    }
    let name = track.index.name
    let base = base(of: scene)
    if let webVTT = track.webVTT {
      return base + Reference.folder(name, version: webVTT.version)
        + Reference.webVTTSegment(number)
    }
    return base + Reference.folder(name, version: track.index.version) + Reference.segment(number)
  }

  /// A media playlist of a path; `nil` at rest, where there is one path.
  func playlist(of path: EpisodePath, track: TitleTrack) -> String? {
    guard addressing.isAtOrigin else { return nil }
    return "\(root)paths/\(Reference.encoded(episode.version))/\(path)/"
      + (addressing == .continuous ? "\(EpisodeDocuments.continuousName)/" : "")
      + Reference.encoded(DocumentName.playlist(of: track))
  }

  var graph: String { (addressing.isAtOrigin ? root : "") + EpisodeDocuments.compiledName }
}
