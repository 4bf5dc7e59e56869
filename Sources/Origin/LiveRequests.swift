import NIOCore

/// A request for something of a live title, as it was understood when it came the first time.
final class LiveRequest {
  let request: Request
  let route: Route
  let key: LiveKey
  private(set) weak var title: LiveTitle?

  init(_ request: Request, _ route: Route, _ key: LiveKey, of title: LiveTitle) {
    (self.request, self.route, self.key, self.title) = (request, route, key, title)
  }
}

/// What players of live titles ask for, again and again: those of one title want the same part, or the same version of a
/// playlist, all at once, and only the first of them has it read. Belongs to one event loop.
struct LiveRequests {
  private var table = RequestTable<LiveRequest>()

  /// - Parameter bytes: those that `head` was read from.
  func find(_ head: PlainHead, in bytes: ByteBuffer) -> LiveRequest? {
    table.find(head, in: bytes)
  }

  /// Keeps it if it always means the same, as names of parts and versions of playlists do.
  mutating func keep(_ request: Request, _ route: Route, _ key: LiveKey, of title: LiveTitle) {
    switch key {
    case .playlist, .part: break
    default: return
    }
    // What is live moves on: none is wanted for long.
    if table.count >= Limits.liveRequestCount { table.removeAll { _ in true } }
    var plain = Request(plain: request.target)
    plain.acceptEncoding = request.acceptEncoding
    table.keep(LiveRequest(plain, route, key, of: title), for: plain)
  }
}
