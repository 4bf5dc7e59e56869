import Codecs
import MediaCore
import NIOCore
import Testing

struct VP9FrameHeaderTests {
  private func header(_ bytes: ByteBuffer) throws -> VP9FrameHeader {
    try VP9FrameHeader(in: bytes, at: 0, count: bytes.readableBytes)
  }

  // Streams of libvpx, the first ones of clips in the collection of androidx/media.
  @Test(
    arguments: [
      ("824983424027f016760c38241c18", 0, 640, 360, 8, 2, 1, 1),
      ("82498342000a0007840038241c18", 0, 161, 121, 8, 0, 1, 1),
      ("82498342200c700c761038241c18", 0, 200, 200, 8, 1, 1, 1),
      ("92498342500d48077a071c120e0c", 2, 426, 240, 10, 5, 1, 1),
      ("924983425001f8017b041c120e0c", 2, 64, 48, 10, 5, 1, 1),
      ("a249834200007e005ec207048383", 1, 64, 48, 8, 0, 0, 0),
    ])
  func `key frames of encoders`(
    _ text: String, profile: Int, width: Int, height: Int, depth: Int, space: Int, x: Int, y: Int
  ) throws {
    let header = try header(hex(text))
    #expect(header.isKey && header.isShown && !header.showsExistingFrame)
    #expect(header.refreshFlags == 0xff)
    #expect(header.profile == profile)
    let format = try #require(header.format)
    #expect((format.width, format.height, format.bitDepth) == (width, height, depth))
    #expect(format.colourSpace == space)
    #expect((format.subsamplingX, format.subsamplingY) == (x, y))
    #expect(!format.isFullRange)
  }

  // frame_marker 10, profile 00, show_existing_frame, frame_type, show_frame, error_resilient_mode
  @Test(
    arguments: [
      ("inter", "10 00 0 1 1 0 00 00000101", false, true, UInt8(5)),
      ("inter that replaces none", "10 00 0 1 1 0 00 00000000", false, true, 0),
      ("error resilient", "10 00 0 1 1 1 00000001", false, true, 1),
      ("hidden", "10 00 0 1 0 0 0 00 00000100", false, false, 4),
      (
        "intra only of profile 0",
        "10 00 0 1 0 0 1 00 01001001 10000011 01000010 10000000", true, false, 0x80
      ),
      (
        "intra only of profile 2",
        "10 01 0 1 0 0 1 00 01001001 10000011 01000010 0 101 0 00000011", true, false, 3
      ),
    ])
  func `frames between key frames`(
    name: String, text: String, isIntraOnly: Bool, isShown: Bool, flags: UInt8
  ) throws {
    let header = try header(bits(text))
    #expect(!header.isKey)
    #expect(header.isIntraOnly == isIntraOnly)
    #expect(header.isShown == isShown)
    #expect(header.refreshFlags == flags)
  }

  @Test func `a frame that is shown again`() throws {
    #expect(try header(hex("88")).showsExistingFrame)
    // Profile 3 has a reserved bit before.
    #expect(try header(bits("10 11 0 1 000")).showsExistingFrame)
  }

  @Test(
    arguments: [
      ("10 11 0 0 0 1 0 01001001 10000011 01000010 1 010 1 0 1 0", 12, 2, 0, 1, true),
      ("10 11 0 0 0 1 0 01001001 10000011 01000010 0 111 0", 10, 7, 0, 0, true),
      ("10 10 0 0 1 0 01001001 10000011 01000010 100 0 1 0 0", 8, 4, 1, 0, false),
    ])
  func `colour configurations of the odd profiles`(
    text: String, depth: Int, space: Int, x: Int, y: Int, isFullRange: Bool
  ) throws {
    let size = "0000000000111111 0000000000101111"
    let format = try #require(try header(bits(text + size)).format)
    #expect((format.bitDepth, format.colourSpace) == (depth, space))
    #expect((format.subsamplingX, format.subsamplingY) == (x, y))
    #expect(format.isFullRange == isFullRange)
    #expect((format.width, format.height) == (64, 48))
  }

