import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// `avcC` against its parameter sets.
extension VideoEntryRules {
  static func readAVC(
    _ bytes: ByteBuffer, _ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) -> Picture? {
    let place = "\(entry.path)/avcC"
    guard
      let record = log.attempt(
        .record, place, { try AVCDecoderConfigurationRecord(parsing: bytes) })
    else { return nil }
    facts.coding = .avc(record.nalUnitLengthSize)
    facts.parameterSets = Set(record.sequenceParameterSets + record.pictureParameterSets)
    facts.parameterSets.formUnion(record.highProfileFields?.sequenceParameterSetExtensions ?? [])
    let sets = record.sequenceParameterSets.compactMap { unit in
      log.attempt(.record, place) { try H264SequenceParameterSet(nalUnit: unit) }
    }
    let pictures = record.pictureParameterSets.compactMap { unit in
      log.attempt(.record, place) { try H264PictureParameterSet(nalUnit: unit) }
    }
    log.require(
      !record.sequenceParameterSets.isEmpty && !record.pictureParameterSets.isEmpty, .record, place,
      "a sequence and a picture parameter set are expected in the record")
    let ids = Set(sets.map(\.id))
    for picture in pictures {
      log.require(
        ids.contains(picture.sequenceParameterSetID), .record, place,
        "picture parameter set \(picture.id) refers to the sequence parameter set "
          + "\(picture.sequenceParameterSetID), which is not in the record")
    }
    guard let first = sets.first else { return nil }
    facts.isInterlaced = sets.contains { !$0.isFrameOnly }
    let level = sets.map(\.levelIDC).max() ?? 0
    let flags = sets.reduce(UInt8(0xff)) { $0 & $1.constraintFlags }
    log.require(
      record.profileIndication == first.profileIDC && record.levelIndication == level
        && record.profileCompatibility == flags, .recordProfile, place,
      "profile, compatibility, level are \(record.profileIndication), \(record.profileCompatibility), "
        + "\(record.levelIndication); the sequence parameter set says \(first.profileIDC), \(flags), "
        + "\(level)")
    if [100, 110, 122, 144].contains(first.profileIDC) {
      let high = record.highProfileFields
      log.require(
        high != nil, .recordHighFields, place,
        "the chroma format and bit depth that High profiles have are missing")
      log.require(
        high.map {
          Int($0.chromaFormat) == first.chromaFormatIDC
            && Int($0.bitDepthLuma) == first.bitDepthLuma
            && Int($0.bitDepthChroma) == first.bitDepthChroma
        } ?? true, .recordProfile, place,
        "chroma format or bit depth differ from the sequence parameter set")
    }
    return Picture(
      width: first.width, height: first.height, ratio: first.sampleAspectRatio, colour: first.colour
    )
  }
}
