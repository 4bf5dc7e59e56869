import Glibc

/// Standard input, copied to a file without a name, so that it can be read twice and at any place.
package final class SpooledInput: Sendable {
  /// A name by which the file can be opened as long as this lives.
  package let path: String
  package let byteCount: Int64
  private let descriptor: CInt

  /// Milliseconds between two looks at whether the wait is still wanted.
  private static let patience: CInt = 250

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
      // A signal ends the wait, and a read is only begun once there is something.
      var wanted = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
      _ = unsafe poll(&wanted, 1, Self.patience)
      if isCancelled() { throw CancellationError() }
      guard wanted.revents != 0 else { continue }
      let count = unsafe read(STDIN_FILENO, &window, window.count)
      if count == 0 { break }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw FileIOError.current("read", "standard input")
      }
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
