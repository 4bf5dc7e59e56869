import FileIO
package import NIOCore

/// A title that is being written, beside the place where it will stand.
///
///     let publication = try TitlePublication(path: "library/episode", replacesTitle: false)
///     … write into publication.folder …
///     try publication.publish()
///
/// Until `publish` returns, nothing at `path` changes; a run that is killed leaves a hidden folder
/// that the next one to the same place removes.
package struct TitlePublication: Sendable {
  /// Where the title will stand.
  package let path: String
  /// Where its files are written.
  package let folder: String
  /// The title's name: the last part of the path.
  package let name: String
  private let parent: String
  private let replaces: Bool

  /// - Parameter replacesTitle: an older title at `path` may be replaced.
  /// - Throws: `.exists` if something stands at `path` that may not be replaced.
  package init(path: String, replacesTitle: Bool) throws {
    var trimmed = path
    while trimmed.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    let slash = trimmed.lastIndex(of: "/")
    let name = String(slash.map { trimmed[trimmed.index(after: $0)...] } ?? trimmed[...])
    let above = slash.map { $0 == trimmed.startIndex ? "/" : String(trimmed[..<$0]) } ?? "."
    guard !name.isEmpty, name != ".", name != "..", name != "/", !name.hasPrefix(".") else {
      throw LibraryError(
        .notATitle,
        "'\(path)' cannot name a title: a folder name that does not start with a dot "
          + "is expected, as library/episode")
    }
    self.path = trimmed
    self.name = name
    parent = above
    guard Folder.resolved(parent) != nil else {
      throw LibraryError(
        .notFound, "the folder \(parent) does not exist; make it, or name another with --output")
    }
    replaces = try Self.checkPlace(trimmed, replacesTitle: replacesTitle)
    try Self.removeAbandoned(name: name, in: parent)
    folder = "\(parent)/.\(name).\(Folder.processIdentifier).partial"
    try Folder.remove(folder)
    try Folder.make(folder)
  }

  /// Looks whether a title may be put at a path.
  /// - Returns: whether it replaces one.
  /// - Throws: `.exists` if something stands there that may not be replaced.
  @discardableResult
  package static func checkPlace(_ path: String, replacesTitle: Bool) throws -> Bool {
    switch Folder.entry(at: path) {
    case nil: return false
    case .folder:
      let isTitle = [TitleDescription.fileName, TitleStore.episodeFileName].contains {
        Folder.entry(at: "\(path)/\($0)") == .file
      }
      guard isTitle else {
        throw LibraryError(
          .exists, "\(path) exists and is no title, so it is left alone; name another folder")
      }
      guard replacesTitle else {
        throw LibraryError(
          .exists, "\(path) exists; add --replace to put the new title in its place")
      }
      return true
    default:
      throw LibraryError(.exists, "\(path) exists and is no folder; name another")
    }
  }

  /// Removes what runs that were killed left behind.
  private static func removeAbandoned(name: String, in parent: String) throws {
    for entry in try Folder.names(in: parent) {
      guard entry.hasPrefix(".\(name)."), entry.hasSuffix(".partial"),
        let identifier = Int32(entry.dropFirst(name.count + 2).dropLast(8)),
        !Folder.processIsAlive(identifier)
      else { continue }
      try Folder.remove("\(parent)/\(entry)")
    }
  }

  /// Writes a whole file.
  package func write(_ text: ByteBuffer, to name: String) throws {
    let file = try WritableFile(creating: "\(folder)/\(name)")
    try file.write(text, at: 0)
    try file.synchronize()
  }

  package func write(_ text: String, to name: String) throws {
    try write(ByteBuffer(string: text), to: name)
  }

  /// Writes a whole file anew; nobody sees it before the title is published.
  package func replace(_ text: ByteBuffer, in name: String) throws {
    try Folder.remove("\(folder)/\(name)")
    try write(text, to: name)
  }

  /// Puts the title in its place in one step.
  package func publish() throws {
    try Folder.synchronize(folder)
    if replaces {
      if try Folder.exchange(folder, with: path) {
        try Folder.remove(folder)
      } else {
        // The file system cannot exchange names: the old title steps aside for a moment.
        let aside = folder + ".old"
        try Folder.rename(path, to: aside)
        try Folder.rename(folder, to: path)
        try Folder.remove(aside)
      }
    } else {
      try Folder.rename(folder, to: path)
    }
    try Folder.synchronize(parent)
  }

  /// Removes what was written; the place stays as it was.
  package func abandon() { try? Folder.remove(folder) }
}
