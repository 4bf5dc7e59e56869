import NIOCore
import NIOHTTP1

/// A response that was given to a plain GET, kept for the next one: its route found, its title looked through,
/// its head written. Belongs to one event loop.
final class ReadyResponse {
  let response: Response
  let route: Route
  private var message = ByteBuffer()
  private var hasBody = false
  private var date = ""
  private var block = ByteBuffer()
  private var blockDate = ""
  /// What its body lies in, as long as that is open, and when it was last borrowed.
  private weak var file: OpenFile?
  private var fileUse = NIODeadline.distantPast

  /// - Parameter response: with all that this origin says in every response.
  init(_ response: Response, to route: Route) {
    (self.response, self.route) = (response, route)
  }

  /// The head for a client of HTTP/1.1 whose connection goes on, and behind it `body`. Written once a second, since only
  /// the date changes; those who send it share its bytes. A body may be in memory for one and have to be read for the
  /// next.
  ///
  /// - Parameter body: small, and always the same; `nil` if it follows by itself.
  func message(date: String, body: ByteBuffer?) -> ByteBuffer {
    if date != self.date || hasBody != (body != nil) {
      var made = ByteBuffer()
      made.reserveCapacity(Limits.headReserve + (body?.readableBytes ?? 0))
      response.writeHead(into: &made, date: date, persistence: .kept)
      if let body { made.writeImmutableBuffer(body) }
      (message, hasBody, self.date) = (made, body != nil, date)
    }
    return message
  }

  /// The file that was kept at `time` or later.
  func openFile(since time: NIODeadline) -> OpenFile? { fileUse >= time ? file : nil }

  func keep(_ file: OpenFile, at time: NIODeadline) { (self.file, fileUse) = (file, time) }

  /// The same for a client of HTTP/2.
  func fieldBlock(date: String) -> ByteBuffer {
    if date != blockDate { (block, blockDate) = (response.fieldBlock(date: date), date) }
    return block
  }
}

/// The ready responses of one event loop. What depends on more than the target, the codings and the title (who asks, what was
/// reported) is never kept here.
struct ReadyResponses {
  private final class Kept {
    let ready: ReadyResponse
    /// What it was made from.
    let title: RememberedTitle
    /// Whether it was found since room was made the last time.
    var isUsed = false

    init(_ ready: ReadyResponse, of title: RememberedTitle) {
      (self.ready, self.title) = (ready, title)
    }
  }

  private var table = RequestTable<Kept>()
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  /// - Parameter bytes: those that `head` was read from.
  func find(_ head: PlainHead, in bytes: ByteBuffer, now: NIODeadline) -> ReadyResponse? {
    use(table.find(head, in: bytes), now)
  }

  func find(_ request: Request, now: NIODeadline) -> ReadyResponse? {
    use(table.find(request), now)
  }

  private func use(_ found: Kept?, _ now: NIODeadline) -> ReadyResponse? {
    guard let found, found.title.isBelieved(at: now) else { return nil }
    found.isUsed = true
    return found.ready
  }

  /// - Parameter title: what `response` was made from.
  mutating func keep(
    _ response: Response, to request: Request, _ route: Route, of title: RememberedTitle
  ) {
    if table.count >= capacity { makeRoom() }
    table.keep(Kept(ReadyResponse(response, to: route), of: title), for: request)
  }

  /// Lets go of what was made from versions of titles that are no more, and with them of their open files.
  mutating func dropForgotten() { table.removeAll { $0.title.isForgotten } }

  var count: Int { table.count }

  /// Those stay that were found since the last time, unless that is nearly all of them.
  private mutating func makeRoom() {
    table.removeAll { kept in
      defer { kept.isUsed = false }
      return !kept.isUsed
    }
    if table.count > capacity / 4 * 3 { table.removeAll { _ in true } }
  }
}

extension Request {
  /// Whether nothing but the target and the codings that the client takes decides about the response.
  var isPlain: Bool {
    method == .GET && rejection == nil && range == nil && ifMatch == nil && ifNoneMatch == nil
      && fault == nil
  }
}
