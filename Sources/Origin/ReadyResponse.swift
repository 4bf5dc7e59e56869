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

  /// The same for a client of HTTP/2.
  func fieldBlock(date: String) -> ByteBuffer {
    if date != blockDate { (block, blockDate) = (response.fieldBlock(date: date), date) }
    return block
  }
}

/// The ready responses of one event loop, by what of a plain GET decides about the response: its target, and which
/// codings the client takes. What depends on more than that and the title (who asks, what was reported) is never kept here.
struct ReadyResponses {
  private final class Kept {
    let ready: ReadyResponse
    let key: RequestKey
    /// What it was made from.
    let title: RememberedTitle
    /// Whether it was found since room was made the last time.
    var isUsed = false

    init(_ ready: ReadyResponse, _ key: RequestKey, of title: RememberedTitle) {
      (self.ready, self.key, self.title) = (ready, key, title)
    }
  }

  private var ready: [UInt64: Kept] = [:]
  private let capacity: Int
  /// So that nobody can know which targets get into each other's way.
  private let seed = UInt64.random(in: 0...UInt64.max)

  init(capacity: Int) { self.capacity = capacity }

  /// - Parameter bytes: those that `head` was read from.
  func find(_ head: PlainHead, in bytes: ByteBuffer, now: NIODeadline) -> ReadyResponse? {
    let all = bytes.readableBytesUInt8Span
    let target = all.extracting(head.target)
    let codings = all.extracting(head.acceptEncoding ?? 0..<0)
    let separator = RequestKey.separator(hasCodings: head.acceptEncoding != nil)
    var hash = RequestKey.Hash(seed)
    hash.add(target)
    hash.add(separator)
    hash.add(codings)
    guard let found = ready[hash.value], found.title.isBelieved(at: now),
      found.key.isMade(of: target, separator, codings)
    else { return nil }
    found.isUsed = true
    return found.ready
  }

  func find(_ request: Request, now: NIODeadline) -> ReadyResponse? {
    let key = RequestKey(request)
    guard let found = ready[key.hash(seed)], found.title.isBelieved(at: now), found.key == key
    else { return nil }
    found.isUsed = true
    return found.ready
  }

  /// - Parameter title: what `response` was made from.
  mutating func keep(
    _ response: Response, to request: Request, _ route: Route, of title: RememberedTitle
  ) {
    if ready.count >= capacity { makeRoom() }
    let key = RequestKey(request)
    ready[key.hash(seed)] = Kept(ReadyResponse(response, to: route), key, of: title)
  }

  /// Lets go of what was made from versions of titles that are no more, and with them of their open files.
  mutating func dropForgotten() {
    guard ready.values.contains(where: \.title.isForgotten) else { return }
    ready = ready.filter { !$0.value.title.isForgotten }
  }

  var count: Int { ready.count }

  /// Those stay that were found since the last time, unless that is nearly all of them.
  private mutating func makeRoom() {
    ready = ready.filter { $0.value.isUsed }
    for response in ready.values { response.isUsed = false }
    if ready.count > capacity / 4 * 3 { ready = [:] }
  }
}

/// What of a plain GET decides about its response: the target and the codings that the client takes.
private struct RequestKey: Equatable {
  private let bytes: [UInt8]

  init(_ request: Request) {
    let codings = request.acceptEncoding
    bytes =
      Array(request.target.utf8) + [Self.separator(hasCodings: codings != nil)]
      + Array((codings ?? "").utf8)
  }

  /// No byte of a target. To take no coding is not the same as to say nothing of codings.
  static func separator(hasCodings: Bool) -> UInt8 { hasCodings ? 1 : 0 }

  func isMade(of target: Span<UInt8>, _ separator: UInt8, _ codings: Span<UInt8>) -> Bool {
    guard bytes.count == target.count + 1 + codings.count, bytes[target.count] == separator else {
      return false
    }
    for index in target.indices where bytes[index] != target[index] { return false }
    for index in codings.indices where bytes[target.count + 1 + index] != codings[index] {
      return false
    }
    return true
  }

  func hash(_ seed: UInt64) -> UInt64 {
    var hash = Hash(seed)
    hash.add(bytes.span)
    return hash.value
  }

  /// FNV-1a. Keys are compared as well: two of one value get into each other's way, nothing else.
  struct Hash {
    private(set) var value: UInt64

    init(_ seed: UInt64) { value = 0xcbf2_9ce4_8422_2325 ^ seed }

    mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }

    mutating func add(_ bytes: Span<UInt8>) {
      for index in bytes.indices { add(bytes[index]) }
    }
  }
}

extension Request {
  /// Whether nothing but the target and the codings that the client takes decides about the response.
  var isPlain: Bool {
    method == .GET && rejection == nil && range == nil && ifMatch == nil && ifNoneMatch == nil
      && fault == nil
  }
}
