package import FileIO
package import Library
import MP4
import MediaCore
import NIOCore
import Packaging

/// A media file as a title: packaged when it is asked for, and written nowhere.
///
///     let film = try FileTitle(tree.open("library/film.mp4"), name: "film.mp4")
///     film.title                                    // what documents are made of
///     film.tracks["video-1080p"]?.unit(at: 0)       // header and `sidx`
///
/// Of the file its tables are read, and a few beginnings of samples. Tracks and segments are those that
/// `dougong package` makes of the same file; subtitles inside it are left out.
package struct FileTitle: Sendable {
  package let title: Title
  /// By name.
  package let tracks: [String: FileTrack]
  /// Bytes in memory, roughly.
  package let byteCount: Int

  /// - Parameter name: of the title, and of the file in messages.
  /// - Throws: `OnTheFlyError` for what is not packaged this way; `FileIOError` for what cannot be read.
  package init(_ file: any StoredFile, name: String) throws {
    do {
      try self.init(NamedFile(file: file, path: name), of: file, name: name)
    } catch let error as FileIOError where error.code != .truncated {
      throw error
    } catch {
      throw OnTheFlyError(name: name, "\(error)")
    }
  }

  private init(_ file: NamedFile, of place: any StoredFile, name: String) throws {
    place.adviseRandom()
    let source = try MP4Source(
      file, name: name, scrutiny: .tables(sampleCount: OnTheFlyLimits.sampleCount))
    let job = try PackagingJob([PicturesAndSound(source)], options: PackagingOptions())
    var tracks: [String: FileTrack] = [:]
    var titleTracks: [TitleTrack] = []
    for recipe in job.recipes {
      guard let places = source.places(ofTrack: recipe.sourceTrack) else { continue }
      guard recipe.longestSegmentSampleCount <= OnTheFlyLimits.segmentSampleCount else {
        throw OnTheFlyError(
          name: name,
          "a segment would have \(recipe.longestSegmentSampleCount) samples, since key frames are far apart; "
            + "at most \(OnTheFlyLimits.segmentSampleCount) are made")
      }
      let version = Self.version(of: recipe.head, in: place.stamp)
      let index = try TrackIndex(
        head: recipe.head, name: recipe.name, version: version, language: recipe.language,
        frameRate: recipe.frameRate, firstSampleEnds: recipe.firstSampleEnds,
        frameDuration: recipe.frameDuration)
      titleTracks.append(
        TitleTrack(
          index: index, label: recipe.label, roles: recipe.roles, isDefault: recipe.isDefault))
      tracks[recipe.name] = FileTrack(recipe, places, path: place.path, stamp: place.stamp)
    }
    byteCount = tracks.values.reduce(0) { $0 + $1.memoryByteCount }
    guard byteCount <= OnTheFlyLimits.indexByteCount else {
      throw OnTheFlyError(
        name: name,
        "its index would take \(byteCount) bytes; at most \(OnTheFlyLimits.indexByteCount) are kept"
      )
    }
    self.tracks = tracks
    var title = Title(name: name, tracks: titleTracks)
    title.chapters = job.chapters
    self.title = title
  }

  /// The form of what is made: another one makes other bytes of the same file.
  private static let form = "on-the-fly-1"

  /// Of a track: of its head, and of the file's state. The same file gives the same version at every
  /// origin.
  private static func version(of head: ByteBuffer, in stamp: FileStamp) -> String {
    var digest = ContentDigest()
    digest.add(head)
    digest.add(
      ByteBuffer(
        string: "\(form)\n\(stamp.byteCount)\n\(stamp.modified)\n\(stamp.entityTag ?? "")"))
    return String(TrackDigest.text(digest.take()).prefix(TrackDigest.versionLength))
  }

  private static let suffixes = [".mp4", ".m4v", ".m4a", ".mov"]

  /// Whether a file of this name may be one.
  package static func isFileName(_ name: some StringProtocol) -> Bool {
    suffixes.contains { name.hasSuffix($0) && name.utf8.count > $0.utf8.count }
  }
}

/// A file whose messages name it as viewers do.
private struct NamedFile: StoredFile {
  let file: any StoredFile
  let path: String

  var byteCount: Int64 { file.byteCount }
  var stamp: FileStamp { file.stamp }

  func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws(FileIOError) {
    do throws(FileIOError) {
      try file.read(at: offset, count: count, into: &buffer)
    } catch {
      guard error.code == .truncated else { throw error }
      throw FileIOError(.truncated, "\(path) is cut short or damaged")
    }
  }

  func adviseSequential() { file.adviseSequential() }
  func adviseReads(of ranges: [Range<Int64>]) { file.adviseReads(of: ranges) }
}

/// A source without its subtitles, which would have to be read whole.
private struct PicturesAndSound: MediaSource {
  private let source: MP4Source
  let tracks: [SourceTrack]

  init(_ source: MP4Source) {
    self.source = source
    tracks = source.tracks.filter { $0.kind == .video || $0.kind == .audio }
  }

  var name: String { source.name }
  var chapters: [Chapter] { source.chapters }

  func makeReader(of tracks: Set<Int>) throws -> any PayloadReader {
    try source.makeReader(of: tracks)
  }
}
