import CMAF
import Codecs
import ISOBMFF
import Library
import MediaCore
import NIOCore

/// What of a video track its CMAF header will say.
struct VideoDescription {
  let record: VideoRecord
  let width: Int
  let height: Int
  let sampleAspectRatio: Rational?
  let colour: ColourInformation?
  /// Goes into the sample entry; `nil` for two layers, which streaming does not use.
  let dolbyVision: DolbyVisionConfigurationRecord?
  /// HEVC whose samples hold parameter sets too (ISO/IEC 14496-15 §8.4.1.1.1).
  private let repeatsParameterSets: Bool
  private let masteringDisplay: MasteringDisplay?
  private let contentLight: ContentLight?
  private let stereoscopic: ByteBuffer?
  private let spherical: ByteBuffer?
  /// What could not be kept, a sentence each.
  private(set) var notes: [String] = []

  var frameRate: Rational? { record.frameRate }

  /// - Returns: `nil` if the track is no video.
  init?(_ track: SourceTrack) throws {
    guard let record = try VideoRecord(track.coding) else { return nil }
    self.record = record
    let coded = record.width > 0 ? (record.width, record.height) : nil
    (width, height) = Self.size(coded ?? (track.statedWidth, track.statedHeight), track)
    sampleAspectRatio = record.sampleAspectRatio ?? track.sampleAspectRatio
    var colour = record.colour(container: track.colour)
    let vision = try track.dolbyVision.map(DolbyVisionConfigurationRecord.init(parsing:))
    // Without metadata it is no Dolby Vision; where others can show the base layer, that is what it is.
    let isWhole = vision.map { $0.isSingleLayer && ($0.hasMetadata || !$0.isCompatible) } ?? false
    dolbyVision = isWhole ? vision : nil
    // Dolby Vision without a compatible base layer is coded in PQ, whatever nobody says of it.
    if record.colour == nil, let vision, vision.isSingleLayer, !vision.isCompatible,
      (colour?.transfer ?? 2) == 2
    {
      colour = colour ?? .unspecified
      colour?.transfer = 16
    }
    // An HEVC sample entry says its colour even when it is unknown (23000-19 §B.2.4).
    self.colour = record.codec == .hevc ? colour ?? .unspecified : colour
    masteringDisplay = record.metadata.masteringDisplay ?? track.masteringDisplay
    contentLight = record.metadata.contentLight ?? track.contentLight
    repeatsParameterSets = track.repeatsParameterSets && record.codec == .hevc
    stereoscopic = track.stereoscopic
    spherical = track.spherical
    if let vision, !vision.isSingleLayer {
      notes.append(
        "its Dolby Vision of profile \(vision.profile) has a second layer, which no player of HLS "
          + "or DASH takes: the base layer is signalled by itself")
    }
    if let vision, vision.isSingleLayer, !vision.hasMetadata {
      notes.append(
        "its Dolby Vision of profile \(vision.profile) has no metadata by its own record: "
          + (vision.isCompatible
            ? "the base layer is signalled by itself" : "no player shows it as it is meant"))
    }
    guard (1...PictureLimits.sideLength).contains(width),
      (1...PictureLimits.sideLength).contains(height)
    else { throw PackagingError(.damaged, "its pictures have the size \(width)x\(height)") }
  }

  /// The size that the container states, where it only cuts off what fills the last macroblocks.
  private static func size(_ coded: (Int, Int), _ track: SourceTrack) -> (Int, Int) {
    let (right, bottom) = (coded.0 - track.statedWidth, coded.1 - track.statedHeight)
    guard track.statedWidth > 0, track.statedHeight > 0, (0..<16).contains(right),
      (0..<16).contains(bottom)
    else { return coded }
    return (track.statedWidth, track.statedHeight)
  }

  /// Width of the presented picture: the sample aspect ratio applied.
  var displayWidth: Int {
    let ratio = sampleAspectRatio ?? .one
    let (wide, overflows) = Int64(width).multipliedReportingOverflow(by: ratio.numerator)
    guard !overflows else { return width }
    return Int(min((wide + ratio.denominator / 2) / ratio.denominator, 0xffff))
  }

  /// A base layer that is no picture by itself is called what it is, so that no other decoder takes
  /// it (Dolby Vision Streams Within the ISO Base Media File Format §3).
  private var entryType: FourCC {
    guard let dolbyVision, !dolbyVision.isCompatible else {
      return repeatsParameterSets ? "hev1" : FourCC(stringLiteral: record.sampleEntry)
    }
    switch record.codec {
    case .hevc: return repeatsParameterSets ? "dvhe" : "dvh1"
    case .av1: return "dav1"
    default: return FourCC(stringLiteral: record.sampleEntry)
    }
  }

  /// Brands of Dolby Vision (§4 of the same).
  private var brands: [FourCC] {
    guard let dolbyVision else { return [] }
    let base = dolbyVision.brand(transfer: colour?.transfer ?? 2)
    return ["dby1"] + (base.map { [FourCC(stringLiteral: $0)] } ?? [])
  }

  func header(
    _ plan: PlannedTrack, matrix: [Int32]?, language: String
  ) throws -> CMAFHeader {
    var entry = VisualSampleEntry(
      type: entryType, width: UInt16(width), height: UInt16(height),
      configurationType: FourCC(stringLiteral: record.configurationType),
      configuration: try configuration(plan), colour: colour, pixelAspectRatio: sampleAspectRatio)
    entry.masteringDisplay = masteringDisplay
    entry.contentLight = contentLight
    entry.dolbyVision = dolbyVision?.bytes
    entry.stereoscopic = stereoscopic
    entry.spherical = spherical
    var header = CMAFHeader(
      timescale: plan.timescale, language: language, entry: .video(entry),
      displayWidth: displayWidth, displayHeight: height,
      matrix: matrix.map { TransformationMatrix(elements: $0) } ?? .unity,
      hasNonSyncSamples: plan.randomAccess.contains { $0 != RandomAccess.closed.rawValue })
    header.brands = brands
    return header
  }

  /// The record; of VP9 with the level that size and rates ask for, where the source has none or a
  /// lower one: all samples must keep to it.
  private func configuration(_ plan: PlannedTrack) throws -> ByteBuffer {
    if repeatsParameterSets {
      return try HEVCDecoderConfigurationRecord(parsing: record.bytes).incomplete.bytes
    }
    guard record.codec == .vp9 else { return record.bytes }
    var configuration = try VPCodecConfigurationRecord(parsing: record.bytes)
    if let colour { configuration.colour = colour }
    let seconds = max(MediaTime(plan.end, plan.timescale).seconds, 1e-3)
    let byteCount = plan.sizes.reduce(0) { $0 + Double($1) }
    let mean = Double(plan.count) / seconds
    let least = VPCodecConfigurationRecord.level(
      width: width, height: height, framesPerSecond: max(plan.frameRate?.value ?? mean, mean),
      bitsPerSecond: Int64(min(byteCount * 8 / seconds, 1e15)))
    configuration.level = max(configuration.level, least)
    return configuration.bytes
  }
}
