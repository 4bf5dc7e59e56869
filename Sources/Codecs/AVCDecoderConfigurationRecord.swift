package import NIOCore

/// The payload of `avcC` (ISO/IEC 14496-15 §5.3.3.1).
///
///     let record = try AVCDecoderConfigurationRecord(parsing: payload)
///     try H264SequenceParameterSet(nalUnit: record.sequenceParameterSets[0]).width
package struct AVCDecoderConfigurationRecord: Hashable, Sendable {
  /// The fields that follow the parameter sets in High profiles.
  package struct HighProfileFields: Hashable, Sendable {
    /// chroma_format: 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4.
    package var chromaFormat: UInt8
    package var bitDepthLuma: UInt8
    package var bitDepthChroma: UInt8
    /// NAL units of type 13.
    package var sequenceParameterSetExtensions: [ByteBuffer]
  }

  package let profileIndication: UInt8
  package let profileCompatibility: UInt8
  package let levelIndication: UInt8
  package let nalUnitLengthSize: NALUnitLengthSize
  /// Whole NAL units, at most 31.
  package let sequenceParameterSets: [ByteBuffer]
  /// Whole NAL units, at most 255.
  package let pictureParameterSets: [ByteBuffer]
  /// `nil` in Baseline, Main and Extended, and in records written by older programs.
  package let highProfileFields: HighProfileFields?

  /// Parses the box payload. What follows the record is not read.
  ///
  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws {
    var reader = try RecordReader(payload, of: "AVC decoder configuration record")
    try reader.version(try reader.byte("configurationVersion"))
    profileIndication = try reader.byte("AVCProfileIndication")
    profileCompatibility = try reader.byte("profile_compatibility")
    levelIndication = try reader.byte("AVCLevelIndication")
    nalUnitLengthSize = try NALUnitLengthSize(
      minusOne: try reader.byte("lengthSizeMinusOne"), of: reader.subject)
    sequenceParameterSets = try reader.nalUnits(
      "sequence parameter sets", count: Int(try reader.byte("numOfSequenceParameterSets") & 0x1f))
    pictureParameterSets = try reader.nalUnits(
      "picture parameter sets", count: Int(try reader.byte("numOfPictureParameterSets")))
    guard Self.hasHighProfileFields(profileIndication), reader.remaining > 0 else {
      highProfileFields = nil
      return
    }
    highProfileFields = HighProfileFields(
      chromaFormat: try reader.byte("chroma_format") & 3,
      bitDepthLuma: try reader.byte("bit_depth_luma_minus8") & 7 + 8,
      bitDepthChroma: try reader.byte("bit_depth_chroma_minus8") & 7 + 8,
      sequenceParameterSetExtensions: try reader.nalUnits(
        "sequence parameter set extensions",
        count: Int(try reader.byte("numOfSequenceParameterSetExt"))))
  }

  /// Builds a complete record from whole NAL units.
  ///
  /// - Throws: `CodecsError`; `.unsupported` when the sequence parameter sets differ in what one
  ///   record can say only once.
  package init(
    sequenceParameterSets: [ByteBuffer], pictureParameterSets: [ByteBuffer],
    sequenceParameterSetExtensions: [ByteBuffer] = [], nalUnitLengthSize: NALUnitLengthSize = .four
  ) throws {
    try checkRecordUnits(sequenceParameterSets, atMost: 31, "sequence parameter set")
    try checkRecordUnits(pictureParameterSets, atMost: 255, "picture parameter set")
    try checkRecordUnits(
      sequenceParameterSetExtensions, atMost: 255, "sequence parameter set extension")
    let parsed = try sequenceParameterSets.map(H264SequenceParameterSet.init(nalUnit:))
    guard let first = parsed.first, !pictureParameterSets.isEmpty else {
      throw CodecsError(
        .invalidValue,
        "an AVC decoder configuration record needs a sequence and a picture "
          + "parameter set; take them from the first IDR access unit")
    }
    for other in parsed.dropFirst() {
      let same =
        other.profileIDC == first.profileIDC && other.chromaFormatIDC == first.chromaFormatIDC
        && other.bitDepthLuma == first.bitDepthLuma && other.bitDepthChroma == first.bitDepthChroma
      guard same else {
        throw CodecsError(
          .unsupported,
          "H.264 sequence parameter sets \(first.id) and \(other.id) differ in profile, chroma "
            + "format or bit depth; package them as two tracks")
      }
    }
    profileIndication = first.profileIDC
    profileCompatibility = parsed.reduce(0xff) { $0 & $1.constraintFlags }
    levelIndication = parsed.reduce(0) { max($0, $1.levelIDC) }
    self.nalUnitLengthSize = nalUnitLengthSize
    self.sequenceParameterSets = sequenceParameterSets
    self.pictureParameterSets = pictureParameterSets
    highProfileFields =
      Self.hasHighProfileFields(first.profileIDC)
      ? HighProfileFields(
        chromaFormat: UInt8(first.chromaFormatIDC), bitDepthLuma: UInt8(first.bitDepthLuma),
        bitDepthChroma: UInt8(first.bitDepthChroma),
        sequenceParameterSetExtensions: sequenceParameterSetExtensions) : nil
  }

  /// The box payload.
  package var bytes: ByteBuffer {
    var buffer = ByteBuffer()
    buffer.writeBytes([
      1, profileIndication, profileCompatibility, levelIndication,
      0xfc | (nalUnitLengthSize.rawValue - 1), 0xe0 | UInt8(sequenceParameterSets.count),
    ])
    for unit in sequenceParameterSets { buffer.writeRecordUnit(unit) }
    buffer.writeInteger(UInt8(pictureParameterSets.count))
    for unit in pictureParameterSets { buffer.writeRecordUnit(unit) }
    if let high = highProfileFields {
      buffer.writeBytes([
        0xfc | high.chromaFormat, 0xf8 | (high.bitDepthLuma - 8), 0xf8 | (high.bitDepthChroma - 8),
        UInt8(high.sequenceParameterSetExtensions.count),
      ])
      for unit in high.sequenceParameterSetExtensions { buffer.writeRecordUnit(unit) }
    }
    return buffer
  }

  /// Every profile but Baseline, Main and Extended.
  private static func hasHighProfileFields(_ profile: UInt8) -> Bool {
    profile != 66 && profile != 77 && profile != 88
  }
}
