import Compression
import MediaCore
import NIOCore
import NIOHTTP1

/// One response, ready to be sent: its head as values, its body as a source.
struct Response: Sendable {
  var status: HTTPResponseStatus
  var contentType: String?
  var cacheControl: CachePolicy
  /// In the place of what `cacheControl` says, where that depends on the title.
  var lifetime: CachePolicy.Lifetime?
  var coding: ContentCoding?
  /// Request fields that the response was chosen by.
  var varies: [String] = []
  var serverData: ServerData?
  var entityTag: EntityTag?
  /// Whether parts of it can be asked for.
  var hasRanges = true
  /// Whom `Cache-Control` and its like are written for.
  var edge = EdgeProfile.generic
  /// Which origin it comes from, as `CMSD-Dynamic` tells.
  var originID: OriginID?
  var contentRange: String?
  /// `Content-Length`; `nil` where the status forbids one, or nobody knows it yet.
  var byteCount: Int64?
  /// Fields that only some responses have.
  var extraFields: [Field] = []
  var body: BodySource

  /// A body of some text.
  init(
    _ status: HTTPResponseStatus, text: String, contentType: String = "text/plain; charset=utf-8",
    cacheControl: CachePolicy
  ) {
    let bytes = ByteBuffer(string: text)
    self.status = status
    self.contentType = contentType
    self.cacheControl = cacheControl
    byteCount = Int64(bytes.readableBytes)
    extraFields = [Field(.contentTypeOptions, "nosniff")]
    body = .bytes(bytes)
  }

  /// All of a representation.
  init(_ representation: Representation) {
    status = .ok
    contentType = representation.contentType
    cacheControl = representation.cacheControl
    lifetime = representation.lifetime
    entityTag = representation.entityTag
    hasRanges = representation.hasRanges
    byteCount = representation.byteCount
    coding = representation.coding
    varies = representation.varies
    serverData = representation.serverData
    body = representation.body
  }

  init(_ rejection: Rejection) {
    let status = rejection.status
    self.init(
      status, text: rejection.reason + "\n", cacheControl: CachePolicy(status: status.code))
    lifetime = rejection.maxAge.map { CachePolicy.Lifetime(fresh: $0, isForPlayers: false) }
    if status == .methodNotAllowed { extraFields.append(Field(.allow, rejection.allow)) }
    if status == .unauthorized {
      extraFields.append(Field(.wwwAuthenticate, "Basic realm=\"publishing\""))
    }
    if let seconds = rejection.retryAfter {
      extraFields.append(Field(.retryAfter, String(seconds)))
    }
  }

  /// The origin's clock, as `xs:dateTime` (ISO/IEC 23009-1 §5.8.5.7).
  static func time(milliseconds: Int64) -> Response {
    Response(
      .ok, text: UTCTime(millisecondsSince1970: milliseconds).description, cacheControl: .none)
  }

  /// The answer to a CORS preflight.
  static let options: Response = {
    var response = Response(.noContent, text: "", cacheControl: .none)
    response.contentType = nil
    response.byteCount = nil
    response.body = .none
    response.extraFields = [
      Field(.allow, "GET, HEAD, OPTIONS"), Field(.allowMethods, "GET, HEAD, OPTIONS"),
      Field(
        .allowHeaders,
        "Range, If-Range, If-Match, If-None-Match, Cache-Control, CMCD-Object, CMCD-Request, "
          + "CMCD-Session, CMCD-Status"),
      Field(.maxAge, "86400"),
    ]
    return response
  }()

