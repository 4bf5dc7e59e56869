import Codecs
import MediaCore
import NIOCore
import Testing

struct HEVCParameterSetTests {
  /// x265, Range Extensions 4:2:2 at 10 bits, level 5.1, PQ full range, SAR 16:11, HRD.
  static let video422 = hex("40010c01ffff0408000003009d08000003000099959809")
  static let main422 = hex(
    """
    4201010408000003009d08000003000099b00a480b9c96d96566924caf04b7091009b62db70000030001000003
    001e600c906e001e840007a122
    """)
  static let picture422 = hex("4401c172b46240")
  /// x265, 4:4:4 at 12 bits, level 2, with scaling lists.
  static let main444 = hex(
    """
    420101040800000300980800000300003c90014901739eca52cacd249caf016808000003000800000300f300648
    37000f420003d0910
    """)
  /// x265, Main, two temporal sub-layers, 640×360.
  static let layers = hex(
    """
    42010201600000030090000003000003003f0000a005020169659598acd24995e02d4040407840000003004000
    000782
    """)
  static let layersVideo = hex(
    "40010c02ffff01600000030090000003000003003f00009598acc048")

  @Test func `everything that a 4-2-2 stream declares`() throws {
    let sps = try HEVCSequenceParameterSet(nalUnit: Self.main422)
    #expect((sps.width, sps.height) == (322, 182))
    #expect((sps.chromaFormatIDC, sps.bitDepthLuma, sps.bitDepthChroma) == (2, 10, 10))
    #expect((sps.id, sps.videoParameterSetID, sps.maxSubLayers) == (0, 0, 1))
    #expect(sps.isTemporalIDNested)
    #expect(sps.sampleAspectRatio == Rational(16, 11))
    let colour = ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: true)
    #expect(sps.colour == colour)
    #expect(sps.timing?.frameRate == Rational(30, 1))
    #expect(sps.maxNumReorderPictures == 2)
    let profile = sps.profileTierLevel
    #expect((profile.profileIDC, profile.levelIDC, profile.isHighTier) == (4, 153, false))
    #expect(profile.compatibilityFlags == 0x0800_0000)
    #expect(profile.constraintBytes == [0x9d, 0x08, 0, 0, 0, 0])
  }

  @Test func `scaling lists and hypothetical decoders are passed over`() throws {
    let sps = try HEVCSequenceParameterSet(nalUnit: Self.main444)
    #expect((sps.width, sps.height) == (322, 182))
    #expect((sps.chromaFormatIDC, sps.bitDepthLuma) == (3, 12))
    #expect(sps.timing?.frameRate == Rational(30, 1))
  }

  @Test func `temporal sub-layers`() throws {
    let sps = try HEVCSequenceParameterSet(nalUnit: Self.layers)
    #expect((sps.maxSubLayers, sps.width, sps.height) == (2, 640, 360))
    let vps = try HEVCVideoParameterSet(nalUnit: Self.layersVideo)
    #expect((vps.id, vps.maxSubLayers) == (0, 2))
  }

  @Test func `every optional part of the syntax leads to the same end`() throws {
    let sps = try HEVCSequenceParameterSet(nalUnit: Self.built())
    #expect((sps.id, sps.videoParameterSetID, sps.maxSubLayers) == (7, 3, 3))
    #expect((sps.codedWidth, sps.codedHeight) == (1928, 1096))
    #expect((sps.width, sps.height) == (1920, 1080))
    #expect((sps.bitDepthLuma, sps.bitDepthChroma) == (10, 9))
    #expect((sps.log2CodingTreeBlockSize, sps.maxNumReorderPictures) == (6, 2))
    #expect(sps.sampleAspectRatio == Rational(4, 3))
    #expect(sps.isFullRange == false)
    #expect(sps.colour == nil)
    #expect(sps.isFieldSequence)
    #expect(sps.timing?.frameRate == Rational(24000, 1001))
    #expect(sps.minSpatialSegmentationIDC == 5)
  }

  @Test func `picture parameter set flags`() throws {
    let pps = try HEVCPictureParameterSet(nalUnit: Self.picture422)
    #expect((pps.id, pps.sequenceParameterSetID) == (0, 0))
    #expect(!pps.hasDependentSliceSegments)
    #expect(pps.extraSliceHeaderBitCount == 0)
    #expect((pps.hasTiles, pps.hasEntropyCodingSync) == (false, true))
  }

  @Test func `a parameter set of another layer is not taken for the base`() {
    #expect(throws: CodecsError.self) {
      try HEVCSequenceParameterSet(nalUnit: hex("4209" + hex(Self.main422).dropFirst(4)))
    }
  }

  @Test func `a cut at every byte throws`() {
    for unit in [Self.main422, Self.main444, Self.layers, Self.built()] {
      for count in 0..<unit.readableBytes {
        #expect(throws: CodecsError.self) {
          try HEVCSequenceParameterSet(nalUnit: unit.prefix(count))
        }
      }
    }
  }

  @Test func `damage never traps`() {
    for unit in [Self.main422, Self.main444, Self.layers, Self.built()] {
      survivesDamage(unit) { _ = try HEVCSequenceParameterSet(nalUnit: $0) }
    }
    survivesDamage(Self.picture422) { _ = try HEVCPictureParameterSet(nalUnit: $0) }
    survivesDamage(Self.video422) { _ = try HEVCVideoParameterSet(nalUnit: $0) }
  }

  /// A sequence parameter set that uses every optional part, by the syntax of §7.3.2.2.
  static func built() -> ByteBuffer {
    var bits = BitWriter()
    bits.u(4, 3)
    bits.u(3, 2)  // three sub-layers
    bits.flag(true)
    bits.u(8, 2)  // Main 10
    bits.u(32, 0x2000_0000)
    bits.u(24, 0x900000)
    bits.u(24, 0)
    bits.u(8, 123)
    bits.u(4, 0b1101)  // sub-layer 0 has profile and level, sub-layer 1 a level
    bits.u(12, 0)
    for _ in 0..<12 { bits.u(8, 0x55) }
    bits.u(8, 0x55)
    bits.ue(7)
    bits.ue(1)
    bits.ue(1928)
    bits.ue(1096)
    bits.flag(true)
    for side: UInt32 in [1, 3, 2, 6] { bits.ue(side) }
    bits.ue(2)
    bits.ue(1)
    bits.ue(4)  // log2_max_pic_order_cnt_lsb 8
    bits.flag(true)
    for layer: UInt32 in 0..<3 { for value in [4, layer, 0] { bits.ue(value) } }
    for value: UInt32 in [0, 3, 0, 3, 1, 1] { bits.ue(value) }
    writeScalingLists(&bits)
    bits.u(2, 0b11)
    bits.flag(true)  // pcm_enabled_flag
    bits.u(8, 0x77)
    bits.ue(0)
    bits.ue(2)
    bits.flag(true)
    writeReferencePictureSets(&bits)
    bits.u(2, 0b11)
    writeUsability(&bits)
    bits.flag(false)
    bits.trailingBits()
    return ByteBuffer(bytes: [0x42, 0x01] + EmulationPrevention.inserted(into: bits.bytes))
  }

  private static func writeScalingLists(_ bits: inout BitWriter) {
    bits.u(2, 0b11)
    for size in 0..<4 {
      for matrix in 0..<(size == 3 ? 2 : 6) {
        bits.flag(matrix % 2 == 0)
        if matrix % 2 == 1 {
          bits.ue(1)
        } else {
          if size > 1 { bits.se(-7) }
          for _ in 0..<min(64, 1 << (4 + size * 2)) { bits.se(3) }
        }
      }
    }
  }

  /// Two sets: one written out, one predicted whose candidate −1 falls on the picture itself.
  private static func writeReferencePictureSets(_ bits: inout BitWriter) {
    bits.ue(3)
    bits.ue(2)  // −1, −3
    bits.ue(1)  // +2
    for delta: UInt32 in [0, 1, 1] {
      bits.ue(delta)
      bits.flag(true)
    }
    bits.flag(true)  // predicted, shifted by +1: 0 (dropped), −2, 3, 1
    bits.flag(false)
    bits.ue(0)
    for _ in 0..<4 { bits.flag(true) }
    bits.flag(true)  // predicted from three, shifted by −1: four candidates
    bits.flag(true)
    bits.ue(0)
    bits.flag(true)
    for _ in 0..<3 {
      bits.flag(false)
      bits.flag(true)
    }
    bits.flag(true)  // long_term_ref_pics_present_flag
    bits.ue(2)
    for _ in 0..<2 { bits.u(9, 0x1ff) }
  }

  private static func writeUsability(_ bits: inout BitWriter) {
    bits.flag(true)
    bits.flag(true)
    bits.u(8, 255)
    bits.u(16, 40)
    bits.u(16, 30)
    bits.u(2, 0b11)
    bits.flag(true)
    bits.u(3, 5)
    bits.u(2, 0)
    bits.flag(true)
    bits.ue(1)
    bits.ue(1)
    bits.u(3, 0b010)  // field_seq_flag
    bits.flag(true)
    for _ in 0..<4 { bits.ue(2) }
    bits.flag(true)
    bits.u(32, 1001)
    bits.u(32, 24000)
    bits.flag(true)
    bits.ue(0)
    bits.flag(true)  // hrd_parameters
    bits.u(3, 0b111)
    bits.u(19, 0)
    bits.u(8, 0x11)
    bits.u(4, 1)
    bits.u(15, 0x3def)
    for layer in 0..<3 {
      bits.flag(layer == 0)  // fixed_pic_rate_general_flag
      if layer > 0 { bits.flag(layer == 1) }
      if layer < 2 { bits.ue(0) } else { bits.flag(true) }  // duration, low_delay_hrd_flag
      if layer < 2 { bits.ue(1) }
      for _ in 0..<(layer < 2 ? 4 : 2) {
        for _ in 0..<4 { bits.ue(1000) }
        bits.flag(true)
      }
    }
    bits.flag(true)  // bitstream_restriction_flag
    bits.u(3, 0)
    bits.ue(5)
    for _ in 0..<4 { bits.ue(15) }
  }
}
