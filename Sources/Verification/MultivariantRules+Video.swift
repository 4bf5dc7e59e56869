import Codecs
import HLS
import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  static let supplementalCodecs = Rule("supplemental-codecs", "RFC 8216bis §4.4.6.2")
  static let videoLayout = Rule("video-layout", "RFC 8216bis §4.4.6.2")
}

extension MultivariantRules {
  /// SUPPLEMENTAL-CODECS and REQ-VIDEO-LAYOUT of a variant stream, or of one of I-frames.
  mutating func checkExtensions(
    supplements: [String], layout: [String], _ track: MeasuredTrack, _ place: String
  ) {
    let header = track.header
    let expected = header.supplement.map { ["\($0.codecs)/\($0.brand)"] } ?? []
    log.require(
      supplements == expected, .supplementalCodecs, place,
      "SUPPLEMENTAL-CODECS is \(Self.text(supplements)); \(track.name) makes it \(Self.text(expected))"
    )
    // Specifiers of an entry stand in any order.
    let found = layout.map { Set($0.split(separator: "/").map(String.init)) }
    let wanted = header.layout?.viewPresentation.map { [Set($0)] } ?? []
    log.require(
      found == wanted, .videoLayout, place,
      "REQ-VIDEO-LAYOUT is \(Self.text(layout)); \(track.name) makes it "
        + Self.text(header.layout?.viewPresentation.map { [$0.joined(separator: "/")] } ?? []))
  }

  private static func text(_ list: [String]) -> String {
    list.isEmpty ? "absent" : "\"\(list.joined(separator: ","))\""
  }
}

extension SphericalVideo {
  /// Specifiers of a view presentation entry; `nil` where the draft has no word for the projection.
  fileprivate var viewPresentation: [String]? {
    let channels = stereoMode == .mono ? "CH-MONO" : "CH-STEREO"
    switch projection {
    case nil: return [channels]
    case .equirectangular: return [channels, isHalf ? "PROJ-HEQU" : "PROJ-EQUI"]
    case .cubemap, .mesh: return nil
    }
  }
}

extension HeaderFacts {
  /// What a player of Dolby Vision may take the track for, where its base layer is what `codecs`
  /// names (Apple's HLS Authoring Specification 9.19, SCTE 214-1 §6.2).
  var supplement: (codecs: String, brand: String)? {
    guard let record = dolbyVision, entryType != "dvh1", entryType != "dav1" else { return nil }
    let brand: String? =
      switch record.compatibility {
      case 1, 6: "db1p"
      case 2: "db2g"
      case 4: colour.transfer == 14 ? "db4g" : "db4h"
      default: nil
      }
    guard let brand else { return nil }
    let entry = record.profile == 10 ? "dav1" : record.profile == 9 ? "dva1" : "dvh1"
    let bytes = [UInt8](record.bytes.readableBytesView.prefix(5))
    return RecordedCodec.dolbyVision(bytes, entry: entry).map { ($0, brand) }
  }
}
