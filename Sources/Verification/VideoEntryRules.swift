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

/// The sample entry of a video track, held against what its decoder configuration record says.
enum VideoEntryRules {
  /// What a sequence parameter set, or sequence header, says of the picture.
  struct Picture {
    var width: Int
    var height: Int
    var ratio: Rational?
    /// `nil` where it is left to the container.
    var colour: ColourInformation?
    var isFullRange: Bool?
  }

  /// Sample entries of tracks whose parameter sets stand in the entry, with the type of their record.
  private static let recordTypes: [FourCC: FourCC] = [
    "avc1": "avcC", "hvc1": "hvcC", "dvh1": "hvcC", "av01": "av1C", "dav1": "av1C", "vp09": "vpcC",
  ]

  static func read(
    _ entry: Box, _ track: TrackHeaderBox, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    guard let type = recordTypes[entry.type] else {
      log.add(
        .sampleEntry, entry.place,
        "the entry is '\(entry.type)'; 'avc1', 'hvc1', 'dvh1', 'av01', 'dav1' or 'vp09' is expected"
      )
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
    switch type {
    case "avcC":
      facts.codecs = RecordedCodec.avc(bytes)
      picture = readAVC(found.configuration, entry, &facts, &log)
    case "hvcC":
      facts.codecs = RecordedCodec.hevc(bytes)
      picture = readHEVC(found.configuration, entry, &facts, &log)
    case "av1C":
      picture = readAV1(found.configuration, entry, &facts, &log)
      facts.codecs = RecordedCodec.av1(bytes, colour: found.colour ?? picture?.colour)
    default:
      facts.codecs = RecordedCodec.vp9(bytes)
      picture = readVP9(found.configuration, entry, &facts, &log)
    }
    readColour(entry, picture, &facts, &log)
    if let picture { compare(found, picture, entry, &log) }
    checkDisplay(entry, track, &facts, &log)
    readDynamicRange(found, &facts)
    readDolbyVision(entry, &facts, &log)
    readLayout(found, entry, &facts, &log)
  }

  private static func compare(
    _ entry: VisualSampleEntry, _ picture: Picture, _ box: Box, _ log: inout FindingLog
  ) {
    // Cameras code whole macroblocks of 16 samples and leave the cropping to the container.
    let right = picture.width - Int(entry.width)
    let bottom = picture.height - Int(entry.height)
    log.require(
      (0..<16).contains(right) && (0..<16).contains(bottom), .pictureSize, box.place,
      "the entry says \(entry.width)x\(entry.height), the stream "
        + "\(picture.width)x\(picture.height)")
    if let ratio = picture.ratio {
      log.require(
        entry.pixelAspectRatio ?? .one == ratio, .pixelAspectRatio, box.place,
        "'pasp' says \(entry.pixelAspectRatio ?? .one), the stream \(ratio)")
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
    let needs =
      facts.entryType == "hvc1" || facts.entryType == "dvh1" || picture?.colour != nil
    log.require(
      found != nil || !needs, .colourMissing, entry.place, "has no 'colr' of the form 'nclx'")
    guard let found else { return }
    if let own = picture?.colour {
      log.require(
        found == own, .colour, entry.place,
        "'colr' says \(text(found)), the stream \(text(own))")
    } else if let isFullRange = picture?.isFullRange {
      log.require(
        found.isFullRange == isFullRange, .colour, entry.place,
        "'colr' says \(text(found)), and the stream is of "
          + (isFullRange ? "full range" : "limited range"))
    }
  }

  private static func text(_ colour: ColourInformation) -> String {
    "\(colour.primaries)/\(colour.transfer)/\(colour.matrix)\(colour.isFullRange ? " full range" : "")"
  }
}
