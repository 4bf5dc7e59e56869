import Episodes
import Library
import Presentation

extension Responder {
  /// Whether a route can be answered without a moment's work, on an event loop.
  func isReady(_ route: Route, of title: ServedTitle) -> Bool {
    guard let episode = title.episode else { return true }
    if case .scene(_, let scene, let media) = route, media.move != nil {
      return movedSegments.recall(MovedSegments.Name(title, scene, media)) != nil
    }
    guard let name = documentName(of: route, episode) else { return true }
    return paths.recall(name) != nil
  }

  /// The document that a route asks an episode for; `nil` if it asks for something else.
  private func documentName(
    of route: Route, _ episode: ServedEpisode
  ) -> PathDocuments.Name? {
    let presented = episode.presented
    switch route {
    case .document(_, let name):
      return PathDocuments.Name(
        episode: presented.name, version: presented.version, path: nil, document: name)
    case .pathDocument(_, let version, let path, let name):
      return PathDocuments.Name(
        episode: presented.name, version: version, path: path, document: name)
    case .continuousDocument(_, let path, let name):
      return PathDocuments.Name(
        episode: presented.name, version: path?.version ?? presented.version, path: path?.path,
        document: name, isContinuous: true)
    default: return nil
    }
  }

  /// A playlist or MPD of the default cut, or of a path.
  func pathDocument(_ route: Route, of episode: ServedEpisode) throws(Rejection) -> Representation {
    guard let name = documentName(of: route, episode),
      episode.documentNames.contains(name.document)
    else { throw PathDocuments.noDocument }
    guard name.version == episode.presented.version else {
      throw .notPresent(
        name.version,
        "This version of the episode is not here; the present one is \(episode.presented.version).")
    }
    var made = Representation(try paths.document(name, of: episode), name: name.document)
    if name.path != nil { made.cacheControl = .immutable }
    return made
  }

  /// `episode.json`, which is replaced when the episode is packaged again.
  func compiled(_ title: ServedTitle) throws(Rejection) -> Representation {
    Representation(try episode(title).compiled, name: EpisodeDocuments.compiledName)
  }

  func episode(_ title: ServedTitle) throws(Rejection) -> ServedEpisode {
    guard let episode = title.episode else { throw .notFound("The title is no episode.") }
    return episode
  }

  /// The header that all scenes share.
  func header(
    ofTrack name: String, version: String, of episode: ServedEpisode
  ) throws(Rejection) -> Representation {
    guard let track = episode.track(name), let present = episode.presented.headers[name] else {
      throw .notFound("The episode has no track of this name.")
    }
    guard version == present else {
      throw .notPresent(
        version, "This version of the header is not here; the playlists name the present one.")
    }
    var made = try representation(track.index.header, of: track)
    made.serverData = ServerData(objectType: .header)
    made.entityTag = EntityTag(opaque: "\(present)-header")
    return made
  }

  /// A segment of a scene, moved or as it is.
  func media(
    _ media: Route.SceneMedia, scene name: String, of title: ServedTitle
  ) throws(Rejection) -> Representation {
    let scene = try scene(name, of: episode(title))
    let made: Representation
    switch media {
    case .segment(let track, let version, let number, _):
      made = try segment(number, track: track, version: version, of: scene)
    case .webVTT(let track, let segment, _):
      made = try webVTT(segment, ofTrack: track, of: scene)
    }
    guard let move = media.move, let track = scene.title[track: media.track] else { return made }
    return try movedSegments.representation(
      made, of: MovedSegments.Name(title, name, media), by: move, timescale: track.index.timescale)
  }

  func scene(_ name: String, of episode: ServedEpisode) throws(Rejection) -> ServedTitle {
    guard let scene = episode.scenes[name] else {
      throw .notFound("The episode has no scene of this name.")
    }
    return scene
  }
}
