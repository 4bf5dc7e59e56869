import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import Synchronization
import Testing

@testable import Origin

/// Files that are packaged when they are asked for.
@Suite struct FileServingTests {
  private let folder: MediaFolder
  private static let film = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Media/dougong-540p.mp4").path

  init() throws {
    folder = try MediaFolder()
    for name in ["film.mp4", "season 1/part/film.mp4", "plain/film.mp4"] {
      let path = "\(folder.path)/\(name)"
      try FileManager.default.createDirectory(
        atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: Self.film, toPath: path)
    }
  }

  private func titles(in tree: any FileTree = FileSystem()) throws -> LibraryTitles {
    LibraryTitles(TitleStore(root: try #require(Folder.resolved(folder.path)), in: tree))
  }

  /// References of media in a playlist: the header, then the segments.
  private func references(_ playlist: Reply) -> [String] {
    playlist.text.split(separator: "\n").compactMap { line in
      if let uri = line.firstMatch(of: /#EXT-X-MAP:URI="([^"]+)"/) { return String(uri.1) }
      return line.hasPrefix("#") ? nil : String(line)
    }
  }

  @Test(arguments: ["/film.mp4", "/season%201/part/film.mp4"])
  func `a file is a title: its segments are those of its whole tracks`(_ title: String) async throws
  {
    try await withOrigin(try titles()) { origin in
      let main = try await origin.fetch("\(title)/main.m3u8")
      #expect(main.status == 200 && main.text.contains("video-540p.m3u8"))
      #expect(try await origin.fetch("\(title)/manifest.mpd").status == 200)
      let playlist = try await origin.fetch("\(title)/video-540p.m3u8")
      let whole = try await origin.fetch("\(title)/video-540p.mp4")
      #expect(whole.status == 200 && whole["Content-Type"] == "video/mp4")
      var tail: [UInt8] = []
      let names = references(playlist)
      #expect(names.count > 3)
      for name in names {
        let segment = try await origin.fetch("\(title)/\(name)")
        #expect(segment.status == 200 && segment["Cache-Control"]?.contains("immutable") == true)
        let head = try await origin.fetch("\(title)/\(name)", method: "HEAD")
        #expect(head.stableFields == segment.stableFields)
        if name.hasSuffix("init.mp4") {
          #expect(whole.body.starts(with: segment.body))
        } else {
          tail += segment.body
        }
      }
      #expect(whole.body.suffix(tail.count) == tail[...])
      // From inside one segment into another.
      let start = whole.body.count - tail.count - 10
      for range in [0..<5, start..<start + 20, start + 5..<whole.body.count] {
        let part = try await origin.fetch(
          "\(title)/video-540p.mp4", ["Range: bytes=\(range.lowerBound)-\(range.upperBound - 1)"])
        #expect(part.status == 206 && part.body[...] == whole.body[range])
      }
    }
  }

  @Test func `files beside the titles are listed, and players take them`() async throws {
    try await withOrigin(try titles()) { origin in
      let list = try await origin.fetch("/").text
      #expect(list.contains("href=\"/play/film.mp4\"") && list.contains("href=\"/play/plain\""))
      #expect(!list.contains("season"))
      #expect(try await origin.fetch("/play/season%201/part/film.mp4").status == 200)
    }
  }

  @Test func `filters leave some of its tracks`() async throws {
    try await withOrigin(try titles()) { origin in
      let sound = try await origin.fetch("/film.mp4/main.m3u8?codecs=avc1")
      #expect(sound.status == 200)
      let none = try await origin.fetch("/film.mp4/main.m3u8?max-height=100")
      #expect(none.status == 404)
    }
  }

  @Test func `a file that changes has other URLs, and one that goes has none`() async throws {
    let path = "\(folder.path)/film.mp4"
    try await withOrigin(try titles(), { $0.limits.titleAge = .zero }) { origin in
      let old = references(try await origin.fetch("/film.mp4/video-540p.m3u8"))
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSince1970: 1_000_000)], ofItemAtPath: path)
      let new = references(try await origin.fetch("/film.mp4/video-540p.m3u8"))
      #expect(old != new && old.count == new.count)
      #expect(try await origin.fetch("/film.mp4/\(old[1])").status == 410)
      #expect(try await origin.fetch("/film.mp4/\(new[1])").status == 200)
      try FileManager.default.removeItem(atPath: path)
      for url in [old[1], new[1]] {
        #expect(try await origin.fetch("/film.mp4/\(url)").status == 410)
        // Of versions that never were it is not known that they are gone.
        let other = url.replacing(/\/[0-9a-f]+\//, with: "/0123456789abcdef/")
        #expect(try await origin.fetch("/film.mp4/\(other)").status == 404)
      }
      #expect(try await origin.fetch("/film.mp4/main.m3u8").status == 404)
      #expect(try await origin.fetch("/other.mp4/\(new[1])").status == 404)
    }
  }

  @Test func `what is no such file is refused in a sentence that names no folder`() async throws {
    try Data("RIFF, not MP4 at all".utf8).write(to: URL(filePath: "\(folder.path)/other.mp4"))
    try Data((try Data(contentsOf: URL(filePath: Self.film))).prefix(5000)).write(
      to: URL(filePath: "\(folder.path)/cut.mp4"))
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link.mp4", withDestinationPath: "film.mp4")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/way", withDestinationPath: "season 1")
    try await withOrigin(try titles()) { origin in
      for name in ["other.mp4", "cut.mp4"] {
        for _ in 0..<2 {
          let reply = try await origin.fetch("/\(name)/main.m3u8")
          #expect(reply.status == 404)
          #expect(reply.text.hasPrefix("This title is not served: ") && reply.text.contains(name))
          #expect(!reply.text.contains(folder.path))
        }
      }
      let folderTitle = try await origin.fetch("/plain/main.m3u8")
      #expect(folderTitle.text.hasPrefix("This title is not served: plain/film.mp4 has no 'moov'"))
      for name in ["link.mp4", "way/part/film.mp4", "none.mp4", "season%201", "none/film.mp4"] {
        #expect(try await origin.fetch("/\(name)/main.m3u8").status == 404, "\(name)")
      }
    }
  }

