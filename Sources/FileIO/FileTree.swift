package import NIOCore

/// A file of known size and state, read at any offset from any thread, wherever it lies.
package protocol StoredFile: Sendable {
  /// How it is named in messages.
  var path: String { get }
  var byteCount: Int64 { get }
  var stamp: FileStamp { get }
  /// Exactly `count` bytes from `offset`, into a buffer whose storage is used again.
  /// - Throws: `.truncated` if the file ends before, `.changed` if it is no longer the one that
  ///   `stamp` names, `.unavailable` if it cannot be reached now.
  func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws(FileIOError)
  /// The file will be read from front to back.
  func adviseSequential()
  /// Little of the file will be read, here and there: nothing is to be read ahead.
  func adviseRandom()
  /// These few bytes each will be read soon: where a read takes its time they are fetched together.
  func adviseReads(of ranges: [Range<Int64>])
}

extension StoredFile {
  /// Exactly `count` bytes from `offset`.
  package func read(at offset: Int64, count: Int) throws(FileIOError) -> ByteBuffer {
    var buffer = ByteBuffer()
    try read(at: offset, count: count, into: &buffer)
    return buffer
  }

  package func adviseSequential() {}
  package func adviseRandom() {}
  package func adviseReads(of ranges: [Range<Int64>]) {}
}

extension ReadableFile: StoredFile {}

/// Files and folders, as much of them as reading needs: a file system, or an object store.
///
///     let tree: any FileTree = FileSystem()
///     try tree.open("library/film/title.json").read(at: 0, count: 8)
package protocol FileTree: Sendable {
  /// What stands at a path, without following a link; `nil` if nothing does.
  func entry(at path: String) throws(FileIOError) -> Folder.Entry?
  /// What tells one state of a file, or of what a folder holds, from another; `nil` if nothing is there.
  func stamp(of path: String) throws(FileIOError) -> FileStamp?
  /// Names in a folder, sorted by their bytes.
  func names(in path: String) throws(FileIOError) -> [String]
  func open(_ path: String) throws(FileIOError) -> any StoredFile
  /// Everything below a folder as it is now; asking it many things costs no more than asking one.
  func snapshot(of folder: String) throws(FileIOError) -> any FileTree
  /// Whether a question is answered without a request over a network.
  var answersAtOnce: Bool { get }
}

/// The file system of this machine.
package struct FileSystem: FileTree {
  package init() {}

  package func entry(at path: String) -> Folder.Entry? { Folder.entry(at: path) }
  package func stamp(of path: String) -> FileStamp? { Folder.stamp(of: path) }
  package func names(in path: String) throws(FileIOError) -> [String] { try Folder.names(in: path) }
  package func open(_ path: String) throws(FileIOError) -> any StoredFile {
    try ReadableFile(path: path)
  }
  package func snapshot(of folder: String) -> any FileTree { self }
  package var answersAtOnce: Bool { true }
}
