import HLS
import Library
import MediaCore

/// The subtitles of a title as the one group that every variant stream names
/// (draft-pantos-hls-rfc8216bis §4.4.6.2.2): a group for each audio group would only repeat them.
///
/// Subtitles that stand as WebVTT segments are not named again as TTML. hls.js takes `stpp` in CODECS
/// to mean that all subtitles of a variant are TTML, and then shows none of the WebVTT ones.
struct SubtitleGroup {
  struct Member {
    var track: TitleTrack
    /// Unique in the group.
    var name: String
    var isDefault = false
    var isAutoselect = false
    var isForced: Bool { track.roles.contains("forced-subtitle") }

    var characteristics: [String] {
      var found: [String] = []
      if track.roles.contains("caption") {
        found += [
          "public.accessibility.transcribes-spoken-dialog",
          "public.accessibility.describes-music-and-sound",
        ]
      }
      if track.roles.contains("easyreader") { found.append("public.easy-to-read") }
      return found
    }

    /// Subtitles in fMP4 rather than WebVTT segments.
    fileprivate var isFragmented: Bool { track.webVTT == nil }
  }

  static let id = "subtitles"
  private(set) var members: [Member]

  /// - Returns: `nil` for a title without subtitles.
  init?(_ all: [TitleTrack]) {
    let plain = Set(all.filter { $0.webVTT != nil }.map(Self.identity))
    let tracks = all.filter { $0.webVTT != nil || !plain.contains(Self.identity($0)) }
    guard !tracks.isEmpty else { return nil }
    var used: Set<String> = []
    members = tracks.map { track in
      let label = track.label.isEmpty ? track.index.name : track.label
      var name = label
      var number = 1
      while !used.insert(name).inserted {
        number += 1
        name = "\(label) \(number)"
      }
      return Member(track: track, name: name)
    }
    choose()
  }

  private static func identity(_ track: TitleTrack) -> [String] {
    [track.label, track.index.language] + track.roles
  }

  /// AUTOSELECT members are those a player may take by itself: of each language and purpose the
  /// first, WebVTT before the others, since every player reads it.
  private mutating func choose() {
    var taken: Set<[String]> = []
    func isSpecial(_ member: Member) -> Bool { member.track.roles.contains("commentary") }
    for isFragmented in [false, true] {
      for index in members.indices
      where members[index].isFragmented == isFragmented && !isSpecial(members[index]) {
        let member = members[index]
        let purpose =
          [member.track.index.language, member.isForced ? "forced" : ""] + member.characteristics
        if taken.insert(purpose).inserted { members[index].isAutoselect = true }
      }
    }
    if let index = members.firstIndex(where: { $0.track.isDefault && !$0.isFragmented })
      ?? members.firstIndex(where: { $0.track.isDefault })
    {
      members[index].isDefault = true
      members[index].isAutoselect = true
    }
  }

  /// What variant streams say of fragmented subtitles; WebVTT segments need no word (§4.4.6.2).
  var codecs: [String] {
    members.filter(\.isFragmented).reduce(into: []) { codecs, member in
      let codec = member.track.index.codecs
      if !codecs.contains(codec) { codecs.append(codec) }
    }
  }

  func renditions(uri: (TitleTrack) -> String) -> [Rendition] {
    members.map { member in
      let language = member.track.index.language
      var rendition = Rendition(
        kind: .subtitles, groupID: Self.id, name: member.name,
        language: language == "und" ? nil : language, isDefault: member.isDefault,
        isAutoselect: member.isAutoselect, characteristics: member.characteristics,
        uri: uri(member.track))
      rendition.isForced = member.isForced
      return rendition
    }
  }
}

extension TitleTrack {
  /// Bit rates of what a playlist names: of the WebVTT segments, where there are any.
  func bitrate(targetDuration: Int) -> PeakBitrate {
    guard let webVTT, webVTT.segments.count == index.segments.count else {
      return index.bitrate(targetDuration: targetDuration)
    }
    return PeakBitrate(
      of: zip(webVTT.segments, index.segments).map { ($0.count, $1.duration) },
      timescale: index.timescale, targetDuration: targetDuration)
  }
}

/// The captions that the pictures carry, as a group of renditions without playlists.
enum CaptionGroup {
  static let id = "captions"

  /// The services of all video tracks, each once.
  static func services(of tracks: [TitleTrack]) -> [CaptionService] {
    tracks.flatMap(\.captions).reduce(into: []) { services, service in
      if !services.contains(where: { $0.channel == service.channel }) { services.append(service) }
    }
  }

  static func renditions(of tracks: [TitleTrack]) -> [Rendition] {
    var languages: Set<String> = []
    return services(of: tracks).map { service in
      let name = LanguageTag.ownName(service.language)
      var rendition = Rendition(
        kind: .closedCaptions, groupID: id,
        name: name.map { "\($0) (\(service.channel))" } ?? service.channel,
        language: service.language == "und" ? nil : service.language,
        isAutoselect: languages.insert(service.language).inserted)
      rendition.instreamID = service.channel
      return rendition
    }
  }

  /// What a variant stream says: NONE holds for the whole playlist (§4.4.6.2).
  static func reference(_ track: TitleTrack, in title: Title) -> ClosedCaptions? {
    if services(of: title.tracks(of: .video)).isEmpty { return .absent }
    return track.captions.isEmpty ? nil : .group(id)
  }
}
