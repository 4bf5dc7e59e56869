import Glibc

/// A folder that one process at a time works in: held until it is let go of, or the process ends
/// however it ends (flock(2)).
package final class FolderLock: Sendable {
  private let descriptor: CInt

  /// - Throws: `.exists` if another process has it.
  package init(_ folder: String) throws(FileIOError) {
    descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .current("open", folder) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isTaken = errno == EWOULDBLOCK
      let error = FileIOError.current("lock", folder)
      close(descriptor)
      throw isTaken
        ? FileIOError(
          .exists, "\(folder) is in use by another process; name another folder for this one")
        : error
    }
  }

  deinit { close(descriptor) }
}
