import Compression
import Live
import MediaCore
import NIOCore
import NIOHTTP1
import Presentation

/// What of a live title a request is for. Requests with the same key get the same.
indirect enum LiveKey: Hashable, Sendable {
  /// `tracks`: those that are named; `nil`: all.
  /// `query`: behind the names of playlists.
  case multivariant(tracks: [String]?, query: String)
  case mpd(tracks: [String]?)
  /// The MPD that lists segments.
  case timeline(tracks: [String]?)
  /// What has changed in that since the version that was published then; `nil`: nobody knows which.
  case patch(from: UTCTime?)
  case playlist(track: String, LivePlaylist.Form, ReloadDirectives)
  /// The same of some of the time.
  case clip(LiveKey, ClipRange)
  case header(track: String, version: String)
  case segment(track: String, version: String, number: Int64)
  case part(track: String, version: String, number: Int64, part: Int)
  /// Bytes of a segment, which may be made only now; `last`: `nil`: as many as there are.
  case excerpt(track: String, version: String, number: Int64, first: Int64, last: Int64?)
  /// A segment from one of its parts on, as it comes.
  case growth(track: String, version: String, number: Int64, part: Int)
}

extension LiveKey {
  /// Of media, whose name says what it is.
  var entityTag: EntityTag {
    switch self {
    case .segment(_, let version, let number), .excerpt(_, let version, let number, _, _):
      EntityTag(opaque: "\(version)-\(number)")
    case .part(_, let version, let number, let part):
      EntityTag(opaque: "\(version)-\(number).\(part)")
    case .header(_, let version): EntityTag(opaque: "\(version)-header")
    case .multivariant, .mpd, .timeline, .patch, .playlist, .clip, .growth:
      EntityTag(opaque: "none")
    }
  }

  /// Of a document, whose name says what it is.
  fileprivate var documentName: String {
    switch self {
    case .multivariant: DocumentName.multivariantPlaylist
    case .timeline: DocumentName.timedMPD
    case .patch: DocumentName.patch
    case .playlist(let track, _, _): "\(track).m3u8"
    case .clip(let key, _): key.documentName
    case .mpd, .header, .segment, .excerpt, .part, .growth: DocumentName.mpd
    }
  }
}

/// What became of it.
enum LiveFound: Sendable {
  case document(ServedDocument, CachePolicy.Lifetime)
  case live(LiveDocument, CachePolicy.Lifetime)
  case media(ByteBuffer, ServerData, CachePolicy.Lifetime)
  /// A segment that is being made.
  case growing
  /// A segment that lies in the archive.
  case older(CachePolicy.Lifetime)
  /// Some bytes of what grows.
  case excerpt(ByteBuffer, CachePolicy.Lifetime)
  /// The next part of what grows, and its end.
  case piece(ByteBuffer)
  case complete
  /// It is yet to come.
  case held
  case refused(String, maxAge: Int)
  case absent(Absence)

  enum Absence: Sendable {
    case gone
    /// It may come yet.
    case unknown(maxAge: Int)
  }
}

/// One version of a live playlist as it is sent.
final class LiveDocument: Sendable {
  let entityTag: EntityTag
  let bytes: ByteBuffer
  let coded: [CodedBytes]

  /// - Parameter known: pieces of earlier versions as they were compressed; becomes those of this one.
  init(_ playlist: LivePlaylist, known: inout [Int64: GzipPiece]) {
    bytes = playlist.bytes
    coded = Self.coded(playlist, known: &known)
    // What stands between the first piece and the last follows from them.
    var ends = playlist.pieces.first?.text ?? ByteBuffer()
    if playlist.pieces.count > 1, let last = playlist.pieces.last {
      ends.writeImmutableBuffer(last.text)
    }
    entityTag = EntityTag(contentOf: ends)
  }

  /// In the one coding that is quick enough to be made for every version: what has not changed since the
  /// last one is not compressed again.
  private static func coded(
    _ playlist: LivePlaylist, known: inout [Int64: GzipPiece]
  ) -> [CodedBytes] {
    var kept: [Int64: GzipPiece] = [:]
    var pieces: [GzipPiece] = []
    for piece in playlist.pieces {
      guard let coded = piece.name.flatMap({ known[$0] }) ?? GzipPiece(piece.text) else {
        return []
      }
      if let name = piece.name { kept[name] = coded }
      pieces.append(coded)
    }
    known = kept
    let bytes = GzipPiece.member(of: pieces)
    guard bytes.readableBytes + Limits.codingOverhead < playlist.byteCount else { return [] }
    return [CodedBytes(coding: .gzip, bytes: bytes, entityTag: EntityTag(contentOf: bytes))]
  }
}

extension LiveFound {
  /// What is sent, as far as it is known without asking again.
  ///
  /// - Parameter key: what was asked for.
  func representation(_ key: LiveKey) throws(Rejection) -> Representation? {
    switch self {
    case .document(let document, let life):
      var made = Representation(document, name: key.documentName)
      made.lifetime = life
      made.serverData?.isLive = true
      made.hasRanges = false
      return made
    case .live(let document, let life):
      var made = Representation(
        contentType: "application/vnd.apple.mpegurl", cacheControl: .document,
        entityTag: document.entityTag, byteCount: Int64(document.bytes.readableBytes),
        body: .bytes(document.bytes),
        alternatives: document.coded)
      made.lifetime = life
      made.serverData = ServerData(documentName: "media.m3u8")
      made.serverData?.isLive = true
      made.hasRanges = false
      return made
    case .media(let bytes, let data, let life):
      var made = Representation(
        contentType: data.objectType.mediaType, cacheControl: .immutable, entityTag: key.entityTag,
        byteCount: Int64(bytes.readableBytes),
        body: .bytes(bytes), serverData: data)
      made.lifetime = life
      return made
    case .refused(let reason, let maxAge):
      var rejection = Rejection(.badRequest, reason)
      rejection.maxAge = maxAge
      throw rejection
    case .absent(.gone): throw .goneLive
    case .absent(.unknown(let maxAge)):
      var rejection = Rejection.notFound("There is no such media here, or not yet.")
      rejection.maxAge = maxAge
      throw rejection
    case .growing, .older, .excerpt, .piece, .complete, .held: return nil
    }
  }
}
