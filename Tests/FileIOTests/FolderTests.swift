import FileIO
import Foundation
import NIOCore
import TestSupport
import Testing

@Suite struct FolderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func link(_ name: String, to target: String) throws {
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/\(name)", withDestinationPath: target)
  }

  @Test func `names are sorted by their bytes, hidden ones too`() throws {
    for name in ["b", "a", "B", "é", ".hidden", "a.b"] { _ = try folder.write([], to: name) }
    #expect(try Folder.names(in: folder.path) == [".hidden", "B", "a", "a.b", "b", "é"])
  }

  @Test func `more names than the limit are refused`() throws {
    for name in ["a", "b", "c"] { _ = try folder.write([], to: name) }
    #expect(try Folder.names(in: folder.path, limit: 3).count == 3)
    #expect(throws: FileIOError.self) { try Folder.names(in: folder.path, limit: 2) }
    #expect(throws: FileIOError.self) { try Folder.names(in: folder.path + "/none") }
  }

  @Test func `entries are told apart without following links`() throws {
    let file = try folder.write([1], to: "file")
    try link("link", to: file)
    try link("dangling", to: "nowhere")
    #expect(Folder.entry(at: file) == .file)
    #expect(Folder.entry(at: folder.path) == .folder)
    #expect(Folder.entry(at: "\(folder.path)/link") == .link)
    #expect(Folder.entry(at: "\(folder.path)/dangling") == .link)
    #expect(Folder.entry(at: "\(folder.path)/none") == nil)
    #expect(Folder.entry(at: "/dev/null") == .other)
  }

  @Test func `removing takes a tree, and never what a link points at`() throws {
    let kept = try folder.write([1], to: "kept")
    try Folder.make("\(folder.path)/tree")
    try Folder.make("\(folder.path)/tree/inner")
    _ = try folder.write([1], to: "tree/inner/file")
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/tree/out", withDestinationPath: folder.path)
    try Folder.remove("\(folder.path)/tree")
    try Folder.remove("\(folder.path)/tree")
    #expect(try Folder.names(in: folder.path) == ["kept"])
    #expect(Folder.entry(at: kept) == .file)
  }

  @Test func `two folders exchange their names in one step`() throws {
    try Folder.make("\(folder.path)/one")
    try Folder.make("\(folder.path)/two")
    _ = try folder.write([1], to: "one/first")
    guard try Folder.exchange("\(folder.path)/one", with: "\(folder.path)/two") else { return }
    #expect(try Folder.names(in: "\(folder.path)/one") == [])
    #expect(try Folder.names(in: "\(folder.path)/two") == ["first"])
    #expect(throws: FileIOError.self) {
      try Folder.exchange("\(folder.path)/one", with: "\(folder.path)/none")
    }
  }

  @Test func `a rename does not replace a folder that holds something`() throws {
    try Folder.make("\(folder.path)/one")
    try Folder.make("\(folder.path)/two")
    _ = try folder.write([1], to: "two/a")
    let error = #expect(throws: FileIOError.self) {
      try Folder.rename("\(folder.path)/one", to: "\(folder.path)/two")
    }
    #expect(error?.code == .exists)
    try Folder.rename("\(folder.path)/two", to: "\(folder.path)/one")
    #expect(try Folder.names(in: folder.path) == ["one"])
    try Folder.synchronize(folder.path)
  }

  @Test func `a stamp changes with the file`() throws {
    let path = try folder.write([1], to: "a")
    let before = Folder.stamp(of: path)
    #expect(before != nil)
    #expect(before == Folder.stamp(of: path))
    _ = try folder.write([1, 2], to: "a")
    #expect(before != Folder.stamp(of: path))
    #expect(Folder.stamp(of: "\(folder.path)/none") == nil)
  }

  @Test func `paths are resolved through links`() throws {
    try link("self", to: ".")
    #expect(Folder.resolved("\(folder.path)/self/self/.") == Folder.resolved(folder.path))
    #expect(Folder.resolved("\(folder.path)/none") == nil)
  }

  @Test func `this process is alive`() {
    #expect(Folder.processIsAlive(Folder.processIdentifier))
    // No process has this identifier: the kernel's highest is 2²².
    #expect(!Folder.processIsAlive(0x7fff_ffff))
  }
}
