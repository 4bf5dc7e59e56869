import Glibc
package import NIOCore
import Synchronization

/// A file without a name, written from front to back and read at any place: what is made before its
/// place in the output is known. It is gone with its last reference.
package final class SpooledFile: Sendable {
  private static let count = Atomic(0)
  private let descriptor: CInt
  private let folder: String

  /// - Parameter folder: on whose file system the bytes are kept (open(2) with `O_TMPFILE`, or a
  ///   name that is taken away at once).
  package init(folder: String) throws(FileIOError) {
    self.folder = folder
    // O_TMPFILE is a macro of two flags.
    let temporary: CInt = 0o20_000_000 | O_DIRECTORY
    var descriptor = unsafe open(folder, O_RDWR | O_CLOEXEC | temporary, 0o600)
    if descriptor < 0 {
      // A file system without such files: a name that nothing else has, for a moment.
      let number = Self.count.wrappingAdd(1, ordering: .relaxed).newValue
      let name = "\(folder)/.dougong-spool.\(getpid()).\(number)"
      descriptor = unsafe open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      if descriptor >= 0 { unsafe _ = unlink(name) }
    }
    guard descriptor >= 0 else { throw .current("keep a file in", folder) }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Writes all readable bytes of `bytes` at `offset` (pwrite(2)).
  package func write(_ bytes: ByteBuffer, at offset: Int64) throws(FileIOError) {
    try Descriptor.write(bytes, at: offset, to: descriptor, ("keep a file in", folder))
  }

  /// Exactly `count` bytes from `offset` (pread(2)), into a buffer whose storage is used again.
  package func read(
    at offset: Int64, count: Int, into buffer: inout ByteBuffer
  ) throws(FileIOError) {
    try Descriptor.read(at: offset, count: count, from: descriptor, into: &buffer) {
      "a file kept in \(folder) ends at byte \($0)"
    }
  }
}
