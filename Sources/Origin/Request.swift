import Choices
import NIOCore
import NIOHPACK
import NIOHTTP1

/// A request as the connection needs it: what it asks, under which conditions, and whether
/// the connection may go on after it.
struct Request: Sendable {
  /// As access logs write it.
  enum Version: String, Sendable {
    case http10 = "HTTP/1.0"
    case http11 = "HTTP/1.1"
    case http2 = "HTTP/2.0"
  }

  var method: HTTPMethod
  var target: String
  /// Whether the client wants the connection kept.
  var keepsAlive: Bool
  var version: Version
  var range: String?
  var ifMatch: String?
  var ifNoneMatch: String?
  var ifRange: String?
  var accept: String?
  var acceptEncoding: String?
  var referrer: String?
  var userAgent: String?
  /// What is asked to go wrong.
  var fault: String?
  /// What the client says of its urgency (RFC 9218 §5).
  var priority: String?
  /// Values of the four CMCD fields.
  var clientDataFields: [String] = []
  /// Of the viewer, taken out of the target or out of a cookie.
  var token: Secret?
  /// Of the edge.
  var edgeSecret: Secret?
  /// Who asks.
  var client = ClientIdentity.unknown
  /// Whom an edge asks for: values of `X-Forwarded-For` and `Forwarded`.
  private var forwardedAddresses: String?
  private var forwardedElements: String?
  /// Where in a distributed trace the request stands.
  var trace: TraceContext?
  /// A choice report's body follows, `ChoiceLimits.reportByteCount` bytes.
  var awaitsBody = false
  /// It is for a publishing point. Nothing else but this and reports has a body.
  private(set) var isUpload = false
  /// The body of an upload.
  var upload: NIOLoopBound<IncomingBody>?
  /// Who a publisher says it is.
  var authorization: Secret?
  /// Which bytes of the whole an upload has.
  var contentRange: String?
  /// "100-continue" (RFC 9110 §10.1.1).
  var expectsContinue = false
  /// What a request of HTTP/2 says of its body, in bytes.
  private(set) var contentLength: Int64?
  var body = ByteBuffer()
  /// Why it is refused before anyone looks at its target.
  var rejection: Rejection?

  /// A request that could not be understood.
  init(rejected rejection: Rejection) {
    self.rejection = rejection
    (method, target, keepsAlive, version) = (.GET, "", false, .http11)
  }

  /// A GET without a condition, of a client of HTTP/1.1 that keeps its connection.
  init(plain target: String) {
    (method, self.target, keepsAlive, version) = (.GET, target, true, .http11)
    token = CarriedToken.take(from: &self.target)
  }

  /// - Parameter takesUploads: whether there are publishing points.
  init(_ head: HTTPRequestHead, limits: Limits, takesUploads: Bool = false) {
    method = head.method
    target = head.uri
    token = CarriedToken.take(from: &target)
    keepsAlive = head.isKeepAlive
    version = head.version == .http1_0 ? .http10 : .http11
    var fields = FieldsSeen(byteCount: head.uri.utf8.count)
    for (name, value) in head.headers { read(name, value, &fields) }
    check(fields, count: head.headers.count, limits, takesUploads)
  }

  /// - Parameters:
  ///   - section: of HTTP/2.
  ///   - isWhole: whether no body follows.
  ///   - takesUploads: whether there are publishing points.
  init(
    _ section: HPACKHeaders, isWhole: Bool, limits: Limits, takesUploads: Bool = false
  ) throws(MalformedFieldSection) {
    (method, target, keepsAlive, version) = (.GET, "", true, .http2)
    var fields = FieldsSeen(byteCount: 0)
    var pseudo = PseudoFields()
    for (name, value, _) in section {
      guard FieldRules.isGood(value: value) else { throw MalformedFieldSection() }
      if name.utf8.first == UInt8(ascii: ":") {
        // "All pseudo-header fields MUST appear in a field block before all regular field lines" (§8.3).
        guard fields.byteCount == 0 else { throw MalformedFieldSection() }
        try pseudo.take(name, value)
      } else {
        guard FieldRules.isGood(name: name), !FieldRules.isOfConnection(name, value) else {
          throw MalformedFieldSection()
        }
        read(name, value, &fields)
      }
    }
    let (method, path) = try pseudo.checked()
    self.method = HTTPMethod(rawValue: method)
    target = path ?? ""
    contentLength = try fields.contentLength()
    if isWhole, let contentLength, contentLength > 0 { throw MalformedFieldSection() }
    fields.byteCount += method.utf8.count + target.utf8.count
    token = CarriedToken.take(from: &target) ?? token
    if let authority = pseudo.authority {
      // "A server SHOULD treat a request as malformed if it contains a Host header field that identifies an
      // entity that differs from the … :authority" (§8.3.1).
      if fields.hosts == 1, fields.host != authority { fields.hosts = 2 }
      if fields.hosts == 0 { read("host", authority, &fields) }
    }
    check(fields, count: section.count, limits, takesUploads)
  }

