import Codecs
import MediaCore
import NIOCore
import Testing

struct H264ParameterSetTests {
  /// x264, High 4:2:2 at 10 bits, 322×182, SAR 7:5, BT.2020 HLG full range, NAL HRD.
  static let high422 = hex(
    """
    677a000db6cd941519e222fff000700056e1224128000003000800000301e301000f420003d09492600f142996
    """)
  /// x264, High 4:4:4 Predictive with the scaling lists of the JVT in its PPS, 322×182.
  static let high444 = hex("67f4000d919b282a33c7c5e022000003000200000300781e28532c")
  /// x264, 720×576 MBAFF, SAR 64:45.
  static let interlaced = hex("6764001eacd940b424dff8020001688000000300800000190f8a14cb")

  @Test func `size, depth, shape, colour and rate of a High 4-2-2 stream`() throws {
    let sps = try H264SequenceParameterSet(nalUnit: Self.high422)
    #expect((sps.profileIDC, sps.constraintFlags, sps.levelIDC) == (122, 0, 13))
    #expect((sps.width, sps.height) == (322, 182))
    #expect((sps.chromaFormatIDC, sps.bitDepthLuma, sps.bitDepthChroma) == (2, 10, 10))
    #expect(sps.sampleAspectRatio == Rational(7, 5))
    let colour = ColourInformation(primaries: 9, transfer: 18, matrix: 9, isFullRange: true)
    #expect(sps.colour == colour)
    #expect(sps.isFullRange == true)
    #expect(sps.timing?.frameRate == Rational(30, 1))
    #expect(sps.maxNumReorderFrames == 2)
    #expect(sps.isFrameOnly)
  }

  @Test func `fields double the height and the crop unit`() throws {
    let sps = try H264SequenceParameterSet(nalUnit: Self.interlaced)
    #expect((sps.width, sps.height) == (720, 576))
    #expect(!sps.isFrameOnly)
    #expect(sps.sampleAspectRatio == Rational(64, 45))
    #expect(sps.timing?.frameRate == Rational(25, 1))
    #expect(sps.colour == nil)
  }

  @Test func `High 4-4-4 crops in single samples`() throws {
    let sps = try H264SequenceParameterSet(nalUnit: Self.high444)
    #expect((sps.width, sps.height, sps.chromaFormatIDC) == (322, 182, 3))
  }

  @Test func `scaling lists are passed over`() throws {
    let plain = try H264SequenceParameterSet(nalUnit: Self.built(width: 1920, height: 1080))
    for lists in [0, 1, 5, 12] {
      let sps = try H264SequenceParameterSet(
        nalUnit: Self.built(width: 1920, height: 1080, scalingLists: lists))
      #expect((sps.width, sps.height) == (plain.width, plain.height))
      #expect(sps.colour == plain.colour)
    }
    #expect((plain.width, plain.height) == (1920, 1080))
    #expect(plain.isFullRange == true)
    #expect(plain.colour == nil)
  }

  @Test func `aspect_ratio_idc stands for the ratios of Table E-1`() throws {
    let table: [(Int, Int64, Int64)] = [
      (1, 1, 1), (2, 12, 11), (3, 10, 11), (4, 16, 11), (5, 40, 33), (6, 24, 11), (7, 20, 11),
      (8, 32, 11), (9, 80, 33), (10, 18, 11), (11, 15, 11), (12, 64, 33), (13, 160, 99),
      (14, 4, 3), (15, 3, 2), (16, 2, 1),
    ]
    for (code, width, height) in table {
      let sps = try H264SequenceParameterSet(
        nalUnit: Self.built(width: 640, height: 360, aspectRatio: code))
      #expect(sps.sampleAspectRatio == Rational(width, height))
    }
    for code in [0, 17, 254] {
      let sps = try H264SequenceParameterSet(
        nalUnit: Self.built(width: 640, height: 360, aspectRatio: code))
      #expect(sps.sampleAspectRatio == nil)
    }
  }

