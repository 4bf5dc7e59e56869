import Episodes
import Library
import Presentation

extension Responder {
  /// Whether a route can be answered without a moment's work, on an event loop.
  func isReady(_ route: Route, of title: ServedTitle) -> Bool {
    guard let name = try? renderedName(of: route, title) else { return true }
    return rendered.recall(name) != nil
  }

  /// The document that a route asks for, if it is one that is rendered on request.
  ///
  /// - Throws: 404 for what is left of a title by a filter that lets nothing through.
  func renderedName(
    of route: Route, _ title: ServedTitle
  ) throws(Rejection) -> RenderedDocuments.Name? {
    switch route {
    case .document(_, let document, let filter):
      if let episode = title.episode?.presented {
        return RenderedDocuments.Name(
          title: episode.name, version: episode.version, document: document,
          tracks: try tracks(filter, of: title))
      }
      guard !filter.isEmpty, title.views != nil, let tracks = try tracks(filter, of: title) else {
        return nil
      }
      return RenderedDocuments.Name(
        title: title.title.name, version: title.version, document: document, tracks: tracks)
    case .pathDocument(_, let version, let path, let document, let filter):
      guard let episode = title.episode?.presented else { return nil }
      return RenderedDocuments.Name(
        title: episode.name, version: version, path: path, document: document,
        tracks: try tracks(filter, of: title))
    default: return nil
    }
  }

  private func tracks(
    _ filter: ViewFilter, of title: ServedTitle
  ) throws(Rejection) -> [String]? {
    guard !filter.isEmpty else { return nil }
    do throws(ViewError) {
      if let episode = title.episode { return try episode.presented.trackNames(filter) }
      return try title.views?.trackNames(filter)
    } catch {
      throw .notFound(error.message)
    }
  }

  /// A playlist or MPD of the default cut, or of a path.
  func pathDocument(_ route: Route, of title: ServedTitle) throws(Rejection) -> Representation {
    let episode = try episode(title)
    guard let name = try renderedName(of: route, title),
      episode.documentNames.contains(name.document)
    else { throw RenderedDocuments.noDocument }
    guard name.version == episode.presented.version else {
      throw .notPresent(
        name.version,
        "This version of the episode is not here; the present one is \(episode.presented.version).")
    }
    var made = Representation(try rendered.document(name, of: title), name: name.document)
    if name.path != nil { made.cacheControl = CachePolicy.immutable }
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