  @Test(
    arguments: [
      (0, nil), (1, 6), (2, 1), (3, 6), (4, 7), (5, 9), (6, nil),
    ] as [(Int, UInt16?)])
  func `a colour space stands for code points`(space: Int, primaries: UInt16?) throws {
    let digits = String(space + 8, radix: 2).dropFirst()
    let text = "10 00 0 0 1 0 01001001 10000011 01000010 \(digits) 1"
    let format = try #require(
      try header(bits(text + String(repeating: "0", count: 32))).format)
    #expect(format.colour?.primaries == primaries)
    #expect(format.colour?.isFullRange ?? true)
  }

  @Test func `what is no VP9 frame, and every cut, is refused`() {
    #expect(throws: CodecsError.self) { try header(hex("424983424027f016760c")) }
    #expect(throws: CodecsError.self) { try header(hex("824983434027f016760c")) }
    let key = hex("824983424027f01676")
    for count in 0..<key.readableBytes - 1 {
      #expect(throws: CodecsError.self, "\(count) bytes") { try header(key.prefix(count)) }
    }
    #expect(throws: CodecsError.self) { try VP9FrameHeader(in: key, at: 4, count: 100) }
  }

  @Test func `damage never traps`() {
    survivesDamage(hex("92498342500d48077a071c120e0c")) { _ = try header($0) }
  }
}

struct VP9SuperframeTests {
  /// Frames with an index behind them (VP9 Annex B).
  static func superframe(_ frames: [ByteBuffer], width: Int = 2) -> ByteBuffer {
    var sample = ByteBuffer()
    for frame in frames { sample.writeImmutableBuffer(frame) }
    let marker = UInt8(0xc0 | (width - 1) << 3 | (frames.count - 1))
    sample.writeInteger(marker)
    for frame in frames {
      for byte in 0..<width {
        sample.writeInteger(UInt8(truncatingIfNeeded: frame.readableBytes >> (8 * byte)))
      }
    }
    sample.writeInteger(marker)
    return sample
  }

  static let key = hex("824983424027f016760c38241c18")
  /// Not shown; replaces one of the pool.
  static let hidden = bits("10 00 0 1 0 0 0 00 00000100 00000000")
  static let inter = hex("860040929c1850000003200000547f")
  static let unreferred = bits("10 00 0 1 1 0 00 00000000 00000000")
  static let intraOnly = bits(
    "10 00 0 1 0 0 1 00 01001001 10000011 01000010 10000000 00000000")
  static let existing = hex("88")

  @Test(arguments: 1...4)
  func `an index lists its frames`(width: Int) throws {
    let sample = Self.superframe([Self.hidden, Self.inter], width: width)
    let found = try VP9Superframe(in: sample, at: 0, count: sample.readableBytes)
    #expect(found.frames.map(\.count) == [Self.hidden.readableBytes, Self.inter.readableBytes])
    #expect(found.frames.map(\.offset) == [0, Self.hidden.readableBytes])
  }

  @Test func `a sample without an index is one frame`() throws {
    let found = try VP9Superframe(in: Self.key, at: 0, count: Self.key.readableBytes)
    #expect(found.frames == [NALUnitRange(offset: 0, count: 14)])
    // A last byte that looks like an index, and none before: a frame.
    let lookalike = hex("860040929c18c9")
    #expect(try VP9Superframe(in: lookalike, at: 0, count: 7).frames.count == 1)
  }

  @Test func `frames of no bytes are passed over`() throws {
    let sample = Self.superframe([Self.inter, ByteBuffer()])
    #expect(try VP9Superframe(in: sample, at: 0, count: sample.readableBytes).frames.count == 1)
  }

  @Test func `an index that lists more than there is, is refused`() {
    var sample = Self.superframe([Self.hidden, Self.inter])
    sample.setInteger(UInt8(200), at: sample.writerIndex - 5)
    #expect(throws: CodecsError.self) {
      try VP9Superframe(in: sample, at: 0, count: sample.readableBytes)
    }
    #expect(throws: CodecsError.self) { try VP9Superframe(in: ByteBuffer(), at: 0, count: 1) }
  }

  @Test(
    arguments: [
      ("key frame", [key], .key, false),
      ("hidden frame before a shown one", [hidden, inter], .inter, false),
      ("key frame with another behind it", [key, hidden], .key, false),
      ("key frame behind another", [hidden, key], .inter, false),
      ("frame that replaces none", [unreferred], .inter, true),
      ("frame shown again", [existing], .inter, false),
      ("intra-only frame", [intraOnly], .intra, false),
      ("intra-only frame before an inter frame", [intraOnly, unreferred], .inter, false),
    ] as [(String, [ByteBuffer], AccessUnit.Picture, Bool)])
  func `what a sample is`(
    name: String, frames: [ByteBuffer], picture: AccessUnit.Picture, isDisposable: Bool
  ) throws {
    let sample = frames.count == 1 ? frames[0] : Self.superframe(frames)
    let unit = try AccessUnit(
      in: sample, at: 0, count: sample.readableBytes, codec: .vp9, framing: .annexB)
    #expect(unit.picture == picture)
    #expect(unit.isDisposable == isDisposable)
    #expect((unit.vp9Format != nil) == frames.contains(Self.key))
  }

  @Test func `damage never traps`() {
    survivesDamage(Self.superframe([Self.key, Self.hidden, Self.inter, Self.intraOnly])) {
      _ = try AccessUnit(
        in: $0, at: 0, count: $0.readableBytes, codec: .vp9, framing: .annexB)
    }
  }
}

