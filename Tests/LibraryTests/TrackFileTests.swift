import FileIO
import ISOBMFF
import Library
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite struct TrackFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func open(_ bytes: ByteBuffer, count: Int? = nil) throws -> TrackIndex {
    let view = bytes.readableBytesView.prefix(count ?? bytes.readableBytes)
    let path = try folder.write(Array(view), to: "track.mp4")
    return try TrackFile(try ReadableFile(path: path), name: "track").index
  }

  /// Offset of the first box of a type on the file's own level.
  private func offset(_ type: FourCC, in bytes: ByteBuffer) throws -> Int {
    Int(try #require(try BoxTree(bytes).nodes.first { $0.type == type }).offset)
  }

  @Test func `the index of a video track is what its file says`() throws {
    let bytes = TrackFiles.video()
    let index = try open(bytes)
    #expect(index.codecs == "avc1.64001f")
    #expect(index.byteCount == Int64(bytes.readableBytes))
    #expect(index.header == ByteRange(offset: 0, count: Int64(try offset("sidx", in: bytes))))
    #expect(index.sidx.end == Int64(try offset("moof", in: bytes)))
    #expect(index.segments.map(\.start) == [0, 4004, 8008])
    #expect(index.segments.map(\.duration) == [4004, 4004, 4004])
    #expect(index.segments.map(\.sapType) == [1, 1, 1])
    #expect(index.segments.first?.range.offset == index.sidx.end)
    #expect(index.segments.last?.range.end == index.byteCount)
    // An I-frame playlist takes everything up to the first sample's end.
    let rest = Int64(99 + 98 + 97)
    #expect(index.segments.allSatisfy { $0.firstSampleEnd == $0.range.count - rest })
    guard case .video(let format) = index.format else {
      Issue.record("no video: \(index.format)")
      return
    }
    #expect(format.frameRate == Rational(24000, 1001))
    #expect(format.width == 64)
    #expect(format.displayWidth == 85)
    #expect(format.range == .pq)
    #expect(format.sampleAspectRatio == Rational(4, 3))
  }

  @Test func `the index of a sound track is what its file says`() throws {
    let index = try open(TrackFiles.audio())
    #expect(index.codecs == "mp4a.40.2")
    #expect(index.language == "de")
    #expect(index.format == .audio(AudioFormat(channelCount: 2, sampleRate: 48000)))
    #expect(index.duration == 10240)
  }

  @Test func `a version is a digest of the head, the same each time`() throws {
    let one = try open(TrackFiles.video()).version
    #expect(try open(TrackFiles.video()).version == one)
    #expect(try open(TrackFiles.video(segments: 4)).version != one)
    #expect(one.utf8.count == 16)
  }

  @Test func `every cut is refused`() throws {
    let bytes = TrackFiles.video()
    for count in 0..<bytes.readableBytes {
      #expect(throws: (any Error).self, "cut to \(count)") { _ = try open(bytes, count: count) }
    }
  }

  @Test(arguments: [17, 1 << 32, 1 << 62, UInt64(Int64.max), UInt64(Int64.max) + 1, .max])
  func `a 64-bit size beyond the end traps nothing`(_ size: UInt64) throws {
    for type in ["moov", "sidx", "moof", "mdat"] as [FourCC] {
      var bytes = TrackFiles.video()
      let at = try offset(type, in: bytes)
      bytes.setInteger(UInt32(1), at: at)
      bytes.setInteger(size, at: at + 8)
      // Of the media data nothing but its place is looked at.
      if type == "mdat" {
        _ = try? open(bytes)
      } else {
        #expect(throws: (any Error).self) { try open(bytes) }
      }
    }
  }

  @Test func `an index that lies is refused`() throws {
    let whole = TrackFiles.video()
    let sidx = try offset("sidx", in: whole)
    let cases: [(String, Int, UInt32)] = [
      ("points past the end", sidx + 28, 0x7fff_ffff),
      ("starts at an impossible time", sidx + 20, .max),
      ("refers to another index", sidx + 40, 0x8000_0100), ("lists nothing", sidx + 36, 0),
      ("lists an empty segment", sidx + 40, 0),
      ("lists more than there is", sidx + 40, 0x7fff_ffff),
      ("has no timescale", sidx + 16, 0), ("claims more references", sidx + 36, 0xffff),
    ]
    for (name, at, word) in cases {
      var bytes = whole
      bytes.setInteger(word, at: at)
      #expect(throws: (any Error).self, "\(name)") { try open(bytes) }
    }
  }

  @Test func `a first sample outside its segment is refused`() throws {
    for word in [0x7fff_ffff, 0x8000_0000, .max] as [UInt32] {
      var bytes = TrackFiles.video()
      // moof 8, mfhd 16, traf 8, tfhd 20, tfdt 20, then the header and count of trun.
      bytes.setInteger(word, at: try offset("moof", in: bytes) + 8 + 16 + 8 + 20 + 20 + 16)
      let error = #expect(throws: LibraryError.self) { try open(bytes) }
      #expect(error?.code == .damaged)
    }
  }

  @Test func `no seeded damage traps`() throws {
    for whole in [TrackFiles.video(), TrackFiles.audio()] {
      for seed in UInt64(0)..<2000 {
        var random = SplitMix(seed)
        var bytes = whole
        for _ in 0..<Int.random(in: 1...5, using: &random) {
          let byte = [0, 1, 0x7f, 0x80, 0xff, UInt8(truncatingIfNeeded: random.next())]
          bytes.setInteger(
            byte.randomElement(using: &random) ?? 0,
            at: Int.random(in: 0..<bytes.readableBytes, using: &random))
        }
        guard let index = try? open(bytes) else { continue }
        #expect(index.segments.allSatisfy { $0.range.end <= index.byteCount }, "seed \(seed)")
      }
    }
  }
}
