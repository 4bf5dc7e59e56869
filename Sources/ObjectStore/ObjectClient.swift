package import FileIO
import Glibc
import NIOCore
import Synchronization

/// Requests to one bucket of an S3-compatible store. Every call blocks until it is answered or given up.
///
///     let client = ObjectClient(bucket: "media", address: address, profile: { profile })
///     let object = try client.head("library/film/title.json")
package final class ObjectClient: Sendable {
  package struct Settings: Sendable {
    package var timeouts = StoreTimeouts()
    package var retries = RetryPolicy()
    /// Milliseconds of a clock that does not go back.
    package var clock: @Sendable () -> Int64 = {
      Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
    }
    /// Waits for some milliseconds.
    package var pause: @Sendable (Int) -> Void = { usleep(UInt32($0) * 1000) }
    /// 0 … 1.
    package var chance: @Sendable () -> Double = { Double.random(in: 0...1) }

    package init() {}
  }

  package let bucket: String
  private let address: StoreAddress
  private let credentials: @Sendable () throws(FileIOError) -> StoreCredentials?
  private let settings: Settings
  private let idle = Mutex<[HTTPTransfer]>([])
  private let known = Mutex<StoreCredentials?>(nil)
  private let health = Mutex(StoreHealth())

  /// Connections that are kept for later.
  private static let idleCount = 64
  /// Bytes of an error's answer that are read to find its code.
  private static let errorByteCount = 16 << 10

  /// - Parameter credentials: asked again when the store refuses those it gave before.
  package init(
    bucket: String, address: StoreAddress, settings: Settings = Settings(),
    credentials: @escaping @Sendable () throws(FileIOError) -> StoreCredentials?
  ) {
    self.bucket = bucket
    self.address = address
    self.settings = settings
    self.credentials = credentials
  }

  // MARK: What can be asked

  /// What is known of an object; `nil` if there is none.
  package func head(_ key: String) throws(FileIOError) -> ObjectSummary? {
    var request = StoreRequest(method: .head, url: url(key), timeouts: settings.timeouts)
    request.timeouts.total = min(request.timeouts.total, 5_000)
    let answer: StoreAnswer
    do throws(FileIOError) {
      answer = try send(request, name(key), body: .none)
    } catch {
      if error.code == .notFound { return nil }
      throw error
    }
    guard let summary = Self.summary(answer, key) else { throw Self.odd(name(key)) }
    return summary
  }

  /// Objects whose keys begin with `prefix`.
  ///
  /// - Parameter delimiter: what follows it in a key is not listed, but the prefix up to it.
  /// - Throws: `.other` if there are more than `limit`.
  package func list(
    prefix: String, delimiter: String? = nil, limit: Int
  ) throws(FileIOError) -> (objects: [ObjectSummary], prefixes: [String]) {
    var objects: [ObjectSummary] = []
    var prefixes: [String] = []
    var continuation: String?
    repeat {
      var query: [(String, String)] = [("list-type", "2"), ("prefix", prefix)]
      if let continuation { query.insert(("continuation-token", continuation), at: 0) }
      if let delimiter { query.insert(("delimiter", delimiter), at: query.count - 2) }
      var xml: [UInt8] = []
      let request = StoreRequest(
        method: .get, url: address.url(bucket: bucket, key: "", query: query),
        timeouts: settings.timeouts)
      _ = try send(
        request, name(prefix),
        body: Body(
          restart: { xml = [] },
          receive: { bytes in
            guard xml.count + bytes.readableBytes <= ObjectListing.maximumByteCount else {
              return false
            }
            xml.append(contentsOf: bytes.readableBytesView)
            return true
          }))
      let listing = try ObjectListing(xml: xml)
      objects += listing.objects
      prefixes += listing.prefixes
      guard objects.count + prefixes.count <= limit else {
        throw FileIOError(.other, "\(name(prefix)) holds more than \(limit) objects")
      }
      guard listing.continuation != continuation || continuation == nil else {
        throw ObjectListing.malformed
      }
      continuation = listing.continuation
    } while continuation != nil
    return (objects, prefixes)
  }

  /// Reads bytes of an object in order, a failed transfer going on where it stopped.
  ///
  /// - Parameter receive: gets the bytes as they come, each once.
  /// - Throws: `.changed` if the object is no longer the one of `object`.
  func read(
    _ object: ObjectSummary, _ range: Range<Int64>,
    receive: @escaping (ByteBuffer) -> Void
  ) throws(FileIOError) {
    guard !range.isEmpty else { return }
    guard range.lowerBound >= 0, range.upperBound <= object.byteCount else {
      throw FileIOError(
        .truncated, "\(name(object.key)) ends at byte \(object.byteCount); more was asked for")
    }
    var at = range.lowerBound
    var request = StoreRequest(method: .get, url: url(object.key), timeouts: settings.timeouts)
    request.headers = ["If-Match: \"\(object.entityTag)\""]
    var skipped: Int64 = 0
    let body = Body(
      restart: { skipped = 0 },
      prepare: { (request: inout StoreRequest) in request.range = at..<range.upperBound },
      check: { answer in
        switch Self.place(answer, wanted: at..<range.upperBound, of: object) {
        case .success(let skip):
          skipped = skip
          return nil
        case .failure(let error): return error
        }
      },
      receive: { bytes in
        // A server may send all of an object although it was asked for a part.
        var bytes = bytes
        let before = min(skipped, Int64(bytes.readableBytes))
        skipped -= before
        bytes.moveReaderIndex(forwardBy: Int(before))
        let count = Int(min(Int64(bytes.readableBytes), range.upperBound - at))
        guard let wanted = bytes.readSlice(length: count) else { return false }
        at += Int64(count)
        receive(wanted)
        return bytes.readableBytes == 0
      },
      isDone: { at == range.upperBound })
    _ = try send(request, name(object.key), body: body)
    guard at == range.upperBound else {
      throw FileIOError(.unavailable, "\(name(object.key)) was sent cut short by the object store")
    }
  }

  // MARK: Answers

  private func url(_ key: String) -> String { address.url(bucket: bucket, key: key) }
  private func name(_ key: String) -> String { "\(ObjectLocation.scheme)\(bucket)/\(key)" }

  private static func odd(_ name: String) -> FileIOError {
    FileIOError(.other, "the object store's answer for \(name) has no usable size or ETag")
  }

  private static func summary(_ answer: StoreAnswer, _ key: String) -> ObjectSummary? {
    guard let size = answer.headers["content-length"].flatMap({ Int64($0) }), size >= 0,
      let tag = answer.headers["etag"].map({ ObjectSummary.plainTag($0) }),
      ObjectSummary.isTag(tag)
    else { return nil }
    return ObjectSummary(
      key: key, byteCount: size, entityTag: tag,
      modified: answer.headers["last-modified"].flatMap(StoreTime.seconds) ?? 0)
  }

  /// How many bytes of a body come before the wanted ones.
  private static func place(
    _ answer: StoreAnswer, wanted: Range<Int64>, of object: ObjectSummary
  ) -> Result<Int64, FileIOError> {
    if let tag = answer.headers["etag"], ObjectSummary.plainTag(tag) != object.entityTag {
      return .failure(changed(object.key))
    }
    if let text = answer.headers["content-range"] {
      // bytes 0-99/3000000
      let numbers = text.split { !("0"..."9").contains($0) }.compactMap { Int64($0) }
      guard text.hasPrefix("bytes "), numbers.count >= 2, numbers[0] == wanted.lowerBound,
        numbers[1] == wanted.upperBound - 1, numbers.count < 3 || numbers[2] == object.byteCount
      else { return .failure(changed(object.key)) }
      return .success(0)
    }
    guard answer.status == 200,
      answer.headers["content-length"].flatMap({ Int64($0) }) ?? object.byteCount
        == object.byteCount
    else { return .failure(changed(object.key)) }
    return .success(wanted.lowerBound)
  }

  private static func changed(_ key: String) -> FileIOError {
    FileIOError(.changed, "the object \(key) was replaced while it was read")
  }

  // MARK: Sending

  /// Where the body of a good answer goes.
  private struct Body {
    /// Before each attempt.
    var restart: () -> Void = {}
    var prepare: (inout StoreRequest) -> Void = { _ in }
    /// What is wrong with the head of an answer.
    var check: (StoreAnswer) -> FileIOError? = { _ in nil }
    /// - Returns: whether more is wanted.
    var receive: (ByteBuffer) -> Bool
    /// Whether everything has come, however the transfer ended.
    var isDone: () -> Bool = { false }

    static var none: Body { Body(receive: { _ in true }) }
  }

  private enum Outcome {
    case answered(StoreAnswer)
    case failed(FileIOError)
    /// Perhaps not the next time.
    case passing(FileIOError, askedWait: Int?)
  }

  private func send(
    _ request: StoreRequest, _ name: String, body: Body
  ) throws(FileIOError) -> StoreAnswer {
    let start = settings.clock()
    var failures = 0
    var hasRenewed = false
    while true {
      guard health.withLock({ $0.mayAsk(now: settings.clock()) }) else {
        throw FileIOError(
          .unavailable, "\(name) is not asked for: the object store has just failed several times")
      }
      switch try attempt(request, name, body) {
      case .answered(let answer):
        health.withLock { $0.answered() }
        return answer
      case .failed(let error):
        health.withLock { $0.answered() }
        if error.code == .noPermission, !hasRenewed {
          // Credentials of a role end after a while; their file has new ones by then.
          hasRenewed = true
          let old = known.withLock { $0 }
          let new = try credentials()
          if new != old {
            known.withLock { $0 = new }
            continue
          }
        }
        throw error
      case .passing(let error, let asked):
        failures += 1
        let now = settings.clock()
        health.withLock { $0.failed(now: now) }
        guard
          let wait = settings.retries.wait(
            afterFailures: failures, elapsed: Int(now - start), asked: asked,
            chance: settings.chance())
        else { throw error }
        settings.pause(wait)
      }
    }
  }

  private func currentCredentials() throws(FileIOError) -> StoreCredentials? {
    if let known = known.withLock({ $0 }) { return known }
    let found = try credentials()
    known.withLock { $0 = found }
    return found
  }

  private func attempt(
    _ request: StoreRequest, _ name: String, _ body: Body
  ) throws(FileIOError) -> Outcome {
    var request = request
    body.restart()
    body.prepare(&request)
    let idling = idle.withLock { $0.popLast() }
    let transfer: HTTPTransfer
    if let idling { transfer = idling } else { transfer = try HTTPTransfer() }
    var wrong: FileIOError?
    var errorText: [UInt8] = []
    var isChecked = false
    let result: Result<StoreAnswer, TransferFailure>
    do throws(TransferFailure) {
      let answer = try transfer.perform(
        request, credentials: currentCredentialsOrNone(), region: address.region
      ) { answer, bytes in
        guard (200...299).contains(answer.status) else {
          if errorText.count + bytes.readableBytes <= Self.errorByteCount {
            errorText.append(contentsOf: bytes.readableBytesView)
          }
          return true
        }
        if !isChecked {
          isChecked = true
          wrong = body.check(answer)
        }
        guard wrong == nil else { return false }
        return body.receive(bytes)
      }
      result = .success(answer)
    } catch {
      result = .failure(error)
    }
    idle.withLock { if $0.count < Self.idleCount { $0.append(transfer) } }
    if let wrong { return .failed(wrong) }
    switch result {
    case .failure(let failure):
      if body.isDone() { return .answered(StoreAnswer(status: 200)) }
      if failure.wasStopped {
        return .failed(FileIOError(.other, "\(name): the object store's answer is too long"))
      }
      return .passing(
        FileIOError(.unavailable, "\(name) cannot be read: \(failure.reason)"), askedWait: nil)
    case .success(let answer): return outcome(answer, name, errorText, isDone: body.isDone())
    }
  }

  private func currentCredentialsOrNone() -> StoreCredentials? { try? currentCredentials() }

  private func outcome(
    _ answer: StoreAnswer, _ name: String, _ errorText: [UInt8], isDone: Bool
  ) -> Outcome {
    switch answer.status {
    case 200...299: return .answered(answer)
    case 404, 410: return .failed(FileIOError(.notFound, "\(name) does not exist"))
    case 412, 416:
      return .failed(FileIOError(.changed, "\(name) was replaced while it was read"))
    case 401, 403:
      return .failed(
        FileIOError(
          .noPermission,
          "\(name): the object store refuses the request (\(Self.code(errorText, answer.status))); "
            + "look at the credentials, the region and the bucket's policy"))
    case let status where RetryPolicy.isPassing(status: status):
      let asked = answer.headers["retry-after"].flatMap { Int($0) }.map { min($0, 60) * 1000 }
      return .passing(
        FileIOError(
          .unavailable,
          "\(name) cannot be read: the object store answers \(Self.code(errorText, status))"),
        askedWait: asked)
    default:
      return .failed(
        FileIOError(
          .other, "\(name): the object store answers \(Self.code(errorText, answer.status))"))
    }
  }

  /// `403 AccessDenied`: the status, and the code of S3's error document.
  private static func code(_ errorText: [UInt8], _ status: Int) -> String {
    let text = String(decoding: errorText, as: UTF8.self)
    guard let start = text.firstRange(of: "<Code>"),
      let end = text[start.upperBound...].firstIndex(of: "<")
    else { return "\(status)" }
    let code = text[start.upperBound..<end]
    guard code.utf8.count <= 64, code.allSatisfy(\.isLetter) else { return "\(status)" }
    return "\(status) \(code)"
  }
}
