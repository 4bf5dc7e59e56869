import Compression
import FileIO
import Library
import MediaCore
import NIOCore
import ObjectStore
import Synchronization

/// WebVTT at rest in content codings: files and segments of them that were asked for lately, for all event loops, up to a
/// number of bytes.
///
/// Coding reads the file and takes its time: it belongs on a thread. What is here already is handed out on any.
final class CodedTexts: Sendable {
  private struct Name: Hashable {
    var file: ServedFile
    var range: ByteRange

    /// `nil` for what is sent as it is. Without knowing which file it was, what was coded may be of another.
    init?(_ text: Representation) {
      guard case .file(let file, let range) = text.body, file.identity != nil,
        range.count >= Limits.codedByteCount, range.count <= Limits.codedTextByteCount
      else { return nil }
      (self.file, self.range) = (file, range)
    }
  }

  private let remembered: Mutex<RecentlyUsed<Name, [CodedBytes]>>
  private let objects: ObjectBlocks?

  /// - Parameter objects: of a library in an object store.
  init(byteCount: Int, objects: ObjectBlocks?) {
    remembered = Mutex(RecentlyUsed(capacity: byteCount))
    self.objects = objects
  }

  /// Whether `coded` has nothing to do.
  func isReady(_ text: Representation) -> Bool {
    guard let name = Name(text) else { return true }
    return remembered.withLock { $0.value(of: name) } != nil
  }

  /// A text with its codings; without any if it cannot be read, which whoever sends it finds out.
  func coded(_ text: Representation) -> Representation {
    guard let name = Name(text) else { return text }
    var made = text
    if let known = remembered.withLock({ $0.value(of: name) }) {
      made.alternatives = known
    } else if let bytes = try? name.file.read(name.range, objects) {
      made.alternatives = CodedBytes.all(of: bytes)
      let cost = made.alternatives.reduce(Self.overhead) { $0 + $1.bytes.readableBytes }
      remembered.withLock { [made] in $0.insert(made.alternatives, for: name, cost: cost) }
    }
    return made
  }

  /// Bytes of a name and of the table itself, roughly.
  private static let overhead = 1024
}
