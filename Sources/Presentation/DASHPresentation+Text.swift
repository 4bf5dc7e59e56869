import DASH
import Library
import MediaCore

extension DASHPresentation {
  func textSet(_ set: SwitchingSet, _ id: Int64) -> AdaptationSet {
    let track = set.tracks[0]
    return AdaptationSet(
      id: id, contentType: "text", mimeType: "application/mp4", language: track.index.language,
      labels: track.label.isEmpty ? [] : [Label(track.label)])
  }

  /// The captions in the pictures of a set (SCTE 214-1 §7.2.8): `CC1=eng;CC3=spa` for CEA-608,
  /// `1=lang:eng;2=lang:spa` for CEA-708.
  func captions(of set: SwitchingSet) -> [Descriptor] {
    guard set.isVideo else { return [] }
    let services = CaptionGroup.services(of: set.tracks)
    let line21 = services.filter { $0.serviceNumber == nil }.map {
      $0.language == "und" ? $0.channel : "\($0.channel)=\(LanguageTag.iso639($0.language))"
    }
    let digital = services.compactMap { service in
      service.serviceNumber.map { "\($0)=lang:\(LanguageTag.iso639(service.language))" }
    }
    return [
      ("urn:scte:dash:cc:cea-608:2015", line21), ("urn:scte:dash:cc:cea-708:2015", digital),
    ].filter { !$0.1.isEmpty }.map {
      Descriptor(schemeIdUri: $0.0, value: $0.1.joined(separator: ";"))
    }
  }
}
