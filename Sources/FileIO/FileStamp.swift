package import Glibc

/// What tells one state of a file from another: which file it is, its size, its last change.
package struct FileStamp: Hashable, Sendable {
  package let device: UInt64
  package let inode: UInt64
  package let byteCount: Int64
  /// Nanoseconds since 1970 of the last change of the content.
  package let modified: Int64
  /// What an object store calls this state of an object; `nil` for files.
  package let entityTag: String?

  package init(
    device: UInt64, inode: UInt64, byteCount: Int64, modified: Int64, entityTag: String? = nil
  ) {
    self.entityTag = entityTag
    self.device = device
    self.inode = inode
    self.byteCount = byteCount
    self.modified = modified
  }

  /// What stat(2) or lstat(2) says.
  package init(_ status: stat) {
    entityTag = nil
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
    byteCount = Int64(status.st_size)
    let seconds = Int64(status.st_mtim.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    modified = seconds.partialValue &+ Int64(status.st_mtim.tv_nsec)
  }
}