  /// Counts how often files are opened.
  private final class CountingTree: FileTree {
    private let files = FileSystem()
    let openCount = Mutex(0)

    func entry(at path: String) throws(FileIOError) -> Folder.Entry? { files.entry(at: path) }
    func stamp(of path: String) throws(FileIOError) -> FileStamp? { files.stamp(of: path) }
    func names(in path: String) throws(FileIOError) -> [String] { try files.names(in: path) }
    func open(_ path: String) throws(FileIOError) -> any StoredFile {
      openCount.withLock { $0 += 1 }
      return try files.open(path)
    }
    func snapshot(of folder: String) throws(FileIOError) -> any FileTree { self }
    var answersAtOnce: Bool { true }
  }

  @Test func `an index is made once for all who ask at once, and kept`() async throws {
    let tree = CountingTree()
    try await withOrigin(try titles(in: tree), { $0.limits.titleAge = .zero }) { origin in
      try await withThrowingTaskGroup(of: Void.self) { tasks in
        for name in ["main.m3u8", "manifest.mpd", "video-540p.m3u8"] {
          for _ in 0..<4 {
            tasks.addTask {
              let status = try await origin.fetch("/film.mp4/\(name)").status
              #expect(status == 200)
            }
          }
        }
        try await tasks.waitForAll()
      }
      #expect(tree.openCount.withLock { $0 } == 1)
    }
  }

  @Test func `indexes that are too many for the memory are made again`() async throws {
    let tree = CountingTree()
    var limits = Limits()
    limits.fileIndexByteCount = 1
    let titles = LibraryTitles(
      TitleStore(root: try #require(Folder.resolved(folder.path)), in: tree), limits: limits)
    for name in ["film.mp4", "season 1/part/film.mp4", "film.mp4"] {
      #expect(try titles.title(named: name)?.title.name == name)
    }
    #expect(tree.openCount.withLock { $0 } == 3)
  }
}
