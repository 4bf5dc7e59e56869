package import Episodes
package import HLS
import Library
import MediaCore

/// A screening on its way through the story: what is published next, and what has to be decided before
/// that. No clock and no database: the same times and verdicts give the same texts wherever they come
/// together.
///
///     var course = try ScreeningCourse(episode, clock: clock, votes: "/offer/screenings/k3/votes")
///     while let beat = course.next(until: edge) { … }      // list its segments
///     course.openChoice                                    // to be decided when the edge is there
///     course.decide(verdict)
package struct ScreeningCourse: Sendable {
  /// Segments of all tracks that are published in one step.
  package struct Beat: Sendable {
    /// On the path, in milliseconds: when it is published.
    package var end: Int64
    /// `[track]`
    package var segments: [[ListedSegment]]
    /// Nothing follows.
    package var isLast: Bool
  }

  /// A choice that viewers know of.
  package struct OpenChoice: Hashable, Sendable {
    /// Choices before it.
    package var ordinal: Int
    package var decision: Walk.Decision
    /// On the path, in milliseconds: the window as viewers see it, and how far the path is published when
    /// the votes are counted.
    package var start: Int64
    package var lock: Int64
    package var deadline: Int64
  }

  /// What stands before the next segment of a track.
  private enum Note: Hashable {
    case open(scene: Int, choice: Int)
    case chosen(scene: Int, choice: Int)
  }

  package let episode: PresentedEpisode
  package let clock: ScreeningClock
  /// Where votes go.
  let votes: String
  private(set) var walk: Walk
  package private(set) var verdicts: [ScreeningVerdict] = []
  package private(set) var isEnded = false
  /// The path has become too long to be written down.
  private var isCutShort = false
  private(set) var scene: ScreenedScene
  /// Scenes before it on the path.
  private(set) var position = 0
  /// Beats of the scene that are published.
  private(set) var beatCount = 0
  private var notes: [[Note]]

  /// - Throws: if the episode cannot begin.
  package init(
    _ episode: PresentedEpisode, clock: ScreeningClock, votes: String
  ) throws(EpisodesError) {
    self.episode = episode
    self.clock = clock
    self.votes = votes
    walk = try Walk(episode.graph, path: .beginning)
    notes = Array(repeating: [], count: episode.whole.tracks.count)
    scene = ScreenedScene(
      episode, walk.steps[0].scene.id, start: MediaTime(0, Timescale(literal: 1)))
    announce(0)
  }

  /// With all that was taken.
  package var path: EpisodePath { walk.path }

  /// The next beat, if the path is published as far as `edge`; `nil` if that is later, or hangs on a
  /// choice.
  package mutating func next(until edge: Int64) -> Beat? {
    guard !isEnded, scene.beats.indices.contains(beatCount) else { return nil }
    let end = scene.beats[beatCount].end
    guard end <= edge, end <= openChoice?.deadline ?? end else { return nil }
    let segments = scene.tracks.indices.map { listed($0) }
    beatCount += 1
    if beatCount == scene.beats.count { leave() }
    return Beat(end: end, segments: segments, isLast: isEnded)
  }

  /// All choices that were met, up to the open one.
  package var decisions: [Walk.Decision] { walk.steps[...position].flatMap(\.decisions) }

  /// When there is something to be done, in milliseconds of the path; `nil` at the end.
  package var nextMoment: Int64? {
    guard !isEnded else { return nil }
    let beat = scene.beats.indices.contains(beatCount) ? scene.beats[beatCount].end : nil
    return [beat, openChoice?.deadline].compactMap { $0 }.min()
  }

  /// What viewers may vote on now.
  package var openChoice: OpenChoice? {
    guard position == walk.steps.count - 1, !isCutShort, let decision = walk.openChoice else {
      return nil
    }
    let window = self.window(of: decision.choice)
    return OpenChoice(
      ordinal: verdicts.count, decision: decision, start: window.start, lock: window.lock,
      deadline: window.lock + clock.pace.lag)
  }

  private func window(of choice: Choice) -> (start: Int64, lock: Int64) {
    clock.window(
      at: scene.startMilliseconds + Int64(choice.at), length: Int64(choice.length),
      sceneEnd: scene.endMilliseconds)
  }

  /// Goes on with what was decided on the open choice.
  package mutating func decide(_ verdict: ScreeningVerdict) {
    guard let open = openChoice else { return }
    verdicts.append(verdict)
    let number = walk.steps[position].decisions.count - 1
    var path = walk.path
    path.options.append(open.decision.enabled.contains(verdict.option) ? verdict.option : 0)
    if path.options.count <= EpisodeLimits.pathDigitCount,
      let further = try? Walk(episode.graph, path: path)
    {
      walk = further
    } else {
      isCutShort = true
    }
    for track in notes.indices { notes[track].append(.chosen(scene: position, choice: number)) }
    announce(number + 1)
    if beatCount == scene.beats.count { leave() }
  }

  /// A choice of the scene is known from now on.
  private mutating func announce(_ number: Int) {
    guard !isCutShort, walk.steps[position].decisions.indices.contains(number) else { return }
    for track in notes.indices { notes[track].append(.open(scene: position, choice: number)) }
  }

  /// All of the scene is published: on to the next one, unless that is still to be decided.
  private mutating func leave() {
    guard openChoice == nil else { return }
    guard !isCutShort, walk.steps.indices.contains(position + 1) else {
      isEnded = true
      return
    }
    position += 1
    beatCount = 0
    scene = ScreenedScene(episode, walk.steps[position].scene.id, start: scene.end)
    announce(0)
  }

  // MARK: What playlists say

  /// The segments of a track in the beat that comes next.
  private mutating func listed(_ track: Int) -> [ListedSegment] {
    let range = scene.beats[beatCount].segments[track]
    guard let first = range.first else { return [] }
    var made = range.map { scene.listed($0, ofTrack: track, clock) }
    made[0].segment.hasDiscontinuity = first == 0 && position > 0
    made[0].segment.dateRanges = notes[track].compactMap { dateRange($0, track) }
    notes[track] = []
    return made
  }

  private func dateRange(_ note: Note, _ track: Int) -> DateRange? {
    var ranges = ChoiceRanges(
      walk: walk,
      references: EpisodeReferences(
        episode: episode, addressing: .origin, first: episode.graph.episode.entry),
      track: episode.whole.tracks[track])
    ranges.screening = ChoiceRanges.Screening(clock: clock, votes: votes)
    switch note {
    case .open(let scene, let choice):
      let (step, start, end) = place(of: scene)
      return ranges.open(choice, of: step, start: start, end: end)
    case .chosen(let scene, let choice):
      let (step, start, end) = place(of: scene)
      guard verdicts.indices.contains(step.met + choice) else { return nil }
      return ranges.chosen(
        step.decisions[choice], by: verdicts[step.met + choice], start: start, end: end)
    }
  }

  /// A scene that was entered, in milliseconds of the path.
  private func place(of number: Int) -> (Walk.Step, start: Int64, end: Int64) {
    var ticks: Int64 = 0
    for step in walk.steps[..<number] { ticks += episode.duration(of: step.scene.id).value }
    let step = walk.steps[number]
    let duration = episode.duration(of: step.scene.id)
    return (
      step, MediaTime(ticks, duration.timescale).milliseconds,
      MediaTime(ticks + duration.value, duration.timescale).milliseconds
    )
  }
}

