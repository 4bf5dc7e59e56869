package import MediaCore
package import NIOCore

/// The payload of `vpcC` (VP-codec-ISOBMFF §2.2), version and flags included.
package struct VPCodecConfigurationRecord: Hashable, Sendable {
  package var profile: Int
  /// Ten times the level: 10 to 62; 0 if unknown.
  package var level: Int
  package var bitDepth: Int
  /// chromaSubsampling: 0 4:2:0 vertical, 1 4:2:0 colocated, 2 4:2:2, 3 4:4:4.
  package var chromaSubsampling: Int
  package var colour: ColourInformation

  package init(
    profile: Int, level: Int, bitDepth: Int, chromaSubsampling: Int, colour: ColourInformation
  ) {
    self.profile = profile
    self.level = level
    self.bitDepth = bitDepth
    self.chromaSubsampling = chromaSubsampling
    self.colour = colour
  }

  /// What a key frame says; the level is left unknown.
  package init(_ format: VP9Format, profile: Int, colour: ColourInformation?) {
    let subsampling = format.subsamplingX == 0 ? 3 : format.subsamplingY == 0 ? 2 : 1
    var own = format.colour ?? colour ?? .unspecified
    // The container knows which transfer a BT.2020 picture has.
    if format.colourSpace == 5, let colour, colour.transfer != 2 { own.transfer = colour.transfer }
    own.isFullRange = format.isFullRange
    self.init(
      profile: profile, level: 0, bitDepth: format.bitDepth, chromaSubsampling: subsampling,
      colour: own)
  }

  /// - Throws: `.truncated`, `.unsupported` for version 0.
  package init(parsing payload: ByteBuffer) throws {
    var bits = try BitReader(payload, of: "vpcC")
    let version = try bits.int(8)
    guard version == 1 else {
      throw CodecsError(.unsupported, "vpcC: version \(version); 1 is expected")
    }
    try bits.skip(24)
    profile = try bits.int(8)
    level = try bits.int(8)
    bitDepth = try bits.int(4)
    chromaSubsampling = try bits.int(3)
    let isFullRange = try bits.flag()
    colour = ColourInformation(
      primaries: UInt16(try bits.u(8)), transfer: UInt16(try bits.u(8)),
      matrix: UInt16(try bits.u(8)), isFullRange: isFullRange)
    guard profile <= 3, [8, 10, 12].contains(bitDepth) else {
      throw CodecsError(
        .invalidValue,
        "vpcC: profile \(profile) of \(bitDepth) bits; profiles 0 to 3 of 8, 10 or 12 "
          + "bits are expected")
    }
  }

  /// The box payload.
  package var bytes: ByteBuffer {
    var bits = BitWriter()
    bits.u(32, 0x0100_0000)
    bits.u(8, profile)
    bits.u(8, level)
    bits.u(4, bitDepth)
    bits.u(3, chromaSubsampling)
    bits.flag(colour.isFullRange)
    bits.u(8, colour.primaries)
    bits.u(8, colour.transfer)
    bits.u(8, colour.matrix)
    bits.u(16, 0)  // codecInitializationDataSize
    return bits.buffer
  }

  /// A level's bounds: luma samples in a second and in a picture, kilobits in a second, longest side.
  private static let levels: [(level: Int, rate: Int64, size: Int64, kilobits: Int64, side: Int)] =
    [
      (10, 829_440, 36_864, 200, 512), (11, 2_764_800, 73_728, 800, 768),
      (20, 4_608_000, 122_880, 1_800, 960), (21, 9_216_000, 245_760, 3_600, 1_344),
      (30, 20_736_000, 552_960, 7_200, 2_048), (31, 36_864_000, 983_040, 12_000, 2_752),
      (40, 83_558_400, 2_228_224, 18_000, 4_160), (41, 160_432_128, 2_228_224, 30_000, 4_160),
      (50, 311_951_360, 8_912_896, 60_000, 8_384), (51, 588_251_136, 8_912_896, 120_000, 8_384),
      (52, 1_176_502_272, 8_912_896, 180_000, 8_384),
      (60, 1_176_502_272, 35_651_584, 180_000, 16_832),
      (61, 2_353_004_544, 35_651_584, 240_000, 16_832),
      (62, 4_706_009_088, 35_651_584, 480_000, 16_832),
    ]

  /// The lowest level that allows size, rate and mean bit rate; 62 where none does.
  package static func level(
    width: Int, height: Int, framesPerSecond: Double, bitsPerSecond: Int64
  ) -> Int {
    let size = Int64(width) * Int64(height)
    let rate = Double(size) * framesPerSecond
    return levels.first {
      size <= $0.size && rate <= Double($0.rate) && bitsPerSecond <= $0.kilobits * 1000
        && max(width, height) <= $0.side
    }?.level ?? 62
  }
}
