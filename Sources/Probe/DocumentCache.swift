import NIOCore
import Synchronization

/// Documents that were read once for all viewers: thousands who follow one stream get the same bytes.
///
/// Those of one generation are kept, and those of the one before.
final class DocumentCache<Document: Sendable>: Sendable {
  private struct State {
    var latest: [ByteBuffer: Document] = [:]
    var older: [ByteBuffer: Document] = [:]
  }

  private let state = Mutex(State())

  /// - Throws: what `read` throws; that is not kept.
  func document<Failure: Error>(
    of bytes: ByteBuffer, _ read: (String) throws(Failure) -> Document
  ) throws(Failure) -> Document {
    if let found = state.withLock({ $0.latest[bytes] ?? $0.older[bytes] }) { return found }
    let document = try read(String(buffer: bytes))
    state.withLock {
      if $0.latest.count == Limits.cachedDocumentCount { ($0.older, $0.latest) = ($0.latest, [:]) }
      $0.latest[bytes] = document
    }
    return document
  }
}
