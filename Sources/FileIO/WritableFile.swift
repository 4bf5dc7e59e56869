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
    var done = 0
    let count = bytes.readableBytes
    while done < count {
      let written = unsafe bytes.withUnsafeReadableBytes {
        unsafe pwrite(descriptor, $0.baseAddress! + done, count - done, off_t(offset) + done)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw .current("write", path)
      }
      done += written
    }
  }

  /// Waits until the bytes are on the disk (fdatasync(2)).
  package func synchronize() throws(FileIOError) {
    guard fdatasync(descriptor) == 0 else { throw .current("write", path) }
  }
}

/// Standard input, copied to a file without a name, so that it can be read twice and at any place.
package final class SpooledInput: Sendable {
  /// A name by which the file can be opened as long as this lives.
  package let path: String
  package let byteCount: Int64
  private let descriptor: CInt

  /// Copies standard input to its end.
  /// - Parameter folder: on whose file system the copy is kept.
  package init(folder: String, isCancelled: () -> Bool) throws {
    // A name that is taken away at once; no two processes share an identifier.
    let name = "\(folder)/.dougong-input.\(getpid())"
    let descriptor = unsafe open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileIOError.current("create", name) }
    self.descriptor = descriptor
    unsafe _ = unlink(name)
    path = "/proc/self/fd/\(descriptor)"
    var total: Int64 = 0
    var window = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = unsafe read(STDIN_FILENO, &window, window.count)
      if count == 0 { break }
      guard count > 0 else {
        if errno == EINTR, !isCancelled() { continue }
        throw FileIOError.current("read", "standard input")
      }
      if isCancelled() { throw CancellationError() }
      var done = 0
      while done < count {
        let written = unsafe window.withUnsafeBytes {
          unsafe write(descriptor, $0.baseAddress! + done, count - done)
        }
        guard written > 0 else { throw FileIOError.current("keep standard input in", folder) }
        done += written
      }
      total += Int64(count)
    }
    byteCount = total
  }

  deinit { close(descriptor) }
}
