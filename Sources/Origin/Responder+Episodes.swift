import Episodes
import Library
import Presentation

extension Responder {
  /// Whether a route can be answered without a moment's work, on an event loop.
  func isReady(_ route: Route, of title: ServedTitle) -> Bool {
    guard let episode = title.episode, let name = documentName(of: route, episode) else {
      return true
    }
    return paths.recall(name) != nil
  }

  /// The document that a route asks an episode for; `nil` if it asks for something else.
  private func documentName(
    of route: Route, _ episode: ServedEpisode
  ) -> PathDocuments.Name? {
    let presented = episode.presented
    switch route {
    case .document(_, let name) where name != Pathways.manifestName:
      return PathDocuments.Name(
        episode: presented.name, version: presented.version, path: nil, document: name)
    case .pathDocument(_, let version, let path, let name):
      return PathDocuments.Name(
        episode: presented.name, version: version, path: path, document: name)
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

  func scene(_ name: String, of episode: ServedEpisode) throws(Rejection) -> ServedTitle {
    guard let scene = episode.scenes[name] else {
      throw .notFound("The episode has no scene of this name.")
    }
    return scene
  }
}
