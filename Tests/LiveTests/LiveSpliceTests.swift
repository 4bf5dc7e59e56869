import Codecs
import HLS
import Live
import MediaCore
import NIOCore
import Testing

/// Splice points of a live title: what is said of them, and where in its playlists.
struct LiveSpliceTests {
  private static let clock = LiveSplices.clock
  private static let second: Int64 = 90_000

  /// A message that comes so many seconds after `Stream.first`.
  private func message(
    _ id: UInt32, _ isOut: Bool = true, at seconds: Int64?, lasting: Int64? = nil,
    cancels: Bool = false, heard: Int64
  ) -> Splice {
    let start = Stream.first * 2 * Self.second
    let section = SpliceInfoSection(
      command: .insert(
        SpliceInsert(
          eventID: id, isCancelled: cancels, isOut: isOut,
          ptsTime: seconds.map { UInt64($0 * Self.second) },
          breakDuration: lasting.map { UInt64($0 * Self.second) })))
    return Splice(
      time: MediaTime(start + heard * Self.second, Self.clock), section: section.bytes,
      timeOffset: start)
  }

  private func time(_ seconds: Int64) -> MediaTime {
    MediaTime((Stream.first * 2 + seconds) * Self.second, Self.clock)
  }

  private func expect(
    _ verdict: LiveSplices.Verdict, _ expected: LiveSplices.Verdict,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(verdict == expected, sourceLocation: sourceLocation)
  }

  private func ranges(_ tags: [LiveSplices.Tag]) throws -> [DateRange] {
    let text = """
      #EXTM3U
      #EXT-X-VERSION:6
      #EXT-X-TARGETDURATION:2
      #EXT-X-PROGRAM-DATE-TIME:2026-05-28T20:26:40.000Z
      \(tags.map(\.text).joined())#EXTINF:2.000000,
      1.m4s

      """
    return try MediaPlaylist(parsing: text).segments.flatMap(\.dateRanges)
  }

  @Test func `an out is told of when it is announced, and its in adds to it`() throws {
    var splices = LiveSplices()
    let out = message(7, at: 20, lasting: 10, heard: 14)
    expect(splices.judge(out), .new)
    let first = try #require(try ranges(splices.take(out)).first)
    #expect(first.start.description == "2026-05-28T20:27:00.000Z")
    #expect(first.plannedDuration == 10_000_000 && first.duration == nil)
    #expect(first.spliceOut == Array(out.section.readableBytesView) && first.spliceIn.isEmpty)
    // Repetitions say nothing, with a later adjustment or none.
    expect(splices.judge(message(7, at: 20, lasting: 10, heard: 16)), .known)
    let back = message(7, false, at: 29, heard: 26)
    expect(splices.judge(back), .new)
    let second = try #require(try ranges(splices.take(back)).first)
    #expect(second.id == first.id && second.start == first.start)
    #expect(second.duration == 9_000_000 && second.plannedDuration == nil)
    #expect(second.spliceIn == Array(back.section.readableBytesView) && second.spliceOut.isEmpty)
    #expect(splices.events.map(\.time) == [time(20).value, time(29).value])
    #expect(splices.events.map(\.duration) == [10 * Self.second, nil])
    #expect(Set(splices.events.map(\.number)).count == 2)
  }

  @Test func `what is immediate is when it comes, and may come again later`() throws {
    var splices = LiveSplices()
    let out = message(8, at: nil, heard: 40)
    #expect(try ranges(splices.take(out)).map(\.start.description) == ["2026-05-28T20:27:20.000Z"])
    for heard in Int64(41)...70 {
      expect(splices.judge(message(8, at: nil, heard: heard)), .known)
    }
    expect(splices.judge(message(8, at: nil, heard: 3600)), .new)
  }

  @Test func `what is cancelled before it happens ends where it begins`() throws {
    var splices = LiveSplices()
    _ = splices.take(message(9, at: 60, lasting: 10, heard: 50))
    let cancel = message(9, at: nil, cancels: true, heard: 52)
    expect(splices.judge(cancel), .new)
    let range = try #require(try ranges(splices.take(cancel)).first)
    #expect(range.duration == 0)
    #expect(range.spliceCommand == Array(cancel.section.readableBytesView))
    #expect(splices.events.isEmpty)
    expect(splices.judge(cancel), .known)
    // What has happened is not taken back.
    _ = splices.take(message(10, at: 60, lasting: 10, heard: 50))
    expect(splices.judge(message(10, at: nil, cancels: true, heard: 61)), .known)
  }

