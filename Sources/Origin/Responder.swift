import FileIO
import Library
import MediaCore
import NIOHTTP1
import ObjectStore
import Presentation

/// A route and what it leads to → the response. Decides; reads no file, asks no source.
struct Responder: Sendable {
  /// The player library (`hls.mjs`), or why there is none.
  var playerLibrary: Result<ServedDocument, Rejection>
  let rendered: RenderedDocuments
  /// Milliseconds since 1970.
  var wallClock: @Sendable () -> Int64 = { WallClock.nanoseconds() / 1_000_000 }
  /// Who may fetch.
  var access = AccessRules()
  /// Whose caches stand in front.
  var edge = EdgeProfile.generic
  var originID: OriginID?
  let movedSegments: MovedSegments
  let codedTexts: CodedTexts

  /// - Parameter objects: media of a library in an object store.
  init(
    playerLibrary: Result<ServedDocument, Rejection>, limits: Limits = Limits(),
    objects: ObjectBlocks? = nil
  ) {
    self.playerLibrary = playerLibrary
    rendered = RenderedDocuments(byteCount: limits.renderedByteCount)
    movedSegments = MovedSegments(
      byteCount: limits.rememberedHeadByteCount, objects: objects)
    codedTexts = CodedTexts(byteCount: limits.codedTextsByteCount, objects: objects)
  }

  /// What must be known before a request can be answered.
  enum Need: Sendable {
    case nothing(Response)
    case title(String, Route)
    case titleNames
    case readiness
    case report(title: String)
    case publication(point: String, path: String)
    case statistics(StatisticsQuery, title: String)
    case opening(title: String)
    case screening(Route.ScreeningDocument, title: String)
    case vote(screening: String, title: String)
    case tally(screening: String, title: String)
  }

  /// - Throws: why a request leads nowhere.
  func route(of request: Request, limits: Limits) throws(Rejection) -> Route {
    if let rejection = request.rejection { throw rejection }
    if request.isUpload { return try Router.publication(request.target, limits: limits) }
    return try Router.route(request.method, request.target, limits: limits)
  }

  func need(of request: Request, _ route: Route) throws(Rejection) -> Need {
    try access.admit(request, to: route)
    switch route {
    case .options: return .nothing(.options)
    case .reportOptions: return .nothing(.reportOptions)
    case .choices(let title): return .report(title: title)
    case .publication(let point, let path): return .publication(point: point, path: path)
    case .opening(let title): return .opening(title: title)
    case .screening(let title, let document): return .screening(document, title: title)
    case .vote(let title, let screening): return .vote(screening: screening, title: title)
    case .tally(let title, let screening): return .tally(screening: screening, title: title)
    case .statistics(let title):
      let query = try StatisticsQuery(target: request.target, accept: request.accept)
      return .statistics(query, title: title)
    case .time: return .nothing(.time(milliseconds: wallClock()))
    case .health: return .nothing(Response(.ok, text: "ok\n", cacheControl: .none))
    case .playerLibrary:
      let library = Representation(
        contentType: "text/javascript; charset=utf-8", cacheControl: .document,
        document: try playerLibrary.get())
      return .nothing(Response(library, to: request))
    case .playerFile(let name):
      return .nothing(Response(try PlayerFiles.file(named: name), to: request))
    case .titleList: return .titleNames
    case .readiness: return .readiness
    case .player(let title), .document(let title, _, _), .header(let title, _, _),
      .segment(let title, _, _, _), .timedSegment(let title, _, _, _),
      .part(let title, _, _, _, _), .track(let title, _),
      .webVTT(let title, _, _), .image(let title, _, _, _), .poster(let title),
      .compiledEpisode(let title), .pathDocument(let title, _, _, _, _),
      .continuousDocument(let title, _, _, _), .scene(let title, _, _),
      .spokenPrompt(let title, _, _):
      return .title(title, route)
    }
  }

  /// Documents of an episode and of views may be rendered here: see `isReady`.
  ///
  /// - Throws: 404 for what the title does not have, 410 for what it is known to have had.
  func response(
    to request: Request, for route: Route, of title: ServedTitle
  ) throws(Rejection) -> Response {
    do throws(Rejection) {
      return try found(route, in: title, for: request)
    } catch {
      throw error.version.map(title.formerVersions.contains) ?? false ? .gone : error
    }
  }

