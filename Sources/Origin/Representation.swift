import Compression
import Library
import MediaCore
import NIOCore
import Presentation

/// What lies at a URL: bytes, what they are, and how long a cache may keep them.
struct Representation: Sendable {
  var contentType: String
  var cacheControl: CachePolicy
  /// In the place of what `cacheControl` says.
  var lifetime: CachePolicy.Lifetime?
  var entityTag: EntityTag
  var byteCount: Int64
  var body: BodySource
  /// Whether parts of it can be asked for. Of a playlist that grows none can: who asks for one after the other, as
  /// Chromium's own HLS does where it has some in its cache, would put parts of different versions together.
  var hasRanges = true
  /// Its content coding, if it has one.
  var coding: ContentCoding?
  /// The same in other codings, the smallest first.
  var alternatives: [CodedBytes] = []
  /// What is said of it to edges.
  var serverData: ServerData?
  /// Request fields that it was chosen by.
  var varies: [String] = []
}

extension Representation {
  /// Of this and its alternatives the one that a client wants most (RFC 9110 §12.5.3).
  ///
  /// - Throws: 406 if it wants none.
  func negotiated(by accepted: String?) throws(Rejection) -> Representation {
    guard accepted != nil || !alternatives.isEmpty else { return self }
    var chosen = self
    chosen.alternatives = []
    if !alternatives.isEmpty { chosen.varies.append("Accept-Encoding") }
    switch AcceptedCodings(accepted).best(of: alternatives.lazy.map(\.coding)) {
    case .identity: return chosen
    case .none: throw .notAcceptable
    case .coded(let coding):
      guard let coded = alternatives.first(where: { $0.coding == coding }) else { return chosen }
      chosen.coding = coding
      chosen.entityTag = coded.entityTag
      chosen.byteCount = Int64(coded.bytes.readableBytes)
      chosen.body = .bytes(coded.bytes)
      return chosen
    }
  }
}

extension Representation {
  /// A playlist or MPD.
  init(_ document: ServedDocument, name: String) {
    self.init(
      contentType: Self.contentType(ofDocument: name),
      cacheControl: .document, document: document)
    serverData = ServerData(documentName: name)
  }

  init(contentType: String, cacheControl: CachePolicy, document: ServedDocument) {
    self.init(
      contentType: contentType, cacheControl: cacheControl, entityTag: document.entityTag,
      byteCount: Int64(document.bytes.readableBytes), body: .bytes(document.bytes),
      alternatives: document.coded)
  }

  /// Some bytes of a track file, named by a URL with the track's version.
  ///
  /// - Parameter range: in the track.
  init(_ range: ByteRange, of track: ServedTrack, body: BodySource) {
    self.init(
      contentType: Self.contentType(of: track.index.kind), cacheControl: .immutable,
      entityTag: EntityTag(opaque: "\(track.index.version)-\(range.offset)-\(range.count)"),
      byteCount: range.count, body: body)
  }

  /// A whole track, in one file or in one for each segment, whose URL outlives its content.
  init(whole track: ServedTrack) {
    let range = ByteRange(offset: 0, count: track.index.byteCount)
    self.init(
      contentType: Self.contentType(of: track.index.kind), cacheControl: .replaceable,
      entityTag: EntityTag(opaque: track.index.version), byteCount: range.count,
      body: track.body(range) ?? .track(track, range),
      serverData: ServerData(objectType: ServerData.ObjectType(track.index.kind)))
  }

  /// A WebVTT segment, named by a URL with the file's version.
  init(_ range: ByteRange, of text: ServedWebVTT) {
    self.init(
      contentType: Self.webVTTType, cacheControl: .immutable,
      entityTag: EntityTag(opaque: "\(text.index.version)-\(range.offset)-\(range.count)"),
      byteCount: range.count, body: .file(text.file, range),
      serverData: ServerData(objectType: .captions))
  }

  /// A whole WebVTT file.
  init(whole text: ServedWebVTT) {
    let range = ByteRange(offset: 0, count: text.index.byteCount)
    self.init(
      contentType: Self.webVTTType, cacheControl: .replaceable,
      entityTag: EntityTag(opaque: text.index.version), byteCount: range.count,
      body: .file(text.file, range), serverData: ServerData(objectType: .captions))
  }

  /// A picture.
  init(jpeg file: ServedFile, tag: String, cacheControl: CachePolicy) {
    self.init(
      contentType: "image/jpeg", cacheControl: cacheControl, entityTag: EntityTag(opaque: tag),
      byteCount: file.byteCount, body: .file(file, ByteRange(offset: 0, count: file.byteCount)))
  }

  static let webVTTType = "text/vtt; charset=utf-8"

  private static func contentType(ofDocument name: String) -> String {
    if name.hasSuffix(".mpd") { return "application/dash+xml" }
    if name == DocumentName.patch { return "application/dash-patch+xml" }
    if name.hasSuffix(".vtt") { return webVTTType }
    return name.hasSuffix(".json") ? "application/json" : "application/vnd.apple.mpegurl"
  }

  static func contentType(of kind: MediaKind) -> String {
    switch kind {
    case .video: "video/mp4"
    case .audio: "audio/mp4"
    case .text, .data: "application/mp4"
    }
  }
}