  @Test func `damage and heartbeats say nothing`() {
    var splices = LiveSplices()
    var damaged = message(1, at: 5, heard: 1)
    damaged.section.setInteger(UInt8(1), at: 10)
    expect(splices.judge(damaged), .unreadable)
    let null = SpliceInfoSection(command: .null).bytes
    expect(splices.judge(Splice(time: time(0), section: null)), .known)
  }

  @Test func `ranges go when they lie wholly before what is listed, and no earlier`() {
    var splices = LiveSplices()
    let margin = MediaTime(4, Timescale(literal: 1))
    _ = splices.take(message(1, at: 20, lasting: 10, heard: 14))
    _ = splices.take(message(2, at: 20, heard: 14))
    _ = splices.take(message(3, false, at: 25, heard: 22))
    #expect(splices.expire(before: time(25), margin: margin).isEmpty)
    #expect(splices.expire(before: time(26), margin: margin).count == 1)
    #expect(splices.expire(before: time(29), margin: margin).isEmpty)
    #expect(splices.expire(before: time(30), margin: margin).count == 1)
    // What nobody has ended is over after a day.
    #expect(splices.expire(before: time(86_400), margin: margin).isEmpty)
    #expect(splices.expire(before: time(86_420), margin: margin).count == 1)
    #expect(splices.ranges.isEmpty && splices.events.isEmpty)
  }

  @Test func `of too many the oldest go`() {
    var splices = LiveSplices()
    for id in 0..<UInt32(LiveSplices.maximumCount + 100) {
      _ = splices.take(message(id, at: 1000 + Int64(id), heard: 14))
    }
    let margin = MediaTime(4, Timescale(literal: 1))
    let gone = splices.expire(before: time(0), margin: margin)
    #expect(gone.count >= 100 && splices.ranges.count <= LiveSplices.maximumCount)
    #expect(splices.ranges.first?.eventID == UInt32(gone.count))
    #expect(splices.events.count == splices.ranges.count)
  }

  // MARK: In playlists

  private func lines(_ text: String) -> [Substring] { text.split(separator: "\n") }

  private func add(_ splice: Splice, _ splices: inout LiveSplices, _ stream: inout Stream) {
    for tag in splices.take(splice) { stream.window.add(tag) }
  }

  /// What a playlist lists but for what is replaced by every version, parts included or not.
  private func listed(_ text: String, parts: Bool) -> [Substring] {
    let head = [
      "#EXTM3U", "#EXT-X-VERSION", "#EXT-X-TARGET", "#EXT-X-SERVER", "#EXT-X-PART-INF",
      "#EXT-X-MEDIA-SEQ", "#EXT-X-DISCONTINUITY-SEQ", "#EXT-X-INDEP", "#EXT-X-MAP",
      "#EXT-X-PRELOAD", "#EXT-X-RENDITION", "#EXT-X-I-FRAMES", "#EXTINF",
    ]
    return lines(text).filter { line in
      !head.contains { line.hasPrefix($0) } && (parts || !line.hasPrefix("#EXT-X-PART:"))
    }
  }

