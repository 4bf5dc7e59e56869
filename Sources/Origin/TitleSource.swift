import Compression
package import FileIO
package import Library
import MediaCore
package import NIOCore
package import OnTheFly
package import Presentation

/// Where titles come from. Every call may block; the origin makes them on a thread pool.
package protocol TitleSource: Sendable {
  /// - Returns: `nil` if there is no such title.
  /// - Throws: what keeps a title that is there from being read.
  func title(named name: String) throws -> ServedTitle?
  /// Names of all titles, in any order.
  func titleNames() throws -> [String]
  /// Versions that a title of this name had which is no longer there, as far as they are known. Does not block.
  func vanishedVersions(of name: String) -> Set<String>
  /// The media of a title was not what the title says: it is to be looked at again. Does not block.
  func doubt(_ name: String)
}

extension TitleSource {
  package func vanishedVersions(of name: String) -> Set<String> { [] }
  package func doubt(_ name: String) {}
}

/// A title with all that its responses are made of; rendered once, shared by every request.
package struct ServedTitle: Sendable {
  package let title: Title
  /// By name: `main.m3u8`, `manifest.mpd`, `video-1080p.m3u8`, `video-1080p.iframes.m3u8`.
  package let documents: [String: ServedDocument]
  /// Renders what is asked for of some tracks alone; `nil` of a title without such views.
  let views: TitleDocuments?
  /// Of the content: two titles with the same have the same documents.
  let version: String
  package let tracks: [String: ServedTrack]
  /// WebVTT files, by the name of the track that they belong to.
  package let webVTT: [String: ServedWebVTT]
  package let images: ServedImages
  /// What it is if it is an interactive episode; then it has no documents and tracks itself.
  package var episode: ServedEpisode?
  /// Which edges players are sent to; the documents that are here name them already.
  package var pathways: Pathways?
  /// Versions that this title had before: what they named is gone, rather than unknown.
  package var formerVersions: Set<String> = []
  /// Bytes that its samples take in memory, of a file that is packaged when it is asked for.
  var indexByteCount = 0

  /// A title with its documents as the origin's URLs want them.
  ///
  /// - Parameter files: the file of each track, by the track's name.
  package init(_ title: Title, files: [String: ServedFile]) {
    self.init(TitleDocuments(title, addressing: .segments), of: title, files: files)
  }

  /// A title with all its documents.
  ///
  /// - Parameter storage: of each track, by the track's name.
  package init(
    _ documents: TitleDocuments, of title: Title, files: [String: ServedFile] = [:],
    storage: [String: TrackStorage] = [:], webVTTFiles: [String: ServedFile] = [:],
    images: ServedImages = ServedImages()
  ) {
    self.init(
      title: title, documents: Self.rendered(documents),
      views: documents, files: files, storage: storage, webVTTFiles: webVTTFiles, images: images)
  }

  private static func rendered(_ documents: TitleDocuments) -> [String: String] {
    documents.names.reduce(into: [:]) { $0[$1] = documents.document(named: $1) }
  }

  /// A file that is packaged when it is asked for.
  package init(_ documents: TitleDocuments, of file: FileTitle) {
    self.init(
      title: file.title, documents: Self.rendered(documents), views: documents,
      contents: file.tracks.mapValues { .made($0) })
    indexByteCount = file.byteCount
  }

  /// - Parameters:
  ///   - documents: text by document name.
  ///   - files: the file of each track, by the track's name. A track without one is not served.
  ///   - storage: the same of tracks in any layout.
  ///   - webVTTFiles: WebVTT files of text tracks, by the track's name.
  package init(
    title: Title, documents: [String: String], views: TitleDocuments? = nil,
    files: [String: ServedFile] = [:], storage: [String: TrackStorage] = [:],
    webVTTFiles: [String: ServedFile] = [:],
    images: ServedImages = ServedImages()
  ) {
    let contents =
      files.mapValues { ServedTrack.Content.file($0) }
      .merging(storage.mapValues { .storage($0) }) { file, _ in file }
    self.init(
      title: title, documents: documents, views: views, contents: contents,
      webVTTFiles: webVTTFiles, images: images)
  }

  private init(
    title: Title, documents: [String: String], views: TitleDocuments?,
    contents: [String: ServedTrack.Content], webVTTFiles: [String: ServedFile] = [:],
    images: ServedImages = ServedImages()
  ) {
    self.images = images
    self.title = title
    let documents = documents.mapValues { ServedDocument(text: $0) }
    self.documents = documents
    version = [DocumentName.multivariantPlaylist, DocumentName.mpd]
      .compactMap { documents[$0]?.entityTag.description }.joined()
    self.views = views
    tracks = title.tracks.reduce(into: [:]) { made, track in
      guard let content = contents[track.index.name] else { return }
      made[track.index.name] = ServedTrack(index: track.index, content: content)
    }
    webVTT = title.tracks.reduce(into: [:]) { made, track in
      guard let index = track.webVTT, let file = webVTTFiles[track.index.name] else { return }
      made[track.index.name] = ServedWebVTT(index: index, file: file)
    }
  }
}

