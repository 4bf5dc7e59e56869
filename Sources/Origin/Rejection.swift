import NIOHTTP1

/// A request that is answered with an error: the status, and a sentence for whoever sent it.
struct Rejection: Error, Hashable, Sendable {
  var status: HTTPResponseStatus
  var reason: String
  /// Of 405: what is allowed here.
  var allow: String
  /// The version that was asked for and is not here: it may be gone.
  var version: String?
  /// Seconds after which it is worth asking again, if it is.
  var retryAfter: Int?
  /// Seconds for which caches may keep it, if not as long as its status says.
  var maxAge: Int?

  init(
    _ status: HTTPResponseStatus, _ reason: String, allow: String = "GET, HEAD, OPTIONS"
  ) {
    self.status = status
    self.reason = reason
    self.allow = allow
    retryAfter = status == .serviceUnavailable ? 1 : nil
  }

  static func notFound(_ reason: String) -> Rejection { Rejection(.notFound, reason) }
  /// 404 for a version that is not the present one.
  static func notPresent(_ version: String, _ reason: String) -> Rejection {
    var rejection = notFound(reason)
    rejection.version = version
    return rejection
  }
  static let gone = Rejection(
    .gone, "This version has been replaced; the title's playlists name the present one.")
  static let goneLive = Rejection(.gone, "This is no longer in the window of the live title.")
  static let notInTime = Rejection(
    .serviceUnavailable, "It did not come in time; ask again in a moment.")
  static let vanished = Rejection(.gone, "The title is no longer here.")
  static func badTarget(_ reason: String) -> Rejection { Rejection(.badRequest, reason) }

  static let methodNotAllowed = Rejection(
    .methodNotAllowed, "This origin answers GET, HEAD and OPTIONS.")
  static let bodyRefused = Rejection(.payloadTooLarge, "This origin takes no request bodies.")
  static let reportMethods = "POST, OPTIONS"
  static let reportsOnly = Rejection(
    .methodNotAllowed, "Choice reports are sent here by POST.", allow: reportMethods)
  static let tooManyReports = Rejection(
    .serviceUnavailable, "Too many reports are waiting; send it again in a moment.")
  static let choicesFailed = Rejection(
    .serviceUnavailable, "Choices cannot be kept at the moment; the origin's log says why.")
  static let notAcceptable = Rejection(
    .notAcceptable, "Nothing here has a content coding that Accept-Encoding takes.")
  static let headTooLarge = Rejection(
    .requestHeaderFieldsTooLarge, "The request line and header fields are too long.")
  static let headTooSlow = Rejection(.requestTimeout, "The request took too long to arrive.")
  static let malformed = Rejection(.badRequest, "This is not an HTTP/1.1 request.")
  static let notSecure = Rejection(.badRequest, "TLS is spoken here: the URL begins with https.")
  static let unsupportedVersion = Rejection(
    .httpVersionNotSupported, "This origin speaks HTTP/1.1 and HTTP/1.0.")
  static let sourceFailed = Rejection(
    .internalServerError, "The title cannot be read; the origin's log says why.")
  static let beingReplaced = Rejection(
    .serviceUnavailable, "The title is being replaced; ask again in a moment.")
  static let storeAway = Rejection(
    .serviceUnavailable, "The store of the titles cannot be reached; ask again in a moment.")
  static let overloaded = Rejection(
    .serviceUnavailable, "The origin has more to do than it can; ask again in a moment.")
  static let stopping = Rejection(.serviceUnavailable, "The origin is stopping.")
}
