import Codecs
import NIOCore
import Testing

struct AudioSpecificConfigTests {
  struct Vector: Sendable {
    var bytes: String
    var signalled: Int
    var core: Int
    var channels: Int
    var rate: Int
    var samples: Int
  }

  // The first two are the examples of every AAC encoder; the others by the syntax of §1.6.2.1.
  static let vectors = [
    Vector(bytes: "1190", signalled: 2, core: 2, channels: 2, rate: 48000, samples: 1024),
    Vector(bytes: "1210", signalled: 2, core: 2, channels: 2, rate: 44100, samples: 1024),
    Vector(bytes: "1194", signalled: 2, core: 2, channels: 2, rate: 48000, samples: 960),
    Vector(bytes: "11b8", signalled: 2, core: 2, channels: 8, rate: 48000, samples: 1024),
    // SBR as the outer type, 24 kHz core: 00101 0110 0010 0011 00010 000.
    Vector(bytes: "2b118800", signalled: 5, core: 2, channels: 2, rate: 48000, samples: 2048),
    // PS over a mono core: 11101 0110 0001 0011 00010 000.
    Vector(bytes: "eb098800", signalled: 29, core: 2, channels: 2, rate: 48000, samples: 2048),
    // Backward compatible: AAC-LC 24 kHz, then 2b7, SBR, 48 kHz.
    Vector(bytes: "131056e598", signalled: 2, core: 2, channels: 2, rate: 48000, samples: 2048),
    // The same with a mono core and 548, PS.
    Vector(bytes: "130856e59d4880", signalled: 2, core: 2, channels: 2, rate: 48000, samples: 2048),
  ]

  @Test(arguments: vectors)
  func `what configurations say`(vector: Vector) throws {
    let config = try AudioSpecificConfig(parsing: hex(vector.bytes))
    #expect(config.signalledObjectType == vector.signalled)
    #expect(config.objectType == vector.core)
    #expect(config.channelCount == vector.channels)
    #expect(config.outputSampleRate == vector.rate)
    #expect(config.samplesPerFrame == vector.samples)
    #expect(config.hasSBR == (vector.samples == 2048))
    #expect(config.bytes == hex(vector.bytes))
  }

  @Test func `a frequency outside the table is written out`() throws {
    let config = try AudioSpecificConfig(samplingFrequency: 44056, channelConfiguration: 2)
    #expect(config.samplingFrequency == 44056)
    #expect(hex(config.bytes) == "1780560c10")
    #expect(try AudioSpecificConfig(parsing: config.bytes) == config)
  }

  @Test func `an object type above 31 is escaped`() throws {
    // xHE-AAC: 42, 48 kHz, stereo; UsacConfig with 1024 samples and stereo.
    var bits = BitWriter()
    bits.u(5, 31)
    bits.u(6, 42 - 32)
    bits.u(4, 3)
    bits.u(4, 2)
    bits.u(5, 3)
    bits.u(3, 1)
    bits.u(5, 2)
    bits.alignToByte()
    let config = try AudioSpecificConfig(parsing: bits.buffer)
    #expect((config.objectType, config.channelCount, config.samplesPerFrame) == (42, 2, 1024))
    #expect(CodecString.mpeg4Audio(config) == "mp4a.40.42")
  }

  /// A configuration with a program config element: 3 front, 2 side, 2 back, one LFE.
  private static func withElement(comment: Int) -> ByteBuffer {
    var bits = BitWriter()
    bits.u(5, 2)
    bits.u(4, 3)
    bits.u(4, 0)
    bits.u(3, 0)
    writeElement(&bits, comment: comment)
    return bits.buffer
  }

  private static func writeElement(_ bits: inout BitWriter, comment: Int) {
    bits.u(4, 1)
    bits.u(2, 1)
    bits.u(4, 3)
    bits.u(12, 0x211)  // two front, one side, one back element
    bits.u(2, 1)
    bits.u(3, 1)
    bits.u(4, 1)
    bits.u(5, 0b10000 | 3)
    bits.u(1, 0)
    bits.u(4, 0b1101)
    for element in [0b00000, 0b10000, 0b10001, 0b10010] { bits.u(5, element) }
    bits.u(4, 0)
    bits.u(4, 9)
    bits.u(5, 0b10101)
    bits.alignToByte()
    bits.u(8, comment)
    for index in 0..<comment { bits.u(8, index) }
  }

  @Test(arguments: [0, 5, 255])
  func `a program config element counts the channels`(comment: Int) throws {
    let config = try AudioSpecificConfig(parsing: Self.withElement(comment: comment))
    #expect((config.channelConfiguration, config.channelCount) == (0, 8))
    #expect(config.programConfigElement?.comment.count == comment)
    #expect(config.programConfigElement?.matrixMixdown == 5)
    #expect(config.samplesPerFrame == 1024)
  }

  @Test func `an ADTS frame's program config element moves into the configuration`() throws {
    var block = BitWriter()
    block.u(3, 5)
    Self.writeElement(&block, comment: 3)
    block.u(8, 0xff)
    let header = try ADTSHeader(in: hex("fff14c0002bffc"), at: 0)
    #expect(header.channelConfiguration == 0)
    let config = try AudioSpecificConfig(header, rawDataBlock: block.buffer)
    #expect(config.bytes == Self.withElement(comment: 3))
    #expect(throws: CodecsError.self) { try AudioSpecificConfig(header) }
    #expect(throws: CodecsError.self) {
      try AudioSpecificConfig(header, rawDataBlock: hex("2100"))
    }
  }

  @Test(arguments: ["", "11", "1180", "16", "16 90", "f8", "0f90", "2b11", "1388"])
  func `damaged, empty and foreign configurations throw`(text: String) {
    #expect(throws: CodecsError.self) {
      // 1388 is whole: 22050 Hz mono; every other is not.
      let config = try AudioSpecificConfig(parsing: hex(text))
      if text == "1388" { throw CodecsError(.unsupported, "\(config.channelCount)") }
    }
  }

  @Test func `damage never traps`() {
    for vector in Self.vectors {
      survivesDamage(hex(vector.bytes)) {
        let config = try AudioSpecificConfig(parsing: $0)
        #expect(config.channelCount > 0 && config.samplesPerFrame > 0)
      }
    }
    survivesDamage(Self.withElement(comment: 5)) { _ = try AudioSpecificConfig(parsing: $0) }
  }
}

