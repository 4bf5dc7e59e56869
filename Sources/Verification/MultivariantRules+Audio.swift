import HLS
import Library

extension Rule {
  static let soundNotReached = Rule("sound-not-reached", "RFC 8216bis §4.4.6.1.1")
}

/// Groups of sound in `main.m3u8`.
extension MultivariantRules {
  func group(_ id: String?) -> [MeasuredTrack] {
    playlist.renditions.filter { $0.groupID == id && $0.kind == .audio }
      .compactMap { $0.uri.flatMap { track($0) } }
  }

  /// What a player must decode for a group.
  func coding(_ id: String?) -> Set<String> { Set(group(id).compactMap(Self.coding)) }

  /// Codings and channels of a group.
  func forms(_ id: String?) -> Set<String> {
    Set(
      group(id).compactMap { track in
        Self.coding(track).map { "\($0) \(track.header.channelCount)" }
      })
  }

  /// The object types of AAC count as one; joint objects are more than their channels.
  private static func coding(_ track: MeasuredTrack) -> String? {
    guard let codecs = track.header.codecs else { return nil }
    if ["mp4a.40.2", "mp4a.40.5", "mp4a.40.29"].contains(codecs) { return aac }
    return track.header.objectCount == nil ? codecs : "\(codecs) with objects"
  }

  private static let aac = "mp4a.40"

  /// The same for tracks of the same sound, in whatever coding.
  private static func sound(_ track: MeasuredTrack) -> [String] {
    [track.language] + (track.description?.roles ?? []).sorted()
  }

  /// Groups have the same members, but for what would add a coding: one has every sound, one that
  /// all players decode has no other coding than theirs.
  mutating func check(groups: [String]) {
    guard !groups.isEmpty else { return }
    let audio = tracks.filter(\.isAudio)
    let all = Set(audio.map(Self.sound))
    var isWhole = false
    for id in groups.sorted() {
      let missing = all.subtracting(group(id).map(Self.sound))
      isWhole = isWhole || missing.isEmpty
      let coding = coding(id)
      let left = audio.first { track in
        missing.contains(Self.sound(track)) && Self.coding(track).map(coding.contains) == true
      }
      log.require(
        left == nil, .audioGroup, "",
        "the group '\(id)' has nothing of \(left?.name ?? ""), and needs no other decoder for it")
    }
    log.require(
      isWhole, .soundNotReached, "", "no group has a rendition of every language and role")
    log.require(
      !audio.contains { Self.coding($0) == Self.aac }
        || groups.contains { coding($0) == [Self.aac] },
      .soundNotReached, "",
      "there is sound in AAC, and every group needs another decoder: players that have none play "
        + "nothing")
  }
}
