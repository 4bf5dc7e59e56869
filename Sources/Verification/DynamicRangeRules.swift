import Codecs
import MediaCore
import NIOCore

extension Rule {
  static let masteringDisplay = Rule("mastering-display", "ISO/IEC 14496-12 §12.1.6")
  static let contentLight = Rule("content-light", "ISO/IEC 14496-12 §12.1.6")
  static let dolbyVisionMetadata = Rule(
    "dolby-vision-metadata", "Dolby Vision Streams Within the ISO Base Media File Format §2.1",
    .warning)
}

/// Metadata of high dynamic range in the samples of the first segment, held against the sample entry:
/// messages 137 and 144 of H.264 and HEVC, metadata units of AV1, and those of Dolby Vision.
struct DynamicRangeRules {
  private let header: HeaderFacts
  /// The first of each kind.
  private var found = HDRMetadata()
  private var hasDolbyMetadata = false

  init(_ header: HeaderFacts) { self.header = header }

  /// Takes a sample of the first segment.
  mutating func take(_ bytes: ByteBuffer, at offset: Int, count: Int) {
    let codec: VideoCodec
    var framing = NALUnitFraming.annexB
    switch header.coding {
    case .avc(let size): (codec, framing) = (.h264, .lengthPrefixed(size))
    case .hevc(let size, _): (codec, framing) = (.hevc, .lengthPrefixed(size))
    case .av1: codec = .av1
    default: return
    }
    if !found.isComplete {
      var own = HDRMetadata()
      own.take(bytes, at: offset, count: count, codec: codec, framing: framing)
      found.masteringDisplay = found.masteringDisplay ?? own.masteringDisplay
      found.contentLight = found.contentLight ?? own.contentLight
    }
    if header.dolbyVision != nil, !hasDolbyMetadata {
      hasDolbyMetadata =
        codec == .av1
        ? holdsUnit(bytes, offset, count)
        : holdsNALUnit(bytes, offset, count, codec, framing)
    }
  }

  /// NAL units of type 62 of HEVC, and 28 of H.264, carry it.
  private func holdsNALUnit(
    _ bytes: ByteBuffer, _ offset: Int, _ count: Int, _ codec: VideoCodec,
    _ framing: NALUnitFraming
  ) -> Bool {
    guard var units = try? NALUnits(in: bytes, at: offset, count: count, framing: framing) else {
      return false
    }
    while let unit = try? units.next() {
      guard let first = bytes.getInteger(at: unit.offset, as: UInt8.self) else { return false }
      if codec == .hevc ? first >> 1 & 0x3f == 62 : first & 31 == 28 { return true }
    }
    return false
  }

  /// Metadata units of type 4, ITU-T T.35, carry it in AV1.
  private func holdsUnit(_ bytes: ByteBuffer, _ offset: Int, _ count: Int) -> Bool {
    var units = AV1OBUs(in: bytes, at: offset, count: count)
    while let unit = try? units.next() {
      if unit.kind == .metadata, bytes.getInteger(at: unit.payloadOffset, as: UInt8.self) == 4 {
        return true
      }
    }
    return false
  }

  /// Holds what was found against the sample entry.
  func check(_ log: inout FindingLog) {
    let entry = "moov/trak/mdia/minf/stbl/stsd"
    if let display = found.masteringDisplay {
      let stated = header.metadata.masteringDisplay
      log.require(
        stated == display, .masteringDisplay, entry,
        stated == nil
          ? "has no 'mdcv', and the pictures bring a mastering display along"
          : "'mdcv' says another mastering display than the pictures")
    }
    if let light = found.contentLight {
      let stated = header.metadata.contentLight
      log.require(
        stated == light, .contentLight, entry,
        "'clli' "
          + (stated.map { "says \($0.maximum), \($0.maximumFrameAverage)" } ?? "is missing")
          + "; the pictures say \(light.maximum), \(light.maximumFrameAverage)")
    }
    guard let record = header.dolbyVision else { return }
    log.require(
      hasDolbyMetadata == record.hasMetadata, .dolbyVisionMetadata, entry,
      hasDolbyMetadata
        ? "the record says that there is no metadata, and the pictures have it"
        : "the record promises metadata that the pictures of the first segment do not have")
  }
}
