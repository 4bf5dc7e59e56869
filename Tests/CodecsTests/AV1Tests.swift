import Codecs
import MediaCore
import NIOCore
import Testing

/// Bits from text of 0 and 1, white space ignored, then zeros to the next byte.
func bits(_ text: String) -> ByteBuffer {
  var bits = BitWriter()
  for character in text where character == "0" || character == "1" {
    bits.flag(character == "1")
  }
  return bits.buffer
}

/// Streams of libaom and SVT-AV1 as FFmpeg 5.1 writes them, and what its trace of headers says.
enum AV1Vectors {
  /// libaom, 64x48, 8 bits, colour left open.
  static let record = hex("81000c00 0a0a00000002aff79b5f2008")
  /// libaom, 64x48, 10 bits, BT.2020 PQ.
  static let pq = hex("81004c00 0a0d00000002aff79b5f2a12201208")
  /// SVT-AV1, 960x540, 10 bits, BT.2020 PQ.
  static let hdr10 = hex("81044d00 0a0e00000024cf7f0d805f0a12201248")
  /// A 3840x2160 clip of 60 frames a second.
  static let uhd = hex("810d0d00 0a0c0000006aefbfe1bc02f80240")
  /// The sequence header of `record` as a unit.
  static let sequenceHeader = hex("0a0a00000002aff79b5f2008")
  /// The front of a shown key frame.
  static let key = hex("3208 140022c00000800b")
  static let inter = hex(
    "32263201e0400000036000000145971000dc8f4f0d074d2391c15c5e74d8499431090998e7a55780")
  /// Two frames that are not shown, then one that is.
  static let hidden = hex(
    """
    326d29037020000011a8e0082021092eba8000dd6df5a96844f0cfa620001f7527027cb00f423158b939a3f739ca
    c5f70465b84da0595a21c34b7a88d1b4eeca3704da64c2f7ce6eb9a046828f43b052432dc3e8066bf6460d1998d3
    0af7fb11e9caa0ad6b95303d4d9a8ebabdf89c32212901f040000051ac800820a10900008000db46591744f71535
    b5a4cd9225919460321f3201e10000408360002080421400038000db44c343656a8459f7d5f88b9390
    """)
  /// A frame decoded before is shown.
  static let existing = hex("1a01a8")
  /// refresh_frame_flags is 0.
  static let unreferred = hex("32123206000d508c836000208040140001008a60")
  static let delimiter = hex("1200")
}

struct AV1SequenceHeaderTests {
  private func header(_ record: ByteBuffer) throws -> AV1SequenceHeader {
    try #require(try AV1CodecConfigurationRecord(parsing: record).sequenceHeader)
  }