struct ADTSHeaderTests {
  @Test func `the fields of a header`() throws {
    let header = try ADTSHeader(in: hex("00 fff15080 2e7ffc"), at: 1)
    #expect((header.objectType, header.samplingFrequency) == (2, 44100))
    #expect((header.channelConfiguration, header.frameByteCount) == (2, 371))
    #expect((header.headerByteCount, header.payloadByteCount) == (7, 364))
    #expect((header.rawDataBlockCount, header.bufferFullness) == (1, 0x7ff))
    #expect(hex(header.bytes) == "fff150802e7ffc")
    let config = try AudioSpecificConfig(header)
    #expect(hex(config.bytes) == "1210")
    #expect(try ADTSHeader(config, rawDataBlockByteCount: 364) == header)
  }

  @Test func `a checksum makes the header two bytes longer`() throws {
    let header = try ADTSHeader(in: hex("fff050802e7ffc"), at: 0)
    #expect(header.hasChecksum)
    #expect((header.headerByteCount, header.payloadByteCount) == (9, 362))
  }

  @Test(arguments: [
    "", "fff15080 2e7f", "fff25080 2e7ffc", "ffe15080 2e7ffc", "fff17480 2e7ffc",
    "fff15080 00fffc",
  ])
  func `what is no header throws`(text: String) {
    #expect(throws: CodecsError.self) { try ADTSHeader(in: hex(text), at: 0) }
  }

  @Test func `damage never traps`() {
    survivesDamage(hex("fff150802e7ffc")) { _ = try ADTSHeader(in: $0, at: 0) }
  }
}

struct AACSilenceTests {
  // FFmpeg decodes fifty of each, in ADTS, to zeros without a word of complaint.
  @Test(arguments: [
    (1, "00000007"), (2, "21000000001c"), (3, "000000010800000000e0"),
    (4, "00000001080000000002000007"), (5, "00000001080000000023000000001c"),
    (6, "00000001080000000023000000000c000000e0"),
    (7, "000000010800000000230000000004a0000000018000001c"),
  ])
  func `silence of each channel configuration`(configuration: Int, bytes: String) throws {
    let block = try AACSilence.rawDataBlock(channelConfiguration: configuration)
    #expect(hex(block) == bytes)
  }

  @Test(arguments: [-1, 0, 8, 11]) func `other configurations throw`(configuration: Int) {
    #expect(throws: CodecsError.self) {
      try AACSilence.rawDataBlock(channelConfiguration: configuration)
    }
  }
}

struct ESDescriptorTests {
  /// As FFmpeg writes it: lengths of four bytes.
  static let long = hex(
    """
    0380808022 000200 0480808014 4015000000 0001f400 0001f400 0580808002 1190 0680808001 02
    """)

  @Test func `long and short lengths say the same`() throws {
    let descriptor = try ESDescriptor(parsing: Self.long)
    #expect(descriptor.id == 2)
    #expect(descriptor.objectTypeIndication == 0x40)
    #expect(descriptor.streamType == 5)
    #expect((descriptor.maxBitsPerSecond, descriptor.averageBitsPerSecond) == (128000, 128000))
    #expect(descriptor.decoderSpecificInfo == hex("1190"))
    #expect(
      hex(descriptor.bytes) == "0319000200041140150000000001f4000001f40005021190060102")
    #expect(try ESDescriptor(parsing: descriptor.bytes) == descriptor)
  }

  @Test func `optional fields of the stream are passed over`() throws {
    let descriptor = try ESDescriptor(
      parsing: hex("0319 0001 e0 0007 02 6162 0008 040d 6b15000000 0001f400 00000000"))
    #expect((descriptor.id, descriptor.objectTypeIndication) == (1, 0x6b))
    #expect(descriptor.decoderSpecificInfo == nil)
  }

  @Test(arguments: [1, 127, 128, 300, 20000])
  func `lengths of one to three bytes come back`(count: Int) throws {
    let descriptor = ESDescriptor(
      id: 1, bufferSize: 6144, maxBitsPerSecond: 1, averageBitsPerSecond: 2,
      decoderSpecificInfo: ByteBuffer(repeating: 7, count: count))
    #expect(try ESDescriptor(parsing: descriptor.bytes) == descriptor)
  }

  @Test func `a cut at every byte throws`() {
    for count in 0..<Self.long.readableBytes {
      #expect(throws: CodecsError.self) { try ESDescriptor(parsing: Self.long.prefix(count)) }
    }
  }

  @Test func `a length of five bytes throws`() {
    #expect(throws: CodecsError.self) { try ESDescriptor(parsing: hex("03808080800100")) }
  }

  @Test func `damage never traps`() {
    survivesDamage(Self.long) {
      let descriptor = try ESDescriptor(parsing: $0)
      #expect(try ESDescriptor(parsing: descriptor.bytes) == descriptor)
    }
  }
}
