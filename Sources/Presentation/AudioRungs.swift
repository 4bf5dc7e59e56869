import Library
import MediaCore

/// The same sound at several bit rates: rungs, the best first.
///
/// Each rung is a group of its own, tied to the pictures that it suits: every picture with every
/// rung would be variants that no player wants.
struct AudioRungs {
  /// The same sound in the same coding, but for its bit rate.
  private struct Key: Hashable {
    var family: String
    var language: String
    var roles: [String]
    var label: String
    var channels: String?
  }

  /// From 0, by the tracks' names.
  private var rungs: [String: Int] = [:]
  /// How many each family has.
  private var counts: [String: Int] = [:]

  init(_ tracks: [TitleTrack], family: (TitleTrack) -> String) {
    let alike = Dictionary(grouping: tracks) { track in
      Key(
        family: family(track), language: track.index.language, roles: track.roles,
        label: track.label, channels: track.index.audio?.hlsChannels)
    }
    for (key, tracks) in alike where !key.label.isEmpty {
      // A stable order, whatever that of the dictionary.
      let sorted = tracks.sorted {
        ($0.index.byteCount, $1.index.name) > ($1.index.byteCount, $0.index.name)
      }
      for (rung, track) in sorted.enumerated() { rungs[track.index.name] = rung }
      counts[key.family] = max(counts[key.family] ?? 1, sorted.count)
    }
  }

  /// The name of a track's family, with the number of its rung if there are several.
  func name(of track: TitleTrack, family: String) -> String {
    guard let count = counts[family], count > 1 else { return family }
    return "\(family)-\((rungs[track.index.name] ?? 0) + 1)"
  }

  /// The place of a family's name among the rungs: which, and of how many.
  func place(_ track: TitleTrack, family: String) -> (number: Int, count: Int) {
    (rungs[track.index.name] ?? 0, counts[family] ?? 1)
  }
}

extension AudioGroup {
  /// Whether a picture is a variant with this group: of several rungs, the better go with the heavier
  /// pictures. With fewer pictures than rungs, each goes with all.
  func accompanies(_ track: TitleTrack, of pictures: [TitleTrack]) -> Bool {
    guard rungs.count > 1, pictures.count >= rungs.count else { return true }
    let sorted = pictures.sorted {
      ($0.index.byteCount, $1.index.name) > ($1.index.byteCount, $0.index.name)
    }
    guard let place = sorted.firstIndex(where: { $0.index.name == track.index.name }) else {
      return true
    }
    return place * rungs.count / sorted.count == rungs.number
  }
}
