import DASH
import HLS
import Library
import LiveSupport
import MediaCore
import Presentation
import Testing

@Suite struct LiveDocumentsTests {
  private static let fixture = LiveFixture()

  private static func stretch(_ number: Int64, at ticks: Int64? = nil) -> LiveDocuments.Stretch {
    LiveDocuments.Stretch(
      number: number, start: MediaTime(ticks ?? number * 50_000, Timescale(literal: 25_000)),
      description: fixture.description)
  }

  @Test func `a live title has the variant streams of one at rest`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    try Goldens.expect(documents.multivariantPlaylist(tracks: nil).render(), is: "live/main.m3u8")
  }

  @Test func `D1 to D10: an MPD of numbers`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let mpd = documents.mpd([Self.stretch(LiveFixture.first)], end: nil, tracks: nil)
    try Goldens.expect(mpd.render(), is: "live/manifest.mpd")
    #expect(try MPD(parsing: mpd.render()) == mpd)
    #expect(mpd.profiles.contains(MPD.lowLatencyProfile))  // D1
    let dynamic = try #require(mpd.dynamic)
    let target = try #require(dynamic.serviceDescriptions.first?.latency?.target)  // D2
    #expect(!dynamic.utcTimings.isEmpty)  // D3
    let sets = mpd.periods[0].adaptationSets
    #expect(Set(sets.map(\.contentType)) == ["video", "audio"])  // D5
    for set in sets {
      let reference = try #require(set.producerReferenceTimes.first)  // D6
      #expect(reference.id == set.id)
      let template = try #require(set.segmentTemplate)
      #expect(reference.presentationTime == template.presentationTimeOffset)
      #expect(dynamic.utcTimings.contains(reference.utcTiming))
      #expect(template.duration == 50_000 && template.media == "$Number$.m4s")  // D7
      let offset = try #require(template.availabilityTimeOffset).microseconds  // D9
      #expect(offset > 0 && offset < 2_000_000 && 2_000_000 - offset < target * 1000)
      #expect(template.availabilityTimeComplete == false)
      for representation in set.representations {
        let resync = try #require(representation.resyncs.first)  // D10
        #expect(resync.maximumTime == 5000 && resync.hasMarker)
        #expect(MediaTime(5000, template.timescale).milliseconds * 2 < target)
      }
    }
  }

  /// Segments need not begin at a multiple of their duration.
  @Test(arguments: [0, 7000, -7000] as [Int64])
  func `numbers and times meet`(phase: Int64) throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let start = LiveFixture.first * 50_000 + phase
    let mpd = documents.mpd([Self.stretch(LiveFixture.first, at: start)], end: nil, tracks: nil)
    let template = try #require(mpd.periods[0].adaptationSets[0].segmentTemplate)
    #expect(template.startNumber == LiveFixture.first)
    #expect(template.presentationTimeOffset == start)
    // The Period begins when that is presented: `MPD@availabilityStartTime` is 1970.
    #expect(mpd.periods[0].start?.microseconds == start * 40)
  }

  @Test func `a break of the timeline begins a Period`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let second = LiveFixture.first + 10
    let mpd = documents.mpd(
      [Self.stretch(LiveFixture.first), Self.stretch(second, at: second * 50_000 + 3000)],
      end: nil, tracks: nil)
    #expect(mpd.periods.count == 2)
    #expect(mpd.periods[1].start?.microseconds == (second * 50_000 + 3000) * 40)
    #expect(mpd.periods[0].duration?.microseconds == 20_120_000)
    #expect(mpd.periods[1].adaptationSets[0].segmentTemplate?.startNumber == second)
  }

  @Test func `D12: what has been ended has its length, and no update`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let end = MediaTime((LiveFixture.first + 30) * 50_000, Timescale(literal: 25_000))
    let mpd = documents.mpd([Self.stretch(LiveFixture.first)], end: end, tracks: nil)
    #expect(mpd.dynamic?.minimumUpdatePeriod == nil)
    #expect(mpd.periods.last?.duration?.microseconds == 60_000_000)
  }

  @Test func `a filter leaves tracks out`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let text = documents.multivariantPlaylist(tracks: [LiveFixture.audio]).render()
    #expect(!text.contains(LiveFixture.video))
    #expect(text.contains(LiveFixture.audio))
  }
}