/// The scene that is being published: which segments go together, and what playlists call them.
struct ScreenedScene: Sendable {
  struct Beat: Sendable {
    /// Of the path, in milliseconds.
    var end: Int64
    /// `[track]`: positions of segments.
    var segments: [Range<Int>]
  }

  let title: Title
  /// Of the path, in ticks of the clock of all scenes.
  let start: MediaTime
  let end: MediaTime
  let beats: [Beat]
  let tracks: [[MediaSegment]]

  init(_ episode: PresentedEpisode, _ id: String, start: MediaTime) {
    let duration = episode.duration(of: id)
    let from = start.rescaled(to: duration.timescale)
    self.start = from
    end = MediaTime(from.value + duration.value, duration.timescale)
    let title = episode.scenes[id] ?? episode.whole
    self.title = title
    let references = EpisodeReferences(
      episode: episode, addressing: .origin, first: episode.graph.episode.entry)
    let hls = HLSPresentation(
      title, addressing: references.addressing(of: title), place: references.place(of: id),
      rates: episode.rates)
    tracks = title.tracks.map { $0.isTrick ? [] : hls.mediaPlaylist(of: $0).segments }
    beats = Self.beats(title, tracks, clock: episode.clockName, from: from)
  }

  var startMilliseconds: Int64 { start.milliseconds }
  var endMilliseconds: Int64 { end.milliseconds }

  /// A segment goes with the segment of the picture in which its middle lies, so that what was cut
  /// together is published together; each track has something from the first on.
  private static func beats(
    _ title: Title, _ tracks: [[MediaSegment]], clock: String?, from start: MediaTime
  ) -> [Beat] {
    let model = title.tracks.firstIndex { $0.index.name == clock } ?? 0
    guard tracks.indices.contains(model) else { return [] }
    var (ends, ticks): ([MediaTime], Int64) = ([], 0)
    for segment in tracks[model] {
      ticks += segment.duration.value
      ends.append(MediaTime(ticks, segment.duration.timescale))
    }
    var beats = ends.map {
      let end = $0.rescaled(to: start.timescale).value
      return Beat(end: MediaTime(start.value + end, start.timescale).milliseconds, segments: [])
    }
    for segments in tracks {
      var (next, position): (Int, Int64) = (0, 0)
      for beat in beats.indices {
        let first = next
        while next < segments.count {
          let half = MediaTime(
            2 * position + segments[next].duration.value, segments[next].duration.timescale)
          let end = MediaTime(2 * ends[beat].value, ends[beat].timescale)
          guard next == 0 || beat == beats.count - 1 || half < end else { break }
          position += segments[next].duration.value
          next += 1
        }
        beats[beat].segments.append(first..<next)
      }
    }
    return beats
  }

  func listed(_ number: Int, ofTrack track: Int, _ clock: ScreeningClock) -> ListedSegment {
    var segment = tracks[track][number]
    let timescale = segment.duration.timescale
    let offset = tracks[track][..<number].reduce(0) { $0 + $1.duration.value }
    let microsecond = Timescale(literal: 1_000_000)
    func microseconds(_ ticks: Int64) -> Int64 {
      MediaTime(ticks, timescale).rescaled(to: microsecond).value
    }
    segment.initialization = nil
    segment.programDateTime = clock.date(
      startMilliseconds + MediaTime(offset, timescale).milliseconds)
    let origin = MediaTime(clock.origin, Timescale(literal: 1000)).rescaled(to: timescale).value
    return ListedSegment(
      start: origin + start.rescaled(to: timescale).value + offset,
      duration: segment.duration.value, segment: segment,
      microseconds: microseconds(offset + segment.duration.value) - microseconds(offset))
  }
}
