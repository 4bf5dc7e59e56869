import FileIO
import Foundation
import Library
import NIOCore
import TestSupport
import Testing

@Suite struct TitlePublicationTests {
  let library: TemporaryFolder

  init() throws { library = try TemporaryFolder() }

  private var path: String { "\(library.path)/film" }

  /// Publishes a title whose only mark is a text.
  private func publish(_ text: String, replacing: Bool = false) throws {
    let publication = try TitlePublication(path: path, replacesTitle: replacing)
    try publication.write(ByteBuffer(string: text), to: TitleDescription.fileName)
    try publication.publish()
  }

  private func published() throws -> String {
    try String(contentsOfFile: "\(path)/\(TitleDescription.fileName)", encoding: .utf8)
  }

  @Test func `nothing stands at the place until all is there`() throws {
    let publication = try TitlePublication(path: path, replacesTitle: false)
    try publication.write(ByteBuffer(string: "{}"), to: TitleDescription.fileName)
    #expect(Folder.entry(at: path) == nil)
    #expect(try TitleStore(root: library.path).names() == [])
    try publication.publish()
    #expect(try Folder.names(in: library.path) == ["film"])
    #expect(try published() == "{}")
  }

  @Test func `a title is replaced when it is asked for, and only then`() throws {
    try publish("one")
    let error = #expect(throws: LibraryError.self) { try publish("two") }
    #expect(error?.code == .exists)
    #expect(error?.message.contains("--replace") == true)
    #expect(try published() == "one")
    try publish("three", replacing: true)
    #expect(try published() == "three")
    #expect(try Folder.names(in: library.path) == ["film"])
  }

  @Test func `replacing without an older title publishes`() throws {
    try publish("one", replacing: true)
    #expect(try published() == "one")
  }

  @Test func `what is no title is never replaced`() throws {
    try Folder.make(path)
    _ = try library.write([1], to: "film/precious")
    for replacing in [false, true] {
      let error = #expect(throws: LibraryError.self) { try publish("x", replacing: replacing) }
      #expect(error?.code == .exists)
    }
    #expect(try Folder.names(in: path) == ["precious"])
    #expect(try Folder.names(in: library.path) == ["film"])
  }

  @Test func `a file or a link at the place is left alone`() throws {
    _ = try library.write([1], to: "film")
    #expect(throws: LibraryError.self) { try publish("x", replacing: true) }
    try Folder.remove(path)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: library.path)
    #expect(throws: LibraryError.self) { try publish("x", replacing: true) }
    #expect(Folder.entry(at: path) == .link)
  }

  @Test func `an abandoned publication leaves nothing`() throws {
    try publish("one")
    let publication = try TitlePublication(path: path, replacesTitle: true)
    try publication.write(ByteBuffer(string: "two"), to: TitleDescription.fileName)
    publication.abandon()
    #expect(try Folder.names(in: library.path) == ["film"])
    #expect(try published() == "one")
  }

  @Test func `what killed runs left is removed, what living ones write is not`() throws {
    // No process has the first identifier: the kernel's highest is 2²².
    let names = [".film.2147483647.partial", ".film.1.partial", ".film2.2147483647.partial"]
    for name in names { try Folder.make("\(library.path)/\(name)") }
    _ = try library.write([1], to: ".film.2147483647.partial/video.mp4")
    try publish("one")
    #expect(
      try Folder.names(in: library.path)
        == [".film.1.partial", ".film2.2147483647.partial", "film"])
  }

  @Test(arguments: ["", "/", ".", "..", ".hidden", "a/..", "a/."])
  func `a place without a plain name is refused`(_ name: String) {
    let error = #expect(throws: LibraryError.self) {
      try TitlePublication(
        path: name == "" || name == "/" ? name : "\(library.path)/\(name)",
        replacesTitle: false)
    }
    #expect(error?.code == .notATitle)
  }

  @Test func `a place in a folder that is not there is refused`() {
    let error = #expect(throws: LibraryError.self) {
      try TitlePublication(path: "\(library.path)/none/film", replacesTitle: false)
    }
    #expect(error?.code == .notFound)
  }

  @Test func `slashes at the end change nothing`() throws {
    let publication = try TitlePublication(path: path + "//", replacesTitle: false)
    #expect(publication.path == path)
    publication.abandon()
  }

  @Test func `no file is written twice`() throws {
    let publication = try TitlePublication(path: path, replacesTitle: false)
    try publication.write(ByteBuffer(string: "x"), to: "a")
    #expect(throws: FileIOError.self) { try publication.write(ByteBuffer(string: "y"), to: "a") }
    publication.abandon()
  }
}
