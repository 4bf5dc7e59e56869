import HLS
import Library

/// The audio tracks of a title as groups of renditions (draft-pantos-hls-rfc8216bis §4.4.6.1.1).
///
/// One group for each codec family, so that a player takes the family it can decode; where a sound stands in a family
/// with several counts of channels, one for each count, so that each picture is a variant with each of them. What a family
/// lacks (a commentary in stereo beside surround sound) it borrows from families that more players
/// decode, never from one that fewer do: CODECS must name every format of a group, and a player that
/// lacks one of them leaves the variant out. So the groups are a chain, in which each adds a coding:
/// the first can be played everywhere, the last has every sound.
///
/// All groups are to have the same members but for URI and CHANNELS. They do, wherever the most
/// common family has every sound. Where it has not, a sound that stands in one rare coding alone is
/// left out of the groups before it: with it no browser that lacks its decoder would play anything.
/// Several bit rates of one sound are as many groups (`AudioRungs`).
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

  private struct Family {
    var name: String
    var codec: String
    /// Codec and channels, without the number of a rung.
    var plainName: String
    var rungs: (number: Int, count: Int)
    var tracks: [Identity: TitleTrack] = [:]

    var rank: Int { AudioGroup.rank(of: codec) }
  }

  static func groups(of tracks: [TitleTrack]) -> [AudioGroup] {
    let split = splitFamilies(tracks)
    func plainName(_ track: TitleTrack) -> String {
      let codec = family(of: track)
      let count = track.index.audio?.channelCount ?? 0
      return split.contains(codec) ? "\(codec)-\(count)ch" : codec
    }
    let rungs = AudioRungs(tracks, family: plainName)
    var families: [Family] = []
    var order: [Identity] = []
    for track in tracks {
      let plain = plainName(track)
      let name = rungs.name(of: track, family: plain)
      let place =
        families.firstIndex { $0.name == name }
        ?? {
          families.append(
            Family(
              name: name, codec: family(of: track), plainName: plain,
              rungs: rungs.place(track, family: plain)))
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
    return families.map { family in
      let lenders = lenders(to: family, of: families)
      let sounds = order.compactMap { identity in
        lenders.lazy.compactMap { $0.tracks[identity] }.first.map { (identity, $0) }
      }
      var group = AudioGroup(
        id: "audio-\(family.name)",
        members: sounds.map { Member(track: $1, name: names[$0] ?? $1.index.name) })
      group.rungs = family.rungs
      let main = wanted ?? order.first
      group.choose(
        sounds.firstIndex { $0.0 == main }
          ?? sounds.firstIndex { !AudioRole.isCommentary($0.0.roles) } ?? 0)
      return group
    }
  }

  /// The family itself, other bit rates of it, other channels of it, then those that more players decode, the most
  /// common first.
  private static func lenders(to family: Family, of families: [Family]) -> [Family] {
    let alike = families.filter { $0.plainName == family.plainName && $0.name != family.name }
    let others = families.filter { $0.codec == family.codec && $0.plainName != family.plainName }
    let common = families.enumerated().filter {
      $0.element.codec != family.codec && $0.element.rank <= family.rank
    }
    let sorted = common.sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }
    return [family] + alike + others + sorted.map(\.element)
  }

  /// Families in which one sound stands with several counts of channels.
  private static func splitFamilies(_ tracks: [TitleTrack]) -> Set<String> {
    struct Sound: Hashable {
      var family: String
      var language: String
      var roles: [String]
      var label: String
    }
    let sounds = Dictionary(grouping: tracks.filter { !$0.label.isEmpty }) {
      Sound(
        family: family(of: $0), language: $0.index.language, roles: $0.roles, label: $0.label)
    }
    let several = sounds.filter { Set($0.value.map { $0.index.audio?.channelCount }).count > 1 }
    return Set(several.keys.map(\.family))
  }

  /// How many kinds of players lack a family, from the fewest: AAC plays everywhere, browsers decode
  /// what is free of licences, television sets and Apple's devices what Dolby makes.
  private static func rank(of family: String) -> Int {
    let order = ["aac", "mp3", "opus", "flac", "ac3", "eac3", "eac3joc", "usac", "ac4", "mpegh"]
    return order.firstIndex(of: family) ?? order.count
  }

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
