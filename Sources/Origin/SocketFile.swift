import FileIO

/// The name of a Unix socket in the file system. A socket is made beside it and moved there, so that
/// it is there with its permissions or not at all.
struct SocketFile: Sendable {
  let path: String
  /// Where the socket is made.
  let unpublishedPath: String
  /// What was moved to `path`.
  private var published: HeldName?

  init(path: String) {
    self.path = path
    unpublishedPath = "\(path).\(Folder.processIdentifier)"
  }

  /// Gives the socket its permissions and its name, which a dead one may have.
  ///
  /// - Parameter mode: bits as of chmod(2).
  mutating func publish(mode: UInt32) throws(FileIOError) {
    try Folder.setMode(mode, of: unpublishedPath)
    let made = try HeldName(unpublishedPath)
    try Folder.rename(unpublishedPath, to: path)
    published = made
  }

  /// Takes the name away, unless another socket has it by now.
  func remove() {
    guard let published, published.stands(at: path) else { return }
    try? Folder.remove(path)
  }
}