  @Test(arguments: LivePlaylist.Form.allCases)
  func `H10: date ranges come at the end, and stay until they are removed`(
    _ form: LivePlaylist.Form
  ) throws {
    var stream = Stream(dvr: 20, frameRate: Rational(25, 1))
    var splices = LiveSplices()
    var before: [Substring] = []
    var removed: Set<String> = []
    for index in 0..<400 {
      try stream.parts(1)
      let now = Int64(index) / 5
      if index % 60 == 23 {
        add(message(UInt32(index), at: now + 6, lasting: 4, heard: now), &splices, &stream)
      }
      if index % 60 == 52 {
        add(message(UInt32(index - 29), false, at: now + 1, heard: now), &splices, &stream)
      }
      if index % 10 == 9, let start = stream.window.startTime {
        let gone = splices.expire(before: start, margin: MediaTime(4, Timescale(literal: 1)))
        removed.formUnion(gone)
        let isOther = stream.window.remove(gone)
        #expect(!isOther)
      }
      let text = stream.text(form)
      // Parts leave the playlist, date ranges only those that are over.
      let after = listed(text, parts: false)
      let kept = before.filter { line in
        !line.hasPrefix("#EXT-X-DATERANGE") || !removed.contains { line.contains("\"\($0)\"") }
      }
      let ranges = { (lines: [Substring]) in lines.filter { $0.hasPrefix("#EXT-X-DATERANGE") } }
      #expect(ranges(after).starts(with: ranges(kept)))
      // Segments go from the front, and nothing moves.
      let rest = kept.drop { !$0.hasPrefix("#EXT-X-DATERANGE") && !after.contains($0) }
      if form != .iFrames { #expect(isSubsequence(Array(rest).filter(after.contains), of: after)) }
      _ = try MediaPlaylist(parsing: text)
      before = after
    }
    #expect(removed.count > 3 && !splices.ranges.isEmpty)
  }

  private func isSubsequence(_ some: [Substring], of all: [Substring]) -> Bool {
    var rest = some[...]
    for line in all where line == rest.first { rest.removeFirst() }
    return rest.isEmpty
  }

  @Test func `H8: a delta update has the date ranges of what it skips, or leaves them out`() throws
  {
    var stream = Stream(dvr: 120)
    var splices = LiveSplices()
    try stream.segments(3)
    add(message(1, at: 8, lasting: 4, heard: 6), &splices, &stream)
    try stream.segments(40)
    add(message(2, at: 90, lasting: 4, heard: 86), &splices, &stream)
    try stream.parts(3)
    let plain = String(buffer: try #require(stream.window.delta(reports: [])).bytes)
    #expect(plain.matches(of: /EXT-X-DATERANGE/).count == 2)
    #expect(try MediaPlaylist(parsing: plain).version == 9)
    var short = String(
      buffer: try #require(stream.window.delta(skip: .dateRanges, reports: [])).bytes)
    #expect(short.matches(of: /EXT-X-DATERANGE/).count == 1)
    #expect(short.contains("RECENTLY-REMOVED-DATERANGES=\"\""))
    #expect(try MediaPlaylist(parsing: short).version == 10)
    // When it goes it is named for as long as somebody may have it.
    try stream.segments(40)
    let id = try #require(splices.ranges.first?.id)
    let start = try #require(stream.window.startTime)
    #expect(
      splices.expire(before: start, margin: MediaTime(4, Timescale(literal: 1))) == [id])
    _ = stream.window.remove([id])
    #expect(!stream.text.contains(id))
    short = String(
      buffer: try #require(stream.window.delta(skip: .dateRanges, reports: [])).bytes)
    #expect(short.contains("RECENTLY-REMOVED-DATERANGES=\"\(id)\""))
    try stream.segments(8)
    short = String(
      buffer: try #require(stream.window.delta(skip: .dateRanges, reports: [])).bytes)
    #expect(short.contains("RECENTLY-REMOVED-DATERANGES=\"\""))
  }

  @Test func `who asks for it is told that no date range has gone`() throws {
    var stream = Stream(dvr: 120)
    try stream.segments(20)
    let short = try #require(stream.window.delta(skip: .dateRanges, reports: []))
    #expect(String(buffer: short.bytes).contains("RECENTLY-REMOVED-DATERANGES=\"\""))
  }

  @Test func `what goes early goes from text that had closed`() throws {
    var stream = Stream(dvr: 120, frameRate: Rational(25, 1))
    var splices = LiveSplices()
    try stream.segments(3)
    add(message(1, at: 8, lasting: 4, heard: 6), &splices, &stream)
    add(message(2, at: 9, lasting: 4, heard: 6), &splices, &stream)
    try stream.segments(30)
    let id = splices.ranges[0].id
    let before = LivePlaylist.Form.allCases.map { stream.text($0) }
    let isOther = stream.window.remove([id])
    #expect(isOther)
    for (form, text) in zip(LivePlaylist.Form.allCases, before) {
      let rest = lines(text).filter { !$0.contains("\"\(id)\"") }
      #expect(lines(stream.text(form)) == rest && rest.count == lines(text).count - 1)
    }
    // The window still loses its front as it was.
    try stream.segments(60)
    #expect(!stream.text.contains(id))
    _ = try stream.playlist()
  }

  @Test func `a clip has the date ranges of its time`() throws {
    var stream = Stream(dvr: 300)
    var splices = LiveSplices()
    try stream.segments(3)
    add(message(1, at: 30, lasting: 10, heard: 6), &splices, &stream)
    add(message(2, at: 100, lasting: 10, heard: 6), &splices, &stream)
    try stream.segments(60)
    let (from, to) = (time(35), time(50))
    guard
      case .whole(let bytes) = stream.window.clip(
        from: from, to: to, keeping: splices.ids(from: from, to: to), beside: [], query: "")
    else {
      Issue.record("the clip is not whole")
      return
    }
    let clip = try MediaPlaylist(parsing: String(buffer: bytes))
    #expect(
      clip.segments.flatMap(\.dateRanges).map(\.id) + clip.dateRanges.map(\.id) == [
        splices.ranges[0].id
      ])
  }
}
