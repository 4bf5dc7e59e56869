import NIOHTTP1

/// A request as the connection needs it: what it asks, under which conditions, and whether
/// the connection may go on after it.
struct Request: Sendable {
  var method: HTTPMethod
  var target: String
  /// Whether the client wants the connection kept.
  var keepsAlive: Bool
  /// A client of HTTP/1.0 must be told that the connection is kept.
  var isHTTP10: Bool
  var range: String?
  var ifMatch: String?
  var ifNoneMatch: String?
  var ifRange: String?
  /// Why it is refused before anyone looks at its target.
  var rejection: Rejection?

  /// A request that could not be understood.
  init(rejected rejection: Rejection) {
    self.rejection = rejection
    (method, target, keepsAlive, isHTTP10) = (.GET, "", false, false)
  }

  init(_ head: HTTPRequestHead, limits: Limits) {
    method = head.method
    target = head.uri
    keepsAlive = head.isKeepAlive
    isHTTP10 = head.version == .http1_0
    var fields = FieldsSeen(byteCount: head.uri.utf8.count)
    for (name, value) in head.headers { read(name, value, &fields) }
    if fields.byteCount > limits.headByteCount || head.headers.count > limits.headerFieldCount {
      reject(.headTooLarge)
    } else if fields.hasBody {
      reject(head.method == .GET || head.method == .HEAD ? .bodyRefused : .methodNotAllowed)
    } else if fields.hosts != 1 && (fields.hosts > 1 || !isHTTP10) {
      // "A server MUST respond with a 400 to any HTTP/1.1 request message that lacks a Host
      // header field and to any … that contains more than one" (RFC 9112 §3.2).
      reject(Rejection(.badRequest, "A request needs one Host header field."))
    } else if fields.wantsUpgrade || method == .CONNECT {
      keepsAlive = false  // what follows would be another protocol
    }
    if fields.ranges > 1 { range = nil }
  }

  private struct FieldsSeen {
    var byteCount: Int
    var hosts = 0
    var ranges = 0
    var hasBody = false
    var wantsUpgrade = false
  }

  private mutating func reject(_ rejection: Rejection) {
    self.rejection = rejection
    keepsAlive = false  // what follows may be a body, or the rest of something malformed
  }

  private mutating func read(_ name: String, _ value: String, _ seen: inout FieldsSeen) {
    seen.byteCount += name.utf8.count + value.utf8.count + 4
    // By length first: most fields of most requests are none of these.
    switch name.utf8.count {
    case 4 where name.isField("host"): seen.hosts += 1
    case 5 where name.isField("range"):
      range = value
      seen.ranges += 1
    case 7 where name.isField("upgrade"): seen.wantsUpgrade = true
    case 8 where name.isField("if-match"): ifMatch = ifMatch.map { $0 + "," + value } ?? value
    case 8 where name.isField("if-range"): ifRange = value
    case 13 where name.isField("if-none-match"):
      ifNoneMatch = ifNoneMatch.map { $0 + "," + value } ?? value
    case 14 where name.isField("content-length"): seen.hasBody = seen.hasBody || value != "0"
    case 17 where name.isField("transfer-encoding"): seen.hasBody = true
    default: break
    }
  }
}

extension String {
  /// Whether this field name is `name`, which is in lower case.
  fileprivate func isField(_ name: StaticString) -> Bool {
    utf8.elementsEqual(name.description.utf8) { $0 == $1 || $0 | 0x20 == $1 }
  }
}
