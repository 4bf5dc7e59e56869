import Codecs
import NIOCore
import Testing

struct AVCDecoderConfigurationRecordTests {
  /// x264, High 4:2:2 at 10 bits.
  static let bytes = hex(
    """
    017a000dffe1002d677a000db6cd941519e222fff000700056e1224128000003000800000301e301000f420003d0
    9492600f14299601000568ebecb22cfefafa00
    """)

  @Test func `a record is written as it was read`() throws {
    let record = try AVCDecoderConfigurationRecord(parsing: Self.bytes)
    #expect(record.bytes == Self.bytes)
    #expect(record.nalUnitLengthSize == .four)
    #expect(record.highProfileFields?.chromaFormat == 2)
    #expect(record.highProfileFields?.bitDepthLuma == 10)
  }

  @Test func `a record built from NAL units is the one an encoder writes`() throws {
    let record = try AVCDecoderConfigurationRecord(
      sequenceParameterSets: [H264ParameterSetTests.high422],
      pictureParameterSets: [hex("68ebecb22c")])
    #expect(record.bytes == Self.bytes)
  }

  @Test func `a High record of an older program has no chroma fields`() throws {
    let old = Self.bytes.prefix(Self.bytes.readableBytes - 4)
    let record = try AVCDecoderConfigurationRecord(parsing: old)
    #expect(record.highProfileFields == nil)
    #expect(record.bytes == old)
  }

  @Test func `a cut at every other byte throws`() {
    for count in 0..<Self.bytes.readableBytes where count != Self.bytes.readableBytes - 4 {
      #expect(throws: CodecsError.self) {
        try AVCDecoderConfigurationRecord(parsing: Self.bytes.prefix(count))
      }
    }
  }

  @Test func `lengths of three bytes are refused`() {
    var bytes = Self.bytes
    bytes.setInteger(UInt8(0xfe), at: 4)
    #expect(throws: CodecsError.self) { try AVCDecoderConfigurationRecord(parsing: bytes) }
  }

  @Test func `parameter sets that differ in profile make no record`() {
    let error = #expect(throws: CodecsError.self) {
      try AVCDecoderConfigurationRecord(
        sequenceParameterSets: [
          H264ParameterSetTests.high422, H264ParameterSetTests.interlaced,
        ], pictureParameterSets: [hex("68ebecb22c")])
    }
    #expect(error?.code == .unsupported)
  }

  @Test func `too many, too long or no parameter sets make no record`() {
    let sps = H264ParameterSetTests.high422
    let pps = hex("68ebecb22c")
    #expect(throws: CodecsError.self) {
      try AVCDecoderConfigurationRecord(sequenceParameterSets: [], pictureParameterSets: [pps])
    }
    #expect(throws: CodecsError.self) {
      try AVCDecoderConfigurationRecord(
        sequenceParameterSets: Array(repeating: sps, count: 32), pictureParameterSets: [pps])
    }
    #expect(throws: CodecsError.self) {
      try AVCDecoderConfigurationRecord(
        sequenceParameterSets: [sps],
        pictureParameterSets: [ByteBuffer(repeating: 0x68, count: 65536)])
    }
  }

  @Test func `damage never traps`() {
    survivesDamage(Self.bytes) {
      let record = try AVCDecoderConfigurationRecord(parsing: $0)
      #expect(try AVCDecoderConfigurationRecord(parsing: record.bytes) == record)
    }
  }
}

struct HEVCDecoderConfigurationRecordTests {
  typealias Sets = HEVCParameterSetTests

  static func record() throws -> HEVCDecoderConfigurationRecord {
    try HEVCDecoderConfigurationRecord(
      videoParameterSets: [Sets.video422], sequenceParameterSets: [Sets.main422],
      pictureParameterSets: [Sets.picture422],
      otherArrays: [.init(isComplete: false, nalUnitType: .prefixSEI, nalUnits: [hex("4e0100")])])
  }

  @Test func `a built record opens with the bytes an encoder writes`() throws {
    // x265 in MP4 as FFmpeg writes it, up to numOfArrays.
    let head = "0104080000009d080000000099f000fcfefafa00000f04"
    let bytes = hex(try Self.record().bytes)
    #expect(bytes.hasPrefix(head))
    #expect(bytes.dropFirst(head.count).hasPrefix("a00001"))
  }

  @Test func `a record is written as it was read`() throws {
    let record = try Self.record()
    let parsed = try HEVCDecoderConfigurationRecord(parsing: record.bytes)
    #expect(parsed == record)
    #expect(parsed.bytes == record.bytes)
    #expect(parsed.arrays.map(\.nalUnitType.rawValue) == [32, 33, 34, 39])
    #expect(parsed.arrays.map(\.isComplete) == [true, true, true, false])
    #expect(parsed.nalUnits(of: .sequenceParameterSet) == [Sets.main422])
  }

  @Test func `temporal layers and spatial segmentation come from the parameter sets`() throws {
    let record = try HEVCDecoderConfigurationRecord(
      videoParameterSets: [Sets.layersVideo], sequenceParameterSets: [Sets.built()],
      pictureParameterSets: [Sets.picture422], nalUnitLengthSize: .two)
    #expect(record.temporalLayerCount == 3)
    #expect(record.minSpatialSegmentationIDC == 5)
    #expect(record.parallelismType == 3)  // the picture parameter set has wavefronts
    #expect(try HEVCDecoderConfigurationRecord(parsing: record.bytes) == record)
  }

  @Test func `a cut at every byte throws`() throws {
    let bytes = try Self.record().bytes
    for count in 0..<bytes.readableBytes {
      #expect(throws: CodecsError.self) {
        try HEVCDecoderConfigurationRecord(parsing: bytes.prefix(count))
      }
    }
  }

  @Test func `parameter sets that differ in profile make no record`() {
    #expect(throws: CodecsError.self) {
      try HEVCDecoderConfigurationRecord(
        videoParameterSets: [Sets.video422], sequenceParameterSets: [Sets.main422, Sets.layers],
        pictureParameterSets: [Sets.picture422])
    }
  }

  @Test func `damage never traps`() throws {
    survivesDamage(try Self.record().bytes) {
      let record = try HEVCDecoderConfigurationRecord(parsing: $0)
      #expect(try HEVCDecoderConfigurationRecord(parsing: record.bytes) == record)
    }
  }
}
