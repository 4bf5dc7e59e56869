import Codecs
package import FileIO
import Foundation
import ISOBMFF
import MediaCore
import NIOCore

/// A title as it was opened: its index, and its files.
package struct StoredTitle: Sendable {
  package var title: Title
  /// By track name.
  package let files: [String: TrackStorage]
  /// WebVTT files of text tracks, by track name.
  package var webVTTFiles: [String: any StoredFile] = [:]
  package var images = StoredImages()
}

/// A folder of titles: every subfolder with `title.json`, or with CMAF track files.
///
///     let store = try TitleStore(root: "library")
///     let stored = try store.open("episode")
package struct TitleStore: Sendable {
  /// The folder; of this machine's, with all links resolved.
  package let root: String
  /// What the folder lies in.
  package let tree: any FileTree

  package init(root: String) throws {
    guard let resolved = Folder.resolved(root), Folder.entry(at: resolved) == .folder else {
      throw LibraryError(
        .notFound, "\(root) is no folder; name the folder that holds the titles")
    }
    self.root = resolved
    tree = FileSystem()
  }

  /// A library in an object store, or wherever.
  package init(root: String, in tree: any FileTree) {
    self.root = root
    self.tree = tree
  }

  /// What makes a folder an interactive episode, whose scenes are titles in it.
  package static let episodeFileName = "episode.json"

  /// Names of the titles, sorted. Where looking into each folder would take a request, all folders
  /// count.
  package func names() throws -> [String] {
    let names = try tree.names(in: root).filter { Self.isName($0) }
    guard tree.answersAtOnce else { return names }
    return try names.filter { try Self.isTitle("\(root)/\($0)", in: tree) }
  }

  /// Names of files in the root itself, sorted; none where looking at each would take a request.
  package func fileNames(where isWanted: (String) -> Bool) throws -> [String] {
    guard tree.answersAtOnce else { return [] }
    return try tree.names(in: root).filter {
      try Self.isName($0) && isWanted($0) && tree.entry(at: "\(root)/\($0)") == .file
    }
  }

  private static func isTitle(_ folder: String, in tree: any FileTree) throws -> Bool {
    guard try tree.entry(at: folder) == .folder else { return false }
    for file in [TitleDescription.fileName, Self.episodeFileName]
    where try tree.entry(at: "\(folder)/\(file)") == .file { return true }
    return (try? tree.names(in: folder))?.contains { trackName($0) != nil } ?? false
  }

  /// What tells whether a title has changed since it was opened; `nil` if there is none.
  package func stamp(of name: String) throws -> FileStamp? {
    guard Self.isName(name) else { return nil }
    let folder = "\(root)/\(name)"
    if let stamp = try tree.stamp(of: "\(folder)/\(TitleDescription.fileName)") { return stamp }
    guard let stamp = try tree.stamp(of: folder), tree.answersAtOnce else {
      return try tree.stamp(of: folder)
    }
    // A file may be written anew in its place, which does not change the folder.
    guard try tree.entry(at: folder) == .folder else { return stamp }
    var digest = ContentDigest()
    for file in try tree.names(in: folder) where Self.trackName(file) != nil {
      guard let own = try tree.stamp(of: "\(folder)/\(file)") else { continue }
      digest.add(ByteBuffer(string: "\(file)\n\(own.inode)\n\(own.byteCount)\n\(own.modified)\n"))
    }
    return FileStamp(
      device: stamp.device, inode: stamp.inode ^ digest.take(), byteCount: stamp.byteCount,
      modified: stamp.modified)
  }

  private static let trackSuffixes = [".mp4", ".m4v", ".m4a", ".cmfv", ".cmfa", ".cmft"]

  /// The track that a file of this name holds in a title without a description; `nil` if none.
  private static func trackName(_ file: String) -> String? {
    guard let suffix = trackSuffixes.first(where: file.hasSuffix) else { return nil }
    let name = String(file.dropLast(suffix.utf8.count))
    return TrackName.isValid(name) ? name : nil
  }

  /// A name that stays in the library: one part of a path, not hidden.
  package static func isName(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix(".") && name.utf8.count <= 255
      && !name.utf8.contains { $0 < 0x20 || $0 == 0x2f || $0 == 0x5c || $0 == 0x7f }
  }

  /// Opens a title; `nil` if there is none of that name. Links are not followed.
  package func open(_ name: String) throws -> StoredTitle? {
    guard Self.isName(name) else { return nil }
    let folder = "\(root)/\(name)"
    let tree = try tree.snapshot(of: folder)
    guard try Self.isTitle(folder, in: tree) else { return nil }
    return try Self.open(folder: folder, name: name, in: tree)
  }

  /// A file anywhere in the library, by its path below the root. Links are not followed.
  /// - Returns: `nil` if there is none.
  package func file(at path: String) throws -> (any StoredFile)? {
    try isFile(path) ? tree.open("\(root)/\(path)") : nil
  }

  /// What tells whether such a file has changed; `nil` if there is none.
  package func stamp(ofFile path: String) throws -> FileStamp? {
    try isFile(path) ? tree.stamp(of: "\(root)/\(path)") : nil
  }

  private func isFile(_ path: String) throws -> Bool {
    let names = path.split(separator: "/", omittingEmptySubsequences: false)
    guard names.allSatisfy({ Self.isName(String($0)) }) else { return false }
    guard tree.answersAtOnce else { return try tree.entry(at: "\(root)/\(path)") == .file }
    var place = root
    for name in names.dropLast() {
      place += "/\(name)"
      guard try tree.entry(at: place) == .folder else { return false }
    }
    return try tree.entry(at: "\(root)/\(path)") == .file
  }

  /// Opens the title in a folder.
  package static func open(
    folder: String, name: String, in tree: any FileTree = FileSystem()
  ) throws -> StoredTitle {
    let description = "\(folder)/\(TitleDescription.fileName)"
    if try tree.entry(at: description) == .file {
      var read = try TitleDescription(folder: folder, in: tree)
      try read.distrustNewer(in: folder, of: tree)
      var stored = try open(read, folder: folder, name: name, in: tree)
      stored.title.chapters = try read.readChapters(path: description)
      stored.title.splices = try read.readSplices(path: description)
      stored.title.layout = read.segments ?? .tracks
      stored.images = try StoredImages(read.images, folder: folder, in: tree)
      stored.title.poster = read.images?.poster
      stored.title.thumbnails = read.images?.thumbnails.map {
        ThumbnailIndex(description: $0, byteCounts: stored.images.sheets.map(\.stamp.byteCount))
      }
      return stored
    }
    return try openForeign(folder: folder, name: name, in: tree)
  }

  private static func open(
    _ description: TitleDescription, folder: String, name: String, in tree: any FileTree
  ) throws -> StoredTitle {
    var tracks: [TitleTrack] = []
    var files: [String: TrackStorage] = [:]
    var webVTTFiles: [String: any StoredFile] = [:]
    for track in description.tracks {
      let opened = try TrackFile(
        storage(folder, track.name, description.segments ?? .tracks, in: tree), name: track.name,
        version: String(track.digest.prefix(TrackDigest.versionLength)), language: track.language,
        frameRate: track.frameRate.flatMap { Rational(text: $0) })
      files[track.name] = opened.storage
      tracks.append(
        TitleTrack(
          index: opened.index, label: track.label, roles: track.roles,
          isDefault: track.isDefault))
      tracks[tracks.count - 1].captions = track.captions ?? []
      if let digest = track.webVTT, opened.index.kind == .text {
        let webVTT = try sibling(folder, WebVTTIndex.fileName(of: track.name), in: tree)
        tracks[tracks.count - 1].webVTT = try WebVTTIndex.read(
          webVTT, count: opened.index.segments.count, digest: digest)
        webVTTFiles[track.name] = webVTT
      }
    }
    return StoredTitle(
      title: Title(name: name, tracks: tracks), files: files, webVTTFiles: webVTTFiles)
  }

  /// A folder of track files without a description: what the files say has to do.
  private static func openForeign(
    folder: String, name: String, in tree: any FileTree
  ) throws -> StoredTitle {
    var opened: [TrackFile] = []
    for entry in try tree.names(in: folder) {
      guard let track = trackName(entry), opened.count < TitleDescription.maximumTrackCount else {
        continue
      }
      guard !opened.contains(where: { $0.index.name == track }) else {
        throw LibraryError(.notATitle, "\(folder) holds two track files of the name \(track)")
      }
      opened.append(try openForeign(track: track, "\(folder)/\(entry)", in: tree))
    }
    let sorted =
      opened.filter { $0.index.kind == .video }.sorted { height($0) > height($1) }
      + opened.filter { $0.index.kind == .audio } + opened.filter { $0.index.kind == .text }
    guard !sorted.isEmpty else {
      throw LibraryError(.notATitle, "\(folder) holds no title: no title.json and no track file")
    }
    var hasDefault = false
    let tracks = sorted.map { track -> TitleTrack in
      let isFirstAudio = track.index.kind == .audio && !hasDefault
      if isFirstAudio { hasDefault = true }
      return TitleTrack(
        index: track.index,
        label: LanguageTag.ownName(track.index.language) ?? track.index.name,
        roles: [track.index.kind == .text ? "subtitle" : "main"],
        isDefault: track.index.kind == .video || isFirstAudio)
    }
    return StoredTitle(
      title: Title(name: name, tracks: tracks),
      files: Dictionary(sorted.map { ($0.index.name, $0.storage) }) { first, _ in first })
  }

  private static func openForeign(
    track: String, _ path: String, in tree: any FileTree
  ) throws -> TrackFile {
    guard try tree.entry(at: path) == .file else {
      throw LibraryError(.notATitle, "\(path) is no regular file")
    }
    do {
      return try TrackFile(TrackStorage(tree.open(path)), name: track, isForeign: true)
    } catch let error as LibraryError {
      throw LibraryError(.notATitle, error.message)
    } catch let error where error is ISOBMFFError || error is CodecsError {
      throw LibraryError(.notATitle, "\(path): \(error)")
    }
  }

  private static func height(_ track: TrackFile) -> Int {
    if case .video(let format) = track.index.format { return format.height }
    return 0
  }

  private static func storage(
    _ folder: String, _ name: String, _ layout: TitleLayout, in tree: any FileTree
  ) throws -> TrackStorage {
    switch layout {
    case .tracks: TrackStorage(try sibling(folder, "\(name).mp4", in: tree))
    case .files: try TrackStorage(folder: "\(folder)/\(name)", in: tree)
    }
  }

  private static func sibling(
    _ folder: String, _ name: String, in tree: any FileTree
  ) throws -> any StoredFile {
    let path = "\(folder)/\(name)"
    guard try tree.entry(at: path) == .file else {
      throw LibraryError(.damaged, "\(path) is missing or no regular file")
    }
    return try tree.open(path)
  }
}

extension TitleDescription {
  /// Reads the description in a title's folder.
  package init(folder: String, in tree: any FileTree = FileSystem()) throws {
    let path = "\(folder)/\(Self.fileName)"
    let file = try tree.open(path)
    guard file.byteCount <= Self.maximumByteCount else {
      throw LibraryError(
        .limit,
        "\(path) has \(file.byteCount) bytes; at most \(Self.maximumByteCount) are read")
    }
    let json = try file.read(at: 0, count: Int(file.byteCount))
    try self.init(json: Data(json.readableBytesView), path: path)
  }
}
