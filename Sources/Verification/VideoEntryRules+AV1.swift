import Codecs
import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  static let av1Record = Rule("av1-record", "AV1-ISOBMFF §2.3.3")
  static let av1ConfigurationUnits = Rule("av1-configuration-units", "AV1-ISOBMFF §2.3.4")
  static let vp9Record = Rule("vp9-record", "VP-codec-ISOBMFF §2.2")
  static let vp9Level = Rule("vp9-level", "VP-codec-ISOBMFF §2.2")
}

/// `av1C` against its sequence header, and `vpcC`.
extension VideoEntryRules {
  static func readAV1(
    _ bytes: ByteBuffer, _ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) -> Picture? {
    let place = "\(entry.path)/av1C"
    guard
      let record = log.attempt(
        .av1Record, place, { try AV1CodecConfigurationRecord(parsing: bytes) })
    else { return nil }
    checkUnits(record, place, &log)
    guard let header = record.sequenceHeader else {
      log.add(.av1Record, place, "holds no sequence header, so that no decoder can be set up")
      return nil
    }
    facts.coding = .av1(header)
    log.require(
      record.profile == header.profile && record.level == header.level
        && record.isHighTier == header.isHighTier, .av1Record, place,
      "profile, level, tier are \(record.profile), \(record.level), \(record.isHighTier ? 1 : 0); "
        + "the sequence header says \(header.profile), \(header.level), \(header.isHighTier ? 1 : 0)"
    )
    log.require(
      record.bitDepth == header.bitDepth && record.isMonochrome == header.isMonochrome
        && record.subsamplingX == header.subsamplingX
        && record.subsamplingY == header.subsamplingY
        && record.chromaSamplePosition == header.chromaSamplePosition, .av1Record, place,
      "bit depth, subsampling or chroma sample position differ from the sequence header's")
    return Picture(
      width: header.width, height: header.height, ratio: nil, colour: header.specifiedColour,
      isFullRange: header.colour.isFullRange)
  }

  /// One sequence header, first of all, and metadata.
  private static func checkUnits(
    _ record: AV1CodecConfigurationRecord, _ place: String, _ log: inout FindingLog
  ) {
    let bytes = record.configurationUnits
    var units = AV1OBUs(in: bytes, at: bytes.readerIndex, count: bytes.readableBytes)
    var index = 0
    while let unit = log.attempt(.av1ConfigurationUnits, place, { try units.next() }) ?? nil {
      let expected: AV1OBU.Kind = index == 0 ? .sequenceHeader : .metadata
      log.require(
        unit.kind == expected, .av1ConfigurationUnits, place,
        "unit \(index + 1) is of type \(unit.kind.map { "\($0.rawValue)" } ?? "reserved"); one "
          + "sequence header (1), then metadata (5) is expected")
      index += 1
    }
  }

  static func readVP9(
    _ bytes: ByteBuffer, _ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) -> Picture? {
    let place = "\(entry.path)/vpcC"
    guard
      let record = log.attempt(
        .vp9Record, place, { try VPCodecConfigurationRecord(parsing: bytes) })
    else { return nil }
    facts.coding = .vp9(record)
    // Profiles 0 and 1 have 8 bits, 2 and 3 more; the odd ones are not of 4:2:0.
    log.require(
      (record.bitDepth > 8) == (record.profile >= 2), .vp9Record, place,
      "profile \(record.profile) has no \(record.bitDepth) bits")
    log.require(
      (record.chromaSubsampling > 1) == (record.profile & 1 == 1), .vp9Record, place,
      "profile \(record.profile) has no chromaSubsampling \(record.chromaSubsampling)")
    log.require(
      vp9Levels.contains { $0.level == record.level }, .vp9Record, place,
      "level \(record.level) is no level of VP9; players refuse the codecs parameter that says it")
    if let least = vp9Levels.first(where: {
      facts.codedWidth * facts.codedHeight <= $0.size
        && max(facts.codedWidth, facts.codedHeight) <= $0.side
    }) {
      log.require(
        record.level >= least.level, .vp9Level, place,
        "level \(record.level) has no pictures of \(facts.codedWidth)x\(facts.codedHeight); "
          + "\(least.level) has")
    }
    let isSpecified = [record.colour.primaries, record.colour.transfer, record.colour.matrix]
      .contains { $0 != 2 }
    return Picture(
      width: facts.codedWidth, height: facts.codedHeight, ratio: nil,
      colour: isSpecified ? record.colour : nil, isFullRange: record.colour.isFullRange)
  }

  /// What all samples of a track must keep to by its level: of VP9 luma samples and bits in a second.
  static func checkRates(
    _ header: HeaderFacts, frameCount: Int64, byteCount: Int64, seconds: Double,
    _ log: inout FindingLog
  ) {
    guard case .vp9(let record) = header.coding, seconds > 0,
      let level = vp9Levels.first(where: { $0.level == record.level })
    else { return }
    let place = "moov/trak/mdia/minf/stbl/stsd/vp09/vpcC"
    let samples = Double(header.codedWidth * header.codedHeight) * Double(frameCount) / seconds
    // A rate is as exact as the ticks of the last picture's end.
    log.require(
      samples <= Double(level.rate) * 1.005, .vp9Level, place,
      "level \(record.level) has \(level.rate) luma samples in a second; the pictures have "
        + "\(Int(min(samples, 1e18)))")
    let bits = Double(byteCount) * 8 / seconds
    log.require(
      bits <= Double(level.kilobits) * 1000 * 1.005, .vp9Level, place,
      "level \(record.level) has \(level.kilobits) kilobits in a second; the samples have "
        + "\(Int(min(bits, 1e18)) / 1000)")
  }

  /// Levels, the luma samples that a picture and a second may have, kilobits in a second in the mean,
  /// and the longest side.
  private static let vp9Levels: [(level: Int, size: Int, rate: Int, kilobits: Int, side: Int)] = [
    (10, 36_864, 829_440, 200, 512), (11, 73_728, 2_764_800, 800, 768),
    (20, 122_880, 4_608_000, 1_800, 960), (21, 245_760, 9_216_000, 3_600, 1_344),
    (30, 552_960, 20_736_000, 7_200, 2_048), (31, 983_040, 36_864_000, 12_000, 2_752),
    (40, 2_228_224, 83_558_400, 18_000, 4_160), (41, 2_228_224, 160_432_128, 30_000, 4_160),
    (50, 8_912_896, 311_951_360, 60_000, 8_384), (51, 8_912_896, 588_251_136, 120_000, 8_384),
    (52, 8_912_896, 1_176_502_272, 180_000, 8_384),
    (60, 35_651_584, 1_176_502_272, 180_000, 16_832),
    (61, 35_651_584, 2_353_004_544, 240_000, 16_832),
    (62, 35_651_584, 4_706_009_088, 480_000, 16_832),
  ]
}
