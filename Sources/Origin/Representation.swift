import Library
import MediaCore
import NIOCore

/// Where the bytes of a response body come from.
enum BodySource: Sendable {
  case none
  case bytes(ByteBuffer)
  case file(ServedFile, ByteRange)
  /// Bytes of a track that lie in several files, one behind the other.
  case track(ServedTrack, ByteRange)
  /// `.bytes` and `.file`, one behind the other.
  case pieces([BodySource])

  /// Bytes of a source that needs no look at the disk to be counted.
  private var byteCount: Int64 {
    switch self {
    case .none: 0
    case .bytes(let buffer): Int64(buffer.readableBytes)
    case .file(_, let range), .track(_, let range): range.count
    case .pieces(let pieces): pieces.reduce(0) { $0 + $1.byteCount }
    }
  }

  /// The same body without what lies outside `range`, which is counted from its start.
  func slice(_ range: ByteRange) -> BodySource {
    switch self {
    case .none: .none
    case .bytes(let buffer):
      .bytes(
        buffer.getSlice(at: buffer.readerIndex + Int(range.offset), length: Int(range.count))
          ?? ByteBuffer())
    case .file(let file, let whole):
      .file(file, ByteRange(offset: whole.offset + range.offset, count: range.count))
    case .track(let track, let whole):
      .track(track, ByteRange(offset: whole.offset + range.offset, count: range.count))
    case .pieces(let pieces): .pieces(Self.slice(pieces, range))
    }
  }

  private static func slice(_ pieces: [BodySource], _ range: ByteRange) -> [BodySource] {
    var (made, start): ([BodySource], Int64) = ([], 0)
    for piece in pieces {
      let count = piece.byteCount
      let first = max(range.offset, start)
      let last = min(range.end, start + count)
      if first < last {
        made.append(piece.slice(ByteRange(offset: first - start, count: last - first)))
      }
      start += count
    }
    return made
  }
}

/// What lies at a URL: bytes, what they are, and how long a cache may keep them.
struct Representation: Sendable {
  var contentType: String
  var cacheControl: String
  var entityTag: EntityTag
  var byteCount: Int64
  var body: BodySource
  /// Fields of its own, each with its line end.
  var extraFields = ""
}

extension Representation {
  /// A playlist or MPD.
  init(_ document: ServedDocument, name: String) {
    self.init(
      contentType: Self.contentType(ofDocument: name),
      cacheControl: CachePolicy.shortLived, document: document)
  }

  init(contentType: String, cacheControl: String, document: ServedDocument) {
    self.init(
      contentType: contentType, cacheControl: cacheControl, entityTag: document.entityTag,
      byteCount: Int64(document.bytes.readableBytes), body: .bytes(document.bytes))
  }

  /// Some bytes of a track file, named by a URL with the track's version.
  ///
  /// - Parameter range: in the track.
  init(_ range: ByteRange, of track: ServedTrack, at place: (file: ServedFile, range: ByteRange)) {
    self.init(
      contentType: Self.contentType(of: track.index.kind), cacheControl: CachePolicy.immutable,
      entityTag: EntityTag(opaque: "\(track.index.version)-\(range.offset)-\(range.count)"),
      byteCount: range.count, body: .file(place.file, place.range))
  }

  /// A whole track, in one file or in one for each segment, whose URL outlives its content.
  init(whole track: ServedTrack) {
    let range = ByteRange(offset: 0, count: track.index.byteCount)
    self.init(
      contentType: Self.contentType(of: track.index.kind), cacheControl: CachePolicy.shortLived,
      entityTag: EntityTag(opaque: track.index.version), byteCount: range.count,
      body: track.place(range).map { .file($0.file, $0.range) } ?? .track(track, range))
  }

  /// A WebVTT segment, named by a URL with the file's version.
  init(_ range: ByteRange, of text: ServedWebVTT) {
    self.init(
      contentType: Self.webVTTType, cacheControl: CachePolicy.immutable,
      entityTag: EntityTag(opaque: "\(text.index.version)-\(range.offset)-\(range.count)"),
      byteCount: range.count, body: .file(text.file, range))
  }

  /// A whole WebVTT file.
  init(whole text: ServedWebVTT) {
    let range = ByteRange(offset: 0, count: text.index.byteCount)
    self.init(
      contentType: Self.webVTTType, cacheControl: CachePolicy.shortLived,
      entityTag: EntityTag(opaque: text.index.version), byteCount: range.count,
      body: .file(text.file, range))
  }

  /// A picture.
  init(jpeg file: ServedFile, tag: String, cacheControl: String) {
    self.init(
      contentType: "image/jpeg", cacheControl: cacheControl, entityTag: EntityTag(opaque: tag),
      byteCount: file.byteCount, body: .file(file, ByteRange(offset: 0, count: file.byteCount)))
  }

  private static let webVTTType = "text/vtt; charset=utf-8"

  private static func contentType(ofDocument name: String) -> String {
    if name.hasSuffix(".mpd") { return "application/dash+xml" }
    if name.hasSuffix(".vtt") { return webVTTType }
    return name.hasSuffix(".json") ? "application/json" : "application/vnd.apple.mpegurl"
  }

  private static func contentType(of kind: MediaKind) -> String {
    switch kind {
    case .video: "video/mp4"
    case .audio: "audio/mp4"
    case .text, .data: "application/mp4"
    }
  }
}

/// Values of `Cache-Control`, by what a URL promises.
enum CachePolicy {
  /// The URL names its content.
  static let immutable = "public, max-age=31536000, immutable"
  /// The content may be replaced when a title is published again.
  static let shortLived = "public, max-age=60"
  /// The same age as the ledger believes its own counts for.
  static let statistics = "public, max-age=5"
  /// Errors that may end by themselves (a title about to be published).
  static let missing = "public, max-age=5"
  /// Failures of the origin: one second shields it, more would hide its recovery.
  static let failure = "public, max-age=1"
  static let none = "no-store"
}
