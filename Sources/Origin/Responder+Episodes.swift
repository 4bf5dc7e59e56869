import Episodes
import Library
import NIOHTTP1
import Presentation

extension Responder {
  /// Whether a route can be answered without a moment's work, on an event loop.
  func isReady(_ route: Route, of title: ServedTitle) -> Bool {
    switch route {
    case .scene(_, let scene, let media) where media.move != nil:
      return movedSegments.recall(MovedSegments.Name(title, scene, media)) != nil
    case .scene(_, let scene, .webVTT(let track, let segment, _)):
      return isReady(segment, ofTrack: track, of: title.episode?.scenes[scene])
    case .webVTT(_, let track, let segment): return isReady(segment, ofTrack: track, of: title)
    default:
      guard let name = try? renderedName(of: route, title) else { return true }
      return rendered.recall(name) != nil
    }
  }

  private func isReady(
    _ segment: Route.WebVTTSegment?, ofTrack track: String, of title: ServedTitle?
  ) -> Bool {
    guard let title, let text = try? webVTT(segment, ofTrack: track, of: title) else { return true }
    return codedTexts.isReady(text)
  }

  /// The document that a route asks for, if it is one that is rendered on request.
  ///
  /// - Throws: 404 for what is left of a title by a filter that lets nothing through.
  func renderedName(
    of route: Route, _ title: ServedTitle
  ) throws(Rejection) -> RenderedDocuments.Name? {
    switch route {
    case .document(_, let document, let filter) where document != Pathways.manifestName:
      if let episode = title.episode?.presented {
        guard filter.clip.isEmpty else { throw Self.noClips }
        return RenderedDocuments.Name(
          title: episode.name, version: episode.version, document: document,
          tracks: try tracks(filter, of: title))
      }
      guard !filter.isEmpty, let views = title.views else { return nil }
      let clip = try clip(filter.clip, of: views)
      let tracks = try tracks(filter, of: title)
      guard clip != nil || tracks != nil else { return nil }
      return RenderedDocuments.Name(
        title: title.title.name, version: title.version, document: document, tracks: tracks,
        clip: clip)
    case .pathDocument(_, let version, let path, let document, let filter):
      guard let episode = title.episode?.presented else { return nil }
      guard filter.clip.isEmpty else { throw Self.noClips }
      return RenderedDocuments.Name(
        title: episode.name, version: version, path: path, document: document,
        tracks: try tracks(filter, of: title))
    case .continuousDocument(_, let path, let document, let filter):
      guard let episode = title.episode?.presented else { return nil }
      guard filter.clip.isEmpty else { throw Self.noClips }
      return RenderedDocuments.Name(
        title: episode.name, version: path?.version ?? episode.version, path: path?.path,
        document: document, tracks: try tracks(filter, of: title), isContinuous: true)
    default: return nil
    }
  }

  private static let noClips = Rejection(
    .badRequest, "Clips (start, end) are of titles and live titles; an episode has its scenes.")

  /// - Returns: `nil` for all of it.
  private func clip(
    _ clip: ViewClip, of views: TitleDocuments
  ) throws(Rejection) -> ClipRange? {
    guard !clip.isEmpty else { return nil }
    do throws(ViewError) {
      return try clip.resolved(end: views.endMilliseconds)
    } catch {
      throw Rejection(.badRequest, error.message)
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

  /// The whole file of a spoken prompt, whose URL names its content.
  func spokenPrompt(
    _ name: String, version: String, of episode: ServedEpisode
  ) throws(Rejection) -> Representation {
    guard let track = episode.prompts[name] else {
      throw .notFound("The episode has no spoken prompt of this name.")
    }
    guard version == track.index.version else {
      throw .notPresent(
        version, "This version of the prompt is not here; episode.json names the present one.")
    }
    var made = Representation(whole: track)
    made.cacheControl = .immutable
    return made
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
    guard let move = media.move, let track = scene.title[track: media.track] else {
      if case .webVTT = media { return codedTexts.coded(made) }
      return made
    }
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