  private mutating func check(
    _ fields: FieldsSeen, count: Int, _ limits: Limits, _ takesUploads: Bool
  ) {
    trace = fields.trace
    if fields.byteCount > limits.headByteCount || count > limits.headerFieldCount {
      reject(.headTooLarge)
    } else if method == .POST, Router.report(target, limits: limits) != nil {
      if let rejection = fields.refusalOfReport() { reject(rejection) } else { awaitsBody = true }
      expectsContinue = fields.expectation != nil && version != .http10
    } else if takesUploads, [.PUT, .POST, .DELETE].contains(method) {
      isUpload = true
      if let rejection = fields.refusalOfUpload(isHTTP10: version == .http10) { reject(rejection) }
      expectsContinue = fields.expectation != nil && version != .http10
    } else if fields.hasBody {
      reject(method == .GET || method == .HEAD ? .bodyRefused : .methodNotAllowed)
    } else if fields.hosts != 1 && (fields.hosts > 1 || version != .http10) {
      // "A server MUST respond with a 400 to any HTTP/1.1 request message that lacks a Host
      // header field and to any … that contains more than one" (RFC 9112 §3.2).
      reject(Rejection(.badRequest, "A request needs one Host header field."))
    } else if !fields.hasGoodHost {
      reject(Rejection(.badRequest, "The Host header field is no host with a port."))
    } else if fields.wantsUpgrade || method == .CONNECT {
      keepsAlive = false  // what follows would be another protocol
    }
    if fields.ranges > 1 { range = nil }
    if rejection != nil { (awaitsBody, isUpload) = (false, false) }
  }

  private struct FieldsSeen {
    var byteCount: Int
    var hosts = 0
    var host: String?
    /// "… or a Host header field with an invalid field value".
    var hasGoodHost = true
    var traceParents: [String] = []
    var traceStates: [String] = []
    var ranges = 0
    var hasBody = false
    var lengths: [String] = []
    var hasTransferCoding = false
    var contentTypes: [String] = []
    var hasContentCoding = false
    var expectation: String?
    var wantsUpgrade = false

    /// - Throws: if it is no length, or more than one.
    func contentLength() throws(MalformedFieldSection) -> Int64? {
      guard let first = lengths.first else { return nil }
      guard lengths.allSatisfy({ $0 == first }),
        first.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let length = Int64(first)
      else { throw MalformedFieldSection() }
      return length
    }

    /// Two of them name two callers: none is believed.
    var trace: TraceContext? {
      guard traceParents.count == 1, let parent = traceParents.first else { return nil }
      let state = traceStates.isEmpty ? nil : traceStates.joined(separator: ",")
      return TraceContext(parent: parent, state: state)
    }

    /// Why an upload is not read: its connection ends.
    func refusalOfUpload(isHTTP10: Bool) -> Rejection? {
      if lengths.count > 1 || (hasTransferCoding && !lengths.isEmpty) {
        return Rejection(.badRequest, "The length of the body is given twice.")
      }
      if hasContentCoding {
        return Rejection(
          .unsupportedMediaType, "Media is taken as it is, without a content coding.")
      }
      if hosts != 1 && (hosts > 1 || !isHTTP10) {
        return Rejection(.badRequest, "A request needs one Host header field.")
      }
      return hasGoodHost
        ? nil : Rejection(.badRequest, "The Host header field is no host with a port.")
    }

    /// Why the body that is announced is no report's. It is not read: the connection ends.
    func refusalOfReport() -> Rejection? {
      let wanted = String(ChoiceLimits.reportByteCount)
      if lengths.count > 1 || (hasTransferCoding && !lengths.isEmpty) {
        return Rejection(.badRequest, "The length of the body is given twice.")
      }
      guard !hasTransferCoding, let length = lengths.first else {
        return Rejection(.lengthRequired, "A report needs Content-Length: \(wanted), no chunks.")
      }
      guard length == wanted else {
        return Rejection(
          .payloadTooLarge, "A report has \(wanted) bytes exactly; pad it with spaces.")
      }
      guard contentTypes.count == 1, isJSON(contentTypes[0]), !hasContentCoding else {
        return Rejection(
          .unsupportedMediaType, "A report is application/json, without a content coding.")
      }
      guard expectation.map({ $0.lowercased() == "100-continue" }) ?? true else {
        return Rejection(.expectationFailed, "This origin knows the expectation 100-continue only.")
      }
      return nil
    }

