import Glibc
package import NIOCore

/// A file open for reading at any offset, from any thread.
///
///     let file = try ReadableFile(path: "episode.mp4")
///     let head = try file.read(at: 0, count: 8)
package final class ReadableFile: Sendable {
  package let path: String
  /// Size when the file was opened.
  package let byteCount: Int64
  package let stamp: FileStamp
  let descriptor: CInt

  /// Opens a regular file (open(2), fstat(2)). A pipe, which is none, is not waited for.
  package init(path: String) throws(FileIOError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .current("open", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      let error = FileIOError.current("read", path)
      close(descriptor)
      throw error
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileIOError(
        status.st_mode & S_IFMT == S_IFDIR ? .isDirectory : .other,
        "cannot read \(path): it is not a regular file; name a media file")
    }
    self.path = path
    self.byteCount = Int64(status.st_size)
    stamp = FileStamp(status)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Tells the kernel that the file will be read from front to back (posix_fadvise(2)).
  package func adviseSequential() { posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }

  /// Tells the kernel that little of the file will be read (posix_fadvise(2)).
  package func adviseRandom() { posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM) }

  /// Exactly `count` bytes from `offset` (pread(2)), into a buffer whose storage is used again.
  /// - Throws: `.truncated` if the file ends before.
  package func read(
    at offset: Int64, count: Int, into buffer: inout ByteBuffer
  ) throws(FileIOError) {
    try checkRange(offset, count)
    try Descriptor.read(at: offset, count: count, from: descriptor, into: &buffer) {
      "\(path) cannot be read at byte \($0)"
    }
  }

  /// Exactly `count` bytes from `offset` (pread(2)), behind what a buffer holds already.
  /// - Throws: `.truncated` if the file ends before.
  package func read(
    at offset: Int64, count: Int, appendingTo buffer: inout ByteBuffer
  ) throws(FileIOError) {
    try checkRange(offset, count)
    try Descriptor.read(at: offset, count: count, from: descriptor, appendingTo: &buffer) {
      "\(path) cannot be read at byte \($0)"
    }
  }

  private func checkRange(_ offset: Int64, _ count: Int) throws(FileIOError) {
    guard offset >= 0, count >= 0, offset <= byteCount, Int64(count) <= byteCount - offset else {
      throw FileIOError(
        .truncated,
        "\(path) ends at byte \(byteCount), but bytes \(offset) to "
          + "\(offset &+ Int64(count)) are needed: the file is cut short or damaged")
    }
  }

  /// Whether the file has become shorter than it was when it was opened (fstat(2)).
  package var isCutShort: Bool {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return true }
    return Int64(status.st_size) < byteCount
  }

  /// A second descriptor of the same file (fcntl(2), `F_DUPFD_CLOEXEC`), which the caller closes.
  package func duplicateDescriptor() throws(FileIOError) -> CInt {
    let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw .current("open", path) }
    return copy
  }
}
