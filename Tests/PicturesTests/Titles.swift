import FileIO
import Foundation
import Library
import MP4
import MediaCore
import NIOCore
import Packaging
import Pictures
import Presentation
import TestSupport

/// Titles of generated sources with pictures, made as the `package` command makes them.
struct PicturedTitle {
  let folder: String
  let notes: [String]

  static func make(
    _ name: String, in parent: String, source: [String], options: PictureOptions,
    layout: TitleLayout = .tracks
  ) throws -> PicturedTitle {
    let path = "\(parent)/\(name).mp4"
    try SourceFiles.run(
      ["-v", "error", "-nostdin", "-y"] + source + ["-threads", "1", "-fflags", "+bitexact"]
        + ["-flags", "+bitexact", path])
    return try package(path, as: name, in: parent, options: options, layout: layout)
  }

  static func package(
    _ path: String, as name: String, in parent: String, options: PictureOptions,
    layout: TitleLayout = .tracks
  ) throws -> PicturedTitle {
    let publication = try TitlePublication(path: "\(parent)/\(name)", replacesTitle: false)
    defer { publication.abandon() }
    var packaging = PackagingOptions()
    packaging.layout = layout
    let source = try MP4Source(ReadableFile(path: path), name: name)
    try PackagingJob([source], options: packaging).run(
      into: publication.folder, progress: WorkProgress())
    let stored = try TitleStore.open(folder: publication.folder, name: name)
    let made = try PictureJob(stored, options: options).run(
      into: publication.folder, progress: WorkProgress())
    var description = try TitleDescription(folder: publication.folder)
    if let trick = made.trick {
      description.tracks.append(
        try TrickTrack.write(
          trick, beside: description.tracks.map(\.name), into: publication.folder, layout: layout))
    }
    if !made.images.isEmpty { description.images = made.images }
    try publication.replace(
      ByteBuffer(bytes: try description.json), in: TitleDescription.fileName)
    let complete = try TitleStore.open(folder: publication.folder, name: name)
    let documents = TitleDocuments(complete.title, addressing: .atRest(complete.title))
    for document in documents.names {
      try publication.write(
        ByteBuffer(string: documents.document(named: document) ?? ""), to: document)
    }
    try publication.publish()
    return PicturedTitle(folder: "\(parent)/\(name)", notes: made.notes)
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }

  /// Every file by its path in the folder.
  func contents() throws -> [String: Data] {
    var found: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      if let data = FileManager.default.contents(atPath: "\(folder)/\(name)") { found[name] = data }
    }
    return found
  }

  /// Three seconds each of black, grey and a moving picture, a key frame each second.
  static let blackThenPicture = [
    "-f", "lavfi", "-i", "color=black:size=320x180:rate=10:duration=3", "-f", "lavfi", "-i",
    "color=gray:size=320x180:rate=10:duration=3", "-f", "lavfi", "-i",
    "testsrc2=size=320x180:rate=10:duration=3", "-filter_complex", "[0][1][2]concat=n=3",
    "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "10", "-keyint_min",
    "10", "-sc_threshold", "0",
  ]

  static func all() -> PictureOptions {
    var options = PictureOptions()
    options.thumbnails = .automatic
    options.poster = .automatic
    options.trick = 500
    return options
  }
}
