import DASH
import Episodes
import HLS
import Library
import MediaCore
import Testing

@testable import Presentation

/// The rules of a shared channel (virtual live), one by one, without a clock.
@Suite struct ScreeningCourseTests {
  private static let start: Int64 = 1_800_000_000_000

  /// s1 (4 s) → s1b (12 s): a choice at 2 s, open for 3 s → s2a (3 s), s2b (3 s); segments of one second.
  private static func episode(window at: Int = 2000, length: Int = 3000) throws -> PresentedEpisode
  {
    let choice = Choice(
      id: "k1", at: at, length: length,
      options: [
        ChoiceOption(id: "accept", goto: .scene("s2a")),
        ChoiceOption(id: "refuse", goto: .scene("s2b")),
        ChoiceOption(id: "never", when: .literal(0), goto: .scene("s2b")),
      ], fallback: .option(1))
    let episode = Episode(
      id: "offer", title: ["en": "The Offer"], languages: ["en"], entry: "s1", variables: [],
      scenes: [
        Scene(id: "s1", next: .scene("s1b")), Scene(id: "s1b", choices: [choice]),
        Scene(id: "s2a", ending: "hired"), Scene(id: "s2b", ending: "fired"),
      ], groups: [],
      endings: [
        Ending(id: "hired", scene: "s2a", title: [:], rank: nil, isSecret: false),
        Ending(id: "fired", scene: "s2b", title: [:], rank: nil, isSecret: false),
      ])
    func title(_ scene: String, _ seconds: Int) -> (String, Title) {
      (scene, TestEpisodes.title(scene, frames: Array(repeating: 25, count: seconds)))
    }
    return try TestEpisodes.presented(
      episode,
      Dictionary(
        uniqueKeysWithValues: [title("s1", 4), title("s1b", 12), title("s2a", 3), title("s2b", 3)]))
  }

  private static func course(_ episode: PresentedEpisode) throws -> ScreeningCourse {
    try ScreeningCourse(
      episode,
      clock: ScreeningClock(
        pace: ScreeningPace(targetDuration: episode.targetDuration), start: start),
      votes: "/offer/screenings/7/votes")
  }

  /// The text of each track after each beat, up to an edge of the path.
  private static func texts(_ course: inout ScreeningCourse, to edge: Int64) -> [[String]] {
    var made: [[String]] = []
    while let beat = course.next(until: edge) {
      made.append(beat.segments.map { $0.map(\.text).joined() })
    }
    return made
  }

  private static let accept = ScreeningVerdict(option: 0, isVoted: true, counts: [0: 12, 1: 3])

  @Test func `R1: one target duration for the whole episode, and hold-back of three`() throws {
    let pace = ScreeningPace(targetDuration: try Self.episode().targetDuration)
    #expect(pace.targetDuration == 1)
    #expect(pace.holdBack == 3000)
  }

  @Test func `R2: six seconds are there at once, then one segment a second`() throws {
    var course = try Self.course(Self.episode())
    #expect(course.clock.edge(at: Self.start) == 6000)
    #expect(Self.texts(&course, to: 6000).count == 6)
    for second in 7...13 {
      #expect(course.nextMoment == Int64(second) * 1000)
      #expect(Self.texts(&course, to: Int64(second) * 1000 - 1).isEmpty)
      #expect(Self.texts(&course, to: Int64(second) * 1000).count == 1)
    }
    // What lies behind 13.5 s waits for the verdict.
    #expect(course.nextMoment == 13_500)
    #expect(Self.texts(&course, to: 60_000).isEmpty)
  }

