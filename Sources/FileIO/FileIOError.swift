import Glibc

/// A failure of the file system, told in one sentence.
package struct FileIOError: Error, Hashable, CustomStringConvertible {
  package enum Code: Sendable {
    case notFound, noPermission, exists, isDirectory, notDirectory, full, truncated, other
    /// What was named can be no such place.
    case noSuchPlace
    /// It was replaced while it was read.
    case changed
    /// It cannot be reached now, but may be again in a moment.
    case unavailable
  }

  package var code: Code
  /// What failed, on which path, and why.
  package var message: String

  package init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  package var description: String { message }

  /// The current `errno` after `action` (a verb: "open", "write") failed on `path`.
  static func current(_ action: String, _ path: String) -> Self {
    let number = errno
    let code: Code =
      switch number {
      case ENOENT: .notFound
      case EACCES, EPERM, EROFS: .noPermission
      case EEXIST, ENOTEMPTY: .exists
      case EISDIR: .isDirectory
      case ENOTDIR: .notDirectory
      case ENOSPC, EDQUOT, EFBIG: .full
      default: .other
      }
    let reason = unsafe String(cString: strerror(number))
    return Self(code, "cannot \(action) \(path): \(reason)")
  }
}
