import FileIO
import Foundation
import NIOCore
import TestSupport
import Testing

@testable import Library

/// Versions of a title whose files are replaced one by one.
struct ObjectVersionTests {
  /// A folder as an object store shows it.
  private struct Objects: FileTree {
    /// Seconds, by the last part of the path.
    var modified: [String: Int64]
    var tag = "a"
    private let files = FileSystem()

    init(_ modified: [String: Int64], tag: String = "a") {
      self.modified = modified
      self.tag = tag
    }

    var answersAtOnce: Bool { true }
    func entry(at path: String) -> Folder.Entry? { files.entry(at: path) }
    func names(in path: String) throws(FileIOError) -> [String] { try files.names(in: path) }
    func open(_ path: String) throws(FileIOError) -> any StoredFile { try files.open(path) }
    func snapshot(of folder: String) -> any FileTree { self }
    func stamp(of path: String) -> FileStamp? {
      files.stamp(of: path).map {
        let name = String(path.split(separator: "/").last ?? "")
        return FileStamp(
          device: 0, inode: 0, byteCount: $0.byteCount, modified: modified[name] ?? 0,
          entityTag: "\(name) \(tag)")
      }
    }
  }

  private let library: TemporaryFolder

  init() throws {
    library = try TemporaryFolder()
    try Folder.make("\(library.path)/film")
    for (name, digest) in [("video", "0123456789abcdef"), ("audio", "fedcba9876543210")] {
      _ = try library.write(
        Array((name == "video" ? TrackFiles.video() : TrackFiles.audio()).readableBytesView),
        to: "film/\(name).mp4")
      tracks.append(
        TitleDescription.Track(
          name: name, digest: digest, language: "en", label: name, roles: ["main"],
          isDefault: true, frameRate: nil))
    }
    _ = try library.write(
      Array(try TitleDescription(tracks: tracks).json), to: "film/title.json")
  }

  private var tracks: [TitleDescription.Track] = []

  private func versions(_ tree: any FileTree) throws -> [String] {
    try TitleStore.open(folder: "\(library.path)/film", name: "film", in: tree).title.tracks.map {
      $0.index.version
    }
  }

  @Test func `what title_json was written after has the versions that it says`() throws {
    let plain = ["0123456789", "fedcba9876"]
    #expect(try versions(FileSystem()) == plain)
    #expect(try versions(Objects(["title.json": 5, "video.mp4": 5, "audio.mp4": 4])) == plain)
  }

  @Test func `what is newer than title_json has a version of its own`() throws {
    let modified: [String: Int64] = ["title.json": 5, "video.mp4": 6]
    let mixed = try versions(Objects(modified))
    #expect(mixed[0] != "0123456789" && mixed[0].utf8.count == 10)
    #expect(mixed[1] == "fedcba9876")
    #expect(try versions(Objects(modified)) == mixed)
    #expect(try versions(Objects(modified, tag: "b"))[0] != mixed[0])
  }
}
