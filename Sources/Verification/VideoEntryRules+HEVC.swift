import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// `hvcC` against its parameter sets.
extension VideoEntryRules {
  static func readHEVC(
    _ bytes: ByteBuffer, _ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) -> Picture? {
    let place = "\(entry.path)/hvcC"
    guard
      let record = log.attempt(
        .record, place, { try HEVCDecoderConfigurationRecord(parsing: bytes) })
    else { return nil }
    facts.coding = .hevc(record.nalUnitLengthSize, SliceParameters(record))
    facts.parameterSets = Set(record.arrays.flatMap(\.nalUnits))
    for type in [.videoParameterSet, .sequenceParameterSet, .pictureParameterSet]
      as [HEVCNALUnitType]
    {
      let arrays = record.arrays.filter { $0.nalUnitType == type && !$0.nalUnits.isEmpty }
      log.require(
        !arrays.isEmpty, .record, place, "no NAL unit of type \(type.rawValue) in the record")
      if arrays.contains(where: { !$0.isComplete }) {
        log.add(
          .arrayCompleteness, place,
          "the array of type \(type.rawValue) is not called complete; 'hvc1' needs that")
      } else {
        facts.completeTypes.insert(type.rawValue)
      }
    }
    for unit in record.nalUnits(of: .videoParameterSet) {
      _ = log.attempt(.record, place) { try HEVCVideoParameterSet(nalUnit: unit) }
    }
    let sets = record.nalUnits(of: .sequenceParameterSet).compactMap { unit in
      log.attempt(.record, place) { try HEVCSequenceParameterSet(nalUnit: unit) }
    }
    let pictures = record.nalUnits(of: .pictureParameterSet).compactMap { unit in
      log.attempt(.record, place) { try HEVCPictureParameterSet(nalUnit: unit) }
    }
    let ids = Set(sets.map(\.id))
    for picture in pictures {
      log.require(
        ids.contains(picture.sequenceParameterSetID), .record, place,
        "picture parameter set \(picture.id) refers to the sequence parameter set "
          + "\(picture.sequenceParameterSetID), which is not in the record")
    }
    guard let first = sets.first else { return nil }
    facts.isInterlaced = sets.contains(where: isInterlaced)
    if sets.count == 1 {
      log.require(
        record.profileTierLevel == first.profileTierLevel, .recordProfile, place,
        "profile, tier and level differ from those of the sequence parameter set")
    }
    log.require(
      record.chromaFormatIDC == first.chromaFormatIDC && record.bitDepthLuma == first.bitDepthLuma
        && record.bitDepthChroma == first.bitDepthChroma, .recordProfile, place,
      "chroma format or bit depth differ from the sequence parameter set")
    return Picture(
      width: first.width, height: first.height, ratio: first.sampleAspectRatio, colour: first.colour
    )
  }

  /// field_seq_flag, or general_interlaced_source_flag without general_progressive_source_flag
  /// (ISO/IEC 23008-2 §7.4.4, §E.3.1).
  private static func isInterlaced(_ set: HEVCSequenceParameterSet) -> Bool {
    let first = set.profileTierLevel.constraintBytes[0]
    return set.isFieldSequence || first & 0xc0 == 0x40
  }
}
