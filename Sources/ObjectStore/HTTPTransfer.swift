import CCurl
import FileIO
import NIOCore

/// One request to an object store.
struct StoreRequest {
  enum Method { case get, head }

  var method: Method
  var url: String
  /// Beside what signing adds: `If-Match: "…"`.
  var headers: [String] = []
  /// Of the object.
  var range: Range<Int64>?
  var timeouts: StoreTimeouts
}

/// How long a request may take. Milliseconds.
package struct StoreTimeouts: Hashable, Sendable {
  /// Until there is a connection.
  package var connect = 3_000
  /// Without a kilobyte having come: rounded up to seconds.
  package var stall = 5_000
  /// All of it.
  package var total = 30_000

  package init() {}
}

/// The head of an answer.
struct StoreAnswer {
  var status = 0
  /// By name in lower case.
  var headers: [String: String] = [:]
}

/// A transfer that came to no answer, or to no end of it.
struct TransferFailure: Error {
  var reason: String
  /// The body's receiver had enough.
  var wasStopped = false
}

/// A connection to an object store, used again for the next request: libcurl's easy handle.
///
/// `@unchecked`: whoever took it out of a `TransferPool` alone uses it until it is given back.
@safe final class HTTPTransfer: @unchecked Sendable {
  private let handle: UnsafeMutableRawPointer

  private static let isReady: Bool = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  /// curl_easy_init(3)
  init() throws(FileIOError) {
    guard Self.isReady, let handle = unsafe curl_easy_init() else {
      throw FileIOError(.other, "libcurl cannot be used")
    }
    unsafe self.handle = handle
  }

  deinit { unsafe curl_easy_cleanup(handle) }

  /// Bytes of a head, at most.
  private static let maximumHeadByteCount = 64 << 10

  /// What the callbacks of libcurl fill.
  private final class Reception {
    var answer = StoreAnswer()
    var headByteCount = 0
    var isTooLong = false
    var wasStopped = false
    /// - Returns: whether more is wanted.
    let receive: (StoreAnswer, ByteBuffer) -> Bool

    init(receive: @escaping (StoreAnswer, ByteBuffer) -> Bool) {
      self.receive = receive
    }

    func header(_ line: UnsafeRawBufferPointer) -> Int {
      headByteCount += line.count
      guard headByteCount <= HTTPTransfer.maximumHeadByteCount else {
        isTooLong = true
        return 0
      }
      let text = unsafe String(decoding: line, as: UTF8.self)
      if text.hasPrefix("HTTP/") {
        answer = StoreAnswer()
        answer.status = Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0
      } else if let colon = text.firstIndex(of: ":") {
        let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
        answer.headers[text[..<colon].lowercased()] = String(value.prefix { !$0.isNewline })
      }
      return line.count
    }
  }

  /// Sends a request and gives the body to `receive` as it comes (curl_easy_perform(3)).
  func perform(
    _ request: StoreRequest, credentials: StoreCredentials?, region: String,
    receive: @escaping (StoreAnswer, ByteBuffer) -> Bool
  ) throws(TransferFailure) -> StoreAnswer {
    unsafe curl_easy_reset(handle)
    let reception = Reception(receive: receive)
    let list = HeaderList()
    defer { list.free() }
    for header in request.headers { list.add(header) }
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_USERAGENT, "dougong")
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_PATH_AS_IS, 1)
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_BUFFERSIZE, 512 * 1024)
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    set(CURLOPT_CONNECTTIMEOUT_MS, request.timeouts.connect)
    set(CURLOPT_TIMEOUT_MS, request.timeouts.total)
    set(CURLOPT_LOW_SPEED_LIMIT, 1024)
    set(CURLOPT_LOW_SPEED_TIME, (request.timeouts.stall + 999) / 1000)
    if let range = request.range {
      set(CURLOPT_RANGE, "\(range.lowerBound)-\(range.upperBound - 1)")
    }
    switch request.method {
    case .get: set(CURLOPT_HTTPGET, 1)
    case .head: set(CURLOPT_NOBODY, 1)
    }
    if let credentials {
      set(CURLOPT_AWS_SIGV4, "aws:amz:\(region):s3")
      set(CURLOPT_USERNAME, credentials.accessKey)
      set(CURLOPT_PASSWORD, credentials.secretKey)
      list.add("x-amz-content-sha256: UNSIGNED-PAYLOAD")
      if let token = credentials.sessionToken { list.add("x-amz-security-token: \(token)") }
    }
    unsafe list.set(on: handle)
    let context = unsafe Unmanaged.passUnretained(reception).toOpaque()
    unsafe dougong_curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    unsafe dougong_curl_set_function(handle, CURLOPT_HEADERFUNCTION) {
      bytes, size, count, context in
      guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
      let line = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
      return unsafe Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue().header(line)
    }
    unsafe dougong_curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    unsafe dougong_curl_set_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let context = unsafe context, let bytes = unsafe bytes else { return 0 }
      let reception = unsafe Unmanaged<Reception>.fromOpaque(context).takeUnretainedValue()
      let body = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
      guard reception.receive(reception.answer, unsafe ByteBuffer(bytes: body)) else {
        reception.wasStopped = true
        return 0
      }
      return body.count
    }
    let code = unsafe curl_easy_perform(handle)
    guard code == CURLE_OK else {
      let reason = unsafe String(cString: curl_easy_strerror(code))
      throw TransferFailure(
        reason: reception.isTooLong ? "the head of the answer is too long" : reason,
        wasStopped: reception.wasStopped)
    }
    return reception.answer
  }

  private func set(_ option: CURLoption, _ value: Int) {
    unsafe dougong_curl_set_long(handle, option, value)
  }

  private func set(_ option: CURLoption, _ value: String) {
    unsafe dougong_curl_set_text(handle, option, value)
  }

  /// `struct curl_slist`, freed when the request is done.
  @safe private final class HeaderList {
    private var list: UnsafeMutablePointer<curl_slist>?

    init() { unsafe list = nil }

    /// A line with a line end in it would be two: it is left out.
    func add(_ header: String) {
      guard !header.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else { return }
      if let longer = unsafe curl_slist_append(list, header) { unsafe list = longer }
    }

    func set(on handle: UnsafeMutableRawPointer) {
      guard let list = unsafe list else { return }
      unsafe dougong_curl_set_pointer(handle, CURLOPT_HTTPHEADER, list)
    }

    func free() { unsafe curl_slist_free_all(list) }
  }
}
