import FileIO
import Library
import MediaCore
import NIOCore
import ObjectStore
import Presentation
import Synchronization
import Text

/// Segments that were moved on the timeline lately, for all event loops: their rewritten heads, up to a
/// number of bytes.
///
/// Rewriting reads the file: it belongs on the thread pool. What is here already is handed out on any
/// thread.
final class MovedSegments: Sendable {
  struct Name: Hashable, Sendable {
    var episode: String
    /// Of the episode, whose scenes' files these are.
    var version: String
    var scene: String
    var media: Route.SceneMedia

    init(_ title: ServedTitle, _ scene: String, _ media: Route.SceneMedia) {
      episode = title.title.name
      version = title.episode?.presented.version ?? ""
      self.scene = scene
      self.media = media
    }
  }

  private let remembered: Mutex<RecentlyUsed<Name, Representation>>

  private let objects: ObjectBlocks?

  /// - Parameter objects: of a library in an object store.
  init(byteCount: Int, objects: ObjectBlocks?) {
    remembered = Mutex(RecentlyUsed(capacity: byteCount))
    self.objects = objects
  }

  func recall(_ name: Name) -> Representation? { remembered.withLock { $0.value(of: name) } }

  /// - Parameter whole: the segment as it is at rest.
  /// - Throws: 404 for a place that the segment has no room for, 503 if its file is being replaced.
  func representation(
    _ whole: Representation, of name: Name, by move: TimelineMove, timescale: Timescale
  ) throws(Rejection) -> Representation {
    if let known = recall(name) { return known }
    guard case .file(let file, let range) = whole.body else { return whole }
    var made = whole
    let cost: Int
    do {
      let stored = try file.open(objects)
      if case .webVTT = name.media {
        let text = try Self.text(range, in: stored, by: move, timescale: timescale)
        made.alternatives = CodedBytes.all(of: text)
        cost = made.alternatives.reduce(text.readableBytes) { $0 + $1.bytes.readableBytes }
        made.body = .bytes(text)
        made.byteCount = Int64(text.readableBytes)
      } else {
        let segment = try MovedSegment(range, in: stored, timescale: timescale, by: move)
        cost = segment.headByteCount
        made.byteCount = segment.byteCount
        made.body = .pieces(
          segment.pieces.map { piece in
            switch piece {
            case .bytes(let bytes): .bytes(bytes)
            case .stored(let range): .file(file, range)
            }
          })
      }
    } catch {
      throw Self.rejection(error)
    }
    made.entityTag = EntityTag(opaque: "\(whole.entityTag.opaque)-\(move.offset)-\(move.start)")
    remembered.withLock { $0.insert(made, for: name, cost: cost + Self.overhead) }
    return made
  }

  /// Bytes of a name and of the table itself, roughly.
  private static let overhead = 1024

  private static func text(
    _ range: ByteRange, in file: any StoredFile, by move: TimelineMove, timescale: Timescale
  ) throws -> ByteBuffer {
    guard range.count <= Limits.codedTextByteCount else {
      throw Rejection.notFound("The segment has more than \(Limits.codedTextByteCount) bytes.")
    }
    let shift = rescale(move.offset, from: timescale, to: Timescale(literal: 1000))
    return ByteBuffer(
      string: try WebVTTSegment.moved(
        file.read(at: range.offset, count: Int(range.count)), byMilliseconds: shift))
  }

  private static func rejection(_ error: any Error) -> Rejection {
    switch error {
    case let error as Rejection: error
    case let error as FileIOError: error.code == .unavailable ? .storeAway : .beingReplaced
    case let error as LibraryError where error.code == .limit:
      .notFound("The segment cannot be moved: \(error.message).")
    default: .notFound("The segment cannot be moved: it is damaged.")
    }
  }
}

extension Route.SceneMedia {
  var move: TimelineMove? {
    switch self {
    case .segment(_, _, _, let move), .webVTT(_, _, let move): move
    }
  }

  var track: String {
    switch self {
    case .segment(let track, _, _, _), .webVTT(let track, _, _): track
    }
  }
}
