import MediaCore

/// Where all renditions of a title are cut: presentation times at which each of them has a key frame.
///
/// One list for all video tracks; audio is cut at the frames nearest to it.
struct CutList: Sendable {
  /// Presentation times of the segments' starts, in the first track's timescale. The first is 0.
  let times: [MediaTime]
  /// For each video track, the index of each segment's first sample.
  let starts: [[Int]]
  /// What the cuts could not be, a sentence each.
  let notes: [String]

  init(times: [MediaTime], starts: [[Int]], notes: [String]) {
    self.times = times
    self.starts = starts
    self.notes = notes
  }

  /// - Parameters:
  ///   - tracks: video tracks, at least one.
  ///   - target: wanted length of a segment.
  ///   - ramp: wanted lengths of the first segments, where they are others.
  ///   - forced: presentation times where a segment starts if a key frame lies there.
  ///   - names: of the tracks, for messages.
  init(
    _ tracks: [PlannedTrack], target: MediaTime, ramp: [MediaTime] = [],
    forced: [MediaTime] = [], names: [String]
  ) throws {
    let candidates = tracks.map(Self.candidates)
    let timescale = tracks[0].timescale
    let common = Self.common(candidates, tracks)
    var notes: [String] = []
    let steps = Steps(target, ramp: ramp, timescale)
    let step = steps.longest
    let end = tracks[0].end
    let frame = max(1, end / Int64(max(tracks[0].count, 1)))
    let wanted = forced.map { $0.rescaled(to: timescale).value }
    var chosen = Self.choose(
      common.filter(\.isClosed), around: wanted, frame: frame, steps: steps, end: end)
    // Open groups of pictures cannot be entered from another rendition: they serve where closed
    // ones would leave segments of more than twice the wanted length.
    if Self.longest(chosen, end: end) > 2 * step, common.contains(where: { !$0.isClosed }) {
      let open = Self.choose(common, around: wanted, frame: frame, steps: steps, end: end)
      if Self.longest(open, end: end) < Self.longest(chosen, end: end) {
        chosen = open
        notes.append(
          "segments start at open groups of pictures, since closed ones are too far apart; players "
            + "cannot switch renditions there")
      }
    }
    try Self.checkCommon(chosen, candidates, tracks, step: step, names: names)
    let longest = Self.longest(chosen, end: end)
    if longest > 2 * step {
      notes.append(
        "the longest segment lasts \(MediaTime(longest, timescale).milliseconds) ms, since key frames "
          + "are so far apart; \(target.milliseconds) ms were wanted")
    }
    times = chosen.map { MediaTime($0.time, timescale) }
    starts = tracks.indices.map { track in chosen.map { $0.samples[track] } }
    self.notes = notes
  }

  /// A sample at which a track can be cut.
  private struct Candidate {
    /// Presentation time of the segment that would start here: of its earliest sample.
    var time: Int64
    var sample: Int
    var isClosed: Bool
  }

  /// A moment at which every track can be cut.
  private struct Cut {
    var time: Int64
    var samples: [Int]
    var isClosed: Bool
  }

  private static func candidates(_ track: PlannedTrack) -> [Candidate] {
    var found: [Candidate] = []
    var index = track.count
    var earliest = Int64.max
    // From the end, so that the earliest time behind each key frame is at hand.
    while index > 0 {
      index -= 1
      earliest = min(earliest, track.times[index])
      let access = track.randomAccess[index]
      if access != 0 || index == 0 {
        found.append(
          Candidate(
            time: index == 0 ? 0 : earliest, sample: index,
            isClosed: access == RandomAccess.closed.rawValue))
      }
    }
    return found.reversed()
  }

  private static func common(_ candidates: [[Candidate]], _ tracks: [PlannedTrack]) -> [Cut] {
    var next = [Int](repeating: 0, count: candidates.count)
    return candidates[0].compactMap { first in
      var cut = Cut(time: first.time, samples: [first.sample], isClosed: first.isClosed)
      for track in candidates.indices.dropFirst() {
        let list = candidates[track]
        let wanted = MediaTime(first.time, tracks[0].timescale).rescaled(
          to: tracks[track].timescale)
        // Half a frame apart is the same moment.
        let frame = max(1, tracks[track].end / Int64(max(tracks[track].count, 1)))
        while next[track] < list.count, list[next[track]].time < wanted.value - frame / 2 {
          next[track] += 1
        }
        guard next[track] < list.count, list[next[track]].time <= wanted.value + frame / 2 else {
          return nil
        }
        cut.samples.append(list[next[track]].sample)
        cut.isClosed = cut.isClosed && list[next[track]].isClosed
      }
      return cut
    }
  }

