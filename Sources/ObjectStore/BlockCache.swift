package import FileIO
import MediaCore
import NIOCore
import Synchronization

/// One block of an object: bytes `index * BlockCache.blockByteCount` and on.
struct BlockName: Hashable, Sendable {
  var key: String
  var entityTag: String
  var index: Int64

  /// What a block's file says of itself: no two blocks of a bucket have the same.
  func identity(bucket: String) -> String { "\(bucket)\n\(key)\n\(entityTag)\n\(index)" }
}

/// Blocks of objects in a folder, a file each, up to a number of bytes; the ones that were not read
/// the longest go first.
///
/// A file is its header, the block's identity, and the block. It is written beside and renamed, and
/// nothing is waited for to reach the disk: what a crash leaves behind is found by its digest, which is
/// looked at once in each run. A disk that is full or fails is no error: blocks are then not kept.
package final class BlockCache: Sendable {
  static let blockByteCount = 1 << 20

  private struct Entry {
    var byteCount: Int
    /// The digest was found right in this run.
    var isProven: Bool
    /// Bytes in front of the block.
    var headByteCount: Int
  }

  private struct Known {
    var blocks = RecentList<UInt64, Entry>()
    /// Files are numbered so that two writers never share one.
    var partial = 0
    var isPaused = false
    var pausedUntil: Int64 = 0
  }

  private let folder: String
  private let capacity: Int64
  private let clock: @Sendable () -> Int64
  private let lock: FolderLock
  private let known = Mutex(Known())

  /// The first bytes of a block's file: `DGB1`.
  private static let signature: UInt32 = 0x4447_4231
  /// Signature, length of the identity, bytes of the block, digest of identity and block.
  private static let headByteCount = 20
  /// Milliseconds for which a disk that failed is left alone.
  private static let pause: Int64 = 10_000
  /// Bytes that a cache may be limited to, at least.
  package static let minimumCapacity: Int64 = 64 << 20
  private static let maximumBlockCount = 16 << 20

  /// Opens a cache, and takes over what an earlier run left in it.
  ///
  /// - Parameters:
  ///   - capacity: bytes of all files.
  ///   - clock: milliseconds of a clock that does not go back.
  /// - Throws: if the folder cannot be made, or another process has it.
  package init(
    folder: String, capacity: Int64,
    clock: @escaping @Sendable () -> Int64 = {
      Int64(NIODeadline.now().uptimeNanoseconds / 1_000_000)
    }
  ) throws(FileIOError) {
    if Folder.entry(at: folder) == nil { try Folder.make(folder) }
    lock = try FolderLock(folder)
    self.folder = folder
    self.capacity = max(capacity, Self.minimumCapacity)
    self.clock = clock
    try takeOver()
  }

  /// Bytes of the files.
  package var byteCount: Int { known.withLock { $0.blocks.cost } }

  private func path(_ number: UInt64) -> String {
    let text = Self.hexadecimal(number)
    return "\(folder)/\(text.prefix(2))/\(text)"
  }

  private static func hexadecimal(_ number: UInt64) -> String {
    let text = String(number, radix: 16)
    return String(repeating: "0", count: 16 - text.utf8.count) + text
  }

  private func takeOver() throws(FileIOError) {
    var found: [(number: UInt64, stamp: FileStamp)] = []
    for index in 0..<256 {
      let name = Self.hexadecimal(UInt64(index) << 56).prefix(2)
      let part = "\(folder)/\(name)"
      guard Folder.entry(at: part) == .folder else { continue }
      for file in try Folder.names(in: part, limit: Self.maximumBlockCount) {
        if let number = UInt64(file, radix: 16), file.utf8.count == 16,
          let stamp = Folder.stamp(of: "\(part)/\(file)")
        {
          found.append((number, stamp))
        } else {
          try? Folder.remove("\(part)/\(file)")
        }
      }
    }
    found.sort { ($0.stamp.modified, $0.number) < ($1.stamp.modified, $1.number) }
    known.withLock { known in
      for (number, stamp) in found {
        known.blocks.insert(
          Entry(byteCount: Int(stamp.byteCount), isProven: false, headByteCount: 0), for: number,
          cost: Int(stamp.byteCount))
      }
    }
    makeRoom()
  }

  private static func number(_ identity: String) -> UInt64 {
    var digest = ContentDigest()
    digest.add(ByteBuffer(string: identity))
    return digest.take()
  }

  func contains(_ identity: String) -> Bool {
    let number = Self.number(identity)
    return known.withLock { $0.blocks.contains(number) }
  }

  /// Bytes of a block; `nil` if it is not here, or not what was written.
  func read(_ identity: String, _ range: Range<Int>) -> ByteBuffer? {
    let number = Self.number(identity)
    guard let entry = known.withLock({ $0.blocks.use(number) }) else { return nil }
    do {
      let file = try ReadableFile(path: path(number))
      if entry.isProven {
        return try file.read(
          at: Int64(entry.headByteCount + range.lowerBound), count: range.count)
      }
      var bytes = try file.read(at: 0, count: Int(file.byteCount))
      guard let block = Self.block(in: &bytes, identity) else { return drop(number) }
      let headByteCount = Int(file.byteCount) - block.readableBytes
      known.withLock {
        $0.blocks.update(number) {
          $0.isProven = true
          $0.headByteCount = headByteCount
        }
      }
      return block.getSlice(at: block.readerIndex + range.lowerBound, length: range.count)
    } catch {
      return drop(number)
    }
  }

  private func drop(_ number: UInt64) -> ByteBuffer? {
    _ = known.withLock { $0.blocks.remove(number) }
    try? Folder.remove(path(number))
    return nil
  }

  /// The block of a file; `nil` if it is another's, or damaged.
  private static func block(in bytes: inout ByteBuffer, _ identity: String) -> ByteBuffer? {
    guard bytes.readInteger(as: UInt32.self) == signature,
      let length = bytes.readInteger(as: UInt32.self),
      let count = bytes.readInteger(as: UInt32.self),
      let expected = bytes.readInteger(as: UInt64.self),
      length == identity.utf8.count, bytes.readableBytes == Int(length) + Int(count)
    else { return nil }
    var digest = ContentDigest()
    digest.add(bytes)
    guard digest.take() == expected, bytes.readString(length: Int(length)) == identity else {
      return nil
    }
    return bytes
  }

  /// Keeps a block, if the disk takes it.
  func keep(_ block: ByteBuffer, _ identity: String) {
    let number = Self.number(identity)
    let now = clock()
    let partial = known.withLock { known -> Int? in
      guard !known.isPaused || now >= known.pausedUntil else { return nil }
      known.isPaused = false
      known.partial += 1
      return known.partial
    }
    guard let partial else { return }
    var rest = ByteBuffer(string: identity)
    rest.writeImmutableBuffer(block)
    var digest = ContentDigest()
    digest.add(rest)
    var file = ByteBuffer()
    file.writeInteger(Self.signature)
    file.writeInteger(UInt32(identity.utf8.count))
    file.writeInteger(UInt32(block.readableBytes))
    file.writeInteger(digest.take())
    file.writeImmutableBuffer(rest)
    let path = path(number)
    let beside = "\(path).\(partial)"
    do {
      let part = String(path.dropLast(17))
      if Folder.entry(at: part) == nil { try? Folder.make(part) }
      try WritableFile(creating: beside).write(file, at: 0)
      try Folder.rename(beside, to: path)
    } catch {
      try? Folder.remove(beside)
      known.withLock {
        $0.isPaused = true
        $0.pausedUntil = now + Self.pause
      }
      return
    }
    let count = file.readableBytes
    known.withLock {
      $0.blocks.insert(
        Entry(byteCount: count, isProven: true, headByteCount: count - block.readableBytes),
        for: number, cost: count)
    }
    makeRoom()
  }

  private func makeRoom() {
    while true {
      let oldest = known.withLock { known -> UInt64? in
        guard known.blocks.cost > capacity else { return nil }
        return known.blocks.removeOldest()?.key
      }
      guard let oldest else { return }
      try? Folder.remove(path(oldest))
    }
  }
}
