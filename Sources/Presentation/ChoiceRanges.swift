import Episodes
import HLS
import Library
import MediaCore

/// The choices of a path as date ranges of a media playlist: opaque ids and URLs, no word that a viewer
/// reads.
struct ChoiceRanges {
  /// CLASS of all of them.
  static let className = "org.dougong.choice"

  let walk: Walk
  let references: EpisodeReferences
  let track: TitleTrack
  /// What a screening says otherwise than a path.
  struct Screening {
    var clock: ScreeningClock
    /// Where votes go.
    var votes: String
  }

  var screening: Screening?
  /// The track up to the end of the scene, if it is on one timeline.
  var timeline: ContinuousTrack?

  /// A choice while it is open.
  ///
  /// - Parameters:
  ///   - start: of the scene, in milliseconds of the path, and `end` its end.
  func open(_ number: Int, of step: Walk.Step, start: Int64, end: Int64) -> DateRange {
    let decision = step.decisions[number]
    let choice = decision.choice
    var range = identity(decision, start, end)
    var attributes: [(name: String, value: DateRange.Value)] = [
      ("X-CP", .text(choice.id)), ("X-OCC", .microseconds(Int64(decision.occurrence) * 1_000_000)),
      ("X-LOCK", .text(date(window(of: choice, start, end).lock).description)),
      ("X-BRANCH", .text(date(end).description)),
      (
        "X-OPTS",
        .text(decision.enabled.map { "\($0):\(choice.options[$0].id)" }.joined(separator: ","))
      ),
    ]
    if let fallback = decision.fallback { attributes.append(("X-DEFAULT", .text("\(fallback)"))) }
    attributes.append(("X-GRAPH", .text(references.graph)))
    let arrivals = decision.enabled.map { ($0, walk.arrival(taking: $0, at: number, of: step)) }
    for (option, arrival) in arrivals {
      if let head = arrival.flatMap({ head(of: $0.scene.id) }) {
        attributes.append(("X-HEAD-\(option)", .text(head)))
      }
    }
    // All viewers of a screening are on one path: there is nothing to follow.
    if let screening {
      attributes.append(("X-VOTES", .text(screening.votes)))
      range.attributes = attributes
      return range
    }
    for option in decision.enabled {
      var path = walk.path(before: step.met + number)
      path.options.append(option)
      if let next = references.playlist(of: path, track: track) {
        attributes.append(("X-NEXT-\(option)", .text(next)))
      }
    }
    for (option, arrival) in arrivals {
      if let folded = walk.folded(taking: option, at: number, of: step, to: arrival),
        let next = references.playlist(of: folded, track: track)
      {
        attributes.append(("X-FOLD-\(option)", .text(next)))
      }
    }
    range.attributes = attributes
    return range
  }

  private func head(of scene: String) -> String? {
    let name = track.index.name
    guard let timeline, let index = references.episode.scenes[scene]?[track: name]?.index else {
      return references.head(of: scene, track: name)
    }
    guard let first = timeline.segments(of: index).first else { return nil }
    return references.head(of: scene, track: name, number: first.number).map {
      Reference.moved($0, by: first.move)
    }
  }

  /// The same choice once it is decided; `nil` while it is not.
  func chosen(_ decision: Walk.Decision, start: Int64, end: Int64) -> DateRange? {
    decision.option.map { option in
      var range = identity(decision, start, end)
      range.attributes = [("X-CHOSEN", .text("\(option)"))]
      return range
    }
  }

  /// The same, decided by the viewers of a screening.
  func chosen(
    _ decision: Walk.Decision, by verdict: ScreeningVerdict, start: Int64, end: Int64
  ) -> DateRange {
    var range = identity(decision, start, end)
    range.attributes = [
      ("X-CHOSEN", .text("\(verdict.option)")),
      ("X-BY", .text(verdict.isVoted ? "vote" : "default")),
    ]
    if !verdict.counts.isEmpty { range.attributes.append(("X-TALLY", .text(verdict.tally))) }
    return range
  }

  /// What all of them have in common: ID, CLASS, START-DATE and DURATION.
  private func identity(_ decision: Walk.Decision, _ start: Int64, _ end: Int64) -> DateRange {
    DateRange(
      id: Self.id(decision), className: Self.className,
      start: date(window(of: decision.choice, start, end).start),
      duration: Int64(decision.choice.length) * 1000)
  }

  private func window(
    of choice: Choice, _ start: Int64, _ end: Int64
  ) -> (start: Int64, lock: Int64) {
    let (at, length) = (start + Int64(choice.at), Int64(choice.length))
    return screening?.clock.window(at: at, length: length, sceneEnd: end) ?? (at, at + length)
  }

  /// `k1.2`: the second time that k1 is met on the path.
  static func id(_ decision: Walk.Decision) -> String {
    "\(decision.choice.id).\(decision.occurrence)"
  }

  private func date(_ milliseconds: Int64) -> ProgramDateTime {
    screening?.clock.date(milliseconds) ?? Self.date(milliseconds)
  }

  /// 2000-01-01T00:00:00Z and what was played since.
  static func date(_ milliseconds: Int64) -> ProgramDateTime {
    ProgramDateTime(millisecondsSince1970: 946_684_800_000 + milliseconds)
  }
}