  private func found(
    _ route: Route, in title: ServedTitle, for request: Request
  ) throws(Rejection) -> Response {
    switch route {
    case .player:
      // All viewers of a screening see one playlist: the player of films shows it.
      Response(
        title.episode == nil || Pages.isScreening(request.target)
          ? Pages.player : Pages.episodePlayer, to: request)
    case .document(_, Pathways.manifestName, _):
      Response(try steeringManifest(of: title), to: request)
    case .document where title.episode != nil, .pathDocument, .continuousDocument:
      Response(try pathDocument(route, of: title), to: request)
    case .compiledEpisode: Response(try compiled(title), to: request)
    case .spokenPrompt(_, let version, let name):
      Response(try spokenPrompt(name, version: version, of: episode(title)), to: request)
    case .scene(_, let name, let media):
      Response(try self.media(media, scene: name, of: title), to: request)
    case .document(_, let name, _):
      Response(Representation(try document(name, route, of: title), name: name), to: request)
    case .header(_, let name, let version):
      Response(try header(ofTrack: name, version: version, of: title), to: request)
    case .segment(_, let name, let version, let number):
      Response(try segment(number, track: name, version: version, of: title), to: request)
    case .timedSegment(_, let name, let version, let time):
      Response(try segment(at: time, track: name, version: version, of: title), to: request)
    case .part: throw .notFound("Segments of a title at rest have no parts.")
    case .track(_, let name):
      Response(Representation(whole: try track(name, version: nil, of: title)), to: request)
    case .webVTT(_, let name, let segment):
      Response(codedTexts.coded(try webVTT(segment, ofTrack: name, of: title)), to: request)
    case .image(_, let name, let version, let number):
      Response(try image(number, of: name, version: version, in: title.images), to: request)
    case .poster: Response(try poster(in: title.images), to: request)
    case .titleList, .health, .readiness, .time, .options, .playerLibrary, .playerFile, .choices,
      .reportOptions, .publication, .statistics, .opening, .screening, .vote, .tally:
      preconditionFailure("\(route) needs no title")
    }
  }

  /// The response, also if it is a rejection.
  func answer(to request: Request, for route: Route, of title: ServedTitle) -> Response {
    do throws(Rejection) {
      return try response(to: request, for: route, of: title)
    } catch {
      return Response(error)
    }
  }

  private func document(
    _ name: String, _ route: Route, of title: ServedTitle
  ) throws(Rejection) -> ServedDocument {
    if let view = try renderedName(of: route, title) {
      return try rendered.document(view, of: title)
    }
    guard let document = title.documents[name] else {
      throw .notFound("The title has no document of this name.")
    }
    return document
  }

  private func steeringManifest(of title: ServedTitle) throws(Rejection) -> Representation {
    guard let pathways = title.pathways else {
      throw .notFound("This origin steers nobody: it has no pathways.")
    }
    let text = pathways.manifest(of: title.title.name)
    return Representation(ServedDocument(text: text), name: Pathways.manifestName)
  }

  private func track(
    _ name: String, version: String?, of title: ServedTitle
  ) throws(Rejection) -> ServedTrack {
    guard let track = title.tracks[name] else {
      throw .notFound("The title has no track of this name.")
    }
    guard version == nil || version == track.index.version else {
      throw .notPresent(
        version ?? "", "This version of the track is not here; its playlist names the present one.")
    }
    return track
  }

  func webVTT(
    _ segment: Route.WebVTTSegment?, ofTrack name: String, of title: ServedTitle
  ) throws(Rejection) -> Representation {
    guard let text = title.webVTT[name] else {
      throw .notFound("The title has no WebVTT file of this name.")
    }
    guard let segment else { return Representation(whole: text) }
    guard segment.version == text.index.version else {
      throw .notPresent(
        segment.version,
        "This version of the track is not here; its playlist names the present one.")
    }
    guard segment.number >= 1, segment.number <= text.index.segments.count else {
      throw .notFound("The track has \(text.index.segments.count) segments, numbered from 1.")
    }
    return Representation(text.index.segments[segment.number - 1], of: text)
  }

  private func header(
    ofTrack name: String, version: String, of title: ServedTitle
  ) throws(Rejection) -> Representation {
    if let episode = title.episode {
      return try header(ofTrack: name, version: version, of: episode)
    }
    let track = try track(name, version: version, of: title)
    var made = try representation(track.index.header, of: track)
    made.serverData = ServerData(objectType: .header)
    return made
  }

  func segment(
    _ number: Int, track name: String, version: String, of title: ServedTitle
  ) throws(Rejection) -> Representation {
    let track = try track(name, version: version, of: title)
    guard number >= 1, number <= track.index.segments.count else {
      throw .notFound("The track has \(track.index.segments.count) segments, numbered from 1.")
    }
    let isLast = number == track.index.segments.count
    return try representation(
      ofSegment: number - 1, of: track, next: isLast ? nil : "\(number + 1).m4s")
  }

  /// The segment that starts exactly at a time.
  private func segment(
    at time: Int64, track name: String, version: String, of title: ServedTitle
  ) throws(Rejection) -> Representation {
    let track = try track(name, version: version, of: title)
    let segments = track.index.segments
    var (low, high) = (0, segments.count)
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].start < time { low = middle + 1 } else { high = middle }
    }
    guard low < segments.count, segments[low].start == time else {
      throw .notFound("No segment of the track starts at this time.")
    }
    let next = low + 1 < segments.count ? "t\(segments[low + 1].start).m4s" : nil
    return try representation(ofSegment: low, of: track, next: next)
  }

  /// - Parameters:
  ///   - index: from 0.
  ///   - next: name of the file behind it, where there is one.
  private func representation(
    ofSegment index: Int, of track: ServedTrack, next: String?
  ) throws(Rejection) -> Representation {
    let segment = track.index.segments[index]
    var made = try representation(segment.range, of: track)
    made.serverData = ServerData(
      track.index.kind, byteCount: segment.range.count, ticks: segment.duration,
      track.index.timescale, next: next)
    return made
  }

  func representation(
    _ range: ByteRange, of track: ServedTrack
  ) throws(Rejection) -> Representation {
    guard let body = track.body(range) else {
      throw .notFound("The bytes of this segment lie in no file of the title.")
    }
    return Representation(range, of: track, body: body)
  }
}
