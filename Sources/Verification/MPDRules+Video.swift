import DASH
import MediaCore

extension Rule {
  static let mpdSupplementalCodecs = Rule("mpd-supplemental-codecs", "ANSI/SCTE 214-1 §6.2")
  static let mpdScanType = Rule("mpd-scan-type", "ISO/IEC 23009-1 §5.3.7.2")
  static let mpdProjection = Rule("mpd-projection", "ISO/IEC 23090-2 §8.2.2")
  static let mpdFramePacking = Rule("mpd-frame-packing", "ISO/IEC 23009-1 §5.3.7.2")
  static let mpdColour = Rule("mpd-colour", "ISO/IEC 23009-1 §5.8.5.7")
}

/// What an MPD says of pictures beside their codec, size and rate.
extension MPDRules {
  mutating func checkExtensions(
    _ found: Representation, _ set: AdaptationSet, _ track: MeasuredTrack, _ place: String
  ) {
    let header = track.header
    let expected = header.supplement
    log.require(
      found.supplementalCodecs == expected?.codecs
        && found.supplementalProfiles == expected?.brand, .mpdSupplementalCodecs, place,
      "supplementalCodecs and supplementalProfiles are '\(found.supplementalCodecs ?? "")' and "
        + "'\(found.supplementalProfiles ?? "")'; the track makes them '\(expected?.codecs ?? "")' "
        + "and '\(expected?.brand ?? "")'")
    let scanType = found.scanType ?? set.scanType ?? "progressive"
    log.require(
      scanType == "unknown" || (scanType == "interlaced") == header.isInterlaced, .mpdScanType,
      place,
      "scanType is '\(scanType)'; the pictures of the track are "
        + (header.isInterlaced ? "fields, or may be" : "frames"))
    checkLayout(found, set, header.layout, place)
    checkColour(found, set, header, place)
  }

  private mutating func checkLayout(
    _ found: Representation, _ set: AdaptationSet, _ layout: SphericalVideo?, _ place: String
  ) {
    let properties = set.essentialProperties + found.essentialProperties
    let schemes = ["urn:mpeg:mpegI:omaf:2017:pf", "http://youtube.com/yt/2012/10/10"]
    let projections = properties.filter { schemes.contains($0.schemeIdUri) }
      .map { $0.projectionType ?? $0.value ?? "" }
    let expected: [String] =
      switch layout?.projection {
      case nil: []
      case .equirectangular: ["0"]
      case .cubemap: ["1"]
      case .mesh: ["mesh"]
      }
    log.require(
      projections == expected, .mpdProjection, place,
      "the essential projections are \(projections); the track makes them \(expected): shown flat, "
        + "a sphere makes no sense")
    let packings = set.framePackings.compactMap(\.value)
    let packed: [String] =
      switch layout?.stereoMode {
      case .leftRight, .rightLeft: ["3"]
      case .topBottom: ["4"]
      default: []
      }
    log.require(
      packings == packed, .mpdFramePacking, place,
      "FramePacking is \(packings); the track makes it \(packed)")
  }

  /// Code points of ISO/IEC 23091-2 as properties: essential where a display of standard range must
  /// not take the picture.
  private mutating func checkColour(
    _ found: Representation, _ set: AdaptationSet, _ header: HeaderFacts, _ place: String
  ) {
    let scheme = "urn:mpeg:mpegB:cicp:"
    let essential = set.essentialProperties + found.essentialProperties
    let all = essential + set.supplementalProperties + found.supplementalProperties
    for (name, point) in [
      ("ColourPrimaries", header.colour.primaries),
      ("TransferCharacteristics", header.colour.transfer),
      ("MatrixCoefficients", header.colour.matrix),
    ] {
      for property in all where property.schemeIdUri == scheme + name {
        log.require(
          property.value == "\(point)", .mpdColour, place,
          "\(name) is \(property.value ?? "absent"); 'colr' says \(point)")
      }
    }
    guard header.colour.transfer == 16 else { return }
    log.require(
      essential.contains { $0.schemeIdUri == "\(scheme)TransferCharacteristics" }, .mpdColour,
      place, "no EssentialProperty says that the transfer is 16, PQ: others would show it too")
  }
}
