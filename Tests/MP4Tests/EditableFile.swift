import FileIO
import Foundation
import ISOBMFF
import MP4
import MediaCore
import NIOCore
import TestSupport
import Testing

/// A file in memory whose boxes can be found and overwritten.
struct EditableFile {
  var bytes: ByteBuffer
  private let tree: BoxTree

  init(path: String) throws {
    bytes = ByteBuffer(bytes: try Data(contentsOf: URL(filePath: path)))
    tree = try BoxTree(bytes)
  }

  /// Offset of the first box at a path such as `moov/trak/mdia`; later ones by `number`.
  func offset(of path: String, number: Int = 0) throws -> Int {
    var nodes = tree.nodes
    var found: BoxTree.Node?
    for (index, type) in path.split(separator: "/").enumerated() {
      let same = nodes.filter { $0.type.description == type }
      found = index == 0 && same.count > number ? same[number] : same.first
      nodes = found?.children ?? []
    }
    return Int(try #require(found, "no \(path)").offset)
  }

  /// Overwrites a word, counted in bytes from the start of a box's payload.
  mutating func set(_ word: UInt32, at byte: Int, of path: String, number: Int = 0) throws {
    bytes.setInteger(word, at: try offset(of: path, number: number) + 8 + byte)
  }

  func word(at byte: Int, of path: String, number: Int = 0) throws -> UInt32 {
    try #require(bytes.getInteger(at: try offset(of: path, number: number) + 8 + byte))
  }

  mutating func rename(_ path: String, to type: FourCC) throws {
    bytes.setInteger(type.rawValue, at: try offset(of: path) + 4)
  }

  /// Opens what the bytes are now.
  func open(in folder: TemporaryFolder, count: Int? = nil) throws -> MP4Source {
    let view = bytes.readableBytesView.prefix(count ?? bytes.readableBytes)
    let path = try folder.write(Array(view), to: "edited.mp4")
    return try MP4Source(try ReadableFile(path: path), name: "edited.mp4")
  }
}

/// The error of a body that must fail with one, in one sentence that names the file.
func mp4Error(
  sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) -> MP4Error? {
  let error = #expect(throws: MP4Error.self, sourceLocation: sourceLocation) { try body() }
  return error
}
