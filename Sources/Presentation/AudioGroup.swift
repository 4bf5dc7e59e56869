import HLS
import Library

/// The audio tracks of a title as groups of renditions (draft-pantos-hls-rfc8216bis §4.4.6.1.1).
///
/// One group for each codec family, so that a player takes the family it can decode. All groups
/// must have the same members but for URI and CHANNELS; if the families of a title do not, one
/// group holds all tracks.
struct AudioGroup {
  struct Member {
    var track: TitleTrack
    /// Unique in the group.
    var name: String
    var isDefault = false
    var isAutoselect = false

    /// What the members of all groups must have in common.
    fileprivate var identity: [String] { [name, track.index.language] + characteristics }

    var characteristics: [String] {
      track.roles.contains("description") ? ["public.accessibility.describes-video"] : []
    }
  }

  var id: String
  var members: [Member]

  /// The codecs of all members, each once.
  var codecs: [String] {
    members.reduce(into: []) { codecs, member in
      let codec = Codec(member.track.index.codecs).hls
      if !codecs.contains(codec) { codecs.append(codec) }
    }
  }

  static func groups(of tracks: [TitleTrack]) -> [AudioGroup] {
    guard !tracks.isEmpty else { return [] }
    let families = tracks.map { Codec($0.index.codecs).family }
    let distinct = families.reduce(into: [String]()) { list, family in
      if !list.contains(family) { list.append(family) }
    }
    var groups = distinct.map { family in
      AudioGroup(
        id: "audio-\(family)",
        members: named(zip(tracks, families).filter { $0.1 == family }.map(\.0)))
    }
    let identities = Set(groups.map { Set($0.members.map(\.identity)) })
    if identities.count > 1 { groups = [AudioGroup(id: "audio", members: named(tracks))] }
    // Exactly one default, and the same in every group.
    let wanted = groups[0].members.first { $0.track.isDefault } ?? groups[0].members[0]
    for index in groups.indices { groups[index].choose(wanted.identity) }
    return groups
  }

  /// Labels, and a number where a label stands again.
  private static func named(_ tracks: [TitleTrack]) -> [Member] {
    var used: Set<String> = []
    return tracks.map { track in
      let label = track.label.isEmpty ? track.index.name : track.label
      var name = label
      var number = 1
      while !used.insert(name).inserted {
        number += 1
        name = "\(label) \(number)"
      }
      return Member(track: track, name: name)
    }
  }

  /// AUTOSELECT members are those a player may take by itself: the default, and the first of each
  /// language and set of characteristics that is no commentary.
  private mutating func choose(_ wanted: [String]) {
    func choice(_ member: Member) -> [String] {
      [member.track.index.language] + member.characteristics
    }
    var taken: Set<[String]> = []
    if let index = members.firstIndex(where: { $0.identity == wanted }) {
      members[index].isDefault = true
      members[index].isAutoselect = true
      taken.insert(choice(members[index]))
    }
    for index in members.indices where !members[index].track.roles.contains("commentary") {
      if taken.insert(choice(members[index])).inserted { members[index].isAutoselect = true }
    }
  }

  func renditions(uri: (TitleTrack) -> String) -> [Rendition] {
    members.map { member in
      let index = member.track.index
      return Rendition(
        kind: .audio, groupID: id, name: member.name,
        language: index.language == "und" ? nil : index.language, isDefault: member.isDefault,
        isAutoselect: member.isAutoselect, characteristics: member.characteristics,
        channels: index.audio.map { "\($0.channelCount)" }, uri: uri(member.track))
    }
  }

  /// The rendition of an audio-only variant stream.
  var defaultMember: Member { members.first { $0.isDefault } ?? members[0] }
}