  @Test func `a picture larger than the limit is refused`() {
    let error = #expect(throws: CodecsError.self) {
      try H264SequenceParameterSet(nalUnit: Self.built(width: 1 << 20, height: 1080))
    }
    #expect(error?.code == .limitExceeded)
  }

  @Test func `a crop that leaves nothing is refused`() {
    let error = #expect(throws: CodecsError.self) {
      try H264SequenceParameterSet(nalUnit: Self.built(width: 16, height: 16, cropRight: 8))
    }
    #expect(error?.code == .invalidValue)
  }

  @Test func `another NAL unit is not taken for a parameter set`() {
    #expect(throws: CodecsError.self) { try H264SequenceParameterSet(nalUnit: hex("68ebecb22c")) }
    #expect(throws: CodecsError.self) { try H264PictureParameterSet(nalUnit: Self.high422) }
  }

  @Test func `picture parameter set ids`() throws {
    let pps = try H264PictureParameterSet(nalUnit: hex("68ebecb22c"))
    #expect((pps.id, pps.sequenceParameterSetID, pps.isCABAC) == (0, 0, true))
    var bits = BitWriter()
    bits.u(8, 0x68)
    bits.ue(255)
    bits.ue(31)
    bits.u(8, 0)
    bits.trailingBits()
    let last = try H264PictureParameterSet(nalUnit: bits.buffer)
    #expect((last.id, last.sequenceParameterSetID) == (255, 31))
  }

  @Test func `a cut at every byte throws`() {
    for unit in [Self.high422, Self.high444, Self.interlaced] {
      for count in 0..<unit.readableBytes {
        #expect(throws: CodecsError.self) {
          try H264SequenceParameterSet(nalUnit: unit.prefix(count))
        }
      }
    }
  }

  @Test func `damage never traps`() {
    for unit in [Self.high422, Self.high444, Self.interlaced] {
      survivesDamage(unit) { _ = try H264SequenceParameterSet(nalUnit: $0) }
      survivesDamage(unit) { _ = try H264PictureParameterSet(nalUnit: $0) }
    }
  }

  /// A High 4:4:4 sequence parameter set written by the syntax of §7.3.2.1.1.
  static func built(
    width: Int, height: Int, scalingLists: Int = 0, aspectRatio: Int = 1, cropRight: Int = 0,
    id: UInt32 = 0, profile: UInt8 = 244
  ) -> ByteBuffer {
    var bits = BitWriter()
    bits.u(8, profile)
    bits.u(8, 0)
    bits.u(8, 40)
    bits.ue(id)
    bits.ue(3)  // chroma_format_idc
    bits.flag(true)  // separate_colour_plane_flag
    bits.ue(0)
    bits.ue(0)
    bits.flag(false)
    bits.flag(scalingLists > 0)
    if scalingLists > 0 {
      for list in 0..<12 {
        bits.flag(list < scalingLists)
        guard list < scalingLists else { continue }
        if list % 2 == 1 {
          bits.se(-8)  // use the default matrix
        } else {
          for _ in 0..<(list < 6 ? 16 : 64) { bits.se(1) }
        }
      }
    }
    bits.ue(0)
    bits.ue(1)  // pic_order_cnt_type
    bits.flag(false)
    bits.se(-3)
    bits.se(5)
    bits.ue(3)
    for _ in 0..<3 { bits.se(-1) }
    bits.ue(4)
    bits.flag(false)
    bits.ue(UInt32((width + 15) / 16 - 1))
    bits.ue(UInt32((height + 15) / 16 - 1))
    bits.flag(true)
    bits.flag(true)
    bits.flag(true)
    bits.ue(UInt32(cropRight))
    bits.ue(UInt32((width + 15) / 16 * 16 - width + cropRight))
    bits.ue(0)
    bits.ue(UInt32((height + 15) / 16 * 16 - height))
    bits.flag(true)  // vui_parameters_present_flag
    bits.flag(true)
    bits.u(8, aspectRatio)
    bits.flag(true)
    bits.flag(false)
    bits.flag(true)  // video_signal_type_present_flag
    bits.u(3, 5)
    bits.flag(true)  // video_full_range_flag
    bits.flag(false)
    bits.u(6, 0)  // chroma location, timing, HRDs, pic_struct, restriction
    bits.trailingBits()
    return ByteBuffer(bytes: [0x67] + EmulationPrevention.inserted(into: bits.bytes))
  }
}
