import Live
import NIOCore
import NIOHTTP1
import Presentation

/// Requests for what a screening publishes: answered now, or when it has come.
extension Exchange {
  func begin(_ document: Route.ScreeningDocument, of name: String) {
    let (id, isContinuous) = (document.screening, document.isContinuous)
    if let known = loop.screenings.screening(id, of: name, isContinuous: isContinuous) {
      return begin(document, of: name, in: known)
    }
    record?.isAtHand = false
    loop.screenings.find(id, of: name, isContinuous: isContinuous, on: loop.eventLoop)
      .assumeIsolated().whenComplete { [self] result in
        switch result {
        case .success(.some(let found)): begin(document, of: name, in: found)
        case .success(.none): deliver(Response(.noScreening))
        case .failure(let error): deliver(loop.screenings.refusal(error))
        }
      }
  }

  private func begin(
    _ document: Route.ScreeningDocument, of name: String, in screening: ScreeningTitle
  ) {
    do throws(Rejection) {
      guard let key = try screening.key(of: document, target: request.target) else {
        throw .notFound("A screening has no document of this name.")
      }
      if loop.screenings.isGone(screening) {
        if case .playlist = key { throw .endedScreening }
        return deliver(Response(instead: screening, document: document.name))
      }
      loop.holds.find(key, of: screening, now: loop.now) { [self] answer in
        do throws(Rejection) {
          try deliver(answer, key, .screening(title: name, document))
        } catch {
          deliver(Response(error))
        }
      }
    } catch {
      deliver(Response(error))
    }
  }
}

extension ScreeningTitle {
  /// What a document's name stands for; `nil`: nothing.
  ///
  /// - Throws: 400 for delivery directives or filters that cannot be obeyed.
  func key(of document: Route.ScreeningDocument, target: String) throws(Rejection) -> LiveKey? {
    func names() throws(Rejection) -> [String]? {
      guard !document.filter.isEmpty else { return nil }
      do {
        return try episode.trackNames(document.filter)
      } catch {
        throw .notFound(error.message)
      }
    }
    switch document.name {
    case DocumentName.multivariantPlaylist: return .multivariant(tracks: try names(), query: "")
    case DocumentName.mpd where !isContinuous: return .mpd(tracks: try names())
    case let name where name.hasSuffix(".m3u8"):
      let query = target.firstIndex(of: "?").map { target[target.index(after: $0)...] } ?? ""
      do {
        return .playlist(
          track: String(name.dropLast(5)), .parts, try ReloadDirectives(query: query))
      } catch {
        var rejection = Rejection(.badRequest, error.message)
        rejection.maxAge = 4 * episode.targetDuration
        throw rejection
      }
    default: return nil
    }
  }
}

extension Rejection {
  static let endedScreening = Rejection(
    .gone, "The screening is over; its main.m3u8 leads to the path that it took.")
}
