import Glibc
import NIOCore

/// Whole reads and writes at an offset, for every kind of open file.
enum Descriptor {
  /// Writes all readable bytes (pwrite(2)).
  /// - Throws: what the system says, with the action and the path that `context` gives.
  static func write(
    _ bytes: ByteBuffer, at offset: Int64, to descriptor: CInt,
    _ context: (action: String, path: String)
  ) throws(FileIOError) {
    var done = 0
    let count = bytes.readableBytes
    while done < count {
      let written = unsafe bytes.withUnsafeReadableBytes {
        unsafe pwrite(descriptor, $0.baseAddress! + done, count - done, off_t(offset) + done)
      }
      if written < 0 {
        if errno == EINTR { continue }
        throw .current(context.action, context.path)
      }
      done += written
    }
  }

  /// Reads exactly `count` bytes (pread(2)), into a buffer whose storage is used again.
  /// - Throws: `.truncated` with what `message` says of the offset that could not be read.
  static func read(
    at offset: Int64, count: Int, from descriptor: CInt, into buffer: inout ByteBuffer,
    _ message: (Int64) -> String
  ) throws(FileIOError) {
    buffer.clear(minimumCapacity: count)
    try read(at: offset, count: count, from: descriptor, appendingTo: &buffer, message)
  }

  /// The same behind what the buffer holds already.
  static func read(
    at offset: Int64, count: Int, from descriptor: CInt, appendingTo buffer: inout ByteBuffer,
    _ message: (Int64) -> String
  ) throws(FileIOError) {
    var done = 0
    while done < count {
      // At the end of a file `errno` is of something else.
      var isInterrupted = false
      let taken = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count - done) {
        let read = unsafe pread(descriptor, $0.baseAddress, count - done, off_t(offset) + done)
        isInterrupted = read < 0 && errno == EINTR
        return max(read, 0)
      }
      if taken == 0 {
        if isInterrupted { continue }
        throw FileIOError(.truncated, message(offset + Int64(done)))
      }
      done += taken
    }
  }
}
