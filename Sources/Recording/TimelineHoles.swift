import Library
import MediaCore

/// Moments of a live title at which nothing came of any track: the source was away, or the packager was. A title at
/// rest does without them.
struct TimelineHoles {
  private struct Hole {
    /// Since 1970, nanoseconds.
    var start: Int64
    var end: Int64
    /// By how much less time has passed behind it: whole pictures, in ticks of the first track.
    var shift: Int64
  }

  private let holes: [Hole]
  private let timescale: Timescale

  private static let nanoseconds = Timescale(literal: 1_000_000_000)
  /// Tracks do not end at the same moment: what is shorter, nanoseconds, is no hole.
  private static let shortest: Int64 = 100_000_000
  /// Samples behind a key frame among which those lie that are presented before it.
  private static let reorderingCount = 32

  init(_ stretch: LiveStretch, _ tracks: [SourceTrack]) {
    var spans: [Range<Int64>] = []
    // Subtitles go on where nothing else does.
    for (track, source) in zip(stretch.tracks, tracks) where source.kind != .text {
      spans += track.spans.map {
        rescale(
          $0.lowerBound, from: track.timescale, to: Self.nanoseconds)..<rescale(
            $0.upperBound, from: track.timescale, to: Self.nanoseconds)
      }
    }
    spans.sort { $0.lowerBound < $1.lowerBound }
    timescale = tracks.first?.timescale ?? Self.nanoseconds
    let frame = Self.frame(of: tracks.first)
    var holes: [Hole] = []
    var reached = spans.first?.lowerBound ?? 0
    for span in spans {
      if span.lowerBound - reached >= Self.shortest {
        let (start, end) = Self.presented(reached, span.lowerBound, tracks)
        let shift = rescale(end - start, from: Self.nanoseconds, to: timescale) / frame * frame
        if shift > 0 { holes.append(Hole(start: start, end: end, shift: shift)) }
      }
      reached = max(reached, span.upperBound)
    }
    self.holes = holes
  }

  /// How long a picture lasts, so that pictures stay where their rate has them; 1 of sound.
  private static func frame(of main: SourceTrack?) -> Int64 {
    guard let main, main.kind == .video else { return 1 }
    return max(1, main.samples.lastDuration)
  }

  /// A hole as it is presented: pictures that are decoded before it may be presented in it, and leading pictures of the
  /// key frame behind it too.
  private static func presented(
    _ start: Int64, _ end: Int64, _ tracks: [SourceTrack]
  ) -> (start: Int64, end: Int64) {
    var (latest, earliest) = (start, end)
    for track in tracks where track.kind == .video {
      let times = track.samples.presentationTimes
      let ticks = rescale(end, from: nanoseconds, to: track.timescale)
      guard
        let first = times.indices.first(where: {
          times[$0] >= ticks && track.samples.randomAccess[$0] != RandomAccess.none.rawValue
        })
      else { continue }
      let before = times[..<first].suffix(reorderingCount).max().map {
        $0 + track.samples.lastDuration
      }
      let least = times[first...].prefix(reorderingCount).min() ?? ticks
      latest = max(latest, rescale(before ?? 0, from: track.timescale, to: nanoseconds))
      earliest = min(earliest, rescale(least, from: track.timescale, to: nanoseconds))
    }
    return (min(latest, end), max(earliest, min(latest, end)))
  }

  /// Moves what lies behind holes to where they begin.
  func close(in track: inout SourceTrack) {
    var next = holes[...]
    var shift: Int64 = 0
    let isVideo = track.kind == .video
    for index in track.samples.presentationTimes.indices {
      let time = track.samples.presentationTimes[index]
      // Whatever is decoded behind a hole belongs there, whenever it is presented.
      let begins =
        !isVideo || track.samples.randomAccess[index] != RandomAccess.none.rawValue
      while begins, let hole = next.first,
        rescale(time, from: track.timescale, to: Self.nanoseconds)
          >= hole.start + (hole.end - hole.start) / 2
      {
        shift += hole.shift
        next.removeFirst()
      }
      track.samples.presentationTimes[index] =
        time - rescale(shift, from: timescale, to: track.timescale)
    }
    track.presentationStart =
      track.samples.presentationTimes.min() ?? track.presentationStart
  }

  /// When something is that has no samples; what is in a hole is at its begin.
  func closed(_ time: MediaTime) -> MediaTime {
    guard !holes.isEmpty else { return time }
    let old = time.rescaled(to: Self.nanoseconds).value
    var new = old
    for hole in holes where old > hole.start {
      new -=
        old < hole.end
        ? old - hole.start : rescale(hole.shift, from: timescale, to: Self.nanoseconds)
    }
    return MediaTime(new, Self.nanoseconds).rescaled(to: time.timescale)
  }

  /// What is to be said of them; `nil` if there are none.
  var note: String? {
    guard !holes.isEmpty else { return nil }
    let seconds = MediaTime(holes.reduce(0) { $0 + $1.shift }, timescale).seconds.rounded()
    let times = holes.count == 1 ? "once" : "\(holes.count) times"
    return "nothing came \(times), for \(Int(seconds)) s together: the title goes on without"
  }
}
