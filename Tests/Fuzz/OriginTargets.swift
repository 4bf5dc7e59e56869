import Compression
import FileIO
import Library
import MediaCore
import NIOCore
import NIOHTTP1
import Presentation

@testable import ObjectStore
@testable import Origin

/// What anybody may send to the origin, and what it is told by stores and on its command line.
extension FuzzTarget {
  static let originTargets = [
    FuzzTarget(name: "http1") { ConnectionRun.check($0) },
    FuzzTarget(name: "http2") { ConnectionRun.check($0) },
    FuzzTarget(name: "http1-proxied") { ConnectionRun.check($0, requiresProxyHeader: true) },
    FuzzTarget(name: "http-request") { bytes in
      let request = request(String(decoding: bytes.readableBytesView, as: UTF8.self))
      tolerant {
        let route = try responder.route(of: request, limits: Limits())
        guard case .title(_, let asked) = try responder.need(of: request, route) else { return }
        let response = responder.answer(to: request, for: asked, of: film)
        let bodyCount = response.body.byteCount
        demand(response.byteCount == nil || response.byteCount == bodyCount, "\(bodyCount) bytes")
        var head = ByteBuffer()
        response.writeHead(into: &head, date: "Thu, 01 Jan 1970 00:00:00 GMT", persistence: .kept)
        check(head: String(buffer: head))
      }
      if request.hasClientData { _ = request.clientData }
      var record = ExchangeRecord(begin: .uptimeNanoseconds(0))
      record.status = 200
      for format in AccessLogFormat.allCases {
        let entry = AccessEntry(record: record, request: request, client: nil, time: 0)
        let line = entry.line(format)
        demand(line.utf8.filter { $0 < 0x20 } == [0x0a], "more than a line: \(line)")
      }
    },
    FuzzTarget(name: "http-target") { bytes in
      let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
      var target = text
      let token = CarriedToken.take(from: &target)
      if let token, let read = AccessToken(token.text) {
        demand(read.text == token.text, "\(token.text) is also spelt \(read.text)")
      }
      for method in [HTTPMethod.GET, .HEAD, .POST, .OPTIONS, .PUT] {
        tolerant { _ = try Router.route(method, target, limits: Limits()) }
      }
      tolerant {
        let segments = try RequestTarget(target).segments
        let spelt = AccessToken.Scope.exactly(segments).path
        let again = try RequestTarget(spelt).segments
        demand(again == segments, "\(target) has two meanings")
        _ = keys.refusal(of: token?.text ?? text, for: segments, now: 0, client: nil)
      }
      tolerant {
        let url = try SignedURL(text)
        for reach in SignedURL.Reach.allCases {
          tolerant {
            let scope = try url.scope(reach)
            var signed = url.carrying(keys.token(for: scope, expires: 9), in: .query, scope)
            let found = CarriedToken.take(from: &signed)
            demand(found != nil, "the token of \(text) is not found again")
          }
        }
      }
      tolerant { _ = try StatisticsQuery(target: text, accept: text) }
      _ = ClientData(target: text, fields: [text])
    },
    FuzzTarget(name: "http-fields") { bytes in
      let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
      for byteCount: Int64 in [0, 1, 1000, .max] {
        if case .partial(let range) = RangeSelection(field: text, byteCount: byteCount) {
          demand(range.offset >= 0 && range.count > 0 && range.end <= byteCount, "\(range)")
        }
      }
      let codings = AcceptedCodings(text)
      _ = codings.best(of: [.brotli, .gzip])
      if case .coded = codings.best(of: []) { preconditionFailure("a coding that is not there") }
      let tag = EntityTag(opaque: "0123456789abcdef-1")
      demand(!tag.isStronglyNamed(in: text) || tag.isNamed(in: text), text)
      if let trace = TraceContext(parent: text, state: text) {
        demand(trace.traceID.utf8.count == 32 && trace.parentID.utf8.count == 16, text)
      }
      _ = CarriedToken.find(inCookies: text)
      var data = ClientData()
      data.read(text)
      demand(data.values.count <= ClientData.Key.allCases.count, text)
      for forwarded in [ForwardedFor(addresses: text), ForwardedFor(elements: text)] {
        demand(forwarded.hops.count <= Limits.forwardedHopCount, text)
      }
      if let address = IPAddress(text) {
        demand(IPAddress(address.description) == address, "\(text) is also \(address)")
      }
    },
    FuzzTarget(name: "options") { bytes in
      let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
      tolerant { _ = try FaultRule(text) }
      tolerant { _ = try TrustedEdges(text) }
      tolerant { _ = try SigningKeys(text: text) }
      tolerant { _ = try EdgeSecrets(text: text) }
      tolerant { _ = try Pathways(text) }
      _ = TimeText.time(text)
      _ = ListenAddress(text)
      _ = OriginID(text)
      tolerant {
        let place = try ObjectLocation(text)
        _ = try? StoreAddress(bucket: place.description)
      }
      tolerant {
        let address = try StoreAddress(endpoint: text, region: nil, bucket: "media")
        let url = address.url(bucket: "media", key: text, query: [(text, text)])
        demand(url.utf8.allSatisfy { (0x21...0x7e).contains($0) }, url)
      }
    },
    FuzzTarget(name: "listing") { bytes in
      tolerant {
        let listing = try ObjectListing(xml: Array(bytes.readableBytesView))
        demand(listing.objects.allSatisfy { $0.byteCount >= 0 }, "a negative size")
      }
      _ = StoreTime.seconds(String(decoding: bytes.readableBytesView.prefix(100), as: UTF8.self))
    },
  ]