  /// The answer to GET or HEAD of `representation` in the coding that the client wants, by the conditions of the
  /// request in the order of RFC 9110 §13.2.2.
  ///
  /// There are no modification dates to compare with, so that `If-Modified-Since` and `If-Unmodified-Since` "MUST"
  /// be ignored (§13.1.3, §13.1.4) and a date in `If-Range` never matches: a document is made of the title and of this
  /// program, and only its bytes tell whether it has changed.
  init(_ alternatives: Representation, to request: Request) {
    let representation: Representation
    do {
      representation = try alternatives.negotiated(by: request.acceptEncoding)
    } catch {
      self.init(error)
      return
    }
    let tag = representation.entityTag
    if let list = request.ifMatch, !tag.isStronglyNamed(in: list) {
      self.init(Rejection(.preconditionFailed, "The content is no longer what If-Match names."))
      return
    }
    self.init(representation)
    if let list = request.ifNoneMatch, tag.isNamed(in: list) {
      status = .notModified
      (contentType, coding, byteCount, body) = (nil, nil, nil, .none)
      return
    }
    // "A server MUST ignore a Range header field received with a request method … for which
    // range handling is not defined. For this specification, GET is the only" (§14.2).
    guard let field = request.range, request.method == .GET, representation.hasRanges,
      request.ifRange.map({ $0 == tag.description }) ?? true
    else { return }
    switch RangeSelection(field: field, byteCount: representation.byteCount) {
    case .whole: return
    case .partial(let range):
      status = .partialContent
      byteCount = range.count
      contentRange = "bytes \(range.offset)-\(range.end - 1)/\(representation.byteCount)"
      body = representation.body.slice(range)
    case .unsatisfiable:
      self.init(Rejection(.rangeNotSatisfiable, "The content has no such bytes."))
      contentRange = "bytes */\(representation.byteCount)"
    }
  }
}

extension Response {
  /// What becomes of the connection, as the response says it.
  enum Persistence {
    case kept
    /// Kept for a client of HTTP/1.0, which must be told.
    case keptExplicitly
    case closed
    /// The body's length is not known (RFC 9112 §7.1).
    case keptInChunks
    case closedInChunks
  }

  /// Appends a head of HTTP/1.1: the status line, the header fields and the empty line.
  func writeHead(into buffer: inout ByteBuffer, date: String, persistence: Persistence) {
    if status == .ok {
      buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
    } else {
      buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
    }
    writeFields(to: &buffer, date: date)
    switch persistence {
    case .kept: buffer.writeStaticString("\r\n")
    case .keptInChunks: buffer.writeStaticString("Transfer-Encoding: chunked\r\n\r\n")
    case .closedInChunks:
      buffer.writeStaticString("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
    case .keptExplicitly: buffer.writeStaticString("Connection: keep-alive\r\n\r\n")
    case .closed: buffer.writeStaticString("Connection: close\r\n\r\n")
    }
  }

  /// A head of HTTP/2 (RFC 9113 §8.3.2).
  func fieldBlock(date: String) -> ByteBuffer {
    var block = FieldBlockBuffer(status: status.code)
    writeFields(to: &block, date: date)
    return block.bytes
  }

  /// Every field but those that a framing has for itself, in their order.
  private func writeFields(to writer: inout some FieldWriter, date: String) {
    writer.write(.date, date)
    writer.write(.contentType, contentType)
    writer.write(.contentLength, byteCount.map(String.init))
    writer.write(.entityTag, entityTag?.description)
    writer.write(.contentRange, contentRange)
    writer.write(.contentEncoding, coding?.rawValue)
    if !varies.isEmpty { writer.write(.vary, varies.joined(separator: ", ")) }
    if entityTag != nil, hasRanges { writer.write(.acceptRanges, "bytes") }
    if let serverData {
      writer.write(.serverDataStatic, serverData.field)
      writer.write(.serverDataDynamic, originID?.field)
    }
    writer.write(lifetime.map(edge.fields) ?? edge.fields(cacheControl))
    writer.write(Self.constantFields)
    for field in extraFields { writer.write(field.name, field.value) }
  }

  /// The same for every origin of a page, so that no cache needs to vary by it.
  private static let constantFields = FieldBlock([
    Field(FieldName("Access-Control-Allow-Origin"), "*"),
    Field(
      FieldName("Access-Control-Expose-Headers"),
      "Date, Age, ETag, Content-Length, Content-Range, Accept-Ranges, CMSD-Static, CMSD-Dynamic"),
    Field(FieldName("Timing-Allow-Origin"), "*"),
  ])
}
