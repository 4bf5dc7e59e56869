import Episodes
import NIOCore
import Presentation
import Synchronization

/// Documents that were rendered on request lately, up to a number of bytes, for all event loops: of
/// paths through an episode, and of views of a title.
///
/// Rendering takes milliseconds: it belongs on the thread pool. What is here already is handed out on
/// any thread.
final class RenderedDocuments: Sendable {
  /// What a document is called: the same content has the same name, however it was asked for.
  struct Name: Hashable, Sendable {
    var title: String
    var version: String
    /// `nil`: the default cut, or a title that is no episode.
    var path: String?
    var document: String
    /// Tracks that it names; `nil`: all.
    var tracks: [String]?
    /// `nil`: all the time.
    var clip: ClipRange?
    /// On one timeline.
    var isContinuous = false

    /// Where it lies below the title.
    fileprivate var folders: [String] {
      (path.map { ["paths", version, $0] } ?? [])
        + (isContinuous ? [EpisodeDocuments.continuousName] : [])
    }
  }

  private let remembered: Mutex<RecentlyUsed<Name, ServedDocument>>

  init(byteCount: Int) {
    remembered = Mutex(RecentlyUsed(capacity: byteCount))
  }

  var figures: CacheFigures {
    remembered.withLock {
      CacheFigures(
        hitCount: $0.hitCount, missCount: $0.missCount, entryCount: $0.count, byteCount: $0.cost)
    }
  }

  func recall(_ name: Name) -> ServedDocument? { remembered.withLock { $0.value(of: name) } }

  /// - Throws: 404 with the reason for a path that cannot be walked.
  func document(_ name: Name, of title: ServedTitle) throws(Rejection) -> ServedDocument {
    if let known = recall(name) { return known }
    let document = ServedDocument(text: try Self.render(name, of: title))
    let cost = document.byteCount + Self.overhead
    remembered.withLock { $0.insert(document, for: name, cost: cost) }
    return document
  }

  /// Bytes of a name and of the table itself, roughly.
  private static let overhead = 1024

  private static func render(_ name: Name, of title: ServedTitle) throws(Rejection) -> String {
    guard let episode = title.episode?.presented else {
      guard
        let text = title.views?.document(
          named: name.document, tracks: name.tracks, clip: name.clip)
      else { throw name.clip == nil ? noDocument : noClip }
      return text
    }
    return try render(
      name, of: name.tracks.map { episode.keeping($0) } ?? episode, title.pathways)
  }

  private static func render(
    _ name: Name, of episode: PresentedEpisode, _ pathways: Pathways?
  ) throws(Rejection) -> String {
    let text: String?
    do {
      let path = try name.path.map { text throws(EpisodesError) in try EpisodePath(text) }
      let walk = try Walk(episode.graph, path: path ?? .beginning, takesDefaults: path == nil)
      var documents = try EpisodeDocuments(
        episode, walk, addressing: name.isContinuous ? .continuous : .origin)
      documents.steering = pathways.map {
        Steering($0, title: name.title, folders: name.folders)
      }
      text = documents.document(named: name.document)
    } catch {
      throw Self.rejection(error)
    }
    guard let text else { throw noDocument }
    guard text.utf8.count <= Limits.pathDocumentByteCount else {
      throw .notFound(
        "The document of this path would have more than \(Limits.pathDocumentByteCount) bytes; start "
          + "it at a checkpoint.")
    }
    return text
  }

  static let noClip = Rejection.notFound("The title has nothing of this document at that time.")

  static let noDocument = Rejection.notFound("The title has no document of this name.")

  private static func rejection(_ error: EpisodesError) -> Rejection {
    switch error.code {
    case .malformedPath: .notFound("This is not the spelling of a path: \(error.message).")
    case .impossiblePath: .notFound("This path cannot be walked: \(error.message).")
    case .damaged, .limit: .notFound("This path has no documents: \(error.message).")
    }
  }
}
