import NIOCore
import NIOHTTP1

/// A response that was given to a plain GET, kept for the next one: its route found, its title looked through,
/// its head written. Belongs to one event loop.
final class ReadyResponse {
  let response: Response
  let route: Route
  /// What it was made from.
  fileprivate let title: RememberedTitle
  /// Whether it was found since room was made the last time.
  fileprivate var isUsed = false
  private var message = ByteBuffer()
  private var date = ""

  fileprivate init(_ response: Response, route: Route, title: RememberedTitle) {
    (self.response, self.route, self.title) = (response, route, title)
  }

  /// The head for a client of HTTP/1.1 whose connection goes on, and behind it `body`. Written once a second, since only
  /// the date changes; those who send it share its bytes.
  ///
  /// - Parameter body: small, and always the same.
  func message(date: String, body: ByteBuffer?) -> ByteBuffer {
    if date != self.date {
      var made = ByteBuffer()
      made.reserveCapacity(Limits.headReserve + (body?.readableBytes ?? 0))
      response.writeHead(into: &made, date: date, persistence: .kept)
      if let body { made.writeImmutableBuffer(body) }
      (message, self.date) = (made, date)
    }
    return message
  }
}

/// The ready responses of one event loop, by what of a plain GET decides about the response. What depends on
/// more than that and the title (who asks, what was reported) is never kept here.
struct ReadyResponses {
  private struct Name: Hashable {
    var target: String
    var acceptEncoding: String?
  }

  private var ready: [Name: ReadyResponse] = [:]
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  func find(_ request: Request, now: NIODeadline) -> ReadyResponse? {
    let name = Name(target: request.target, acceptEncoding: request.acceptEncoding)
    guard let found = ready[name], found.title.isBelieved(at: now) else { return nil }
    found.isUsed = true
    return found
  }

  /// - Parameter title: what `response` was made from.
  mutating func keep(
    _ response: Response, to request: Request, _ route: Route, of title: RememberedTitle
  ) {
    if ready.count >= capacity { makeRoom() }
    let name = Name(target: request.target, acceptEncoding: request.acceptEncoding)
    ready[name] = ReadyResponse(response, route: route, title: title)
  }

  /// Those stay that were found since the last time, unless that is nearly all of them.
  private mutating func makeRoom() {
    ready = ready.filter { $0.value.isUsed }
    for response in ready.values { response.isUsed = false }
    if ready.count > capacity / 4 * 3 { ready = [:] }
  }
}

extension Request {
  /// Whether nothing but the target and the codings that the client takes decides about the response.
  var isPlain: Bool {
    method == .GET && rejection == nil && range == nil && ifMatch == nil && ifNoneMatch == nil
      && fault == nil
  }
}
