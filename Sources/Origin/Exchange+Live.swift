import FileIO
import Library
import Live
import Logging
import MediaCore
import NIOCore
import NIOHTTP1
import Presentation

/// Requests for live titles: answered now, or when what they ask for has come.
extension Exchange {
  func begin(_ route: Route, of title: LiveTitle) {
    do throws(Rejection) {
      if case .player = route { return deliver(Response(Pages.player, to: request)) }
      guard let key = try title.key(of: route, request) else {
        throw .notFound("A live title has nothing at this path.")
      }
      if request.isPlain, loop.answersAtOnce {
        loop.liveRequests.keep(request, route, key, of: title)
      }
      loop.holds.find(key, of: title, now: loop.now) { [self] answer in
        deliver(answer, key, route, of: title)
      }
    } catch {
      deliver(Response(error))
    }
  }

  /// Delivers what a request has been found to be for.
  func deliver(_ answer: LiveAnswer, _ key: LiveKey, _ route: Route, of title: LiveTitle) {
    do throws(Rejection) {
      guard let found = answer.found else { throw .notInTime }
      switch (found, key) {
      case (.growing, .segment(let track, let version, let number)):
        deliver(try growing(track, version, number, from: 0, of: title))
      case (.growing, .excerpt(let track, let version, let number, let first, _)):
        deliver(try growing(track, version, number, from: first, of: title))
      case (.excerpt(let bytes, let life), .excerpt(let track, _, _, let first, _)):
        deliver(
          Response(
            excerpt: bytes, from: first, tag: key.entityTag, title.data(ofTrack: track), life))
      case (.older(let life), .segment(let track, let version, let number)),
        (.older(let life), .excerpt(let track, let version, let number, _, _)):
        fetch(track, version, number, life, route, of: title)
      default: try deliver(answer, key, route)
      }
    } catch {
      deliver(Response(error))
    }
  }

  /// Delivers what a request that was known is for: never something that comes bit by bit (`LiveRequests.keep`).
  func deliver(_ answer: LiveAnswer, to asked: LiveRequest) {
    do throws(Rejection) {
      try deliver(answer, asked.key, asked.route)
    } catch {
      deliver(Response(error))
    }
  }

  /// Delivers what may be sent at once, to all who ask alike the same bytes.
  func deliver(_ answer: LiveAnswer, _ key: LiveKey, _ route: Route) throws(Rejection) {
    guard let found = answer.found else { throw .notInTime }
    func response() throws(Rejection) -> Response {
      guard let representation = try found.representation(key) else {
        preconditionFailure("\(key) was found to be \(found)")
      }
      return Response(representation, to: request)
    }
    guard request.isPlain, effects.isEmpty else { return deliver(try response()) }
    deliver(
      ready: try answer.response(to: request) { () throws(Rejection) in
        ReadyResponse(sealed(try response()), to: route)
      })
  }

  /// A segment as it is made. It has no length yet, so that a client must know chunks.
  private func growing(
    _ track: String, _ version: String, _ number: Int64, from first: Int64, of title: LiveTitle
  ) throws(Rejection) -> Response {
    guard request.version != .http10 else {
      var rejection = Rejection.notFound(
        "This segment is still being made; clients of HTTP/1.1 may have it as it comes.")
      rejection.maxAge = 1
      throw rejection
    }
    return Response(
      growing: title, track: track, version: version, number: number, from: first)
  }

  /// A segment that is no longer in memory.
  private func fetch(
    _ track: String, _ version: String, _ number: Int64, _ life: CachePolicy.Lifetime,
    _ route: Route, of title: LiveTitle
  ) {
    guard mayWait() else { return deliver(Response(.overloaded)) }
    record?.isAtHand = false
    let read = loop.titles.run { () -> Result<ByteBuffer?, any Error> in
      Result {
        guard
          let place = try title.archive?.place(ofSegment: number, track: track, version: version)
        else { return ByteBuffer?.none }
        return try ReadableFile(path: place.path).read(
          at: place.range.offset, count: Int(place.range.count))
      }
    }
    read.assumeIsolated().whenComplete { [self] result in
      switch result.flatMap({ $0 }) {
      case .success(.some(let bytes)):
        let key = LiveKey.segment(track: track, version: version, number: number)
        let answer = LiveAnswer(.media(bytes, title.data(ofTrack: track), life))
        deliver(answer, key, route, of: title)
      case .success(.none): deliver(Response(.goneLive))
      case .failure(let error):
        loop.logger.error(
          "live segment cannot be read",
          metadata: ["title": "\(title.name)", "error": "\(error)"])
        deliver(Response(.sourceFailed))
      }
    }
  }
}