  /// A request head, line by line, without the decoder in front: whatever is in it reaches `Request`.
  private static func request(_ text: String) -> Request {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let words = lines[0].split(separator: " ", maxSplits: 1)
    var fields = HTTPHeaders([("Host", "a")])
    for line in lines.dropFirst().prefix(100) {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      // The decoder lets no other names through.
      guard parts[0].utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else { continue }
      fields.add(name: String(parts[0]), value: parts.count == 2 ? String(parts[1]) : "")
    }
    let method = words.count == 2 ? HTTPMethod(rawValue: String(words[0])) : .GET
    return Request(
      HTTPRequestHead(
        version: .http1_1, method: method, uri: String(words.last ?? "/"), headers: fields),
      limits: Limits())
  }

  /// Fields that a client can read one way only.
  static func check(head: String) {
    demand(head.hasPrefix("HTTP/1.1 ") && head.hasSuffix("\r\n\r\n"), head)
    let lines = head.split(separator: "\r\n")
    for line in lines {
      demand(line.utf8.allSatisfy { (0x20...0x7e).contains($0) }, head)
    }
    for name in ["Content-Length:", "Date:", "ETag:"] {
      demand(lines.count { $0.hasPrefix(name) } <= 1, head)
    }
  }

  private static let keys: SigningKeys = {
    do {
      return try SigningKeys(text: "k1 00112233445566778899aabbccddeeff\n")
    } catch {
      preconditionFailure("\(error)")
    }
  }()

  private static let responder = Responder(
    playerLibrary: .failure(.notFound("There is none.")), limits: Limits())

  /// Two tracks of three segments.
  static let film: ServedTitle = {
    func track(_ name: String, _ format: TrackFormat, _ codecs: String) -> TitleTrack {
      let index = TrackIndex(
        name: name, version: "cafe01", byteCount: 71_000, header: ByteRange(offset: 0, count: 700),
        sidx: ByteRange(offset: 700, count: 100), timescale: Timescale(literal: 1000),
        codecs: codecs, format: format, language: "en",
        segments: [(800, 40_000), (40_800, 30_000), (70_800, 200)].enumerated().map {
          IndexedSegment(
            range: ByteRange(offset: Int64($1.0), count: Int64($1.1)), start: Int64($0) * 2000,
            duration: 2000, sapType: 1)
        })
      return TitleTrack(index: index, label: "", roles: ["main"], isDefault: true)
    }
    let video = VideoFormat(
      width: 1920, height: 1080, sampleAspectRatio: .one, displayWidth: 1920, displayHeight: 1080,
      frameRate: Rational(25, 1), colour: .unspecified)
    let sound = AudioFormat(channelCount: 2, sampleRate: 48_000)
    let tracks = [
      track("video", .video(video), "avc1.640028"), track("audio", .audio(sound), "mp4a.40.2"),
    ]
    let file = ServedFile(path: "/nothing", byteCount: 71_000)
    return ServedTitle(
      Title(name: "film", tracks: tracks), files: ["video": file, "audio": file])
  }()
}
