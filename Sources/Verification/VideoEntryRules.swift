import Codecs
import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  static let sampleEntry = Rule("sample-entry", "ISO/IEC 23000-19 §9.2.2")
  static let record = Rule("record", "ISO/IEC 14496-15 §5.3.3.1")
  static let recordProfile = Rule("record-profile", "ISO/IEC 14496-15 §5.3.3.1.2")
  static let recordHighFields = Rule("record-high-fields", "ISO/IEC 14496-15 §5.3.3.1.2", .warning)
  static let arrayCompleteness = Rule("array-completeness", "ISO/IEC 14496-15 §8.3.3.1.3")
  static let pictureSize = Rule("picture-size", "ISO/IEC 23000-19 §9.2.3")
  static let displaySize = Rule("display-size", "ISO/IEC 14496-12 §8.3.2")
  static let pixelAspectRatio = Rule("pixel-aspect-ratio", "ISO/IEC 14496-12 §12.1.4")
  static let colour = Rule("colour", "ISO/IEC 14496-12 §12.1.5")
  static let colourMissing = Rule("colour-missing", "ISO/IEC 23000-19 §B.2.4")
}

/// The sample entry of H.264 and HEVC, held against the sequence parameter sets in its record.
enum VideoEntryRules {
  /// What a sequence parameter set says of the picture.
  private struct Picture {
    var width: Int
    var height: Int
    var ratio: Rational?
    var colour: ColourInformation?
  }

  static func read(
    _ entry: Box, _ track: TrackHeaderBox, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    let type: FourCC
    switch entry.type {
    case "avc1": type = "avcC"
    case "hvc1": type = "hvcC"
    default:
      log.add(
        .sampleEntry, entry.place, "the entry is '\(entry.type)'; 'avc1' or 'hvc1' is expected")
      return
    }
    guard
      let found = log.attempt(
        .boxUnreadable, entry.place, { try VisualSampleEntry(entry, configurationTypes: [type]) })
    else { return }
    facts.codedWidth = Int(found.width)
    facts.codedHeight = Int(found.height)
    facts.sampleAspectRatio = found.pixelAspectRatio ?? .one
    let bytes = [UInt8](found.configuration.readableBytesView.prefix(13))
    let picture: Picture?
    if type == "avcC" {
      facts.codecs = RecordedCodec.avc(bytes)
      picture = readAVC(found.configuration, entry, &facts, &log)
    } else {
      facts.codecs = RecordedCodec.hevc(bytes)
      picture = readHEVC(found.configuration, entry, &facts, &log)
    }
    readColour(entry, picture, &facts, &log)
    if let picture { compare(found, picture, entry, &log) }
    checkDisplay(entry, track, &facts, &log)
  }

  private static func compare(
    _ entry: VisualSampleEntry, _ picture: Picture, _ box: Box, _ log: inout FindingLog
  ) {
    // Cameras code whole macroblocks of 16 samples and leave the cropping to the container.
    let right = picture.width - Int(entry.width)
    let bottom = picture.height - Int(entry.height)
    log.require(
      (0..<16).contains(right) && (0..<16).contains(bottom), .pictureSize, box.place,
      "the entry says \(entry.width)x\(entry.height), the sequence parameter set "
        + "\(picture.width)x\(picture.height)")
    if let ratio = picture.ratio {
      log.require(
        entry.pixelAspectRatio ?? .one == ratio, .pixelAspectRatio, box.place,
        "'pasp' says \(entry.pixelAspectRatio ?? .one), the sequence parameter set \(ratio)")
    }
  }

  private static func checkDisplay(
    _ entry: Box, _ track: TrackHeaderBox, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    let ratio = facts.sampleAspectRatio
    let wide = Double(facts.codedWidth) * ratio.value
    facts.displayWidth = Int(track.width >> 16)
    facts.displayHeight = Int(track.height >> 16)
    log.require(
      abs(Double(facts.displayWidth) - min(wide, 65_535)) <= 1
        && facts.displayHeight == facts.codedHeight, .displaySize, "moov/trak/tkhd",
      "the track is shown at \(facts.displayWidth)x\(facts.displayHeight); \(facts.codedWidth)x"
        + "\(facts.codedHeight) of samples \(ratio.numerator):\(ratio.denominator) are "
        + "\(Int(min(wide, 65_535).rounded())) wide")
  }

  private static func readColour(
    _ entry: Box, _ picture: Picture?, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    var found: ColourInformation?
    for box in log.children(of: entry, after: 78) where box.type == "colr" {
      let colour = log.attempt(.boxUnreadable, box.place) { () throws -> ColourInformation? in
        var fields = box.fields
        guard try fields.code() == "nclx" else { return nil }
        return ColourInformation(
          primaries: try fields.read(), transfer: try fields.read(), matrix: try fields.read(),
          isFullRange: try fields.read(UInt8.self) & 0x80 != 0)
      }
      if let colour { found = found ?? colour }
    }
    if let found { facts.colour = found }
    let needs = facts.entryType == "hvc1" || picture?.colour != nil
    log.require(
      found != nil || !needs, .colourMissing, entry.place, "has no 'colr' of the form 'nclx'")
    guard let found, let own = picture?.colour else { return }
    log.require(
      found == own, .colour, entry.place,
      "'colr' says \(text(found)), the sequence parameter set \(text(own))")
  }

  private static func text(_ colour: ColourInformation) -> String {
    "\(colour.primaries)/\(colour.transfer)/\(colour.matrix)\(colour.isFullRange ? " full range" : "")"
  }

  // MARK: avcC

  private static func readAVC(
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

  // MARK: hvcC

  private static func readHEVC(
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
}

/// `codecs` parameters (RFC 6381 §3.3, ISO/IEC 14496-15 Annex E) from the first bytes of a record.
enum RecordedCodec {
  static func avc(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 4 else { return nil }
    return "avc1." + bytes[1...3].map(twoDigits).joined()
  }

  static func hevc(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 13 else { return nil }
    let space = ["", "A", "B", "C"][Int(bytes[1] >> 6)]
    let isHighTier = bytes[1] & 0x20 != 0
    // The flags' bits in reverse, so that flag 0 is the least.
    var flags: UInt32 = 0
    for byte in bytes[2...5].reversed() {
      for bit in 0..<8 { flags = flags << 1 | UInt32(byte >> UInt8(bit) & 1) }
    }
    var constraints = bytes[6...11]
    while constraints.last == 0 { constraints.removeLast() }
    let head = "hvc1.\(space)\(bytes[1] & 31).\(String(flags, radix: 16))"
    let tail = constraints.map { "." + String($0, radix: 16) }.joined()
    return "\(head).\(isHighTier ? "H" : "L")\(bytes[12])\(tail)"
  }

  /// From an AudioSpecificConfig: its first audioObjectType (ISO/IEC 14496-3 §1.6.2.1).
  static func aac(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 2 else { return nil }
    let short = bytes[0] >> 3
    let type = short == 31 ? 32 + Int((bytes[0] & 7) << 3 | bytes[1] >> 5) : Int(short)
    return "mp4a.40.\(type)"
  }

  private static func twoDigits(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
