import NIOCore
import NIOHPACK
import NIOHTTP1

/// A response that was given to a plain GET, kept for the next one: its route found, its title looked through,
/// its head written. Belongs to one event loop.
final class ReadyResponse {
  let response: Response
  let route: Route
  /// Version of the title that it was made from.
  fileprivate let version: String
  private var message = ByteBuffer()
  private var date = ""
  private var section = HPACKHeaders()
  private var sectionDate = ""

  fileprivate init(_ response: Response, route: Route, version: String) {
    (self.response, self.route, self.version) = (response, route, version)
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

  /// The same for a client of HTTP/2.
  func fieldSection(date: String) -> HPACKHeaders {
    if date != sectionDate { (section, sectionDate) = (response.fieldSection(date: date), date) }
    return section
  }
}

/// The ready responses of one event loop, by what of a plain GET decides about the response. What depends on
/// more than that and the title (who asks, what was reported) is never kept here.
struct ReadyResponses {
  private struct Name: Hashable {
    var target: String
    var acceptEncoding: String?
  }

  private var ready: RecentlyUsed<Name, ReadyResponse>

  init(count: Int) { ready = RecentlyUsed(capacity: count) }

  /// - Parameter title: the version of a title now, by its name; `nil` if that has to be found out.
  mutating func find(_ request: Request, title: (String) -> String?) -> ReadyResponse? {
    let name = Name(target: request.target, acceptEncoding: request.acceptEncoding)
    guard let found = ready.value(of: name), let owner = found.route.title,
      title(owner) == found.version
    else { return nil }
    return found
  }

  /// - Parameter version: of the title that `response` was made from.
  mutating func keep(
    _ response: Response, to request: Request, _ route: Route, version: String
  ) {
    let name = Name(target: request.target, acceptEncoding: request.acceptEncoding)
    ready.insert(
      ReadyResponse(response, route: route, version: version), for: name, cost: 1)
  }
}

extension Request {
  /// Whether nothing but the target and the codings that the client takes decides about the response.
  var isPlain: Bool {
    method == .GET && rejection == nil && range == nil && ifMatch == nil && ifNoneMatch == nil
      && fault == nil
  }
}
