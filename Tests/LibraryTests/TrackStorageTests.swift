import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite struct TrackStorageTests {
  /// `index.mp4` of 10 bytes, then segments of 5, 1 and 7.
  private func files(_ folder: String) throws -> TrackStorage {
    var next: UInt8 = 0
    for (name, count) in [("index.mp4", 10), ("1.m4s", 5), ("2.m4s", 1), ("3.m4s", 7)] {
      let bytes = (0..<count).map { _ in
        defer { next += 1 }
        return next
      }
      try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }
    try Data([9]).write(to: URL(fileURLWithPath: "\(folder)/5.m4s"))
    return try TrackStorage(folder: folder)
  }

  @Test func `files read as if they were one`() throws {
    let folder = try TemporaryFolder()
    let storage = try files(folder.path)
    #expect(storage.byteCount == 23)
    #expect(storage.segmentFileCount == 3)
    for start in 0...23 {
      for end in start...23 {
        let bytes = try storage.read(at: Int64(start), count: end - start)
        #expect(Array(bytes.readableBytesView) == (start..<end).map { UInt8($0) })
      }
    }
    #expect(throws: (any Error).self) { try storage.read(at: 20, count: 4) }
    #expect(throws: (any Error).self) { try storage.read(at: -1, count: 1) }
  }

  @Test func `bytes of one file have a place, bytes of two have none`() throws {
    let folder = try TemporaryFolder()
    let storage = try files(folder.path)
    let place = try #require(storage.place(of: ByteRange(offset: 10, count: 5)))
    #expect(place.path == "\(folder.path)/1.m4s")
    #expect(place.range == ByteRange(offset: 0, count: 5))
    #expect(storage.place(of: ByteRange(offset: 17, count: 3))?.range.offset == 1)
    #expect(storage.place(of: ByteRange(offset: 9, count: 2)) == nil)
    #expect(storage.place(of: ByteRange(offset: 16, count: 8)) == nil)
  }

  @Test func `a file that changed is not read as the old one`() throws {
    let folder = try TemporaryFolder()
    let storage = try files(folder.path)
    try Data([1, 2, 3, 4, 5, 6]).write(to: URL(fileURLWithPath: "\(folder.path)/1.m4s"))
    #expect(throws: (any Error).self) { try storage.read(at: 10, count: 1) }
  }

  @Test func `a folder without an index is no track`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: LibraryError.self) { try TrackStorage(folder: folder.path) }
  }
}
