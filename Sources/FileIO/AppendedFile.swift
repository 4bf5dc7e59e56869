import Glibc
package import NIOCore

/// A file that lines are added to, by this program and perhaps by others (open(2) with `O_APPEND`).
package final class AppendedFile: Sendable {
  package let path: String
  private let descriptor: CInt

  /// Creates the file if it is not there, for its owner to write and its group to read.
  package init(path: String) throws(FileIOError) {
    descriptor = unsafe open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw .current("open", path) }
    self.path = path
  }

  private init(standardOutput descriptor: CInt) {
    path = "standard output"
    self.descriptor = descriptor
  }

  /// The standard output of this process.
  package static func standardOutput() throws(FileIOError) -> AppendedFile {
    let descriptor = dup(STDOUT_FILENO)
    guard descriptor >= 0 else { throw .current("open", "standard output") }
    return AppendedFile(standardOutput: descriptor)
  }

  deinit { close(descriptor) }

  /// Writes all readable bytes (write(2)).
  package func append(_ bytes: ByteBuffer) throws(FileIOError) {
    var done = 0
    let count = bytes.readableBytes
    while done < count {
      let written = unsafe bytes.withUnsafeReadableBytes {
        unsafe write(descriptor, $0.baseAddress! + done, count - done)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw .current("write", path)
      }
      done += written
    }
  }
}

/// The time of day.
package enum WallClock {
  /// Nanoseconds since 1970, without leap seconds (clock_gettime(2)).
  package static func nanoseconds() -> Int64 {
    var time = timespec()
    guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
