import CMAF
import HLS
import Library
import Live
import LiveSupport
import MediaCore
import NIOCore
import Presentation
import Testing

@testable import Origin

/// Splice points of a live title, as its documents say them.
@Suite struct LiveSpliceServingTests {
  private static let second = Timescale(literal: 1)
  private static let start = LiveFixture.first * 2

  private var fixture = LiveFixture(window: 20)

  private func message(
    _ id: UInt32, isOut: Bool = true, at seconds: Int64, lasting: Int64? = nil, heard: Int64
  ) -> Splice {
    LiveMessage.insert(
      id, isOut: isOut, at: MediaTime(Self.start + seconds, Self.second),
      lasting: lasting.map { MediaTime($0, Self.second) },
      heard: MediaTime(Self.start + heard, Self.second))
  }

  private func publish(_ splice: Splice, _ title: LiveTitle) -> LiveSplice? {
    guard title.judge(splice) == .new else { return nil }
    let placed = title.place(splice)
    title.publish(placed)
    return placed
  }

  private func text(_ found: LiveFound) -> String? {
    switch found {
    case .document(let document, _): String(buffer: document.bytes)
    case .live(let document, _): String(buffer: document.bytes)
    default: nil
    }
  }

  private func playlists(_ title: LiveTitle, skip: ReloadDirectives.Skip? = nil) -> [String] {
    [LiveFixture.video, LiveFixture.audio].flatMap { name in
      LivePlaylist.Form.allCases.compactMap {
        text(
          title.find(
            .playlist(track: name, $0, ReloadDirectives(skip: skip)), waker: nil))
      }
    }
  }

  private func ranges(_ playlist: String) -> [Substring] {
    playlist.split(separator: "\n").filter { $0.hasPrefix("#EXT-X-DATERANGE") }
  }

  @Test mutating func `H15: all playlists have the same date ranges at every moment`() throws {
    let title = try LiveTitle(fixture.description)
    var counts: Set<Int> = []
    for step in 0..<400 {
      if step % 70 == 23 {
        let now = Int64(step) / 5
        _ = publish(message(UInt32(step), at: now + 5, lasting: 8, heard: now), title)
        _ = publish(message(UInt32(step), isOut: false, at: now + 11, heard: now), title)
      }
      for (track, chunk) in fixture.next() {
        try title.publish(chunk, track: track)
        let all = playlists(title)
        guard all.count == 5 else { continue }
        #expect(Set(all.map(ranges)).count == 1)
        counts.insert(ranges(all[0]).count)
        // In a delta update too, or none.
        for short in playlists(title, skip: .segments) where short.contains("EXT-X-SKIP") {
          #expect(ranges(short) == ranges(all[0]))
        }
      }
    }
    #expect(counts.max() ?? 0 >= 4 && counts.contains(0))
    title.end()
    #expect(Set(playlists(title).map(ranges)).count == 1)
  }

  @Test mutating func `a delta update without date ranges is another document`() throws {
    let title = try LiveTitle(fixture.description)
    for _ in 0..<150 {
      for (track, chunk) in fixture.next() { try title.publish(chunk, track: track) }
      if fixture.part == 5 { _ = publish(message(1, at: 40, lasting: 8, heard: 2), title) }
    }
    let whole = playlists(title, skip: .segments)
    let short = playlists(title, skip: .dateRanges)
    for (whole, short) in zip(whole, short) {
      #expect(ranges(whole).count == 1 && ranges(short).isEmpty)
      #expect(short.contains("RECENTLY-REMOVED-DATERANGES") && !whole.contains("RECENTLY"))
    }
    // Both are kept.
    #expect(playlists(title, skip: .segments) == whole)
  }

