import HLS
import Library

/// The audio tracks of a title as groups of renditions (draft-pantos-hls-rfc8216bis §4.4.6.1.1).
///
/// One group for each codec family, so that a player takes the family it can decode. All groups
/// must have the same members but for URI and CHANNELS: what a family lacks (a commentary in
/// stereo beside surround sound) it borrows from the first family that has it. Several bit rates of
/// one sound are as many groups (`AudioRungs`).
struct AudioGroup {
  struct Member {
    var track: TitleTrack
    /// Unique in the group.
    var name: String
    var isDefault = false
    var isAutoselect = false

    var characteristics: [String] { AudioRole.characteristics(track.roles) }
  }

  /// What the members of all groups have in common: the same sound, in whatever coding.
  private struct Identity: Hashable {
    var language: String
    var roles: [String]
    /// Counts tracks of one family that are alike in all else.
    var number: Int
  }

  var id: String
  var members: [Member]
  /// Which of its family's bit rates, from 0 for the best, and of how many.
  var rungs = (number: 0, count: 1)

  /// The codecs of all members, each once.
  var codecs: [String] {
    members.reduce(into: []) { codecs, member in
      let codec = Codec(member.track.index.codecs).hls
      if !codecs.contains(codec) { codecs.append(codec) }
    }
  }

  static func groups(of tracks: [TitleTrack]) -> [AudioGroup] {
    guard !tracks.isEmpty else { return [] }
    let rungs = AudioRungs(tracks, family: family)
    var families: [(name: String, tracks: [Identity: TitleTrack])] = []
    var places: [String: (number: Int, count: Int)] = [:]
    var order: [Identity] = []
    for track in tracks {
      let plain = family(of: track)
      let family = rungs.name(of: track, family: plain)
      places[family] = rungs.place(track, family: plain)
      let place =
        families.firstIndex { $0.name == family }
        ?? {
          families.append((family, [:]))
          return families.count - 1
        }()
      var identity = Identity(language: track.index.language, roles: track.roles, number: 0)
      while families[place].tracks[identity] != nil { identity.number += 1 }
      families[place].tracks[identity] = track
      if !order.contains(identity) { order.append(identity) }
    }
    let names = names(of: order, families.map(\.tracks))
    let wanted = order.first { identity in
      families.contains { $0.tracks[identity]?.isDefault == true }
    }
    var groups: [AudioGroup] = []
    for family in families {
      let members = order.compactMap { identity -> Member? in
        let lender = families.first { $0.tracks[identity] != nil }
        guard let track = family.tracks[identity] ?? lender?.tracks[identity] else { return nil }
        return Member(track: track, name: names[identity] ?? track.index.name)
      }
      var group = AudioGroup(id: "audio-\(family.name)", members: members)
      // Two families that are made of the same tracks are one group.
      if groups.contains(where: { $0.trackNames == group.trackNames }) { continue }
      group.rungs = places[family.name] ?? (0, 1)
      group.choose(order.firstIndex { $0 == wanted } ?? 0)
      groups.append(group)
    }
    if groups.count == 1, families.count > 1 { groups[0].id = "audio" }
    return groups
  }

  private var trackNames: [String] { members.map(\.track.index.name) }

  /// Objects are a family of their own: a player that cannot render them takes the channels.
  private static func family(of track: TitleTrack) -> String {
    let family = Codec(track.index.codecs).family
    return track.index.audio?.objectCount == nil ? family : "\(family)joc"
  }

  /// The label of the first family that has one, and a number where a label stands again.
  private static func names(
    of order: [Identity], _ families: [[Identity: TitleTrack]]
  ) -> [Identity: String] {
    var used: Set<String> = []
    var names: [Identity: String] = [:]
    for identity in order {
      guard let track = families.lazy.compactMap({ $0[identity] }).first else { continue }
      let label = track.label.isEmpty ? track.index.name : track.label
      var name = label
      var number = 1
      while !used.insert(name).inserted {
        number += 1
        name = "\(label) \(number)"
      }
      names[identity] = name
    }
    return names
  }

  /// AUTOSELECT members are those a player may take by itself: the default, and the first of each
  /// language and set of characteristics that is no commentary.
  private mutating func choose(_ wanted: Int) {
    func choice(_ member: Member) -> [String] {
      [member.track.index.language] + member.characteristics
    }
    var taken: Set<[String]> = []
    if members.indices.contains(wanted) {
      members[wanted].isDefault = true
      members[wanted].isAutoselect = true
      taken.insert(choice(members[wanted]))
    }
    for index in members.indices where !AudioRole.isCommentary(members[index].track.roles) {
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
        channels: index.audio?.hlsChannels, uri: uri(member.track))
    }
  }

  /// The rendition of an audio-only variant stream.
  var defaultMember: Member { members.first { $0.isDefault } ?? members[0] }
}
