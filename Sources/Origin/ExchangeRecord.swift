import NIOCore

/// What an exchange came to.
struct ExchangeRecord {
  var objectClass = ObjectClass.other
  var title: String?
  var track: String?
  /// `nil` if the client left before there was a response.
  var status: UInt?
  /// Bytes of the body that were handed to the framing; of a transfer that was broken off up to one piece more than
  /// have left.
  var byteCount: Int64 = 0
  /// Whether all of the response has left.
  var isComplete = false
  /// Whether nothing had to be waited for: title, document and file were at hand.
  var isAtHand = true
  /// What went wrong with it on request.
  var faults: [FaultRule.Effect] = []
  /// When the request had arrived.
  var begin: NIODeadline
  /// When the head of the response was handed to the framing.
  var firstByte: NIODeadline?
  var end: NIODeadline

  init(begin: NIODeadline) { (self.begin, end) = (begin, begin) }

  mutating func leads(to route: Route) {
    objectClass = ObjectClass(route)
    title = route.title
    track = route.track
  }

  /// Nanoseconds; `nil` if there was no response.
  var timeToFirstByte: Int64? { firstByte.map { ($0 - begin).nanoseconds } }
  /// Nanoseconds.
  var duration: Int64 { (end - begin).nanoseconds }
}