  @Test mutating func `a packager that goes on has the date ranges of the one before`() throws {
    let title = try LiveTitle(fixture.description)
    var chunks: [(track: String, chunk: LiveChunk)] = []
    var splices: [LiveSplice] = []
    for step in 0..<120 {
      if step % 40 == 17 {
        let now = Int64(step) / 5
        let out = message(UInt32(step), at: now + 5, lasting: 60, heard: now)
        splices += [publish(out, title)].compactMap { $0 }
      }
      for (track, chunk) in fixture.next() {
        try title.publish(chunk, track: track)
        chunks.append((track, chunk))
      }
    }
    let again = try LiveTitle(fixture.description)
    again.restore(splices)
    for name in [LiveFixture.video, LiveFixture.audio] {
      for (track, chunk) in chunks where track == name {
        try again.publish(chunk, track: track)
      }
    }
    #expect(splices.count == 3)
    #expect(playlists(again).map(ranges) == playlists(title).map(ranges))
    #expect(ranges(playlists(again)[0]).count == 3)
    // What is sent again is known.
    #expect(again.judge(splices[0].splice) == .known)
  }

  @Test
  mutating func `D12: the MPD of numbers has its events, and another publishTime for each change`()
    throws
  {
    let title = try LiveTitle(fixture.description)
    for (track, chunk) in fixture.next() { try title.publish(chunk, track: track) }
    var times: [String] = []
    func mpd() throws -> String {
      let mpd = try #require(text(title.find(.mpd(tracks: nil), waker: nil)))
      let parts = mpd.split(separator: "publishTime=\"")
      times.append(String(parts[1].prefix { $0 != "\"" }))
      return mpd
    }
    #expect(try !mpd().contains("EventStream"))
    for id in UInt32(1)...3 {
      _ = publish(message(id, at: 10, lasting: 5, heard: 0), title)
      let mpd = try mpd()
      #expect(mpd.matches(of: #/<Event /#).count == Int(id))
      let ticks = (Self.start + 10) * 90_000
      #expect(mpd.contains("<Event presentationTime=\"\(ticks)\" duration=\"450000\""))
      #expect(mpd.contains("presentationTimeOffset=\"\(Self.start * 90_000)\""))
    }
    #expect(times == times.sorted() && Set(times).count == times.count)
    // A filter says the same.
    let some = text(title.find(.mpd(tracks: [LiveFixture.video]), waker: nil)) ?? ""
    #expect(some.contains("publishTime=\"\(times[3])\""))
    #expect(some.matches(of: #/<Event /#).count == 3)
  }

  @Test mutating func `a clip has the splice points of its time`() throws {
    fixture = LiveFixture(window: 120)
    let title = try LiveTitle(fixture.description)
    for step in 0..<400 {
      if step == 20 {
        _ = publish(message(1, at: 30, lasting: 10, heard: 4), title)
        _ = publish(message(2, at: 60, lasting: 10, heard: 4), title)
      }
      for (track, chunk) in fixture.next() { try title.publish(chunk, track: track) }
    }
    let range = ClipRange(start: (Self.start + 35) * 1000, end: (Self.start + 50) * 1000)
    let directives = ReloadDirectives()
    for form in LivePlaylist.Form.allCases {
      let key = LiveKey.playlist(track: LiveFixture.video, form, directives)
      let clip = try #require(text(title.find(.clip(key, range), waker: nil)))
      let read = try MediaPlaylist(parsing: clip)
      let ids = read.segments.flatMap { $0.dateRanges.map(\.id) } + read.dateRanges.map(\.id)
      #expect(ids.count == 1 && ids[0].hasPrefix("splice-1-"))
    }
    let mpd = try #require(text(title.find(.clip(.mpd(tracks: nil), range), waker: nil)))
    #expect(mpd.matches(of: #/<Event /#).count == 1)
    // Five seconds of it are left.
    let ticks = (Self.start + 35) * 90_000
    #expect(mpd.contains("presentationTimeOffset=\"\(ticks)\""))
    #expect(mpd.contains("<Event presentationTime=\"\(ticks)\" duration=\"450000\""))
  }
}
