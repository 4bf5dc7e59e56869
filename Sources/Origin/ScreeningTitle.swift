import Choices
import Compression
import Episodes
import Library
import Live
import MediaCore
import NIOCore
import Presentation
import Synchronization

/// A screening as it is served: the windows of its tracks, which move as its course goes on.
///
/// What is published when follows from its beginning and its verdicts alone: every origin says the same,
/// also one that has just been started.
final class ScreeningTitle: LiveSource {
  let screening: Screening
  let episode: PresentedEpisode
  let clock: ScreeningClock
  /// On one timeline.
  let isContinuous: Bool
  private let multivariant: ServedDocument
  private let state: Mutex<State>

  fileprivate struct Track {
    var window: LiveWindow
    /// Of the present version.
    var whole: LiveDocument?
    var deltas: [ReloadDirectives.Skip: LiveDocument] = [:]
    /// Pieces of the last version of the whole playlist.
    var coded: [Int64: GzipPiece] = [:]
  }

  fileprivate struct State {
    var course: ScreeningCourse
    /// Those that are played, in the order of the episode.
    var tracks: [Track]
    /// How far the path is published, in milliseconds.
    var published: Int64 = 0
    /// Verdicts that are known before they are due: of another origin, or from before a restart.
    var known: [ScreeningVerdict]
    /// When to ask for a verdict again, in milliseconds since 1970; `nil` while it is being asked for.
    var askedAgain: Int64? = 0
    var mpd: ServedDocument?
    /// The last update, and players were told so often enough.
    var isOver = false
    /// The ledger was told that it has ended.
    var hasLeft = false
    /// Since who waits was last told.
    var isChanged = false
    var waiting = LiveWakers()
    var tally: (document: ServedDocument, until: Int64)?
    var voters = VotersSeen()
  }

  /// - Parameters:
  ///   - isContinuous: on one timeline, without a discontinuity.
  ///   - verdicts: those that were given already.
  /// - Throws: if the episode cannot begin.
  init(
    _ screening: Screening, of episode: PresentedEpisode, isContinuous: Bool = false,
    verdicts: [ScreeningVerdict] = []
  ) throws {
    self.isContinuous = isContinuous
    self.screening = screening
    self.episode = episode
    clock = ScreeningClock(
      pace: ScreeningPace(targetDuration: episode.targetDuration), start: screening.start)
    multivariant = ServedDocument(
      text: episode.screeningText(tracks: nil, isContinuous: isContinuous))
    let course = try ScreeningCourse(
      episode, clock: clock, votes: screening.url + "votes", isContinuous: isContinuous)
    let tracks = episode.whole.tracks.map { track in
      Track(
        window: LiveWindow(
          listing: track.index.name, timescale: track.index.timescale,
          targetDuration: episode.targetDuration,
          initialization: episode.initialization(of: track),
          hasIndependentSegments: track.webVTT == nil && track.index.hasIndependentSegments,
          window: ScreeningPace.window))
    }
    state = Mutex(State(course: course, tracks: tracks, known: verdicts))
  }

  // MARK: As time goes on

  /// Publishes what is due.
  ///
  /// - Parameter now: milliseconds since 1970.
  /// - Returns: a choice that has to be decided before anything else is published; each once, until
  ///   `decided` or `undecided` is called.
  func advance(now: Int64) -> ScreeningCourse.OpenChoice? {
    let edge = clock.edge(at: now)
    let (due, wakers) = state.withLock { state in
      let due = state.advance(to: edge, now: now)
      return (due, state.isChanged ? state.takeWakers() : [])
    }
    for waker in wakers { waker.wake() }
    return due
  }

  func decided(_ ordinal: Int, _ verdict: ScreeningVerdict, now: Int64) {
    state.withLock { state in
      if state.known.count == ordinal { state.known.append(verdict) }
      state.askedAgain = now
    }
  }

  /// The verdict could not be had: it is asked for again in a moment.
  func undecided(now: Int64) {
    state.withLock { $0.askedAgain = now + Limits.verdictInterval }
  }

  /// Whether all is published: once.
  func leaves() -> Bool {
    state.withLock { state in
      guard state.course.isEnded, !state.hasLeft else { return false }
      state.hasLeft = true
      return true
    }
  }

