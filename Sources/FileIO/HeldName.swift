import CFileIO
import Glibc

/// What stands at a path, held so that nothing else can be taken for it: as long as it is, the file
/// system gives its inode to no other (open(2), `O_PATH`). Sockets can be held too.
package final class HeldName: Sendable {
  private let descriptor: CInt

  package init(_ path: String) throws(FileIOError) {
    descriptor = unsafe open(path, dougong_o_path | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw .current("hold", path) }
  }

  deinit { close(descriptor) }

  /// Whether it is what stands at `path`, whatever name it had when it was taken hold of.
  package func stands(at path: String) -> Bool {
    var held = stat()
    var found = stat()
    guard unsafe fstat(descriptor, &held) == 0, unsafe lstat(path, &found) == 0 else {
      return false
    }
    return (held.st_dev, held.st_ino) == (found.st_dev, found.st_ino)
  }
}
