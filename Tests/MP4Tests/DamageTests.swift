import FileIO
import Foundation
import ISOBMFF
import MP4
import MediaCore
import NIOCore
import TestSupport
import Testing

/// Damaged and hostile files end in an error that says where, never in a trap or wrong samples.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct DamageTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func progressive() throws -> EditableFile {
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(path, SourceFiles.h264 + ["-movflags", "+faststart"])
    return try EditableFile(path: path)
  }

  private func fragmented() throws -> EditableFile {
    let path = "\(folder.path)/source.mp4"
    try SourceFiles.make(
      path, SourceFiles.h264 + ["-movflags", "+frag_keyframe+empty_moov+default_base_moof"])
    return try EditableFile(path: path)
  }

  private let stbl = "moov/trak/mdia/minf/stbl"

  @Test func `a chunk past the end of the file`() throws {
    var file = try progressive()
    try file.set(0x7fff_ffff, at: 8, of: "\(stbl)/stco")
    let error = mp4Error { _ = try file.open(in: folder) }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("sample 0 of moov/trak/mdia/minf/stbl") == true)
    #expect(error?.message.contains("edited.mp4") == true)
  }

  @Test func `a last sample that ends past the end of the file`() throws {
    let file = try progressive()
    let error = mp4Error { _ = try file.open(in: folder, count: file.bytes.readableBytes - 1) }
    #expect(error?.code == .damaged)
  }

  @Test(
    arguments: [(64 << 20, MP4Error.Code.damaged), (64 << 20 + 1, .limit), (.max, .limit)]
      as [(UInt32, MP4Error.Code)])
  func `a sample larger than the file, or than any sample may be`(
    _ size: UInt32, _ code: MP4Error.Code
  ) throws {
    var file = try progressive()
    try file.set(size, at: 12, of: "\(stbl)/stsz")
    #expect(mp4Error { _ = try file.open(in: folder) }?.code == code)
  }

  @Test func `compact sizes are the same sizes`() throws {
    var file = try progressive()
    let sizes = try file.open(in: folder).tracks[0].samples.sizes
    // Reserved bytes, then the bits of an entry; the room that is left at the end is not read.
    try file.set(16, at: 4, of: "\(stbl)/stsz")
    let first = try file.offset(of: "\(stbl)/stsz") + 8 + 12
    for (index, size) in sizes.enumerated() {
      file.bytes.setInteger(UInt16(size), at: first + 2 * index)
    }
    try file.rename("\(stbl)/stsz", to: "stz2")
    #expect(try file.open(in: folder).tracks[0].samples.sizes == sizes)
  }

  @Test(arguments: ["stts", "stsc", "stco", "stss", "ctts"])
  func `a table that claims more entries than it has`(_ type: String) throws {
    for count in [0x7fff_ffff, .max] as [UInt32] {
      var file = try progressive()
      try file.set(count, at: 4, of: "\(stbl)/\(type)")
      let error = mp4Error { _ = try file.open(in: folder) }
      #expect(error?.code == .damaged)
      #expect(error?.message.contains("\(stbl)/\(type)") == true)
    }
  }

  @Test func `more samples of one size than there are bytes, or than are read`() throws {
    for (count, code) in [(1 << 20, .damaged), (.max, .limit)] as [(UInt32, MP4Error.Code)] {
      var file = try progressive()
      try file.set(1, at: 4, of: "\(stbl)/stsz")
      try file.set(count, at: 8, of: "\(stbl)/stsz")
      #expect(mp4Error { _ = try file.open(in: folder) }?.code == code)
    }
  }

  @Test(arguments: [
    "mvhd", "trak/tkhd", "trak/mdia", "trak/mdia/mdhd", "trak/mdia/hdlr",
    "trak/mdia/minf", "trak/mdia/minf/stbl", "trak/mdia/minf/stbl/stsd",
    "trak/mdia/minf/stbl/stts", "trak/mdia/minf/stbl/stsz", "trak/mdia/minf/stbl/stsc",
    "trak/mdia/minf/stbl/stco",
  ])
  func `a box that must be there and is not`(_ path: String) throws {
    var file = try progressive()
    try file.rename("moov/\(path)", to: "free")
    #expect(mp4Error { _ = try file.open(in: folder) }?.code == .damaged)
  }

  @Test func `what is left to a general demuxer says so`() throws {
    var file = try progressive()
    try file.rename("moov", to: "free")
    #expect(mp4Error { _ = try file.open(in: folder) }?.code == .notDirect)
    file = try progressive()
    try file.rename("ftyp", to: "RIFF")
    #expect(mp4Error { _ = try file.open(in: folder) }?.code == .notDirect)
    file = try progressive()
    try file.set(2, at: 16, of: "\(stbl)/stsc")
    #expect(mp4Error { _ = try file.open(in: folder) }?.code == .notDirect)
    file = try progressive()
    try file.rename("\(stbl)/stsd/avc1", to: "avc3")
    #expect(mp4Error { _ = try file.open(in: folder) }?.code == .notDirect)
  }

  @Test(
    arguments: [
      [0, 0, 0, 1, 0x67, 0x42, 0, 0x15, 0x8d, 0x68, 0x50, 0x12, 0x6c, 0, 0, 1, 0x68], [], [0x47],
      [0x1a, 0x45, 0xdf, 0xa3, 1, 0, 0, 0, 0, 0, 0, 0x23],
    ] as [[UInt8]])
  func `what does not start as an MP4 file is left to FFmpeg`(bytes: [UInt8]) throws {
    let path = "\(folder.path)/other"
    try Data(bytes).write(to: URL(filePath: path))
    #expect(
      mp4Error { _ = try MP4Source(try ReadableFile(path: path), name: "other") }?.code
        == .notDirect)
  }

  @Test func `a coding that is not read leaves a track that says so`() throws {
    var file = try progressive()
    try file.rename("\(stbl)/stsd/avc1", to: "vvc1")
    let source = try file.open(in: folder)
    #expect(source.tracks[0].coding == .unsupported("VVC"))
    #expect(source.tracks[1].samples.count > 0)
  }

  @Test func `a damaged inner box is told with the file's name`() throws {
    var file = try progressive()
    let avcC = try file.offset(of: "\(stbl)/stsd/avc1/avcC")
    file.bytes.setInteger(UInt32(0x00ff_ffff), at: avcC)
    #expect(mp4Error { _ = try file.open(in: folder) }?.message.contains("edited.mp4") == true)
    file = try progressive()
    try file.set(0, at: 12, of: "moov/mvhd")
    #expect(mp4Error { _ = try file.open(in: folder) }?.message.contains("edited.mp4") == true)
  }

  @Test(arguments: [UInt32(1), 1000, .max], [UInt32(1), 24000, .max])
  func `an edit list of impossible times traps nothing`(_ movie: UInt32, _ media: UInt32) throws {
    for word in [0, 0x7fff_ffff, 0x8000_0000, .max] as [UInt32] {
      var file = try progressive()
      try file.set(movie, at: 12, of: "moov/mvhd")
      try file.set(media, at: 12, of: "moov/trak/mdia/mdhd")
      try file.set(word, at: 8, of: "moov/trak/edts/elst")
      try file.set(word & 0x7fff_ffff, at: 12, of: "moov/trak/edts/elst")
      let source = try file.open(in: folder)
      #expect(source.tracks[0].samples.count == 48)
    }
  }

  @Test func `edits whose sum leaves 64 bits trap nothing`() throws {
    // The longest edits that are read, of a movie whose ticks are seconds.
    for (empty, start) in [(1 << 49, 0), (1 << 49, 1 << 59), (0, 1 << 59)] as [(UInt64, Int64)] {
      let file = try withEdits([
        .init(segmentDuration: empty, mediaTime: -1),
        .init(segmentDuration: 1 << 49, mediaTime: start),
      ])
      let path = try folder.write(Array(file.readableBytesView), to: "edited.mp4")
      do {
        let source = try MP4Source(try ReadableFile(path: path), name: "edited.mp4")
        #expect(source.tracks.count == 1)
      } catch let error as MP4Error {
        #expect(error.code != .limit)
      }
    }
  }

  /// A file of one AAC sample whose movie ticks are seconds and whose media ticks are the finest.
  private func withEdits(_ edits: [EditListBox.Entry]) throws -> ByteBuffer {
    let source = try progressive()
    let moov = try #require(try Box.sequence(in: source.bytes).first { $0.type == "moov" })
    let trak = try #require(try moov.children().filter { $0.type == "trak" }.last)
    let minf = try trak.required("mdia").required("minf")
    return ByteBuffer.writing { file in
      FileTypeBox(majorBrand: "isom", compatibleBrands: []).write(into: &file)
      file.writeBox("moov") { moov in
        MovieHeaderBox(timescale: Timescale(literal: 1), duration: 0, nextTrackID: 2)
          .write(into: &moov)
        moov.writeBox("trak") { trak in
          TrackHeaderBox(trackID: 1, isAudio: true, width: 0, height: 0).write(into: &trak)
          trak.writeBox("edts") { EditListBox(entries: edits).write(into: &$0) }
          trak.writeBox("mdia") { mdia in
            MediaHeaderBox(timescale: Timescale(literal: .max), language: "und").write(into: &mdia)
            HandlerBox(handlerType: HandlerBox.audio, name: "").write(into: &mdia)
            mdia.writeBox("minf") { $0.writeImmutableBuffer(minf.payload) }
          }
        }
      }
      // The sound's chunks lie where they lay.
      let left = source.bytes.readableBytes - file.readableBytes - 8
      file.writeBox("mdat") { $0.writeRepeatingByte(0, count: left) }
    }
  }

  @Test func `a fragment that starts at an impossible time`() throws {
    var file = try fragmented()
    try file.set(0x7fff_ffff, at: 4, of: "moof/traf/tfdt")
    let error = mp4Error { _ = try file.open(in: folder) }
    #expect(error?.code == .damaged)
    #expect(error?.message.contains("impossible time") == true)
  }

  @Test func `a fragment's sample that lies past the end, or before the start`() throws {
    for offset in [0x7fff_ffff, 0x8000_0000] as [UInt32] {
      var file = try fragmented()
      try file.set(offset, at: 8, of: "moof/traf/trun", number: 1)
      let error = mp4Error { _ = try file.open(in: folder) }
      #expect(error?.code == .damaged)
      #expect(error?.message.contains("moof/traf/trun") == true)
    }
  }

  @Test func `a fragment of an unknown track is passed over`() throws {
    let whole = try fragmented().open(in: folder).tracks[0].samples.count
    var file = try fragmented()
    try file.set(99, at: 4, of: "moof/traf/tfhd", number: 1)
    #expect(try file.open(in: folder).tracks[0].samples.count == whole - 12)
  }

  @Test func `a fragment before moov is a general demuxer's`() throws {
    var file = try fragmented()
    try file.rename("moov", to: "free")
    #expect(mp4Error { _ = try file.open(in: folder) }?.code == .notDirect)
  }

  @Test(arguments: [false, true])
  func `no cut of a file traps, and none gives payloads that are not there`(
    _ isFragmented: Bool
  ) throws {
    let file = try isFragmented ? fragmented() : progressive()
    let count = file.bytes.readableBytes
    let moov = try file.offset(of: "moov")
    let cuts = Set((0..<100).map { moov - 8 + 3 * $0 } + stride(from: 0, to: count, by: 1999))
    for cut in cuts.sorted() where cut < count {
      do {
        let source = try file.open(in: folder, count: cut)
        for (number, found) in try payloads(of: source, Set(source.tracks.map(\.number))) {
          #expect(found.count == source.tracks[number].samples.count)
        }
      } catch is MP4Error {} catch let error as FileIOError { #expect(error.code == .truncated) }
    }
  }

  @Test(arguments: [false, true])
  func `no seeded damage of the tables traps`(_ isFragmented: Bool) throws {
    let whole = try isFragmented ? fragmented() : progressive()
    let start = try whole.offset(of: "moov")
    let end = isFragmented ? whole.bytes.readableBytes : start + 6000
    for seed in UInt64(0)..<200 {
      var random = SplitMix(seed)
      var file = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let byte = [0, 1, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: random.next())]
        let range = Bool.random(using: &random) ? start..<min(start + 1500, end) : start..<end
        file.bytes.setInteger(
          byte.randomElement(using: &random) ?? 0, at: Int.random(in: range, using: &random))
      }
      do {
        let source = try file.open(in: folder)
        _ = try payloads(of: source, Set(source.tracks.map(\.number)))
      } catch is MP4Error {} catch { Issue.record("seed \(seed): \(error) is no MP4Error") }
    }
  }
}

extension ByteBuffer {
  static func writing(_ body: (inout ByteBuffer) -> Void) -> ByteBuffer {
    var bytes = ByteBuffer()
    body(&bytes)
    return bytes
  }
}
