package import MediaCore
package import NIOCore

/// What the decoder configuration record of a video track says, whatever the coding.
///
///     let record = try VideoRecord(track.coding)
///     record?.codecs  // "hvc1.2.4.L153.90"
package struct VideoRecord: Sendable {
  package let codec: VideoCodec
  /// The payload of the configuration box, completed where a writer left something out.
  package let bytes: ByteBuffer
  /// `codecs` parameter (RFC 6381) of the plain sample entry.
  package let codecs: String
  /// After cropping, in samples; 0 in VP9, whose record leaves it to the container.
  package let width: Int
  package let height: Int
  package let bitDepth: Int
  package let sampleAspectRatio: Rational?
  /// `nil` where the stream leaves it to the container.
  package let colour: ColourInformation?
  package let isFullRange: Bool?
  /// As the stream declares it; of H.264 only if it promises to keep it.
  package let frameRate: Rational?
  /// Pictures are fields, or may be.
  package let isInterlaced: Bool
  package let framing: NALUnitFraming
  package let parameters: SliceParameters
  /// Metadata that the record itself holds.
  package let metadata: HDRMetadata

  /// - Returns: `nil` if the coding is no video.
  /// - Throws: `CodecsError` for a record that cannot be read, or without what decoders need.
  package init?(_ coding: SampleCoding) throws {
    switch coding {
    case .h264(let bytes): self = try Self.h264(bytes)
    case .hevc(let bytes): self = try Self.hevc(bytes)
    case .av1(let bytes): self = try Self.av1(bytes)
    case .vp9(let bytes): self = try Self.vp9(bytes)
    default: return nil
    }
  }

  /// By the type of the configuration box: `avcC`, `hvcC`, `av1C`, `vpcC`.
  /// - Returns: `nil` for another type.
  package static func coding(configurationType: String, _ payload: ByteBuffer) -> SampleCoding? {
    switch configurationType {
    case "avcC": .h264(payload)
    case "hvcC": .hevc(payload)
    case "av1C": .av1(payload)
    case "vpcC": .vp9(payload)
    default: nil
    }
  }

  package static let configurationTypes = ["avcC", "hvcC", "av1C", "vpcC"]

  package var configurationType: String {
    switch codec {
    case .h264: "avcC"
    case .hevc: "hvcC"
    case .av1: "av1C"
    case .vp9: "vpcC"
    }
  }

  /// Type of the plain sample entry, parameter sets out of band.
  package var sampleEntry: String {
    switch codec {
    case .h264: "avc1"
    case .hevc: "hvc1"
    case .av1: "av01"
    case .vp9: "vp09"
    }
  }

  /// The coded picture's word goes before the container's.
  package func colour(container: ColourInformation?) -> ColourInformation? {
    if let colour { return colour }
    guard let isFullRange else { return container }
    var colour = container ?? .unspecified
    colour.isFullRange = isFullRange
    return colour
  }

  /// `codecs` parameter beside a `colr` box, whose word goes first in AV1 (AV1-ISOBMFF §5).
  package func codecs(colour: ColourInformation?) throws -> String {
    guard codec == .av1, let colour else { return codecs }
    return CodecString.av1(try AV1CodecConfigurationRecord(parsing: bytes), colour: colour)
  }

  private init(
    _ codec: VideoCodec, _ bytes: ByteBuffer, codecs: String, width: Int, height: Int,
    bitDepth: Int, sampleAspectRatio: Rational? = nil, colour: ColourInformation?,
    isFullRange: Bool?, frameRate: Rational?, isInterlaced: Bool = false,
    framing: NALUnitFraming = .lengthPrefixed(.four),
    parameters: SliceParameters = SliceParameters(), metadata: HDRMetadata = HDRMetadata()
  ) {
    self.codec = codec
    self.bytes = bytes
    self.codecs = codecs
    self.width = width
    self.height = height
    self.bitDepth = bitDepth
    self.sampleAspectRatio = sampleAspectRatio
    self.colour = colour
    self.isFullRange = isFullRange
    self.frameRate = frameRate
    self.isInterlaced = isInterlaced
    self.framing = framing
    self.parameters = parameters
    self.metadata = metadata
  }

  // MARK: H.264

  private static func h264(_ bytes: ByteBuffer) throws -> VideoRecord {
    let record = try AVCDecoderConfigurationRecord(parsing: bytes)
    guard let unit = record.sequenceParameterSets.first else {
      throw CodecsError(
        .invalidValue, "its avcC holds no sequence parameter set, so no decoder can start")
    }
    let set = try H264SequenceParameterSet(nalUnit: unit)
    return VideoRecord(
      .h264, try complete(record, set).bytes, codecs: CodecString.avc(record), width: set.width,
      height: set.height, bitDepth: set.bitDepthLuma, sampleAspectRatio: set.sampleAspectRatio,
      colour: set.colour, isFullRange: set.isFullRange,
      frameRate: set.timing?.isFixed == true ? set.timing?.frameRate : nil,
      isInterlaced: !set.isFrameOnly, framing: .lengthPrefixed(record.nalUnitLengthSize))
  }

  /// Writers leave out the chroma format and bit depth that High profiles have, or state others than
  /// the stream (ISO/IEC 14496-15 §5.3.3.1.2): then the record is made anew of its parameter sets.
  private static func complete(
    _ record: AVCDecoderConfigurationRecord, _ set: H264SequenceParameterSet
  ) throws -> AVCDecoderConfigurationRecord {
    guard [100, 110, 122, 144].contains(set.profileIDC) else { return record }
    if let fields = record.highProfileFields, Int(fields.chromaFormat) == set.chromaFormatIDC,
      Int(fields.bitDepthLuma) == set.bitDepthLuma,
      Int(fields.bitDepthChroma) == set.bitDepthChroma
    {
      return record
    }
    return try AVCDecoderConfigurationRecord(
      sequenceParameterSets: record.sequenceParameterSets,
      pictureParameterSets: record.pictureParameterSets,
      sequenceParameterSetExtensions: record.highProfileFields?.sequenceParameterSetExtensions
        ?? [],
      nalUnitLengthSize: record.nalUnitLengthSize)
  }

  // MARK: HEVC

  private static func hevc(_ bytes: ByteBuffer) throws -> VideoRecord {
    let record = try HEVCDecoderConfigurationRecord(parsing: bytes)
    guard let unit = record.nalUnits(of: .sequenceParameterSet).first else {
      throw CodecsError(
        .invalidValue, "its hvcC holds no sequence parameter set, so no decoder can start")
    }
    let set = try HEVCSequenceParameterSet(nalUnit: unit)
    var metadata = HDRMetadata()
    for unit in record.nalUnits(of: .prefixSEI) { metadata.take(nalUnit: unit, codec: .hevc) }
    return VideoRecord(
      .hevc, bytes, codecs: CodecString.hevc(record), width: set.width, height: set.height,
      bitDepth: set.bitDepthLuma, sampleAspectRatio: set.sampleAspectRatio, colour: set.colour,
      isFullRange: set.isFullRange, frameRate: set.timing?.frameRate,
      isInterlaced: set.isFieldSequence || set.profileTierLevel.isInterlacedOnly,
      framing: .lengthPrefixed(record.nalUnitLengthSize), parameters: SliceParameters(record),
      metadata: metadata)
  }

  // MARK: AV1, VP9

  private static func av1(_ bytes: ByteBuffer) throws -> VideoRecord {
    let record = try AV1CodecConfigurationRecord(parsing: bytes)
    guard let header = record.sequenceHeader else {
      throw CodecsError(
        .invalidValue, "its av1C holds no sequence header, so no decoder can start")
    }
    var metadata = HDRMetadata()
    metadata.take(
      record.configurationUnits, at: record.configurationUnits.readerIndex,
      count: record.configurationUnits.readableBytes, codec: .av1, framing: .annexB)
    return VideoRecord(
      .av1, record.bytes, codecs: CodecString.av1(record), width: header.width,
      height: header.height, bitDepth: header.bitDepth, colour: header.specifiedColour,
      isFullRange: header.colour.isFullRange, frameRate: header.timing?.frameRate,
      parameters: SliceParameters(record), metadata: metadata)
  }

  private static func vp9(_ bytes: ByteBuffer) throws -> VideoRecord {
    let record = try VPCodecConfigurationRecord(parsing: bytes)
    let colour = record.colour
    let isSpecified = [colour.primaries, colour.transfer, colour.matrix] != [2, 2, 2]
    return VideoRecord(
      .vp9, record.bytes, codecs: CodecString.vp9(record), width: 0, height: 0,
      bitDepth: record.bitDepth, colour: isSpecified ? colour : nil,
      isFullRange: colour.isFullRange, frameRate: nil)
  }
}
