import FFmpeg
import FileIO
import Foundation
import MP4
import MediaCore
import NIOCore
import TestSupport

/// Titles of one picture each, of other codings than plain H.264, packaged once.
enum PictureTitle: String, Sendable, CaseIterable {
  /// PQ of ten bits.
  case av1
  /// Profile 2 in HLG, from WebM.
  case vp9
  /// HEVC with mastering display and light levels, Dolby Vision 8.1, two views of a whole sphere.
  case hdr10
  /// HEVC that only players of Dolby Vision can show.
  case profile5
  /// H.264 of fields.
  case interlaced

  static let video = "video-108p"

  /// A copy in a folder of its own, which the caller removes.
  func copy() throws -> String {
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.copyItem(atPath: try made(), toPath: folder)
    return folder
  }

  private static let titles = Dictionary(
    uniqueKeysWithValues: allCases.map { title in (title, Result { try title.make() }) })

  private func made() throws -> String {
    guard let title = Self.titles[self] else { throw BoxEditor.Missing(path: rawValue) }
    return try title.get()
  }

  private var options: [String] {
    switch self {
    case .av1: SourceFiles.av1PQ
    case .vp9: SourceFiles.vp9HLG
    case .hdr10, .profile5: SourceFiles.hdr10
    case .interlaced: SourceFiles.interlaced
    }
  }

  private func make() throws -> String {
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/source.\(self == .vp9 ? "webm" : "mp4")"
    try SourceFiles.make(path, audio: 0, options)
    if self == .hdr10 || self == .profile5 { try extend(path) }
    // What repeats parameter sets in its samples is a general demuxer's work.
    let source: any MediaSource =
      switch self {
      case .vp9: try FFmpegSource(path: path, name: rawValue)
      case .hdr10, .profile5:
        MetadataSource(file: try FFmpegSource(path: path, name: rawValue))
      case .av1, .interlaced: try MP4Source(try ReadableFile(path: path), name: rawValue)
      }
    return try SampleTitle.package([source], into: "\(folder)/title")
  }

  /// Puts boxes into the sample entry that no encoder at hand writes.
  private func extend(_ path: String) throws {
    let entry = "moov/trak/mdia/minf/stbl/stsd/hvc1"
    var editor = try BoxEditor(path)
    let rest = [UInt8](repeating: 0, count: 19)
    guard self == .hdr10 else {
      // Profile 5, level 1, a base layer that is compatible with nothing.
      try editor.insert("dvcC", [1, 0, 0x0a, 0x0d, 0] + rest, at: entry, isInside: true)
      try editor.rename(entry, to: "dvh1")
      return try editor.save()
    }
    // Profile 8, level 1, a base layer that is HDR10.
    try editor.insert("dvvC", [1, 0, 0x10, 0x0d, 0x10] + rest, at: entry, isInside: true)
    try editor.insert("st3d", [0, 0, 0, 0, 1], at: entry, isInside: true)
    try editor.insert("sv3d", at: entry, isInside: true)
    let sphere = "\(entry)/sv3d"
    try editor.insert("svhd", [0, 0, 0, 0, 0], at: sphere, isInside: true)
    try editor.insert("proj", at: sphere, isInside: true)
    let zeros = [UInt8](repeating: 0, count: 16)
    try editor.insert("prhd", zeros, at: "\(sphere)/proj", isInside: true)
    try editor.insert("equi", zeros + [0, 0, 0, 0], at: "\(sphere)/proj", isInside: true)
    try editor.save()
  }
}

/// A source of HEVC whose pictures each end with a unit of Dolby Vision's metadata, which no encoder at
/// hand writes.
private struct MetadataSource: MediaSource {
  var file: FFmpegSource
  var name: String { file.name }

  /// A length, the head of a unit of type 62, and something.
  static let unit: [UInt8] = [0, 0, 0, 6, 0x7c, 0x01, 0x19, 0x08, 0x09, 0x80]

  var tracks: [SourceTrack] {
    file.tracks.map { track in
      var track = track
      track.samples.sizes = track.samples.sizes.map { $0 + UInt32(Self.unit.count) }
      return track
    }
  }

  func makeReader(of tracks: Set<Int>) throws -> any PayloadReader {
    let sizes = Dictionary(uniqueKeysWithValues: file.tracks.map { ($0.number, $0.samples.sizes) })
    return Reader(base: try file.makeReader(of: tracks), sizes: sizes)
  }

  private final class Reader: PayloadReader {
    let base: any PayloadReader
    /// Without the unit, by track.
    let sizes: [Int: [UInt32]]

    init(base: any PayloadReader, sizes: [Int: [UInt32]]) {
      self.base = base
      self.sizes = sizes
    }

    func next() throws -> PayloadBatch? {
      guard let batch = try base.next() else { return nil }
      var bytes = ByteBuffer()
      var runs: [PayloadRun] = []
      for run in batch.runs {
        var at = batch.bytes.readerIndex + run.offset
        var longer = run
        longer.offset = bytes.readableBytes
        for size in (sizes[run.track] ?? [])[run.first..<run.first + run.count] {
          if let payload = batch.bytes.getSlice(at: at, length: Int(size)) {
            bytes.writeImmutableBuffer(payload)
          }
          bytes.writeBytes(MetadataSource.unit)
          at += Int(size)
        }
        runs.append(longer)
      }
      return PayloadBatch(bytes: bytes, runs: runs)
    }
  }
}
