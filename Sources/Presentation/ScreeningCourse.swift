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
  /// On one timeline, without a discontinuity: for players that do not get over one.
  package let isContinuous: Bool
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
    _ episode: PresentedEpisode, clock: ScreeningClock, votes: String, isContinuous: Bool = false
  ) throws(EpisodesError) {
    self.episode = episode
    self.clock = clock
    self.isContinuous = isContinuous
    self.votes = votes
    walk = try Walk(episode.graph, path: .beginning)
    notes = Array(repeating: [], count: episode.whole.tracks.count)
    scene = ScreenedScene(
      episode, walk.steps[0].scene.id, start: MediaTime(0, Timescale(literal: 1)),
      timelines: isContinuous ? episode.whole.tracks.map { _ in ContinuousTrack() } : nil)
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
    scene = ScreenedScene(
      episode, walk.steps[position].scene.id, start: scene.end, timelines: scene.timelines)
    announce(0)
  }

  // MARK: What playlists say

  /// The segments of a track in the beat that comes next.
  private mutating func listed(_ track: Int) -> [ListedSegment] {
    let range = scene.beats[beatCount].segments[track]
    guard let first = range.first else { return [] }
    var made = range.map { scene.listed($0, ofTrack: track, clock) }
    made[0].segment.hasDiscontinuity = first == 0 && position > 0 && !isContinuous
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
    ranges.timeline = scene.timelines?[track]
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
