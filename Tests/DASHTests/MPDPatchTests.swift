import MediaCore
import Testing

@testable import DASH

/// Patches of MPDs (ISO/IEC 23009-1 §5.15).
@Suite struct MPDPatchTests {
  private static func mpd(
    _ second: Int64, runs: [SegmentTimeline.Run], periods: [String] = ["7"], isEnded: Bool = false
  ) -> MPD {
    let one = ISODuration(microseconds: 1_000_000)
    var mpd = MPD(
      profiles: [MPD.liveProfile], minBufferTime: one,
      periods: periods.map { id in
        var template = SegmentTemplate(timescale: Timescale(literal: 10), media: "$Number$.m4s")
        template.timeline = SegmentTimeline(runs: runs)
        return Period(
          id: id, start: one, adaptationSets: [AdaptationSet(id: 1, segmentTemplate: template)])
      })
    mpd.id = "tv"
    mpd.dynamic = DynamicPresentation(
      availabilityStartTime: UTCTime(millisecondsSince1970: 0),
      publishTime: UTCTime(millisecondsSince1970: second * 1000),
      minimumUpdatePeriod: isEnded ? nil : one)
    if !isEnded {
      mpd.dynamic?.patchLocation = PatchLocation(url: "patch?\(second)", timeToLive: 60)
    }
    return mpd
  }

  private static func run(_ start: Int64, _ duration: Int64, _ repeats: Int = 0)
    -> SegmentTimeline.Run
  {
    SegmentTimeline.Run(start: start, duration: duration, repeats: repeats)
  }

  @Test func `D14: a segment more at the end and one less at the front`() throws {
    let base = Self.mpd(1, runs: [Self.run(0, 20, 2), Self.run(60, 19), Self.run(79, 20)])
    let next = Self.mpd(2, runs: [Self.run(20, 20, 1), Self.run(60, 19), Self.run(79, 20, 1)])
    let patch = try #require(MPDPatch(from: base, to: next))
    let timeline =
      "/MPD/Period[@id='7']/AdaptationSet[@id='1']/SegmentTemplate[1]/SegmentTimeline[1]"
    #expect(
      patch.render() == """
        <?xml version="1.0" encoding="UTF-8"?>
        <Patch xmlns="urn:mpeg:dash:schema:mpd-patch:2020" mpdId="tv" \
        originalPublishTime="1970-01-01T00:00:01.000Z" publishTime="1970-01-01T00:00:02.000Z">
          <replace sel="/MPD/@publishTime">1970-01-01T00:00:02.000Z</replace>
          <replace sel="/MPD/PatchLocation[1]">
            <PatchLocation ttl="60">patch?2</PatchLocation>
          </replace>
          <remove sel="\(timeline)/S[@t='0']"/>
          <add sel="\(timeline)" pos="prepend">
            <S t="20" d="20" r="1"/>
          </add>
          <add sel="\(timeline)/S[@t='79']" type="@r">1</add>
        </Patch>

        """)
  }

  @Test(arguments: [
    (mpd(2, runs: [run(20, 20, 5)]), "<replace sel=\"/MPD/Period[@id='7']", 3),
    (mpd(2, runs: [run(0, 20)], periods: ["7", "9"]), "<add sel=\"/MPD/Period[@id='7']\" pos=", 3),
    (mpd(2, runs: [run(0, 20)], isEnded: true), "<remove sel=\"/MPD/@minimumUpdatePeriod\"/>", 3),
    (mpd(2, runs: [run(0, 20)], isEnded: true), "<remove sel=\"/MPD/PatchLocation[1]\"/>", 3),
  ])
  func `D14: what a change is said by`(next: MPD, line: String, count: Int) throws {
    let base = Self.mpd(1, runs: [Self.run(0, 20)])
    let text = try #require(MPDPatch(from: base, to: next)).render()
    #expect(text.contains("  " + line))
    #expect(
      text.split(separator: "\n").count { $0.hasPrefix("  <") && !$0.hasPrefix("  </") } == count)
  }

  @Test func `another presentation has no patch`() {
    let base = Self.mpd(1, runs: [])
    var other = base
    other.id = "radio"
    #expect(MPDPatch(from: base, to: other) == nil)
    other.id = nil
    #expect(MPDPatch(from: other, to: other) == nil)
  }
}