  @Test func `streams of encoders`() throws {
    let plain = try header(AV1Vectors.record)
    #expect((plain.profile, plain.level, plain.isHighTier) == (0, 0, false))
    #expect((plain.width, plain.height, plain.bitDepth) == (64, 48, 8))
    #expect((plain.subsamplingX, plain.subsamplingY, plain.chromaSamplePosition) == (1, 1, 0))
    #expect(plain.colour == .unspecified)
    #expect(plain.specifiedColour == nil)
    #expect(plain.timing == nil)
    #expect(!plain.isMonochrome && !plain.hasFilmGrain && !plain.isStillPicture)

    let pq = try header(AV1Vectors.pq)
    #expect((pq.width, pq.height, pq.bitDepth) == (64, 48, 10))
    #expect(
      pq.specifiedColour
        == ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false))

    let hdr10 = try header(AV1Vectors.hdr10)
    #expect((hdr10.width, hdr10.height, hdr10.level, hdr10.bitDepth) == (960, 540, 4, 10))
    #expect(hdr10.colour.transfer == 16)

    let uhd = try header(AV1Vectors.uhd)
    #expect((uhd.width, uhd.height, uhd.level, uhd.bitDepth) == (3840, 2160, 13, 8))
  }

  @Test(
    arguments: [
      // profile, colour configuration, film grain: depth, subsampling, position, full range
      ("000", "0 0 0 0 00 0", 8, 1, 1, 0, false),
      ("000", "1 0 0 1 10 0", 10, 1, 1, 2, true),
      ("000", "0 1 0 1", 8, 1, 1, 0, true),  // monochrome
      ("001", "0 0 1 0", 8, 0, 0, 0, true),
      ("010", "1 1 0 0 0 1 1 01 0", 12, 1, 1, 1, false),
      ("010", "1 1 0 0 0 1 0 0", 12, 1, 0, 0, false),
      ("010", "1 1 0 0 0 0 0", 12, 0, 0, 0, false),
      ("010", "1 0 0 0 0 0", 10, 1, 0, 0, false),
      // sRGB: 1, 13, 0
      ("001", "0 1 00000001 00001101 00000000 0", 8, 0, 0, 0, true),
    ] as [(String, String, Int, Int, Int, Int, Bool)])
  func `every colour configuration`(
    profile: String, configuration: String, depth: Int, x: Int, y: Int, position: Int,
    isFullRange: Bool
  ) throws {
    // A still picture: still_picture 1, reduced_still_picture_header 1, level 0.
    let text = "\(profile) 1 1 00000 0101 0101 101111 100011 000 000 \(configuration) 1"
    let header = try AV1SequenceHeader(payload: bits(text + " 1"))
    #expect(header.isStillPicture && header.isReducedStillPicture)
    #expect((header.width, header.height) == (48, 36))
    #expect(header.bitDepth == depth)
    #expect((header.subsamplingX, header.subsamplingY) == (x, y))
    #expect(header.chromaSamplePosition == position)
    #expect(header.colour.isFullRange == isFullRange)
    #expect(header.hasFilmGrain)
    #expect(header.isMonochrome == (configuration == "0 1 0 1"))
  }

  /// With timing, a decoder model, two operating points, frame identifiers and all tools.
  static let rich = bits(
    """
    000 0 0
    1 00000000000000000000001111101001 00000000000000001110101001100000 1 1
    1 00111 00000000000000000000000000000001 01001 01010
    1
    00001
    000000000001 01101 1 1 00000001 00000010 0 1 0111
    000000000010 00100 0 0
    0101 0101 101111 100011
    1 0010 001
    111
    1111 1 11 0 1 0 1 110
    111
    1 0 1 00001001 00010010 00001001 0 10 0
    1
    1
    """)

  @Test func `a header with timing, a decoder model and two operating points`() throws {
    let header = try AV1SequenceHeader(payload: Self.rich)
    #expect((header.level, header.isHighTier) == (13, true))
    #expect(header.initialDisplayDelay == 7)
    // One tick a picture: uvlc 0 is written as a single one.
    #expect(header.timing?.frameRate == Rational(60000, 1001))
    #expect((header.width, header.height) == (48, 36))
    #expect(header.bitDepth == 10)
    #expect(header.colour.transfer == 18)
    #expect(header.chromaSamplePosition == 2)
    #expect(header.hasFilmGrain)
  }

  @Test func `pictures of two ticks come at half the rate of ticks`() throws {
    // num_ticks_per_picture_minus_1 is 1: uvlc 010.
    let text = """
      000 0 0
      1 00000000000000000000000000000001 00000000000000000000000000110010 1 010
      0 0 00000 000000000000 00000 0101 0101 101111 100011 0 000 0000 0 1 1 000 0 0 0 0 00 0 0 1
      """
    let header = try AV1SequenceHeader(payload: bits(text))
    #expect((header.width, header.height) == (48, 36))
    #expect(header.timing?.frameRate == Rational(25, 1))
  }

  @Test func `a reserved profile and a picture beyond all limits are refused`() {
    let reserved = #expect(throws: CodecsError.self) {
      try AV1SequenceHeader(payload: bits("011 1 1 00000" + String(repeating: "0", count: 80)))
    }
    #expect(reserved?.code == .invalidValue)
    let large = #expect(throws: CodecsError.self) {
      try AV1SequenceHeader(
        payload: bits(
          "000 1 1 00000 1111 1111" + String(repeating: "1", count: 32)
            + String(repeating: "0", count: 40)))
    }
    #expect(large?.code == .limitExceeded)
  }

  @Test func `a cut at every byte throws`() throws {
    let payloads = [hex("00000002aff79b5f2008"), hex("00000024cf7f0d805f0a12201248"), Self.rich]
    for payload in payloads {
      _ = try AV1SequenceHeader(payload: payload)
      for count in 0..<payload.readableBytes - 1 {
        #expect(throws: CodecsError.self) {
          try AV1SequenceHeader(payload: payload.prefix(count))
        }
      }
    }
  }

  @Test func `damage never traps`() {
    for payload in [hex("00000024cf7f0d805f0a12201248"), Self.rich] {
      survivesDamage(payload) { _ = try AV1SequenceHeader(payload: $0) }
    }
  }
}

struct AV1UnitTests {
  private func units(_ text: String) throws -> [AV1OBU] {
    let buffer = hex(text)
    var units = AV1OBUs(in: buffer, at: 0, count: buffer.readableBytes)
    var found: [AV1OBU] = []
    while let unit = try units.next() { found.append(unit) }
    return found
  }

