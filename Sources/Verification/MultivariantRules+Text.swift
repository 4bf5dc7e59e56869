import HLS
import Library

extension Rule {
  static let subtitleGroup = Rule("subtitle-group", "RFC 8216bis §4.4.6.2.2")
  static let forcedSubtitles = Rule("forced-subtitles", "RFC 8216bis §4.4.6.1")
  static let captionRoles = Rule("caption-characteristics", "RFC 8216bis §4.4.6.1")
  static let closedCaptions = Rule("closed-captions", "RFC 8216bis §4.4.6.2")
}

/// Subtitles and captions in `main.m3u8`.
extension MultivariantRules {
  mutating func checkText(_ rendition: Rendition, _ place: String) {
    guard rendition.kind == .subtitles else {
      let services = tracks.flatMap { $0.description?.captions ?? [] }.map(\.channel)
      log.require(
        services.contains(rendition.instreamID ?? ""), .closedCaptions, place,
        "INSTREAM-ID is \(rendition.instreamID ?? "absent"); the video carries "
          + "\(services.isEmpty ? "no captions" : services.joined(separator: ", "))")
      return
    }
    guard let uri = rendition.uri, let track = track(uri), track.isText else {
      log.add(
        .variantReference, place,
        "\(rendition.uri ?? "no URI") is the playlist of no track of subtitles")
      return
    }
    log.require(
      rendition.language ?? "und" == track.language, .renditionLanguage, place,
      "LANGUAGE is \(rendition.language ?? "absent"); \(track.name) is '\(track.language)'")
    guard let roles = track.description?.roles else { return }
    log.require(
      rendition.isForced == roles.contains("forced-subtitle"), .forcedSubtitles, place,
      "FORCED is \(rendition.isForced ? "YES" : "NO"); the role of \(track.name) is "
        + roles.joined(separator: ", "))
    log.require(
      roles.contains("caption")
        == rendition.characteristics.contains("public.accessibility.transcribes-spoken-dialog"),
      .captionRoles, place,
      "CHARACTERISTICS is '\(rendition.characteristics.joined(separator: ","))'; the role of "
        + "\(track.name) is \(roles.joined(separator: ", "))")
  }

  /// Tracks of subtitles that are to be named: TTML that stands as WebVTT too is not, since players
  /// take one form for all.
  var namedSubtitles: [MeasuredTrack] {
    func identity(_ track: MeasuredTrack) -> [String] {
      [track.language, track.description?.label ?? track.name] + (track.description?.roles ?? [])
    }
    let plain = Set(tracks.filter { $0.webVTT != nil }.map(identity))
    return tracks.filter { $0.isText && ($0.webVTT != nil || !plain.contains(identity($0))) }
  }

  /// The tracks of the variant's group: all that are to be named.
  mutating func subtitles(of variant: VariantStream, _ place: String) -> [MeasuredTrack] {
    let members = playlist.renditions.filter {
      $0.kind == .subtitles && $0.groupID == variant.subtitles
    }
    let found = members.compactMap { $0.uri.flatMap { track($0) } }.filter(\.isText)
    let all = namedSubtitles
    log.require(
      Set(found.map(\.name)) == Set(all.map(\.name)) && (variant.subtitles == nil) == all.isEmpty,
      .subtitleGroup, place,
      "SUBTITLES is \(variant.subtitles.map { "'\($0)', with \(members.count) members" } ?? "absent"); "
        + "\(all.count) are expected")
    return found
  }

  /// NONE if no variant has captions; a group where the video carries some.
  mutating func checkCaptions(_ variant: VariantStream, _ track: MeasuredTrack, _ place: String) {
    let isAnyCaptioned = tracks.contains { $0.description?.captions?.isEmpty == false }
    let isCaptioned = track.description?.captions?.isEmpty == false
    switch variant.closedCaptions {
    case .absent:
      log.require(
        !isAnyCaptioned, .closedCaptions, place,
        "CLOSED-CAPTIONS is NONE, and video of the title carries captions")
    case .group(let id):
      let isThere = playlist.renditions.contains { $0.kind == .closedCaptions && $0.groupID == id }
      log.require(
        isCaptioned && isThere, .closedCaptions, place,
        "CLOSED-CAPTIONS names the group '\(id)', which "
          + (isThere ? "\(track.name) carries nothing of" : "has no member"))
    case nil:
      log.require(
        !isCaptioned, .closedCaptions, place,
        "CLOSED-CAPTIONS is absent, and \(track.name) carries captions")
    }
  }
}
