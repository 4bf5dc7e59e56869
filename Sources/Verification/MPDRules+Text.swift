import DASH
import Library

extension Rule {
  static let mpdText = Rule("mpd-text", "ISO/IEC 23009-1 §5.3.3.2, §5.8.5.5")
  static let mpdCaptions = Rule("mpd-captions", "ANSI/SCTE 214-1 §7.2.8")
}

/// Subtitles and captions in the MPD.
extension MPDRules {
  mutating func checkText(_ set: AdaptationSet, _ track: MeasuredTrack, _ place: String) {
    log.require(
      set.contentType == "text", .mpdText, place,
      "contentType is '\(set.contentType ?? "")'; 'text' is expected")
    log.require(
      set.language ?? "und" == track.language, .mpdLanguage, place,
      "lang is '\(set.language ?? "")'; \(track.name) is '\(track.language)'")
    guard let roles = track.description?.roles else { return }
    let found = set.roles.filter { $0.schemeIdUri == "urn:mpeg:dash:role:2011" }.compactMap(\.value)
    log.require(
      Set(roles).isSubset(of: found), .mpdText, place,
      "Role is '\(found.joined(separator: " "))'; \(track.name) is \(roles.joined(separator: ", "))"
    )
  }

  /// Captions are named where the pictures carry them, and nowhere else.
  mutating func checkCaptions(_ set: AdaptationSet, _ track: MeasuredTrack, _ place: String) {
    let services = track.description?.captions ?? []
    for (scheme, isThere) in [
      ("urn:scte:dash:cc:cea-608:2015", services.contains { $0.serviceNumber == nil }),
      ("urn:scte:dash:cc:cea-708:2015", services.contains { $0.serviceNumber != nil }),
    ] {
      let isNamed = set.accessibilities.contains { $0.schemeIdUri == scheme }
      log.require(
        isNamed || !isThere, .mpdCaptions, place,
        "\(track.name) carries captions, and no Accessibility of \(scheme) stands here")
    }
  }
}