  @Test func `units lie one after the other`() throws {
    let found = try units("1200 0a0a00000002aff79b5f2008 1e 28 01 a8 7a 02 0000 30 0102")
    #expect(
      found.map(\.kind)
        == [.temporalDelimiter, .sequenceHeader, .frameHeader, .padding, .frame])
    #expect(found.map(\.count) == [2, 12, 4, 4, 3])
    #expect(found.map(\.payloadCount) == [0, 10, 1, 2, 2])
    #expect(found.map(\.offset) == [0, 2, 14, 18, 22])
    #expect((found[2].temporalID, found[2].spatialID) == (1, 1))
    // The last one has no size: it reaches to the end.
    #expect(found[4].end == 25)
  }

  @Test func `sizes take as many bytes as they like`() throws {
    // leb128 of 1 in three bytes.
    #expect(try units("32 818000 aa 1200").map(\.count) == [5, 2])
    #expect(try units("4a 00").first?.kind == nil)
  }

  @Test(
    arguments: [
      ("92 00", CodecsError.Code.invalidValue),  // forbidden bit
      ("32 05 00", .truncated), ("32", .truncated), ("36", .truncated), ("36 00", .truncated),
      ("32 8080", .truncated),
      ("32 ffffffff7f", .truncated),  // beyond 32 bits
      ("32 8080808080808080 80 00", .truncated),  // more than eight bytes
    ])
  func `broken units are refused`(_ text: String, code: CodecsError.Code) {
    let error = #expect(throws: CodecsError.self) { try units(text) }
    #expect(error?.code == code)
  }

  @Test func `a sample of endless units is refused`() {
    let text = String(repeating: "1200", count: AV1OBUs.maximumCount + 1)
    let error = #expect(throws: CodecsError.self) { try units(text) }
    #expect(error?.code == .limitExceeded)
  }

  @Test func `a unit never reaches past the sample into the next`() throws {
    let buffer = hex("32 04 00000000")
    var units = AV1OBUs(in: buffer, at: 0, count: 4)
    #expect(throws: CodecsError.self) { try units.next() }
  }
}

struct AV1AccessUnitTests {
  private static let parameters =
    (try? AV1CodecConfigurationRecord(parsing: AV1Vectors.record)).map(SliceParameters.init)
    ?? SliceParameters()

  private func unit(
    _ parts: [ByteBuffer], parameters: SliceParameters = AV1AccessUnitTests.parameters
  ) throws -> AccessUnit {
    var sample = ByteBuffer()
    for part in parts { sample.writeImmutableBuffer(part) }
    return try AccessUnit(
      in: sample, at: 0, count: sample.readableBytes, codec: .av1, framing: .annexB,
      parameters: parameters)
  }

  /// A frame unit from the bits of its header; a few bytes follow.
  private static func frame(_ text: String) -> ByteBuffer {
    let payload = bits(text + String(repeating: "0", count: 32))
    var unit = ByteBuffer(bytes: [0x32, UInt8(payload.readableBytes)])
    unit.writeImmutableBuffer(payload)
    return unit
  }

  // show_existing_frame, frame_type, show_frame, …; the stream has 7 bits of order hint and leaves
  // screen content tools to each frame.
  /// showable_frame 1, error_resilient_mode 0.
  static let forwardKey = frame("0 00 0 1 0 0 0 0 0000100 00000010")
  static let switching = frame("0 11 1 0 0 0000100")
  static let intraOnly = frame("0 10 1 0 0 0 0 0000100 00000100")
  static let unreferredIntra = frame("0 10 1 0 0 0 0 0000100 00000000")

  @Test(
    arguments: [
      ("key frame", [AV1Vectors.sequenceHeader, AV1Vectors.key], .key, false),
      (
        "key frame behind a delimiter",
        [AV1Vectors.delimiter, AV1Vectors.sequenceHeader, AV1Vectors.key], .key, false
      ),
      ("key frame without sequence header", [AV1Vectors.key], .intra, false),
      (
        "sequence header behind its key frame", [AV1Vectors.key, AV1Vectors.sequenceHeader],
        .intra, false
      ),
      ("inter frame", [AV1Vectors.inter], .inter, false),
      ("hidden frames", [AV1Vectors.hidden], .inter, false),
      ("frame shown again", [AV1Vectors.existing], .inter, false),
      ("frame that replaces none", [AV1Vectors.unreferred], .inter, true),
      ("forward key frame", [AV1Vectors.sequenceHeader, forwardKey], .intra, false),
      (
        "forward key frame and an inter frame",
        [AV1Vectors.sequenceHeader, forwardKey, AV1Vectors.unreferred], .inter, false
      ),
      ("switching frame", [AV1Vectors.sequenceHeader, switching], .inter, false),
      ("intra-only frame", [intraOnly], .intra, false),
      ("intra-only frame that replaces none", [unreferredIntra], .intra, true),
      ("no frame", [AV1Vectors.delimiter, AV1Vectors.sequenceHeader], .none, false),
    ] as [(String, [ByteBuffer], AccessUnit.Picture, Bool)])
  func `what a temporal unit is`(
    name: String, parts: [ByteBuffer], picture: AccessUnit.Picture, isDisposable: Bool
  ) throws {
    let unit = try unit(parts)
    #expect(unit.picture == picture)
    #expect(unit.isDisposable == isDisposable)
  }