  /// Whether it has ended so long ago that players go to the path that it took.
  func isGone(now: Int64) -> Bool {
    state.withLock { state in
      state.isOver && clock.edge(at: now) > state.published + Limits.endedScreeningTime
    }
  }

  var isOver: Bool { state.withLock { $0.isOver } }
  var path: EpisodePath { state.withLock { $0.course.path } }
  var course: ScreeningCourse { state.withLock { $0.course } }

  // MARK: Votes

  /// What a vote is for.
  enum Ballot {
    case open(ordinal: Int)
    case decided(ScreeningVerdict)
    /// The choice is not known yet, or the votes are being counted.
    case early, counting
    case impossible(String)
  }

  func ballot(_ vote: ScreeningVote, now: Int64) -> Ballot {
    state.withLock { state in
      let decisions = state.course.decisions
      let number = decisions.firstIndex {
        $0.choice.id == vote.choice && $0.occurrence == vote.occurrence
      }
      guard let number else { return .early }
      if number < state.course.verdicts.count { return .decided(state.course.verdicts[number]) }
      guard let open = state.course.openChoice, open.ordinal == number else { return .early }
      guard open.decision.choice.options.indices.contains(vote.option) else {
        return .impossible("\(vote.choice) has \(open.decision.choice.options.count) options.")
      }
      guard open.decision.enabled.contains(vote.option) else {
        return .impossible("This option of \(vote.choice) cannot be chosen after this path.")
      }
      return clock.edge(at: now) < open.deadline ? .open(ordinal: number) : .counting
    }
  }

  /// - Returns: whether a client may still vote on this choice.
  func admits(_ client: ClientIdentity, ordinal: Int, limit: Int) -> Bool {
    guard let address = client.address, !client.isTrusted else { return true }
    return state.withLock { $0.voters.admits(address.household, ordinal: ordinal, limit: limit) }
  }

  func tally(now: Int64) -> ServedDocument? {
    state.withLock { state in state.tally.flatMap { now < $0.until ? $0.document : nil } }
  }

  func keep(tally: ServedDocument, until: Int64) {
    state.withLock { $0.tally = (tally, until) }
  }

  // MARK: What is asked for

  /// "A hold … must be 503" after `min(3·TD, 8 s)`: players give up at ten.
  var holdTime: TimeAmount { .seconds(min(3 * Int64(episode.targetDuration), 8)) }

  /// Event loops that wait for something to come.
  var waitingLoopCount: Int { state.withLock { $0.waiting.count } }

  func find(_ key: LiveKey, waker: LiveWaker?) -> LiveFound {
    state.withLock { state in
      let found = find(key, &state)
      state.waiting.add(waker, ifHeld: found)
      return found
    }
  }

  private func find(_ key: LiveKey, _ state: inout State) -> LiveFound {
    switch key {
    case .multivariant(nil, _):
      return .document(multivariant, CachePolicy.Lifetime(fresh: 60))
    case .multivariant(let tracks, _):
      let text = episode.screeningText(tracks: tracks, isContinuous: isContinuous)
      return .document(
        ServedDocument(uncoded: ByteBuffer(string: text)), CachePolicy.Lifetime(fresh: 60))
    case .mpd(let tracks) where !isContinuous: return mpd(tracks, &state)
    case .playlist(let name, _, let directives):
      guard let number = state.tracks.firstIndex(where: { $0.window.name == name }),
        !episode.whole.tracks[number].isTrick
      else {
        return .absent(.unknown(maxAge: episode.targetDuration))
      }
      return playlist(number, directives, &state)
    case .mpd, .timeline, .patch, .header, .segment, .excerpt, .part, .growth,
      .clip:
      return .absent(.unknown(maxAge: episode.targetDuration))
    }
  }

  /// Until it is replaced.
  private var update: CachePolicy.Lifetime {
    CachePolicy.Lifetime(fresh: max(1, episode.targetDuration / 2))
  }

