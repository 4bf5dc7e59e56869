import Codecs
import MediaCore
import NIOCore

extension Rule {
  static let masteringDisplay = Rule("mastering-display", "ISO/IEC 14496-12 §12.1.6")
  static let contentLight = Rule("content-light", "ISO/IEC 14496-12 §12.1.6")
  static let dolbyVisionMetadata = Rule(
    "dolby-vision-metadata", "Dolby Vision Streams Within the ISO Base Media File Format §2.1")
}

/// Metadata of high dynamic range in the samples, held against the sample entry: in the first segment
/// messages 137 and 144 of H.264 and HEVC, and metadata units of AV1; in all pictures those of Dolby
/// Vision.
struct DynamicRangeRules {
  private let header: HeaderFacts
  /// The first of each kind.
  private var found = HDRMetadata()
  /// Pictures with and without metadata of Dolby Vision, and the number of the first without, from 0.
  private var dolby = (with: 0, without: 0, firstWithout: 0)

  init(_ header: HeaderFacts) { self.header = header }

  /// Takes a sample.
  mutating func take(
    _ bytes: ByteBuffer, at offset: Int, count: Int, isFirstSegment: Bool
  ) {
    guard isFirstSegment || header.dolbyVision != nil else { return }
    let codec: VideoCodec
    var framing = NALUnitFraming.annexB
    switch header.coding {
    case .avc(let size): (codec, framing) = (.h264, .lengthPrefixed(size))
    case .hevc(let size, _): (codec, framing) = (.hevc, .lengthPrefixed(size))
    case .av1: codec = .av1
    default: return
    }
    if isFirstSegment, !found.isComplete {
      var own = HDRMetadata()
      own.take(bytes, at: offset, count: count, codec: codec, framing: framing)
      found.masteringDisplay = found.masteringDisplay ?? own.masteringDisplay
      found.contentLight = found.contentLight ?? own.contentLight
    }
    guard header.dolbyVision != nil else { return }
    let isThere =
      codec == .av1
      ? holdsUnit(bytes, offset, count) : holdsNALUnit(bytes, offset, count, codec, framing)
    if isThere {
      dolby.with += 1
    } else {
      if dolby.without == 0 { dolby.firstWithout = dolby.with }
      dolby.without += 1
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

  /// Metadata units of type 4, ITU-T T.35, carry it in AV1: of the United States, and there of Dolby.
  private func holdsUnit(_ bytes: ByteBuffer, _ offset: Int, _ count: Int) -> Bool {
    var units = AV1OBUs(in: bytes, at: offset, count: count)
    while let unit = try? units.next() {
      if unit.kind == .metadata, unit.payloadCount >= 4,
        bytes.getInteger(at: unit.payloadOffset, as: UInt32.self) == 0x04b5_003b
      {
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
    guard record.hasMetadata else {
      log.add(
        .dolbyVisionMetadata, entry,
        "the record says that there is no metadata, "
          + (dolby.with > 0
            ? "and \(dolby.with) pictures have it" : "without which it is no Dolby Vision"))
      return
    }
    log.require(
      dolby.without == 0, .dolbyVisionMetadata, entry,
      "the record promises metadata that \(dolby.without) of \(dolby.with + dolby.without) pictures "
        + "do not have, the first of them sample \(dolby.firstWithout)")
  }
}
