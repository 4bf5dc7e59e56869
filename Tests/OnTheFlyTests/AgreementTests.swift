import FFmpeg
import FileIO
import Foundation
import Library
import MP4
import MediaCore
import NIOCore
import OnTheFly
import Packaging
import Presentation
import TestSupport
import Testing

/// What is made of a file on the fly is what is packaged of it.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct AgreementTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Packages a file as the `package` command does.
  private func packaged(_ path: String) throws -> StoredTitle {
    let file = try ReadableFile(path: path)
    let source: any MediaSource
    do {
      source = try MP4Source(file, name: "packaged")
    } catch let error as MP4Error where error.code == .notDirect {
      source = try FFmpegSource(path: path, name: "packaged")
    }
    let title = "\(folder.path)/title"
    try FileManager.default.createDirectory(atPath: title, withIntermediateDirectories: false)
    try PackagingJob([source], options: PackagingOptions()).run(
      into: title, progress: WorkProgress())
    return try TitleStore.open(folder: title, name: "source.mp4")
  }

  @Test(arguments: Form.all)
  func `the same tracks, segments, times and samples as of a packaged title`(
    _ form: Form
  ) throws {
    let path = "\(folder.path)/source.\(form.suffix)"
    try form.make(path)
    let stored = try packaged(path)
    let file = try FileTitle(try ReadableFile(path: path), name: "source.mp4")
    try #require(file.title.tracks.map(\.index.name) == stored.title.tracks.map(\.index.name))
    for (made, kept) in zip(file.title.tracks, stored.title.tracks) {
      var index = made.index
      index.version = kept.index.version
      #expect(index == kept.index)
      #expect(made.label == kept.label && made.roles == kept.roles)
      #expect(made.isDefault == kept.isDefault)
      let track = try #require(file.tracks[index.name])
      let bytes = try written(track)
      let storage = try #require(stored.files[index.name])
      try expectSame(bytes, storage, made, kept)
    }
    for name in ["main.m3u8", "manifest.mpd", "ondemand.mpd"] {
      #expect(text(name, of: file.title, as: stored.title) == text(name, of: stored.title))
    }
  }

  /// The whole track, as it would be read unit by unit.
  private func written(_ track: FileTrack) throws -> TrackStorage {
    let source = try ReadableFile(path: track.path)
    var bytes = ByteBuffer()
    while bytes.readableBytes < track.byteCount {
      let unit = track.unit(at: Int64(bytes.readableBytes))
      try #require(unit.range.offset == bytes.readableBytes)
      for part in unit.parts {
        switch part {
        case .bytes(let piece): bytes.writeImmutableBuffer(piece)
        case .file(let range):
          bytes.writeImmutableBuffer(try source.read(at: range.offset, count: Int(range.count)))
        }
      }
      #expect(Int64(bytes.readableBytes) == unit.range.end)
    }
    let path = "\(folder.path)/\(UUID().uuidString).mp4"
    try Data(bytes.readableBytesView).write(to: URL(filePath: path))
    return TrackStorage(try ReadableFile(path: path))
  }

  /// Equal but for the flags of pictures, which only their payloads tell.
  private func expectSame(
    _ made: TrackStorage, _ kept: TrackStorage, _ one: TitleTrack, _ two: TitleTrack
  ) throws {
    try #require(made.byteCount == kept.byteCount)
    guard one.index.kind == .video else {
      let all = Int(made.byteCount)
      #expect(try made.read(at: 0, count: all) == kept.read(at: 0, count: all))
      return
    }
    let head = Int(one.index.sidx.end)
    #expect(try made.read(at: 0, count: head) == kept.read(at: 0, count: head))
    let (left, right) = (try StoredVideo(one, in: made), try StoredVideo(two, in: kept))
    for number in one.index.segments.indices {
      let samples = try left.samples(ofSegment: number)
      #expect(try samples.map(\.time) == right.samples(ofSegment: number).map(\.time))
      #expect(try samples.map(\.duration) == right.samples(ofSegment: number).map(\.duration))
      #expect(try samples.map(\.range) == right.samples(ofSegment: number).map(\.range))
      #expect(try samples.map(\.isSync) == right.samples(ofSegment: number).map(\.isSync))
      let payload = try #require(samples.first).range.offset
      let count = Int(one.index.segments[number].range.end - payload)
      #expect(try made.read(at: payload, count: count) == kept.read(at: payload, count: count))
    }
  }

  /// A document, with the versions of another title.
  private func text(_ name: String, of title: Title, as other: Title? = nil) -> String? {
    var title = title
    for index in title.tracks.indices {
      title.tracks[index].index.version = "\(index)"
      if let other { title.tracks[index].captions = other.tracks[index].captions }
    }
    return TitleDocuments(title, addressing: .segments).document(named: name)
  }
}
