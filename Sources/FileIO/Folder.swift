import CFileIO
import Glibc

/// What can be done to folders and names: each function is one system call or a plain walk.
package enum Folder {
  package enum Entry: Sendable { case file, folder, link, socket, other }

  /// What stands at `path`, without following a link; `nil` if nothing does (lstat(2)).
  package static func entry(at path: String) -> Entry? {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return nil }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .folder
    case S_IFLNK: return .link
    case S_IFSOCK: return .socket
    default: return .other
    }
  }

  /// What tells one state of a file from another; `nil` if nothing is there (stat(2)).
  package static func stamp(of path: String) -> FileStamp? {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    return FileStamp(status)
  }

  /// Names in a folder, sorted by their bytes, without `.` and `..` (readdir(3)).
  package static func names(in path: String, limit: Int = 100_000) throws(FileIOError) -> [String] {
    guard let folder = unsafe opendir(path) else { throw .current("open", path) }
    defer { unsafe _ = closedir(folder) }
    var names: [String] = []
    while let entry = unsafe readdir(folder) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
        unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
      }
      if name == "." || name == ".." { continue }
      guard names.count < limit else {
        throw FileIOError(.other, "\(path) holds more than \(limit) names")
      }
      names.append(name)
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package static func make(_ path: String) throws(FileIOError) {
    guard unsafe mkdir(path, 0o755) == 0 else { throw .current("create the folder", path) }
  }

  /// Removes a file, a link, or a folder with all in it; nothing there is no error.
  package static func remove(_ path: String) throws(FileIOError) {
    guard let entry = entry(at: path) else { return }
    if entry == .folder {
      for name in try names(in: path) { try remove("\(path)/\(name)") }
      guard unsafe rmdir(path) == 0 else { throw .current("remove", path) }
    } else {
      guard unsafe unlink(path) == 0 else { throw .current("remove", path) }
    }
  }

  /// Sets permissions (chmod(2)).
  package static func setMode(_ mode: UInt32, of path: String) throws(FileIOError) {
    guard unsafe chmod(path, mode) == 0 else { throw .current("set the mode of", path) }
  }

  /// Gives `path` the name `other` in one step; fails if a folder that is not empty stands there.
  package static func rename(_ path: String, to other: String) throws(FileIOError) {
    guard unsafe Glibc.rename(path, other) == 0 else { throw .current("rename \(path) to", other) }
  }

  /// Gives a file a second name (link(2)).
  /// - Returns: `false` where the file system has none, or the two lie on different ones.
  package static func link(_ path: String, as other: String) throws(FileIOError) -> Bool {
    if unsafe Glibc.link(path, other) == 0 { return true }
    if errno == EXDEV || errno == EPERM || errno == EMLINK || errno == EOPNOTSUPP { return false }
    throw .current("link \(path) as", other)
  }

  /// Exchanges two names in one step (renameat2(2) with `RENAME_EXCHANGE`).
  /// - Returns: `false` where the file system cannot.
  package static func exchange(_ path: String, with other: String) throws(FileIOError) -> Bool {
    if unsafe renameat2(AT_FDCWD, path, AT_FDCWD, other, dougong_rename_exchange) == 0 {
      return true
    }
    if errno == EINVAL || errno == ENOSYS { return false }
    throw .current("exchange \(path) with", other)
  }

  /// Waits until the names in a folder are on the disk (fsync(2)).
  package static func synchronize(_ path: String) throws(FileIOError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .current("open", path) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .current("write", path) }
  }

  /// Waits until all that was written to the file system of a folder is on the disk (syncfs(2)): one
  /// call where thousands of small files would each need one.
  package static func synchronizeFileSystem(_ path: String) throws(FileIOError) {
    let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .current("open", path) }
    defer { close(descriptor) }
    guard syncfs(descriptor) == 0 else { throw .current("write", path) }
  }

  /// The path with every link resolved (realpath(3)); `nil` if nothing is there.
  package static func resolved(_ path: String) -> String? {
    guard let text = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  package static func processIsAlive(_ identifier: Int32) -> Bool {
    kill(identifier, 0) == 0 || errno == EPERM
  }

  package static var processIdentifier: Int32 { getpid() }
}