struct VPCodecConfigurationRecordTests {
  @Test(arguments: [
    // libvpx in MP4 as FFmpeg 5.1 writes it.
    "01000000020aa20912090000", "01000000010a860202020000",
    // The record of a HDR10 clip: full range of profile 2 at level 5.1.
    "010000000233a30910090000",
  ])
  func `a record is written as it was read`(_ text: String) throws {
    let record = try VPCodecConfigurationRecord(parsing: hex(text))
    #expect(hex(record.bytes) == text)
  }

  @Test func `fields`() throws {
    let record = try VPCodecConfigurationRecord(parsing: hex("01000000020aa20912090000"))
    #expect((record.profile, record.level, record.bitDepth) == (2, 10, 10))
    #expect(record.chromaSubsampling == 1)
    #expect(
      record.colour
        == ColourInformation(primaries: 9, transfer: 18, matrix: 9, isFullRange: false))
  }

  @Test(arguments: [
    "00000000020aa20912090000", "01000000040aa20912090000", "0100000002 0a 22 0912090000",
  ])
  func `other versions, profiles and depths are refused`(_ text: String) {
    #expect(throws: CodecsError.self) { try VPCodecConfigurationRecord(parsing: hex(text)) }
  }

  @Test func `a cut at every byte throws`() {
    // codecInitializationDataSize is not asked for.
    for count in 0..<10 {
      #expect(throws: CodecsError.self) {
        try VPCodecConfigurationRecord(parsing: hex("01000000020aa20912090000").prefix(count))
      }
    }
  }

  @Test func `a record of a key frame`() throws {
    let hlg = ColourInformation(primaries: 9, transfer: 18, matrix: 9, isFullRange: true)
    let key = try VP9FrameHeader(in: hex("92498342500d48077a071c120e0c"), at: 0, count: 14)
    let format = try #require(key.format)
    // BT.2020 has several transfers: the container knows which.
    let known = VPCodecConfigurationRecord(format, profile: 2, colour: hlg)
    #expect(known.colour.transfer == 18)
    #expect((known.bitDepth, known.level, known.chromaSubsampling) == (10, 0, 1))
    #expect(!known.colour.isFullRange)
    #expect(VPCodecConfigurationRecord(format, profile: 2, colour: nil).colour.transfer == 14)
    let open = try VP9FrameHeader(in: hex("82498342000a0007840038241c18"), at: 0, count: 14)
    let unknown = VPCodecConfigurationRecord(
      try #require(open.format), profile: 0, colour: nil)
    #expect(unknown.colour == .unspecified)
    let four = try VP9FrameHeader(in: hex("a249834200007e005ec207048383"), at: 0, count: 14)
    #expect(
      VPCodecConfigurationRecord(try #require(four.format), profile: 1, colour: nil)
        .chromaSubsampling == 3)
  }

  // The table of levels of the WebM project (VP9 levels): just allowed, and just not.
  @Test(
    arguments: [
      (256, 144, 15.0, Int64(200_000), 10), (256, 144, 23, 200_000, 11),
      (256, 144, 15, 200_001, 11), (512, 64, 15, 100_000, 10), (513, 64, 15, 100_000, 11),
      (640, 360, 30, 1_800_000, 21), (854, 480, 30, 1_800_000, 30),
      (1280, 720, 30, 5_000_000, 31), (1280, 720, 60, 5_000_000, 40),
      (1920, 1080, 30, 18_000_000, 40), (1920, 1080, 60, 12_000_000, 41),
      (3840, 2160, 30, 16_000_000, 50), (3840, 2160, 60, 16_000_000, 51),
      (3840, 2160, 120, 100_000_000, 52), (7680, 4320, 30, 100_000_000, 60),
      (7680, 4320, 60, 200_000_000, 61), (7680, 4320, 120, 400_000_000, 62),
      (16_000, 16_000, 60, 900_000_000, 62),
    ])
  func `the lowest level that allows a picture, a rate and a bit rate`(
    width: Int, height: Int, rate: Double, bitsPerSecond: Int64, level: Int
  ) {
    #expect(
      VPCodecConfigurationRecord.level(
        width: width, height: height, framesPerSecond: rate, bitsPerSecond: bitsPerSecond)
        == level)
  }
}
