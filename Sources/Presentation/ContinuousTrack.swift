import Library
import MediaCore

/// One track of a path on one timeline, scene behind scene, without a break.
///
///     var track = ContinuousTrack()
///     for scene in scenes {
///       name(track.segments(of: scene.index))
///       track.append(scene.index, until: scene.end)
///     }
///
/// A scene of picture or text is moved by the path's time at which it begins. Sound has frames of its
/// own, and before them its priming, which lies where the sound of the scene before already is. So it
/// keeps to the grid of its first scene's frames: of each further scene as many frames at the front are
/// left out as bring it nearest to its picture, half a frame at most beside it. Then its frames follow
/// each other exactly: no time goes back, none is there twice. Only where the sound before ends too
/// early for that, by more than the priming and half a frame, a gap is left and it begins with its
/// picture.
struct ContinuousTrack {
  /// A segment that is played.
  struct Segment: Hashable {
    /// From 1.
    var number: Int
    var move: TimelineMove
    /// On the timeline, as presented, in ticks of the track.
    var start: Int64
    var duration: Int64
  }

  /// The path's time until now.
  private var time = MediaTime(0, Timescale(literal: 1))
  /// Decode time of the track at which everything until now ends.
  private var end: Int64 = 0
  private var isEmpty = true

  /// The scene that comes next.
  func segments(of index: TrackIndex) -> [Segment] {
    let (offset, start) = place(index)
    // Times of segments are presented ones; what is left out is counted as it is decoded.
    let cut = start - index.mediaStart
    var segments: [Segment] = []
    for (position, segment) in index.segments.enumerated() {
      let last = segment.start + segment.duration
      guard last > cut else { continue }
      let isCut = start > 0 && segments.isEmpty
      let first = isCut ? max(segment.start, cut) : segment.start
      segments.append(
        Segment(
          number: position + 1,
          move: TimelineMove(offset: offset, start: isCut ? start : 0),
          start: offset + first, duration: last - first))
    }
    // Priming that is not left out is heard where it stands.
    if !isEmpty, index.frameDuration != nil, cut < 0, !segments.isEmpty {
      segments[0].start += cut
      segments[0].duration -= cut
    }
    return segments
  }

  /// - Parameter end: of the scene, in the path's time.
  mutating func append(_ index: TrackIndex, until end: MediaTime) {
    let priming = index.frameDuration == nil ? 0 : index.mediaStart
    let length = index.segments.last.map { $0.start + $0.duration } ?? 0
    self.end = place(index).offset + priming + length
    time = end
    isEmpty = false
  }

  /// What is added to decode times, and the decode time in the scene from which on it is played.
  private func place(_ index: TrackIndex) -> (offset: Int64, start: Int64) {
    guard !isEmpty else { return (0, 0) }
    let begin = time.rescaled(to: index.timescale).value
    guard let frame = index.frameDuration, frame > 0 else { return (max(begin, end), 0) }
    let late = end - begin
    let count = (late + frame / 2) / frame
    return late < -frame / 2 ? (begin, 0) : (end - count * frame, count * frame)
  }
}
