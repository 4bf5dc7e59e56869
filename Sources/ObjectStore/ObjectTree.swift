import Dispatch
package import FileIO
import MediaCore
import NIOCore
import NIOPosix
import Synchronization

/// A bucket as a tree of files: the keys' slashes are its folders.
///
///     let tree = ObjectTree(client)
///     let store = TitleStore(root: "s3://media/library", in: tree)
package final class ObjectTree: FileTree {
  private let client: ObjectClient
  private let pieces: ObjectPieces

  /// Objects below one folder that are listed, at most.
  package static let objectCount = 500_000
  /// Folders in a library, at most.
  package static let folderCount = 100_000
  /// Objects of a title without a description, which are listed to see whether it has changed.
  private static let stampedObjectCount = 10_000

  package init(_ client: ObjectClient) {
    self.client = client
    pieces = ObjectPieces(client)
  }

  package var answersAtOnce: Bool { false }

  private func key(_ path: String) throws(FileIOError) -> String {
    let root = "\(ObjectLocation.scheme)\(client.bucket)"
    guard path.hasPrefix(root) else {
      throw FileIOError(.notFound, "\(path) does not lie in the bucket \(client.bucket)")
    }
    let rest = path.dropFirst(root.utf8.count)
    return String(rest.drop { $0 == "/" })
  }

  private static func folder(_ key: String) -> String { key.isEmpty ? "" : key + "/" }

  package func entry(at path: String) throws(FileIOError) -> Folder.Entry? {
    let key = try key(path)
    if !key.isEmpty, try client.head(key) != nil { return .file }
    let below = try client.list(prefix: Self.folder(key), delimiter: "/", limit: Self.folderCount)
    return below.objects.isEmpty && below.prefixes.isEmpty ? nil : .folder
  }

  package func stamp(of path: String) throws(FileIOError) -> FileStamp? {
    let key = try key(path)
    // A folder's name seldom has a dot; what has one is asked for as an object first.
    if path.split(separator: "/").last?.contains(".") ?? false {
      let object = try client.head(key)
      if object != nil || path.hasSuffix(".json") { return object?.stamp }
    }
    let objects = try client.list(
      prefix: Self.folder(key), limit: Self.stampedObjectCount
    ).objects
    guard !objects.isEmpty else { return nil }
    var digest = ContentDigest()
    for object in objects {
      digest.add(ByteBuffer(string: "\(object.key)\n\(object.entityTag)\n\(object.byteCount)\n"))
    }
    let all = digest.take()
    return FileStamp(
      device: 0, inode: all, byteCount: objects.reduce(0) { $0 &+ $1.byteCount },
      modified: objects.map(\.stamp.modified).max() ?? 0)
  }

  package func names(in path: String) throws(FileIOError) -> [String] {
    let folder = Self.folder(try key(path))
    let below = try client.list(prefix: folder, delimiter: "/", limit: Self.folderCount)
    return below.prefixes.map { String($0.dropFirst(folder.utf8.count).dropLast()) }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func open(_ path: String) throws(FileIOError) -> any StoredFile {
    guard let object = try client.head(try key(path)) else {
      throw FileIOError(.notFound, "\(path) does not exist")
    }
    return ObjectFile(path: path, object: object, pieces: pieces)
  }

  package func snapshot(of folder: String) throws(FileIOError) -> any FileTree {
    let prefix = Self.folder(try key(folder))
    let objects = try client.list(prefix: prefix, limit: Self.objectCount).objects
    return ObjectSnapshot(root: folder, prefix: prefix, objects: objects, pieces: pieces)
  }
}

extension ObjectSummary {
  /// The object of a path and a stamp that a tree gave.
  package init?(path: String, stamp: FileStamp) {
    let scheme = ObjectLocation.scheme
    guard let tag = stamp.entityTag, path.hasPrefix(scheme),
      let slash = path.dropFirst(scheme.utf8.count).firstIndex(of: "/")
    else { return nil }
    self.init(
      key: String(path[path.index(after: slash)...]), byteCount: stamp.byteCount, entityTag: tag,
      modified: stamp.modified / 1_000_000_000)
  }

  var stamp: FileStamp {
    FileStamp(
      device: 0, inode: 0, byteCount: byteCount, modified: modified &* 1_000_000_000,
      entityTag: entityTag)
  }
}

/// What stood below a folder when it was listed.
private struct ObjectSnapshot: FileTree {
  private let files: [String: ObjectSummary]
  /// By path, sorted by their bytes.
  private let folders: [String: [String]]
  private let pieces: ObjectPieces

  init(root: String, prefix: String, objects: [ObjectSummary], pieces: ObjectPieces) {
    var files: [String: ObjectSummary] = [:]
    var folders: [String: Set<String>] = [:]
    for object in objects where object.key.hasPrefix(prefix) {
      let names = object.key.dropFirst(prefix.utf8.count)
        .split(separator: "/", omittingEmptySubsequences: false).map(String.init)
      // A key that names no file: what some tools put where a folder shall be seen.
      guard names.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." }) else { continue }
      var path = root
      for name in names {
        folders[path, default: []].insert(name)
        path += "/" + name
      }
      files[path] = object
    }
    self.files = files
    self.folders = folders.mapValues { names in
      names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
    self.pieces = pieces
  }

  var answersAtOnce: Bool { true }

  func entry(at path: String) -> Folder.Entry? {
    if files[path] != nil { return .file }
    return folders[path] == nil ? nil : .folder
  }

  func stamp(of path: String) -> FileStamp? { files[path]?.stamp }
  func names(in path: String) -> [String] { folders[path] ?? [] }

  func open(_ path: String) throws(FileIOError) -> any StoredFile {
    guard let object = files[path] else {
      throw FileIOError(.notFound, "\(path) does not exist")
    }
    return ObjectFile(path: path, object: object, pieces: pieces)
  }

  func snapshot(of folder: String) -> any FileTree { self }
}

/// An object, read by ranges.
private struct ObjectFile: StoredFile {
  let path: String
  let object: ObjectSummary
  let pieces: ObjectPieces

  var byteCount: Int64 { object.byteCount }
  var stamp: FileStamp { object.stamp }

  func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws(FileIOError) {
    guard offset >= 0, count >= 0, offset <= byteCount, Int64(count) <= byteCount - offset else {
      throw FileIOError(
        .truncated,
        "\(path) ends at byte \(byteCount), but bytes \(offset) to \(offset &+ Int64(count)) are needed"
      )
    }
    buffer.clear(minimumCapacity: count)
    guard count > 0 else { return }
    buffer.writeImmutableBuffer(try pieces.read(object, offset..<(offset + Int64(count))))
  }

  func adviseReads(of ranges: [Range<Int64>]) { pieces.prepare(object, ranges) }
}

/// The few bytes that an index is made of: read in small ranges, kept for as long as it takes to read
/// all of them.
private final class ObjectPieces: Sendable {
  private struct Name: Hashable {
    var key: String
    var entityTag: String
  }

  private struct Piece {
    var start: Int64
    var bytes: ByteBuffer
  }

  private let client: ObjectClient
  private let kept = Mutex(RecentList<Name, [Piece]>())
  private let pool: NIOThreadPool

  /// Bytes of one request: a header and an index are seldom longer.
  private static let readByteCount: Int64 = 64 << 10
  /// Bytes that are kept.
  private static let keptByteCount = 64 << 20
  /// Requests at once.
  private static let requestCount = 16

  init(_ client: ObjectClient) {
    self.client = client
    pool = NIOThreadPool(numberOfThreads: Self.requestCount)
    pool.start()
  }

  deinit { pool.shutdownGracefully { _ in } }

  func read(_ object: ObjectSummary, _ range: Range<Int64>) throws(FileIOError) -> ByteBuffer {
    if let known = recall(object, range) { return known }
    let longer =
      range
      .lowerBound..<min(
        object.byteCount, max(range.upperBound, range.lowerBound + Self.readByteCount))
    let bytes = try fetch(object, longer)
    keep([Piece(start: longer.lowerBound, bytes: bytes)], of: object)
    return bytes.getSlice(at: bytes.readerIndex, length: range.count) ?? ByteBuffer()
  }

  /// Fetches pieces side by side. What fails here fails again, and is told, when it is read.
  func prepare(_ object: ObjectSummary, _ ranges: [Range<Int64>]) {
    let missing = ranges.filter { recall(object, $0) == nil }
    guard missing.count > 1 else { return }
    let fetched = Mutex<[Piece]>([])
    let next = Mutex(0)
    let group = DispatchGroup()
    for _ in 0..<min(Self.requestCount, missing.count) {
      group.enter()
      pool.submit { [self] state in
        defer { group.leave() }
        while state == .active {
          let index = next.withLock { next in
            defer { next += 1 }
            return next
          }
          guard index < missing.count, let bytes = try? fetch(object, missing[index]) else {
            return
          }
          fetched.withLock { $0.append(Piece(start: missing[index].lowerBound, bytes: bytes)) }
        }
      }
    }
    group.wait()
    keep(fetched.withLock { $0 }, of: object)
  }

  private func fetch(
    _ object: ObjectSummary, _ range: Range<Int64>
  ) throws(FileIOError) -> ByteBuffer {
    var bytes = ByteBuffer()
    bytes.reserveCapacity(range.count)
    try client.read(object, range) { bytes.writeImmutableBuffer($0) }
    return bytes
  }

  private func recall(_ object: ObjectSummary, _ range: Range<Int64>) -> ByteBuffer? {
    let name = Name(key: object.key, entityTag: object.entityTag)
    guard let pieces = kept.withLock({ $0.use(name) }) else { return nil }
    // Sorted by their starts: the last that begins early enough.
    var (low, high) = (0, pieces.count)
    while low < high {
      let middle = (low + high) / 2
      if pieces[middle].start <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let piece = pieces[low - 1]
    return piece.bytes.getSlice(
      at: piece.bytes.readerIndex + Int(range.lowerBound - piece.start), length: range.count)
  }

  private func keep(_ new: [Piece], of object: ObjectSummary) {
    let name = Name(key: object.key, entityTag: object.entityTag)
    kept.withLock { kept in
      let all = ((kept.use(name) ?? []) + new).sorted { $0.start < $1.start }
      let cost = all.reduce(0) { $0 + $1.bytes.readableBytes }
      kept.insert(all, for: name, cost: cost)
      while kept.cost > Self.keptByteCount { _ = kept.removeOldest() }
    }
  }
}