  /// `T_lock = T_branch − (HOLD-BACK + TD + 0.5 s)` at the latest.
  @Test(arguments: [
    // Window of the scene; as it is shown, and when the votes are counted. The scene is 4 s to 16 s.
    (2000, 3000, 6000, 9000, 13_500),
    (2000, 5500, 6000, 11_500, 16_000),
    (4000, 6000, 5500, 11_500, 16_000),
  ])
  func `R3: the votes are counted when the edge has come so far that everybody has seen the lock`(
    at: Int, length: Int, start: Int64, lock: Int64, deadline: Int64
  ) throws {
    var course = try Self.course(Self.episode(window: at, length: length))
    _ = Self.texts(&course, to: 4000)
    let open = try #require(course.openChoice)
    #expect([open.start, open.lock, open.deadline] == [start, lock, deadline])
    #expect(open.deadline <= 16_000)
    #expect(open.decision.enabled == [0, 1])
    _ = Self.texts(&course, to: 60_000)
    #expect(course.nextMoment == deadline)
    course.decide(Self.accept)
    #expect(course.openChoice == nil)
    #expect(Self.texts(&course, to: 60_000).count == (16_000 - Int(deadline) + 999) / 1000 + 3)
    #expect(course.isEnded)
  }

  @Test func `R5: whatever is voted, nothing that was published changes`() throws {
    let episode = try Self.episode()
    var course = try Self.course(episode)
    var texts = Self.texts(&course, to: 60_000)
    var other = course
    let common = texts.count
    course.decide(Self.accept)
    texts += Self.texts(&course, to: 60_000)
    // Another origin that knows the verdict says the same, in whatever steps it comes there.
    var second = try Self.course(episode)
    var again: [[String]] = []
    for edge in stride(from: Int64(0), through: 60_000, by: 333) {
      again += Self.texts(&second, to: edge)
      if second.openChoice.map({ $0.deadline <= edge }) ?? false { second.decide(Self.accept) }
    }
    #expect(again == texts)
    other.decide(ScreeningVerdict(option: 1, isVoted: false, counts: [:]))
    let others = texts.prefix(common) + Self.texts(&other, to: 60_000)
    #expect(others.prefix(common) == texts.prefix(common))
    #expect(others.last != texts.last)
    #expect(course.path.description == "0")
    #expect(other.path.description == "1")
  }

