import FileIO
import MediaCore
import NIOCore
import TestSupport
import Testing

@testable import Encoding

@Suite struct `Parts at rest` {
  private let record = ByteBuffer(bytes: [1, 100, 0, 31])

  private func write(_ path: String, sizes: [Int] = [5, 0, 3]) throws {
    let writer = try PartWriter(path: path)
    for (index, size) in sizes.enumerated() {
      try writer.append(
        ByteBuffer(repeating: UInt8(index), count: size), time: Int64(index) * 40, isKey: index == 0
      )
    }
    try writer.finish(record: record)
  }

  @Test func `a part is read as it was written`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.part"
    try write(path)
    let part = try PartFile(path: path, codec: "hevc")
    #expect(part.coding == .hevc(record))
    #expect(part.samples.sizes == [5, 0, 3])
    #expect(part.samples.presentationTimes == [0, 40, 80])
    #expect(part.samples.randomAccess == [1, 0, 0])
    #expect(try Folder.names(in: folder.path) == ["a.part"])
  }

  @Test func `a part that is cut short or changed anywhere is not taken`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.part"
    try write(path)
    let file = try ReadableFile(path: path)
    let bytes = Array(try file.read(at: 0, count: Int(file.byteCount)).readableBytesView)
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 0x40
      for (name, content) in [("changed", changed), ("short", Array(bytes[..<index]))] {
        let other = "\(folder.path)/\(name).part"
        try Folder.remove(other)
        try WritableFile(creating: other).write(ByteBuffer(bytes: content), at: 0)
        #expect(throws: (any Error).self) { try PartFile(path: other, codec: "hevc") }
      }
    }
  }

  @Test func `a part has no name before it is whole`() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/a.part"
    do {
      let writer = try PartWriter(path: path)
      try writer.append(ByteBuffer(repeating: 1, count: 9), time: 0, isKey: true)
      #expect(Folder.entry(at: path) == nil)
    }
    #expect(try Folder.names(in: folder.path).isEmpty)
  }
}
