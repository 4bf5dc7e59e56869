import FileIO
package import MediaCore
import NIOCore

/// One scene or spoken prompt of an episode, as it goes to the packager: its sources, and what they
/// are made from.
package struct SceneRequest: Sendable {
  /// The name of its folder: the scene's id, `{scene}.{viewpoint}`, or that of a prompt.
  package var name: String
  /// What messages begin with: `scene s1`.
  package var subject: String
  /// What the scene is made from: the digest of its files and of what is asked for. A scene of the
  /// same origin is the same scene.
  package var origin: String
  /// What lasts longer is refused.
  package var longest: MediaTime?
  /// Opens the sources. Not called for a scene that is taken over.
  package var open: @Sendable () throws -> (sources: [any MediaSource], text: TextOptions)

  package init(
    name: String, subject: String? = nil, origin: String, longest: MediaTime? = nil,
    open: @escaping @Sendable () throws -> (sources: [any MediaSource], text: TextOptions)
  ) {
    self.name = name
    self.subject = subject ?? "scene \(name)"
    self.origin = origin
    self.longest = longest
    self.open = open
  }
}

/// The digest of files, and of words about them.
package struct OriginDigest: ~Copyable {
  /// What the packager makes of the same input has changed if this has.
  private static let generation = "1"
  private static let chunkByteCount = 1 << 20
  private var digest = ContentDigest()

  package init() { add(Self.generation) }

  package mutating func add(_ word: String) {
    digest.add(ByteBuffer(string: "\(word.utf8.count):\(word)"))
  }

  /// Adds the content of a file; its name and its times do not count.
  package mutating func add(file path: String) throws {
    let file = try ReadableFile(path: path)
    add(String(file.byteCount))
    var at: Int64 = 0
    while at < file.byteCount {
      let count = Int(min(Int64(Self.chunkByteCount), file.byteCount - at))
      digest.add(try file.read(at: at, count: count))
      at += Int64(count)
    }
  }

  /// Sixteen hexadecimal digits.
  package mutating func take() -> String {
    let digits = String(digest.take(), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
