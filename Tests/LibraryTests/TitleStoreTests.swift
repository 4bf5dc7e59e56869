import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite struct TitleStoreTests {
  let library: TemporaryFolder

  init() throws { library = try TemporaryFolder() }

  /// A title of a video and a sound, with or without a description.
  private func makeTitle(_ name: String, isDescribed: Bool = true) throws {
    try Folder.make("\(library.path)/\(name)")
    _ = try library.write(TrackFiles.video().readableBytesView, to: "\(name)/video.mp4")
    _ = try library.write(TrackFiles.audio().readableBytesView, to: "\(name)/sound.mp4")
    guard isDescribed else { return }
    let tracks = ["video", "sound"].map {
      TitleDescription.Track(
        name: $0, digest: "0123456789abcdef", language: "fr", label: "L \($0)", roles: ["dub"],
        isDefault: $0 == "video", frameRate: $0 == "video" ? "25" : nil)
    }
    _ = try library.write(TitleDescription(tracks: tracks).json, to: "\(name)/title.json")
  }

  @Test func `names are the folders that hold titles`() throws {
    try makeTitle("b")
    try makeTitle("a", isDescribed: false)
    try makeTitle(".c")
    try Folder.make("\(library.path)/empty")
    _ = try library.write([1], to: "file.mp4")
    try FileManager.default.createSymbolicLink(
      atPath: "\(library.path)/link", withDestinationPath: "\(library.path)/b")
    let store = try TitleStore(root: library.path)
    #expect(try store.names() == ["a", "b"])
    #expect(try store.open("link") == nil)
    #expect(try store.open("empty") == nil)
    #expect(try store.open(".c") == nil)
    #expect(try store.open("none") == nil)
  }

  @Test(arguments: [
    "", ".", "..", ".hidden", "a/b", "../b", "/", "a\\b", "a\u{0}b", "a\nb", "a\u{7f}",
    String(repeating: "x", count: 256),
  ])
  func `a name that would leave the library opens nothing`(_ name: String) throws {
    try makeTitle("b")
    let store = try TitleStore(root: library.path)
    #expect(!TitleStore.isName(name))
    #expect(try store.open(name) == nil)
    #expect(try store.stamp(of: name) == nil)
  }

  @Test func `a description says what the tracks cannot`() throws {
    try makeTitle("film")
    let stored = try #require(try TitleStore(root: library.path).open("film"))
    #expect(stored.title.name == "film")
    #expect(stored.title.tracks.map(\.index.name) == ["video", "sound"])
    #expect(stored.title.tracks.map(\.label) == ["L video", "L sound"])
    #expect(stored.title.tracks.map(\.isDefault) == [true, false])
    #expect(stored.title.tracks.map(\.index.version) == ["0123456789", "0123456789"])
    #expect(stored.title.tracks[1].index.language == "fr")
    guard case .video(let format) = stored.title.tracks[0].index.format else {
      Issue.record("no video")
      return
    }
    #expect(format.frameRate == Rational(25, 1))
    #expect(Set(stored.files.keys) == ["video", "sound"])
  }

  @Test func `tracks without a description make a title too`() throws {
    try makeTitle("film", isDescribed: false)
    let stored = try #require(try TitleStore(root: library.path).open("film"))
    #expect(stored.title.tracks.map(\.index.name) == ["video", "sound"])
    #expect(stored.title.tracks.map(\.label) == ["video", "Deutsch"])
    #expect(stored.title.tracks.map(\.isDefault) == [true, true])
  }

  @Test func `a track that is missing, a link or a folder is refused with its path`() throws {
    try makeTitle("film")
    let store = try TitleStore(root: library.path)
    let path = "\(library.path)/film/sound.mp4"
    let other = try library.write(TrackFiles.audio().readableBytesView, to: "other.mp4")
    let places: [() throws -> Void] = [
      {}, { try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: other) },
      { try Folder.make(path) },
    ]
    for place in places {
      try Folder.remove(path)
      try place()
      let error = #expect(throws: LibraryError.self) { try store.open("film") }
      #expect(error?.message.contains("film/sound.mp4") == true)
    }
  }

  @Test func `a description that is too long is not read`() throws {
    try makeTitle("film")
    let spaces = [UInt8](repeating: 0x20, count: TitleDescription.maximumByteCount + 1)
    _ = try library.write(spaces, to: "film/title.json")
    let error = #expect(throws: LibraryError.self) {
      try TitleStore(root: library.path).open("film")
    }
    #expect(error?.code == .limit)
  }

  @Test func `a stamp tells a republished title`() throws {
    try makeTitle("film")
    let store = try TitleStore(root: library.path)
    let before = try store.stamp(of: "film")
    #expect(before != nil)
    #expect(try before == store.stamp(of: "film"))
    try Folder.remove("\(library.path)/film/title.json")
    #expect(try store.stamp(of: "film") != before)
    #expect(try store.stamp(of: "none") == nil)
  }

  @Test func `a root that is no folder is refused, a linked one is resolved`() throws {
    let file = try library.write([1], to: "file")
    #expect(throws: LibraryError.self) { try TitleStore(root: file) }
    #expect(throws: LibraryError.self) { try TitleStore(root: "\(library.path)/none") }
    try Folder.make("\(library.path)/real")
    try FileManager.default.createSymbolicLink(
      atPath: "\(library.path)/link", withDestinationPath: "real")
    #expect(try TitleStore(root: "\(library.path)/link").root.hasSuffix("/real"))
  }
}
