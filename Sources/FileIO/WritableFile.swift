import Glibc
package import NIOCore

/// A new file, written at any offset; made durable by `synchronize`.
package final class WritableFile: Sendable {
  package let path: String
  private let descriptor: CInt

  /// Creates the file; it must not exist (open(2) with `O_EXCL`).
  package init(creating path: String) throws(FileIOError) {
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw .current("create", path) }
    self.path = path
  }

  deinit { close(descriptor) }

  /// Writes all readable bytes of `bytes` at `offset` (pwrite(2)).
  package func write(_ bytes: ByteBuffer, at offset: Int64) throws(FileIOError) {
    try Descriptor.write(bytes, at: offset, to: descriptor, ("write", path))
  }

  /// Waits until the bytes are on the disk (fdatasync(2)).
  package func synchronize() throws(FileIOError) {
    guard fdatasync(descriptor) == 0 else { throw .current("write", path) }
  }
}