    private func isJSON(_ type: String) -> Bool {
      let parts = type.split(separator: ";", omittingEmptySubsequences: false)
      guard parts[0].trimmed.lowercased() == "application/json" else { return false }
      // JSON is UTF-8 (RFC 8259 §8.1), whatever a parameter says about it.
      return parts.dropFirst().allSatisfy {
        let parameter = $0.trimmed.lowercased()
        return !parameter.hasPrefix("charset=")
          || ["charset=utf-8", "charset=\"utf-8\""].contains(parameter)
      }
    }
  }

  private mutating func reject(_ rejection: Rejection) {
    self.rejection = rejection
    keepsAlive = false  // what follows may be a body, or the rest of something malformed
  }

  private mutating func read(_ name: String, _ value: String, _ seen: inout FieldsSeen) {
    seen.byteCount += name.utf8.count + value.utf8.count + 4
    // By length first: most fields of most requests are none of these.
    switch name.utf8.count {
    case 4 where name.isField("host"):
      seen.hosts += 1
      seen.host = value
      seen.hasGoodHost = seen.hasGoodHost && RequestTarget.isAuthority(value.utf8)
    case 6 where name.isField("cookie"): token = token ?? CarriedToken.find(inCookies: value)
    case 5 where name.isField("range"):
      range = value
      seen.ranges += 1
    case 9 where name.isField("forwarded"):
      forwardedElements = forwardedElements.map { $0 + "," + value } ?? value
    case 15 where name.isField("x-forwarded-for"):
      forwardedAddresses = forwardedAddresses.map { $0 + "," + value } ?? value
    case 6 where name.isField("accept"): accept = accept.map { $0 + "," + value } ?? value
    case 6 where name.isField("expect"): seen.expectation = value
    case 7 where name.isField("upgrade"): seen.wantsUpgrade = true
    case 15 where name.isField("accept-encoding"):
      acceptEncoding = acceptEncoding.map { $0 + "," + value } ?? value
    case 7 where name.isField("referer"): referrer = value
    case 10 where name.isField("user-agent"): userAgent = value
    case 8 where name.isField("priority"): priority = priority.map { $0 + "," + value } ?? value
    case 8 where name.isField("if-match"): ifMatch = ifMatch.map { $0 + "," + value } ?? value
    case 8 where name.isField("if-range"): ifRange = value
    case 13 where name.isField("dougong-fault"): fault = fault.map { $0 + "," + value } ?? value
    case 19 where name.isField(EdgeSecrets.fieldName): edgeSecret = Secret(value)
    case 13 where name.isField("authorization"): authorization = Secret(value)
    case 13 where name.isField("content-range"):
      contentRange = contentRange.map { $0 + "," + value } ?? value
    case 13 where name.isField("if-none-match"):
      ifNoneMatch = ifNoneMatch.map { $0 + "," + value } ?? value
    case 10 where name.isField("tracestate"): seen.traceStates.append(value)
    case 11 where name.isField("traceparent"): seen.traceParents.append(value)
    case 11 where name.isField("cmcd-object") || name.isField("cmcd-status"),
      12 where name.isField("cmcd-request") || name.isField("cmcd-session"):
      clientDataFields.append(value)
    case 12 where name.isField("content-type"): seen.contentTypes.append(value)
    case 14 where name.isField("content-length"):
      seen.hasBody = seen.hasBody || value != "0"
      seen.lengths.append(value)
    case 16 where name.isField("content-encoding"):
      seen.hasContentCoding = seen.hasContentCoding || value.lowercased() != "identity"
    case 17 where name.isField("transfer-encoding"):
      seen.hasBody = true
      seen.hasTransferCoding = true
    default: break
    }
  }
}

extension Request {
  /// Whom an edge asks for, if it says so. What edges write is the first; only where that is missing the second counts.
  var forwardedFor: ForwardedFor? {
    forwardedAddresses.map { ForwardedFor(addresses: $0) }
      ?? forwardedElements.map { ForwardedFor(elements: $0) }
  }

  /// Whether a player says anything of itself.
  var hasClientData: Bool {
    if !clientDataFields.isEmpty { return true }
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return false }
    return target[mark...].contains("CMCD=")
  }

  /// What the player says of itself; read when somebody wants to know.
  var clientData: ClientData { ClientData(target: target, fields: clientDataFields) }
}

extension String {
  /// Whether this field name is `name`, which is in lower case.
  fileprivate func isField(_ name: StaticString) -> Bool {
    utf8.elementsEqual(name.description.utf8) { $0 == $1 || $0 | 0x20 == $1 }
  }
}
