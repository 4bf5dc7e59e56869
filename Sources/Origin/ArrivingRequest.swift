import NIOCore

/// A request on a connection of HTTP/1.1 whose body is arriving: kept until that is whole, or passed on while it comes.
///
///     arriving.keep(request)
///     if let upload = arriving.upload { upload.append(bytes) } else { arriving.append(bytes) }
///     if let request = arriving.takeRequest() { … it may be answered … }
struct ArrivingRequest {
  /// Waits for its body to be whole.
  private var request: Request?
  /// What the body of one that is being answered is passed to.
  private(set) var upload: IncomingBody?

  var isNone: Bool { request == nil && upload == nil }

  mutating func keep(_ request: Request) { self.request = request }

  /// The decoder holds it to its Content-Length.
  mutating func append(_ bytes: ByteBuffer) { request?.body.writeImmutableBuffer(bytes) }

  /// All of it has come.
  mutating func takeRequest() -> Request? {
    defer { request = nil }
    return request
  }

  mutating func pass(to body: IncomingBody) { upload = body }

  /// Nothing is passed on any longer.
  mutating func takeUpload() -> IncomingBody? {
    defer { upload = nil }
    return upload
  }

  /// Whether the client waits to be told to send the body of a request that is kept; true once.
  mutating func takeWishToContinue() -> Bool {
    guard let request, request.expectsContinue, request.body.readableBytes == 0 else {
      return false
    }
    self.request?.expectsContinue = false
    return true
  }
}