  private func mpd(_ tracks: [String]?, _ state: inout State) -> LiveFound {
    if tracks == nil, let mpd = state.mpd { return .document(mpd, update) }
    guard state.published > 0 else { return .held }
    guard
      let text = try? state.course.mpdText(
        published: state.published, isOver: state.isOver, tracks: tracks)
    else { return .absent(.gone) }
    guard tracks == nil else {
      return .document(ServedDocument(uncoded: ByteBuffer(string: text)), update)
    }
    let made = ServedDocument(uncoded: ByteBuffer(string: text))
    state.mpd = made
    return .document(made, update)
  }

  private func playlist(
    _ number: Int, _ directives: ReloadDirectives, _ state: inout State
  ) -> LiveFound {
    let window = state.tracks[number].window
    let isHeld = directives.position != nil && !window.isEnded
    let life = isHeld ? CachePolicy.Lifetime(fresh: 6 * episode.targetDuration) : update
    switch window.edge == nil && !window.isEnded ? .held : window.reload(directives) {
    case .held: return .held
    case .refused(let reason): return .refused(reason, maxAge: 4 * episode.targetDuration)
    case .delta:
      let skip = directives.skip ?? .segments
      if let delta = state.tracks[number].deltas[skip] { return .live(delta, life) }
      guard let made = window.delta(skip: skip, beside: others(than: number, state)) else { break }
      var none: [Int64: GzipPiece] = [:]
      let document = LiveDocument(made, known: &none)
      state.tracks[number].deltas[skip] = document
      return .live(document, life)
    case .whole: break
    }
    if let whole = state.tracks[number].whole { return .live(whole, life) }
    let document = LiveDocument(
      window.playlist(beside: others(than: number, state)), known: &state.tracks[number].coded)
    state.tracks[number].whole = document
    return .live(document, life)
  }

  private func others(than number: Int, _ state: State) -> [LiveWindow] {
    state.tracks.indices.filter { $0 != number }.map { state.tracks[$0].window }
  }
}

extension ScreeningTitle.State {
  /// - Returns: a choice that is due and not decided.
  fileprivate mutating func advance(
    to edge: Int64, now: Int64
  ) -> ScreeningCourse.OpenChoice? {
    while true {
      while let beat = course.next(until: edge) { publish(beat) }
      guard let open = course.openChoice, open.deadline <= edge else { break }
      if known.indices.contains(open.ordinal) {
        course.decide(known[open.ordinal])
        // A story may end with a choice: then nothing comes but the end.
        if course.isEnded { finish() }
        tally = nil
        askedAgain = 0
        continue
      }
      guard let time = askedAgain, time <= now else { return nil }
      askedAgain = nil
      return open
    }
    if course.isEnded, !isOver, edge >= published + course.clock.pace.lastUpdates {
      isOver = true
      change()
    }
    return nil
  }

  private mutating func publish(_ beat: ScreeningCourse.Beat) {
    for (number, segments) in beat.segments.enumerated() {
      // None is longer than the target duration, which was measured on all of them.
      for segment in segments { try? tracks[number].window.take(segment) }
    }
    published = beat.end
    if beat.isLast { finish() }
    change()
  }

  private mutating func finish() {
    for number in tracks.indices { tracks[number].window.finish() }
    change()
  }

  /// Other documents than those that were made are the present ones.
  private mutating func change() {
    isChanged = true
    mpd = nil
    for number in tracks.indices { (tracks[number].whole, tracks[number].deltas) = (nil, [:]) }
  }

  fileprivate mutating func takeWakers() -> [LiveWaker] {
    isChanged = false
    return waiting.take()
  }
}

/// Votes on one choice by the network that they came from.
struct VotersSeen {
  private var ordinal = -1
  private var counts: [IPAddress: Int] = [:]

  mutating func admits(_ address: IPAddress, ordinal: Int, limit: Int) -> Bool {
    if ordinal != self.ordinal { (self.ordinal, counts) = (ordinal, [:]) }
    let count = counts[address] ?? 0
    guard count < limit else { return false }
    if count > 0 || counts.count < Limits.countedClientCount { counts[address] = count + 1 }
    return true
  }
}

extension Screening {
  /// Of its folder, from the root.
  var url: String { "/\(Pages.percentEncoded(episode))/screenings/\(id)/" }
}
