import CMAF
import Codecs
import ISOBMFF
import Library
import MediaCore
import NIOCore

/// What the record of a video track says of its pictures.
struct VideoDescription {
  let codec: VideoCodec
  let framing: NALUnitFraming
  let parameters: SliceParameters
  let width: Int
  let height: Int
  let sampleAspectRatio: Rational?
  let colour: ColourInformation?
  let frameRate: Rational?
  let record: ByteBuffer

  /// - Returns: `nil` if the track is no video.
  init?(_ track: SourceTrack) throws {
    switch track.coding {
    case .h264(let bytes):
      let record = try AVCDecoderConfigurationRecord(parsing: bytes)
      guard let unit = record.sequenceParameterSets.first else {
        throw PackagingError(
          .damaged, "its avcC holds no sequence parameter set, so no decoder can start")
      }
      let set = try H264SequenceParameterSet(nalUnit: unit)
      self.record = try Self.complete(record, set).bytes
      codec = .h264
      framing = .lengthPrefixed(record.nalUnitLengthSize)
      parameters = SliceParameters()
      (width, height) = Self.size(set.width, set.height, track)
      sampleAspectRatio = set.sampleAspectRatio ?? track.sampleAspectRatio
      colour = Self.colour(set.colour, set.isFullRange, track.colour)
      frameRate = set.timing?.isFixed == true ? set.timing?.frameRate : nil
    case .hevc(let bytes):
      let record = try HEVCDecoderConfigurationRecord(parsing: bytes)
      guard let unit = record.nalUnits(of: .sequenceParameterSet).first else {
        throw PackagingError(
          .damaged, "its hvcC holds no sequence parameter set, so no decoder can start")
      }
      let set = try HEVCSequenceParameterSet(nalUnit: unit)
      self.record = bytes
      codec = .hevc
      framing = .lengthPrefixed(record.nalUnitLengthSize)
      parameters = SliceParameters(record)
      (width, height) = Self.size(set.width, set.height, track)
      sampleAspectRatio = set.sampleAspectRatio ?? track.sampleAspectRatio
      // An HEVC sample entry says its colour even when it is unknown (23000-19 §B.2.4).
      colour = Self.colour(set.colour, set.isFullRange, track.colour) ?? .unspecified
      frameRate = set.timing?.frameRate
    default: return nil
    }
    guard (1...PictureLimits.sideLength).contains(width),
      (1...PictureLimits.sideLength).contains(height)
    else { throw PackagingError(.damaged, "its pictures have the size \(width)x\(height)") }
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

  /// The size that the container states, where it only cuts off what fills the last macroblocks.
  private static func size(_ width: Int, _ height: Int, _ track: SourceTrack) -> (Int, Int) {
    let (right, bottom) = (width - track.statedWidth, height - track.statedHeight)
    guard track.statedWidth > 0, track.statedHeight > 0, (0..<16).contains(right),
      (0..<16).contains(bottom)
    else { return (width, height) }
    return (track.statedWidth, track.statedHeight)
  }

  /// The coded picture's word goes before the container's.
  private static func colour(
    _ own: ColourInformation?, _ isFullRange: Bool?, _ container: ColourInformation?
  ) -> ColourInformation? {
    if let own { return own }
    guard let isFullRange else { return container }
    var colour = container ?? .unspecified
    colour.isFullRange = isFullRange
    return colour
  }

  /// Width of the presented picture: the sample aspect ratio applied.
  var displayWidth: Int {
    let ratio = sampleAspectRatio ?? .one
    let (wide, overflows) = Int64(width).multipliedReportingOverflow(by: ratio.numerator)
    guard !overflows else { return width }
    return Int(min((wide + ratio.denominator / 2) / ratio.denominator, 0xffff))
  }

  func header(_ plan: PlannedTrack, matrix: [Int32]?, language: String) -> CMAFHeader {
    CMAFHeader(
      timescale: plan.timescale, language: language,
      entry: .video(
        VisualSampleEntry(
          type: codec == .h264 ? "avc1" : "hvc1", width: UInt16(width), height: UInt16(height),
          configurationType: codec == .h264 ? "avcC" : "hvcC", configuration: record,
          colour: colour, pixelAspectRatio: sampleAspectRatio)),
      displayWidth: displayWidth, displayHeight: height,
      matrix: matrix.map { TransformationMatrix(elements: $0) } ?? .unity,
      hasNonSyncSamples: plan.randomAccess.contains { $0 != RandomAccess.closed.rawValue })
  }
}
