import FileIO
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

@testable import ObjectStore

/// An object store of a few objects in this process, which fails as it is told.
final class FakeStore: Sendable {
  enum Fault: Sendable {
    case status(Int, fields: [(String, String)] = [])
    /// The connection ends after so many bytes of the body.
    case cutShort(Int)
    /// Nothing is answered.
    case silence
    /// All of the object, whatever range was asked for.
    case wholeObject
    /// As if the object had another tag by now, without looking at If-Match.
    case otherTag
  }

  struct Object: Sendable {
    var bytes: [UInt8]
    var tag: String
  }

  struct Request: Sendable {
    var method: String
    var target: String
    var fields: [String: String]
  }

  private struct State {
    var objects: [String: Object] = [:]
    var faults: [Fault] = []
    var requests: [Request] = []
    var pageCount = 1000
  }

  private let state = Mutex(State())
  private let channel: any Channel

  init() throws {
    let state = Answering()
    channel = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          try channel.pipeline.syncOperations.addHandler(Handler(state))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
    state.store.withLock { $0 = self }
  }

  deinit { channel.close(promise: nil) }

  private final class Answering: Sendable {
    let store = Mutex<FakeStore?>(nil)
  }

  func stop() { try? channel.close().wait() }

  var endpoint: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }

  func put(_ key: String, _ bytes: [UInt8], tag: String = "tag1") {
    state.withLock { $0.objects[key] = Object(bytes: bytes, tag: tag) }
  }

  func remove(_ key: String) { state.withLock { $0.objects[key] = nil } }
  func fail(_ faults: Fault...) { state.withLock { $0.faults += faults } }
  func listPages(of count: Int) { state.withLock { $0.pageCount = count } }

  /// The requests since the last time.
  func takeRequests() -> [Request] {
    state.withLock { state in
      defer { state.requests = [] }
      return state.requests
    }
  }

  /// A client that neither waits nor is patient.
  func client(
    _ change: (inout ObjectClient.Settings) -> Void = { _ in }
  ) throws -> ObjectClient {
    var settings = ObjectClient.Settings()
    settings.pause = { _ in }
    settings.chance = { 0 }
    settings.timeouts.total = 400
    change(&settings)
    let address = try StoreAddress(endpoint: endpoint, bucket: "media")
    return ObjectClient(bucket: "media", address: address, settings: settings) {
      StoreCredentials(accessKey: "AK", secretKey: "SK")
    }
  }

  // MARK: Answers

  fileprivate struct Answer {
    var status: Int
    var fields: [(String, String)] = []
    var body: [UInt8] = []
    var byteCount: Int?
    var cut: Int?
  }

  fileprivate func answer(_ request: Request) -> Answer? {
    let (fault, objects, pageCount) = state.withLock { state in
      state.requests.append(request)
      let fault = state.faults.isEmpty ? nil : state.faults.removeFirst()
      return (fault, state.objects, state.pageCount)
    }
    switch fault {
    case .silence: return nil
    case .status(let status, let fields): return Answer(status: status, fields: fields)
    default: break
    }
    if request.target.contains("list-type=2") { return list(request, objects, pageCount) }
    let key = String(request.target.dropFirst("/media/".count)).removingPercentEncoding ?? ""
    guard var object = objects[key] else {
      return Answer(status: 404, body: Array("<Error><Code>NoSuchKey</Code></Error>".utf8))
    }
    if case .otherTag? = fault {
      object.tag = "other"
    } else if let wanted = request.fields["if-match"], wanted != "\"\(object.tag)\"" {
      return Answer(status: 412)
    }
    var answer = Answer(
      status: 200,
      fields: [
        ("ETag", "\"\(object.tag)\""), ("Last-Modified", "Sun, 29 Nov 2026 00:57:25 GMT"),
      ], body: object.bytes)
    if let range = request.fields["range"], !isWhole(fault) {
      let numbers = range.split { !("0"..."9").contains($0) }.compactMap { Int($0) }
      answer.status = 206
      answer.body = Array(object.bytes[numbers[0]...numbers[1]])
      answer.fields.append(
        ("Content-Range", "bytes \(numbers[0])-\(numbers[1])/\(object.bytes.count)"))
    }
    answer.byteCount = answer.body.count
    if case .cutShort(let count)? = fault {
      answer.body = Array(answer.body.prefix(count))
      answer.cut = count
    }
    if request.method == "HEAD" { answer.body = [] }
    return answer
  }

  private func isWhole(_ fault: Fault?) -> Bool {
    if case .wholeObject? = fault { true } else { false }
  }

  private func list(_ request: Request, _ objects: [String: Object], _ pageCount: Int) -> Answer {
    let items = URLComponents(string: request.target)?.queryItems ?? []
    let query = Dictionary(items.map { ($0.name, $0.value ?? "") }) { $1 }
    let prefix = query["prefix"] ?? ""
    var entries: [(String, String)] = []
    var prefixes: Set<String> = []
    for (key, object) in objects.sorted(by: { $0.key < $1.key }) where key.hasPrefix(prefix) {
      if let delimiter = query["delimiter"],
        let end = key.dropFirst(prefix.count).firstIndex(of: Character(delimiter))
      {
        let common = String(key[...end])
        guard prefixes.insert(common).inserted else { continue }
        entries.append(
          (common, "<CommonPrefixes><Prefix>\(common)</Prefix></CommonPrefixes>"))
      } else {
        let escaped = key.replacing("&", with: "&amp;")
        entries.append(
          (
            key,
            "<Contents><Key>\(escaped)</Key><LastModified>2026-11-29T00:57:25.713Z</LastModified>"
              + "<ETag>&quot;\(object.tag)&quot;</ETag><Size>\(object.bytes.count)</Size></Contents>"
          ))
      }
    }
    let start =
      query["continuation-token"].map { token in
        entries.firstIndex { $0.0 > token } ?? entries.count
      } ?? 0
    let page = entries[start...].prefix(pageCount)
    let isTruncated = start + page.count < entries.count
    let next =
      isTruncated
      ? page.last.map { last in
        let token = last.0.replacing("&", with: "&amp;")
        return "<NextContinuationToken>\(token)</NextContinuationToken>"
      } : nil
    let xml =
      "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"x\"><Prefix>\(prefix)</Prefix>"
      + "<IsTruncated>\(isTruncated)</IsTruncated>\(next ?? "")"
      + page.map(\.1).joined() + "</ListBucketResult>"
    return Answer(status: 200, body: Array(xml.utf8))
  }

  private final class Handler: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answering: Answering

    init(_ answering: Answering) { self.answering = answering }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      guard case .head(let head) = unwrapInboundIn(data) else { return }
      let store = answering.store.withLock { $0 }
      var fields: [String: String] = [:]
      for (name, value) in head.headers { fields[name.lowercased()] = value }
      let request = Request(method: head.method.rawValue, target: head.uri, fields: fields)
      guard let answer = store?.answer(request) else { return }
      var headers = HTTPHeaders(answer.fields)
      headers.add(name: "Content-Length", value: "\(answer.byteCount ?? answer.body.count)")
      context.write(
        wrapOutboundOut(
          .head(
            HTTPResponseHead(
              version: .http1_1, status: .init(statusCode: answer.status), headers: headers))),
        promise: nil)
      context.write(
        wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
      guard answer.cut == nil else {
        context.flush()
        return context.close(promise: nil)
      }
      context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
  }
}

/// Bytes of which no two stretches are alike.
func patterned(_ count: Int, seed: UInt8 = 0) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: ($0 &* 131) ^ ($0 >> 8) ^ ($0 >> 16)) &+ seed }
}