extension ServedTitle {
  /// All that its URLs have as a version.
  var versions: Set<String> {
    var found = Set(tracks.values.map(\.index.version))
    found.formUnion(webVTT.values.map(\.index.version))
    if !images.version.isEmpty { found.insert(images.version) }
    if let episode {
      found.insert(episode.presented.version)
      found.formUnion(episode.presented.headers.values)
      for scene in episode.scenes.values { found.formUnion(scene.versions) }
      found.formUnion(episode.prompts.values.map(\.index.version))
    }
    return found
  }

  /// Remembers the versions of the title that this one takes the place of; too many are forgotten.
  package mutating func replaces(_ old: ServedTitle) {
    replaces(versions: old.formerVersions.union(old.versions))
  }

  /// The same of a title of which no more is known.
  mutating func replaces(versions old: Set<String>) {
    formerVersions = old.subtracting(versions)
    if formerVersions.count > Limits.formerVersionCount { formerVersions = [] }
  }
}

/// A playlist or MPD as bytes, with the entity tag of its content; coded once, when it is made.
package struct ServedDocument: Sendable {
  package let bytes: ByteBuffer
  let entityTag: EntityTag
  /// The same in content codings, the smallest first; empty if none is worth it.
  let coded: [CodedBytes]

  package init(text: String) { self.init(bytes: ByteBuffer(string: text)) }

  package init(bytes: ByteBuffer) {
    self.bytes = bytes
    entityTag = EntityTag(contentOf: bytes)
    coded = CodedBytes.all(of: bytes)
  }

  /// What is made for one request, where there is no time for coding.
  init(uncoded bytes: ByteBuffer) {
    self.bytes = bytes
    entityTag = EntityTag(contentOf: bytes)
    coded = []
  }

  /// What is made anew with every segment: in the one coding that is quick.
  init(gzipping bytes: ByteBuffer) {
    self.bytes = bytes
    entityTag = EntityTag(contentOf: bytes)
    guard bytes.readableBytes >= Limits.codedByteCount, let piece = GzipPiece(bytes) else {
      coded = []
      return
    }
    let member = GzipPiece.member(of: [piece])
    coded = [CodedBytes(coding: .gzip, bytes: member, entityTag: EntityTag(contentOf: member))]
  }

  /// Bytes in memory, in all codings.
  var byteCount: Int { coded.reduce(bytes.readableBytes) { $0 + $1.bytes.readableBytes } }
}

/// A document in a content coding. Its entity tag is that of the coded bytes: an origin with another version of
/// the library gives another one.
struct CodedBytes: Sendable {
  let coding: ContentCoding
  let bytes: ByteBuffer
  let entityTag: EntityTag

  static func all(of bytes: ByteBuffer) -> [CodedBytes] {
    guard bytes.readableBytes >= Limits.codedByteCount else { return [] }
    return ContentCoding.allCases
      .compactMap { coding in
        coding.encode(bytes, room: bytes.readableBytes - Limits.codingOverhead).map {
          CodedBytes(coding: coding, bytes: $0, entityTag: EntityTag(contentOf: $0))
        }
      }
      .sorted { $0.bytes.readableBytes < $1.bytes.readableBytes }
  }
}

/// Subtitles as WebVTT, and the file that holds them.
package struct ServedWebVTT: Sendable {
  package let index: WebVTTIndex
  package let file: ServedFile
}

/// A file that `TrackIndex` or `WebVTTIndex` describes.
package struct ServedFile: Hashable, Sendable {
  package var path: String
  /// Whole size in bytes; a file of another size is not the one that was indexed.
  package var byteCount: Int64
  /// Which file had this path when it was indexed; `nil` if the source cannot tell. With it,
  /// the bytes of a file that took its place are never sent under the old one's URLs.
  package var identity: FileStamp?

  package init(path: String, byteCount: Int64, identity: FileStamp? = nil) {
    self.path = path
    self.byteCount = byteCount
    self.identity = identity
  }
}