  @Test
  func `the choice stands before the first segment of its scene, the verdict where it is known`()
    throws
  {
    var course = try Self.course(Self.episode())
    var texts = Self.texts(&course, to: 60_000)
    course.decide(Self.accept)
    texts += Self.texts(&course, to: 60_000)
    let date = "2027-01-15T07:59:54"
    #expect(
      texts[0][0] == """
        #EXT-X-PROGRAM-DATE-TIME:\(date).000Z
        #EXTINF:1.000000,
        /offer/s1/video-1080p/s101/1.m4s

        """)
    let open = texts[4][0]
    #expect(
      open.hasPrefix("#EXT-X-DISCONTINUITY\n#EXT-X-PROGRAM-DATE-TIME:2027-01-15T07:59:58.000Z\n"))
    let identity =
      #"#EXT-X-DATERANGE:ID="k1.1",CLASS="org.dougong.choice","#
      + #"START-DATE="2027-01-15T08:00:00.000Z",DURATION=3.000000,"#
    #expect(open.contains(identity + #"X-CP="k1",X-OCC=1,X-LOCK="2027-01-15T08:00:03.000Z","#))
    #expect(open.contains(#"X-BRANCH="2027-01-15T08:00:10.000Z",X-OPTS="0:accept,1:refuse","#))
    #expect(open.contains(#"X-DEFAULT="1",X-GRAPH="/offer/episode.json","#))
    #expect(open.contains(#"X-HEAD-0="/offer/s2a/video-1080p/s2a01/1.m4s","#))
    #expect(open.contains(#"X-VOTES="/offer/screenings/7/votes""# + "\n"))
    #expect(!open.contains("X-NEXT"))
    // The verdict was due at 13.5 s: before the fourteenth segment.
    let chosen = identity + #"X-CHOSEN="0",X-BY="vote",X-TALLY="0:12,1:3""# + "\n"
    #expect(texts.map { $0[0].contains(chosen) }.firstIndex(of: true) == 13)
    // In all tracks alike: sound is cut near the picture, and published with it.
    for track in 0..<4 {
      #expect(texts.filter { $0[track].contains("#EXTINF") }.count == texts.count)
      #expect(texts[13][track].contains(chosen))
    }
  }

  @Test func `R8: the last segment comes with the end, and an MPD is live for two updates more`()
    throws
  {
    var course = try Self.course(Self.episode())
    _ = Self.texts(&course, to: 60_000)
    course.decide(Self.accept)
    var beats: [ScreeningCourse.Beat] = []
    while let beat = course.next(until: 60_000) { beats.append(beat) }
    #expect(beats.map(\.isLast) == [false, false, false, false, false, true])
    #expect(course.nextMoment == nil)
    #expect(course.clock.pace.lastUpdates >= 2 * 1000)
    let live = try MPD(parsing: course.mpdText(published: 19_000, isOver: false, tracks: nil))
    #expect(live.dynamic != nil)
    #expect(live.periods.map(\.id) == ["1-s1", "2-s1b", "3-s2a"])
    #expect(live.periods.last?.duration?.microseconds == 3_000_000)
    let over = try MPD(parsing: course.mpdText(published: 19_000, isOver: true, tracks: nil))
    #expect(over.dynamic == nil)
    #expect(over.mediaPresentationDuration?.microseconds == 19_000_000)
    #expect(over.periods == live.periods)
  }

  @Test(arguments: [EpisodeAddressing.origin, .continuous])
  func `all segments are those of the path that was taken`(addressing: EpisodeAddressing) throws {
    let episode = try Self.episode()
    var course = try ScreeningCourse(
      episode, clock: Self.course(episode).clock, votes: "/votes",
      isContinuous: addressing == .continuous)
    var texts = Self.texts(&course, to: 60_000)
    course.decide(Self.accept)
    texts += Self.texts(&course, to: 60_000)
    let documents = try EpisodeDocuments(episode, "0", addressing)
    for (number, track) in episode.whole.tracks.enumerated() {
      let name = "\(track.index.name).m3u8"
      let document = try #require(documents.document(named: name))
      func media(_ text: String) -> [Substring] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      }
      #expect(media(texts.map { $0[number] }.joined()) == media(document), "\(name)")
      let breaks = texts.count { $0[number].contains("DISCONTINUITY") }
      #expect(breaks == (addressing == .continuous ? 0 : 2))
    }
  }

  @Test func `the MPD names what is published and no more`() throws {
    var course = try Self.course(Self.episode())
    var published: [Int64: MPD] = [:]
    while let beat = course.next(until: 9000) {
      published[beat.end] = try MPD(
        parsing: course.mpdText(published: beat.end, isOver: false, tracks: nil))
    }
    for (end, mpd) in published {
      let dynamic = try #require(mpd.dynamic)
      #expect(dynamic.availabilityStartTime.millisecondsSince1970 == Self.start - 6000)
      #expect(dynamic.publishTime.millisecondsSince1970 == Self.start - 6000 + end)
      #expect(dynamic.suggestedPresentationDelay?.microseconds == 3_000_000)
      #expect(dynamic.minimumUpdatePeriod?.microseconds == 1_000_000)
      #expect(!dynamic.utcTimings.isEmpty)
      let last = try #require(mpd.periods.last)
      #expect(last.duration == nil || end == 4000)
      for set in last.adaptationSets {
        for representation in set.representations {
          let template = try #require(representation.segmentTemplate)
          let timeline = try #require(template.timeline)
          let from = (last.start?.microseconds ?? 0) / 1000
          let segment = try #require(timeline.segments.last)
          let ends = MediaTime(segment.start + segment.duration, template.timescale).milliseconds
          #expect(abs(from + ends - end) <= 22, "\(representation.id) at \(end)")
        }
      }
    }
  }
}