extension LiveTitle {
  /// What of the title a route is for; `nil`: nothing that it has.
  ///
  /// - Throws: 400 for delivery directives that cannot be obeyed.
  func key(of route: Route, _ request: Request) throws(Rejection) -> LiveKey? {
    let query = Self.query(of: request.target)
    let hasRanges = query.split(separator: "&").contains { $0 == LivePlaylist.rangesQuery }
    switch route {
    case .document(_, DocumentName.multivariantPlaylist, let filter):
      return try key(
        .multivariant(
          tracks: try names(filter), query: hasRanges ? LivePlaylist.rangesQuery : ""),
        of: filter.clip)
    case .document(_, DocumentName.mpd, let filter):
      return try key(.mpd(tracks: try names(filter)), of: filter.clip)
    case .document(_, DocumentName.timedMPD, let filter):
      return try key(.timeline(tracks: try names(filter)), of: filter.clip)
    case .document(_, DocumentName.patch, _):
      return .patch(from: UTCTime(patchOf: query))
    case .document(_, let name, let filter) where name.hasSuffix(".m3u8"):
      let form: LivePlaylist.Form =
        name.hasSuffix(LivePlaylist.iFrameSuffix) ? .iFrames : hasRanges ? .ranges : .parts
      let suffix = form == .iFrames ? LivePlaylist.iFrameSuffix : ".m3u8"
      let directives: ReloadDirectives
      do {
        directives = try ReloadDirectives(query: query)
      } catch {
        var rejection = Rejection(.badRequest, error.message)
        rejection.maxAge = 4 * description.targetDuration
        throw rejection
      }
      return try key(
        .playlist(track: String(name.dropLast(suffix.count)), form, directives), of: filter.clip)
    case .header(_, let track, let version): return .header(track: track, version: version)
    case .segment(_, let track, let version, let number):
      return segment(number, track, version, request)
    case .webVTT(_, let track, let segment?):
      return self.segment(segment.number, track, segment.version, request)
    case .part(_, let track, let version, let number, let part):
      return .part(track: track, version: version, number: Int64(number), part: part)
    default: return nil
    }
  }

  private func segment(
    _ number: Int, _ track: String, _ version: String, _ request: Request
  ) -> LiveKey {
    let number = Int64(number)
    let tag = LiveKey.segment(track: track, version: version, number: number).entityTag
    guard request.method == .GET, request.ifRange.map({ $0 == tag.description }) ?? true,
      let range = request.range.flatMap(GrowingRange.init)
    else { return .segment(track: track, version: version, number: number) }
    return .excerpt(
      track: track, version: version, number: number, first: range.first, last: range.last)
  }

  private static func query(of target: String) -> Substring {
    target.firstIndex(of: "?").map { target[target.index(after: $0)...] } ?? ""
  }

  private func names(_ filter: ViewFilter) throws(Rejection) -> [String]? {
    do {
      return try documents.trackNames(filter)
    } catch {
      throw Rejection(.badRequest, error.message)
    }
  }
}

extension UTCTime {
  /// When the version was published that a patch is asked of: `publishTime=2026-01-01T00:00:00.000Z`.
  fileprivate init?(patchOf query: Substring) {
    for parameter in query.split(separator: "&") where parameter.hasPrefix("publishTime=") {
      self.init(parameter.dropFirst("publishTime=".count).replacing("%3A", with: ":"))
      return
    }
    return nil
  }
}

extension Response {
  /// A segment that is being made: what of it has come, and the rest as it comes.
  ///
  /// - Parameter first: the byte to begin with; if it is not 0, or was asked for, the client knows of RFC 8673.
  init(
    growing title: LiveTitle, track: String, version: String, number: Int64, from first: Int64
  ) {
    let data = title.data(ofTrack: track)
    self.init(
      Representation(
        contentType: data.objectType.mediaType, cacheControl: .immutable,
        entityTag: EntityTag(opaque: "\(version)-\(number)"), byteCount: 0,
        body: .growing(title, track: track, version: version, number: number, from: first),
        serverData: data))
    byteCount = nil
    lifetime = title.mediaLifetime
    if first > 0 {
      status = .partialContent
      contentRange = "bytes \(first)-\(GrowingRange.endless)/*"
    }
  }

  /// Bytes of a segment whose length nobody knows yet.
  init(
    excerpt bytes: ByteBuffer, from first: Int64, tag: EntityTag, _ data: ServerData,
    _ life: CachePolicy.Lifetime
  ) {
    let count = Int64(bytes.readableBytes)
    self.init(
      Representation(
        contentType: data.objectType.mediaType, cacheControl: .immutable, entityTag: tag,
        byteCount: count, body: .bytes(bytes), serverData: data))
    status = .partialContent
    contentRange = "bytes \(first)-\(first + count - 1)/*"
    lifetime = life
  }
}