  /// Between each forced cut and the next, as if they were titles of their own.
  private static func choose(
    _ cuts: [Cut], around forced: [Int64], frame: Int64, steps: Steps, end: Int64
  ) -> [Cut] {
    var bounds: [Int] = [0]
    for time in forced.sorted() {
      guard
        let nearest = cuts.indices.min(by: {
          (cuts[$0].time - time).magnitude < (cuts[$1].time - time).magnitude
        }), (cuts[nearest].time - time).magnitude <= UInt64(frame / 2),
        let last = bounds.last, nearest > last
      else { continue }
      bounds.append(nearest)
    }
    let ends = bounds.dropFirst() + [cuts.count]
    return zip(bounds, ends).flatMap { from, to in
      choose(Array(cuts[from..<to]), steps: steps, end: to < cuts.count ? cuts[to].time : end)
    }
  }

  /// Wanted lengths of segments, in ticks of the first track.
  struct Steps {
    private let ramp: [Int64]
    private let target: Int64

    init(_ target: MediaTime, ramp: [MediaTime] = [], _ timescale: Timescale) {
      self.target = max(1, target.rescaled(to: timescale).value)
      self.ramp = ramp.map { max(1, $0.rescaled(to: timescale).value) }
    }

    init(_ target: Int64) {
      self.target = max(1, target)
      ramp = []
    }

    /// - Parameter segment: counted from 0.
    subscript(segment: Int) -> Int64 { segment < ramp.count ? ramp[segment] : target }

    var longest: Int64 { max(target, ramp.max() ?? 0) }
  }

  /// From each cut to the one nearest to the wanted length behind it.
  private static func choose(_ cuts: [Cut], steps: Steps, end: Int64) -> [Cut] {
    guard var last = cuts.first else { return [] }
    var chosen = [last]
    var index = 1
    while index < cuts.count {
      let wanted = last.time + steps[chosen.count - 1]
      var best = index
      while best + 1 < cuts.count,
        (cuts[best + 1].time - wanted).magnitude <= (cuts[best].time - wanted).magnitude
      {
        best += 1
      }
      // What is left at the end stays with this segment if that comes nearer to the length.
      if end - wanted <= 0, (end - wanted).magnitude <= (cuts[best].time - wanted).magnitude {
        break
      }
      last = cuts[best]
      chosen.append(last)
      index = best + 1
    }
    return chosen
  }

  private static func longest(_ cuts: [Cut], end: Int64) -> Int64 {
    guard !cuts.isEmpty else { return .max }
    let times = cuts.map(\.time) + [end]
    return zip(times, times.dropFirst()).map { $1 - $0 }.max() ?? end
  }

  /// Renditions whose key frames lie at other moments cannot be switched.
  private static func checkCommon(
    _ chosen: [Cut], _ candidates: [[Candidate]], _ tracks: [PlannedTrack], step: Int64,
    names: [String]
  ) throws {
    guard tracks.count > 1 else { return }
    let reference = tracks[0].presentationEnd
    for (index, track) in tracks.enumerated().dropFirst() {
      let difference = abs(track.presentationEnd.seconds - reference.seconds)
      guard difference <= MediaTime(step, tracks[0].timescale).seconds else {
        throw PackagingError(
          .renditionsDiffer,
          "\(names[index]) lasts \(track.presentationEnd.seconds) s and \(names[0]) "
            + "\(reference.seconds) s: they are not the same content, so they cannot be renditions of "
            + "one title; package them apart")
      }
    }
    let alone = candidates.indices.map { index -> Double in
      let own = candidates[index].map {
        Cut(time: $0.time, samples: [$0.sample], isClosed: $0.isClosed)
      }
      let scaled = MediaTime(step, tracks[0].timescale).rescaled(to: tracks[index].timescale).value
      let cuts = choose(own, steps: Steps(scaled), end: tracks[index].end)
      return MediaTime(longest(cuts, end: tracks[index].end), tracks[index].timescale).seconds
    }
    let together = MediaTime(longest(chosen, end: tracks[0].end), tracks[0].timescale).seconds
    guard together <= 2 * (alone.max() ?? 0) else {
      throw PackagingError(
        .renditionsDiffer,
        "the key frames of \(names.joined(separator: ", ")) lie at different moments: cut together, "
          + "a segment would last \(together) s; encode them with the same key frame interval")
    }
  }
}
