import Episodes
import FileIO
import Library
import MediaCore
import NIOCore
import Presentation

/// An episode in a library: `episode.json`, and a folder for each scene.
struct EpisodeFolder {
  let path: String
  let name: String
  private let tree: any FileTree

  init(in store: TitleStore, name: String) {
    path = "\(store.root)/\(name)"
    self.name = name
    tree = store.tree
  }

  private init(_ folder: EpisodeFolder, in tree: any FileTree) {
    path = folder.path
    name = folder.name
    self.tree = tree
  }

  private var compiledPath: String { "\(path)/\(EpisodeDocuments.compiledName)" }

  /// What tells whether the episode has changed; `nil` if there is none. Links are not followed.
  var stamp: FileStamp? {
    get throws {
      guard tree.answersAtOnce else { return try tree.stamp(of: compiledPath) }
      return try tree.entry(at: compiledPath) == .file ? tree.stamp(of: compiledPath) : nil
    }
  }

  func open() throws -> ServedEpisode {
    try EpisodeFolder(self, in: tree.snapshot(of: path)).read()
  }

  private func read() throws -> ServedEpisode {
    let (bytes, version) = try readCompiled()
    let graph: EpisodeGraph
    do {
      graph = try EpisodeGraph(Episode(json: bytes.readableBytesView))
    } catch {
      throw LibraryError(.damaged, "\(compiledPath): \(error)")
    }
    var scenes: [String: ServedTitle] = [:]
    for scene in graph.episode.scenes {
      try check(scene.id)
      scenes[scene.id] = try served(scene.id)
      for viewpoint in scene.viewpoints {
        try check(viewpoint.id)
        let further = "\(scene.id).\(viewpoint.id)"
        if try tree.entry(at: "\(path)/\(further)") == .folder {
          scenes[further] = try served(further)
        }
      }
    }
    let presented = try PresentedEpisode(
      name: name, version: version, graph, scenes: scenes.mapValues(\.title))
    return ServedEpisode(
      presented, compiled: bytes, scenes: scenes, prompts: try prompts(of: graph.episode))
  }

  private func prompts(of episode: Episode) throws -> [String: ServedTrack] {
    var found: [String: ServedTrack] = [:]
    for (prompt, choice, reference) in episode.spokenPrompts {
      // A file of the author's, as it stands where prompts were not packaged.
      guard prompt.version(in: reference) != nil else { continue }
      try check(choice.id)
      found[prompt.name] = try served(prompt.folder).tracks.values.first
    }
    return found
  }

  private func check(_ id: String) throws(LibraryError) {
    guard EpisodeName.isValid(id) else {
      throw LibraryError(
        .damaged, "\(compiledPath) has an id that names no folder: \(EpisodeName.rule)")
    }
  }

  /// The document, and the first sixteen digits of its digest.
  private func readCompiled() throws -> (ByteBuffer, version: String) {
    let file = try tree.open(compiledPath)
    guard file.byteCount <= EpisodeLimits.documentByteCount else {
      throw LibraryError(
        .limit,
        "\(compiledPath) has \(file.byteCount) bytes; at most \(EpisodeLimits.documentByteCount) are "
          + "read")
    }
    let bytes = try file.read(at: 0, count: Int(file.byteCount))
    var digest = ContentDigest()
    digest.add(bytes)
    return (bytes, TrackDigest.text(digest.take()))
  }

  /// A scene or prompt, none of whose files stays open: an episode may have thousands.
  private func served(_ scene: String) throws -> ServedTitle {
    let folder = "\(path)/\(scene)"
    guard try tree.entry(at: folder) == .folder else {
      throw LibraryError(.damaged, "\(folder) is missing: it was not packaged")
    }
    let stored = try TitleStore.open(folder: folder, name: scene, in: tree)
    var files: [String: ServedFile] = [:]
    var storage: [String: TrackStorage] = [:]
    for (name, track) in stored.files {
      if track.segmentFileCount == 0,
        let place = track.place(of: ByteRange(offset: 0, count: track.byteCount))
      {
        files[name] = ServedFile(
          path: place.path, byteCount: track.byteCount, identity: place.stamp)
      } else {
        storage[name] = track
      }
    }
    return ServedTitle(
      title: stored.title, documents: [:], files: files, storage: storage,
      webVTTFiles: stored.webVTTFiles.mapValues {
        ServedFile(path: $0.path, byteCount: $0.byteCount, identity: $0.stamp)
      })
  }
}
