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

  @Test func `D1 D2 D3 D5 D6 D7 D9 D10: an MPD of numbers`() throws {
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

  @Test func `D13: what DVB asks of low latency is told`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let mpd = documents.mpd([Self.stretch(LiveFixture.first)], end: nil, tracks: nil)
    #expect(
      mpd.dynamic?.serviceDescriptions.first?.scopes.map(\.schemeIdUri)
        == ["urn:dvb:dash:lowlatency:scope:2019"])
    for set in mpd.periods[0].adaptationSets {
      #expect(
        set.supplementalProperties.contains {
          $0.schemeIdUri == "urn:dvb:dash:lowlatency:critical:2019" && $0.value == "true"
        })
    }
  }

  /// All times are those of POSIX, which have no leap seconds; nothing is announced in the media.
  @Test func `D4 D11: an MPD has no leap seconds and no messages in the media`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let mpd = documents.mpd([Self.stretch(LiveFixture.first)], end: nil, tracks: nil)
    #expect(!mpd.render().contains("LeapSecondInformation"))
    #expect(mpd.periods[0].adaptationSets.allSatisfy { $0.inbandEventStreams.isEmpty })
  }

  @Test func `D12: another MPD has another publishTime`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let stretches = [Self.stretch(LiveFixture.first), Self.stretch(LiveFixture.first + 10)]
    let end = MediaTime((LiveFixture.first + 30) * 2, Timescale(literal: 1))
    let mpds = [
      documents.mpd([stretches[0]], end: nil, tracks: nil),
      documents.mpd(stretches, end: nil, tracks: nil),
      documents.mpd(stretches, end: end, tracks: nil),
    ]
    let times = mpds.compactMap { $0.dynamic?.publishTime.millisecondsSince1970 }
    #expect(times == times.sorted() && Set(times).count == 3)
  }

  @Test func `another size and codec after a break is told, beside what can still be played`()
    throws
  {
    let documents = try LiveDocuments(Self.fixture.description)
    var second = Self.stretch(LiveFixture.first + 10)
    second.description.tracks[0].header = LiveFixture.videoHeader(
      version: "0123456789", height: 72, level: 40)
    let stretches = [Self.stretch(LiveFixture.first), second]
    let variant = documents.multivariantPlaylist(stretches, tracks: nil).variants[0]
    #expect(variant.resolution?.description == "128x72")
    #expect(variant.codecs == ["avc1.640028", "mp4a.40.2", "avc1.64001f"])
    let mpd = documents.mpd(stretches, end: nil, tracks: nil)
    let pictures = mpd.periods.map { $0.adaptationSets[0].representations[0] }
    #expect(pictures.map(\.codecs) == ["avc1.64001f", "avc1.640028"])
    #expect(pictures.map(\.height) == [36, 72])
    #expect(pictures[1].baseURL == "video-36p/0123456789/")
  }

  @Test func `a filter leaves tracks out`() throws {
    let documents = try LiveDocuments(Self.fixture.description)
    let text = documents.multivariantPlaylist(tracks: [LiveFixture.audio]).render()
    #expect(!text.contains(LiveFixture.video))
    #expect(text.contains(LiveFixture.audio))
  }
}
