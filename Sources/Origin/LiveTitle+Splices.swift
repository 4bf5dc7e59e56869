package import Library
package import Live
package import MediaCore
import Presentation

/// Splice points of a live title: date ranges in all its playlists, and events of its MPD.
extension LiveTitle {
  /// What a message says that is not known yet.
  package func judge(_ splice: Splice) -> LiveSplices.Verdict {
    withState { $0.splices.judge(splice) }
  }

  /// A message that says something new, and where its lines are to stand.
  package func place(_ splice: Splice) -> LiveSplice {
    withState { state in
      LiveSplice(
        splice: splice,
        segments: state.tracks.mapValues(\.window.nextRange))
    }
  }

  /// Lists what a message says; in all playlists at the same moment. From any thread.
  package func publish(_ splice: LiveSplice) {
    withState { state in
      for tag in state.splices.take(splice.splice) {
        for name in state.tracks.keys { state.tracks[name]?.window.add(tag) }
      }
      for name in state.tracks.keys { state.tracks[name]?.changed(header: nil) }
      state.tellOfSplices(at: splice.splice.time.milliseconds)
    }
  }

  /// Takes up what a packager before has published, before its chunks.
  package func restore(_ splices: [LiveSplice]) {
    withState { state in
      for splice in splices {
        for tag in state.splices.take(splice.splice) {
          for name in state.tracks.keys {
            state.tracks[name]?.window.add(tag, at: splice.segments[name] ?? 0)
          }
        }
        state.tellOfSplices(at: splice.splice.time.milliseconds)
      }
    }
  }

  /// Ranges go from all playlists at the same moment, when the last has come past them.
  func expireSplices(_ state: inout State) {
    guard !state.splices.ranges.isEmpty,
      let start = windows(state).compactMap(\.startTime).min()
    else { return }
    // Its lines go with the segment that came when they did.
    let margin = MediaTime(Int64(2 * description.targetDuration), Timescale(literal: 1))
    let gone = state.splices.expire(before: start, margin: margin)
    guard !gone.isEmpty else { return }
    for name in state.tracks.keys {
      let isOther = state.tracks[name]?.window.remove(gone) ?? false
      state.tracks[name]?.changed(header: nil)
      if isOther {
        for form in LivePlaylist.Form.allCases { state.tracks[name]?.playlists[form]?.coded = [:] }
      }
    }
  }
}

extension LiveTitle.State {
  /// The MPD of numbers has other events; those that are over stay until then.
  mutating func tellOfSplices(at time: Int64) {
    told = splices.documentEvents
    toldAt = max(time, toldAt ?? time)
    renewTelling()
  }

  /// The MPD of numbers has changed, and with it its publishTime.
  mutating func renewTelling() {
    mpd = nil
    toldAt = toldAt.map { max($0, stretches.last?.start.milliseconds ?? 0) + 1 }
  }
}

extension LiveSplices {
  var documentEvents: [LiveDocuments.SpliceEvent] {
    events.map {
      .init(time: $0.time, duration: $0.duration, number: $0.number, section: $0.section)
    }
  }
}
