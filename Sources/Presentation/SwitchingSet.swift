import Library
import MediaCore

/// Tracks between which a player may switch without a seam: one AdaptationSet.
struct SwitchingSet {
  /// What the tracks have in common.
  private struct Key: Hashable {
    var sampleEntry: String
    var range: VideoRange?
    var supplement: CodecSupplement?
    var spherical: SphericalVideo?
    var sampleAspectRatio: Rational?
    var channelCount: Int?
    var sampleRate: Int?
    var objectCount: Int?
    var language: String
    var label: String?
    var roles: [String]
  }

  /// At least one.
  private(set) var tracks: [TitleTrack]
  private(set) var roles: [String]

  var isVideo: Bool { tracks[0].index.kind == .video }
  var isText: Bool { tracks[0].index.kind == .text }

  /// In the order in which their first tracks stand.
  static func sets(of tracks: [TitleTrack]) -> [SwitchingSet] {
    var places: [Key: Int] = [:]
    var sets: [SwitchingSet] = []
    let audio = tracks.filter { $0.index.kind == .audio }
    let mainAudio = audio.first { $0.isDefault } ?? audio.first
    for track in tracks {
      let key = key(of: track)
      if let place = places[key] {
        sets[place].tracks.append(track)
        continue
      }
      places[key] = sets.count
      let isMain = track.roles.isEmpty && (track.index.kind == .video || track == mainAudio)
      let roles = isMain ? ["main"] : track.roles
      sets.append(SwitchingSet(tracks: [track], roles: roles))
    }
    return sets
  }

  private static func key(of track: TitleTrack) -> Key {
    let index = track.index
    return Key(
      sampleEntry: index.audio == nil
        ? Codec(index.codecs).sampleEntry : Codec(index.codecs).family,
      range: index.video?.range,
      supplement: index.video?.supplement.map { CodecSupplement(codecs: "", brand: $0.brand) },
      spherical: index.video?.spherical, sampleAspectRatio: index.video?.sampleAspectRatio,
      channelCount: index.audio?.channelCount, sampleRate: index.audio?.sampleRate,
      objectCount: index.audio?.objectCount, language: index.language,
      label: index.kind == .video ? nil : track.label, roles: track.roles)
  }

  /// The worst type of stream access point of all segments; 0 if one is unknown.
  var sapType: UInt8 {
    let types = tracks.map(\.index.sapType)
    return types.contains(0) ? 0 : types.max() ?? 0
  }

  /// Every track has its segments at the same times: a switch loads nothing twice.
  var isAligned: Bool {
    let first = tracks[0].index
    return tracks.dropFirst().allSatisfy { track in
      let index = track.index
      return index.segments.count == first.segments.count
        && zip(index.segments, first.segments).allSatisfy { segment, other in
          // Neither comes before the other, in whatever timescale.
          MediaTime(segment.start, index.timescale) <= MediaTime(other.start, first.timescale)
            && MediaTime(segment.start, index.timescale) >= MediaTime(other.start, first.timescale)
            && MediaTime(segment.duration, index.timescale)
              <= MediaTime(other.duration, first.timescale)
            && MediaTime(segment.duration, index.timescale)
              >= MediaTime(other.duration, first.timescale)
        }
    }
  }

  /// Aligned, and in the same ticks: one timeline says it for all.
  var isOneTimeline: Bool {
    isAligned && tracks.allSatisfy { $0.index.timescale == tracks[0].index.timescale }
  }
}