  @Test func `only key frames are sync samples`() throws {
    let sync = try unit([AV1Vectors.sequenceHeader, AV1Vectors.key])
    #expect(SampleDependency(sync) == .sync)
    #expect(SampleDependency(try unit([Self.forwardKey])) == .intra)
    #expect(SampleDependency(try unit([Self.switching])) == .dependent)
    #expect(SampleDependency(try unit([AV1Vectors.existing])) == .dependent)
    #expect(SampleDependency(try unit([AV1Vectors.unreferred])) == .disposable)
  }

  @Test func `enhancement layers say nothing`() throws {
    // obu_extension: spatial layer 1.
    let unit = try unit([AV1Vectors.unreferred, hex("36 08 05 3201e04000")])
    #expect(unit.picture == .inter)
    #expect(unit.isDisposable)
  }

  @Test func `a sequence header inside the sample goes before the record's`() throws {
    let unit = try unit(
      [AV1Vectors.sequenceHeader, AV1Vectors.key], parameters: SliceParameters())
    #expect(unit.picture == .key)
    #expect(unit.parameterSets.map(\.kind) == [.sequenceHeader])
    #expect(unit.parameterSets.map(\.range) == [NALUnitRange(offset: 2, count: 10)])
    #expect(throws: CodecsError.self) {
      try self.unit([AV1Vectors.key], parameters: SliceParameters())
    }
  }

  @Test func `damage never traps`() {
    var sample = AV1Vectors.sequenceHeader
    for part in [AV1Vectors.key, AV1Vectors.hidden, AV1Vectors.existing] {
      sample.writeImmutableBuffer(part)
    }
    survivesDamage(sample) {
      _ = try AccessUnit(
        in: $0, at: 0, count: $0.readableBytes, codec: .av1, framing: .annexB,
        parameters: Self.parameters)
    }
  }
}

struct AV1CodecConfigurationRecordTests {
  @Test(arguments: [AV1Vectors.record, AV1Vectors.pq, AV1Vectors.hdr10, AV1Vectors.uhd])
  func `a record is written as it was read, and made anew of its sequence header`(
    bytes: ByteBuffer
  ) throws {
    let record = try AV1CodecConfigurationRecord(parsing: bytes)
    #expect(record.bytes == bytes)
    let payload = ByteBuffer(bytes: bytes.readableBytesView.dropFirst(6))
    #expect(try AV1CodecConfigurationRecord(sequenceHeader: payload).bytes == bytes)
  }

  @Test func `metadata units stand behind the sequence header`() throws {
    let metadata = hex("2a0601 03e80190 80")
    let record = try AV1CodecConfigurationRecord(
      sequenceHeader: hex("00000002aff79b5f2a12201208"), metadata: [metadata])
    #expect(hex(record.bytes).hasSuffix(hex(metadata)))
    let parsed = try AV1CodecConfigurationRecord(parsing: record.bytes)
    #expect(parsed == record)
    #expect(parsed.sequenceHeader?.colour.transfer == 16)
  }

  @Test func `fields of the four bytes`() throws {
    // Profile 2, level 31, high tier, 12 bits, 4:2:2, vertical; presentation delay 9.
    let record = try AV1CodecConfigurationRecord(parsing: hex("81 5f e9 19"))
    #expect((record.profile, record.level, record.isHighTier) == (2, 31, true))
    #expect((record.bitDepth, record.isMonochrome) == (12, false))
    #expect((record.subsamplingX, record.subsamplingY) == (1, 0))
    #expect(record.chromaSamplePosition == 1)
    #expect(record.initialPresentationDelay == 9)
    #expect(record.sequenceHeader == nil)
    #expect(record.bytes == hex("81 5f e9 19"))
  }

  @Test func `another version and every cut are refused`() {
    #expect(throws: CodecsError.self) {
      try AV1CodecConfigurationRecord(parsing: hex("82000c00"))
    }
    for count in 0..<AV1Vectors.record.readableBytes where count != 4 {
      #expect(throws: CodecsError.self, "\(count) bytes") {
        try AV1CodecConfigurationRecord(parsing: AV1Vectors.record.prefix(count))
      }
    }
  }

  @Test func `damage never traps`() {
    survivesDamage(AV1Vectors.hdr10) {
      let record = try AV1CodecConfigurationRecord(parsing: $0)
      _ = try AV1CodecConfigurationRecord(parsing: record.bytes)
    }
  }
}
