import DASH
import Episodes
import HLS
import Library
import MediaCore
import Testing

@testable import Presentation

@Suite struct ContinuousTests {
  private static let picture = Timescale(literal: 24_000)

  /// - Parameter frames: of sound that is presented, 1024 samples each, in segments of about a second.
  private func sound(frames: Int64, priming: Int64) -> TrackIndex {
    var parts: [(bytes: Int64, ticks: Int64)] = []
    var left = frames
    while left > 0 {
      parts.append((1000, min(left, 47) * 1024))
      left -= min(left, 47)
    }
    var index = Titles.audio("a", "en", "English", parts).index
    index.mediaStart = priming
    index.frameDuration = 1024
    return index
  }

  @Test(arguments: [0, 1024, 2048, 2112, 312] as [Int64])
  func `sound follows itself exactly, half a frame at most beside its picture`(
    _ priming: Int64
  ) throws {
    var seed: UInt64 = 11
    var track = ContinuousTrack()
    var (time, presented, decoded): (Int64, Int64, Int64) = (0, 0, 0)
    for scene in 0..<300 {
      // Pictures of 24000/1001; their sound ends with them, or up to a frame later.
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let length = Int64((seed >> 33) % 200 + 30) * 1001
      let index = sound(frames: (length * 2 + 1023) / 1024, priming: priming)
      let segments = track.segments(of: index)
      let first = try #require(segments.first)
      #expect(abs(first.move.offset - time * 2) <= (scene == 0 ? 0 : 512))
      #expect(first.move.start % 1024 == 0)
      if scene > 0 { #expect(first.move.offset + first.move.start == decoded) }
      for segment in segments {
        #expect(segment.start == presented && segment.duration > 0, "scene \(scene)")
        presented = segment.start + segment.duration
      }
      time += length
      decoded = first.move.offset + priming + index.duration
      track.append(index, until: MediaTime(time, Self.picture))
    }
  }

  @Test func `sound that ends too early leaves a gap`() throws {
    var track = ContinuousTrack()
    track.append(sound(frames: 40, priming: 0), until: MediaTime(24_000, Self.picture))
    let first = try #require(track.segments(of: sound(frames: 47, priming: 0)).first)
    #expect(first.move == TimelineMove(offset: 48_000) && first.start == 48_000)
  }

  @Test func `picture and text are moved by the path's time`() throws {
    let episode = try TestEpisodes.offer()
    let documents = try EpisodeDocuments(episode, "1", .continuous)
    for name in ["video-1080p", "text-en"] {
      let text = try #require(documents.document(named: "\(name).m3u8"))
      #expect(!text.contains("DISCONTINUITY"))
      #expect(text.contains("1;o=38400."), "\(text)")
      let playlist = try MediaPlaylist(parsing: text)
      #expect(playlist.render() == text)
      let dated = playlist.segments.filter { $0.programDateTime != nil }
      #expect(dated.count == 1)
    }
    let playlist = try #require(documents.document(named: "video-1080p.m3u8"))
    let version = TestEpisodes.version
    #expect(
      playlist.contains("X-NEXT-1=\"/offer/paths/\(version)/1/continuous/video-1080p.m3u8\""))
    let open = try #require(
      EpisodeDocuments(episode, "_", .continuous).document(named: "video-1080p.m3u8"))
    #expect(playlist.hasPrefix(open.dropLast("#EXT-X-ENDLIST\n".count)))
    // The heads that a choice names are those that the longer path has.
    let head = try #require(open.firstMatch(of: /X-HEAD-1="([^"]+)"/)).output.1
    #expect(playlist.contains("\n\(head)\n"))
  }

  @Test func `an MPD on one timeline has one Period that lists every segment`() throws {
    let episode = try TestEpisodes.offer()
    let text = try #require(
      EpisodeDocuments(episode, "1", .continuous).document(named: "manifest.mpd"))
    let mpd = try MPD(parsing: text)
    #expect(mpd.render() == text)
    #expect(mpd.periods.count == 1)
    #expect(mpd.mediaPresentationDuration == mpd.periods[0].duration)
    for representation in mpd.periods[0].adaptationSets.flatMap(\.representations) {
      let list = try #require(representation.segmentList)
      #expect(list.timeline.segments.count == list.media.count && list.media.count == 6)
      #expect(list.timeline.runs.filter { $0.start != nil }.count <= 1)
      #expect(list.initialization?.hasSuffix("/init.mp4") == true)
    }
    let events = mpd.periods[0].eventStreams.flatMap(\.events)
    #expect(events.map(\.presentationTime) == [4000])
  }

  @Test func `TTML, which counts from its own start, is left out`() throws {
    var scene = TestEpisodes.title("s1", frames: [25])
    var ttml = scene.tracks[3]
    ttml.index.name = "text-en-ttml"
    ttml.index.format = .text(.ttml)
    ttml.webVTT = nil
    scene.tracks.append(ttml)
    let episode = try TestEpisodes.presented(
      Episode(
        id: "offer", title: ["en": "x"], languages: ["en"], entry: "s1", variables: [],
        scenes: [Scene(id: "s1", ending: "e")], groups: [],
        endings: [Ending(id: "e", scene: "s1", title: [:], rank: nil, isSecret: false)]),
      ["s1": scene])
    let documents = try EpisodeDocuments(episode, "_", .continuous)
    #expect(documents.document(named: "text-en-ttml.m3u8") == nil)
    #expect(documents.document(named: "text-en.m3u8") != nil)
    #expect(
      try #require(documents.document(named: "manifest.mpd")).contains("text-en-ttml") == false)
  }
}
