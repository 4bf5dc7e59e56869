import Ingest
import Library
import LiveSupport
import MP4
import MediaCore
import NIOCore
import Packaging
import Testing

/// Segments as objects of a transport stream: each of two seconds, read by a stand-in that knows what is in them.
@Suite struct TransportIngestTests {
  private static let newYear: Int64 = 1_767_225_600_000_000_000

  /// What the object of a number holds: two seconds of a picture and sound, tables and all.
  @Sendable private static func events(_ bytes: ByteBuffer, _ name: String) throws -> [LiveEvent] {
    let index = try #require(bytes.getInteger(at: bytes.readerIndex + 1, as: UInt8.self))
    guard index < 0x80 else { throw IngestError(.malformed, "\(name) is damaged") }
    var events: [LiveEvent] = []
    for (number, track) in [EncodedTrack.video(start: newYear), .audio(start: newYear)].enumerated()
    {
      if number == 1, name.hasPrefix("mute") { continue }
      if number == 0, name.hasPrefix("radio") { continue }
      var stream = FragmentedStream(name: name)
      var all = track.header
      all.writeImmutableBuffer(track.fragment(Double(index) * 2..<Double(index + 1) * 2))
      for event in try stream.take(all) {
        switch event {
        case .header(let tracks):
          var source = tracks[0]
          source.number = number
          events.append(.track(source))
        case .fragment(let fragment):
          for var sample in fragment.samples {
            sample.track = number
            events.append(.sample(sample))
          }
        default: break
        }
      }
    }
    return events
  }

  private static func object(_ index: UInt8) -> ByteBuffer {
    ByteBuffer(bytes: [0x47, index] + [UInt8](repeating: 0xff, count: 374))
  }

  private static func publish(
    _ run: inout LiveIngestRun, _ name: String, count: Int = 5
  ) throws {
    let begin = run.now
    for index in 0..<count {
      while run.now < begin + Int64(index + 1) * 2_000_000_000 {
        run.now += 100_000_000
        run.advance()
      }
      try run.send(object(UInt8(index)), "\(name)\(index).ts", pieces: 188)
    }
  }

  @Test func `objects of a transport stream make the title that fragments make`() throws {
    var run = LiveIngestRun(now: Self.newYear, transport: Self.events)
    try Self.publish(&run, "live")
    var other = LiveIngestRun(now: Self.newYear)
    try other.publish(
      video: .video(start: Self.newYear), audio: .audio(start: Self.newYear), 2)
    #expect(run.known == other.known && run.known.count > 60)
  }

  @Test func `streams in one folder are told apart by their names`() throws {
    var run = LiveIngestRun(now: Self.newYear, transport: Self.events)
    let begin = run.now
    for index in 0..<4 {
      run.now = begin + Int64(index + 1) * 2_000_000_000
      for name in ["live_0_", "mute_1_"] {
        try run.send(Self.object(UInt8(index)), "\(name)\(index).ts")
      }
      run.advance()
    }
    #expect(run.tracks.map(\.name).sorted() == ["audio-en", "video-720p", "video-720p-2"])
  }

  @Test func `sound alone begins a second after its first object, since its map lists no picture`()
    throws
  {
    var run = LiveIngestRun(now: Self.newYear, transport: Self.events)
    try Self.publish(&run, "radio", count: 1)
    #expect(run.tracks.isEmpty)
    run.now += 1_000_000_000
    run.advance()
    #expect(run.tracks.map(\.name) == ["audio-en"] && run.chunks("audio-en").count > 5)
  }

  @Test func `what is no transport stream, comes in pieces, or has no reader is refused`() throws {
    var run = LiveIngestRun(now: Self.newYear, transport: Self.events)
    let damaged = #expect(throws: IngestError.self) {
      try run.send(Self.object(0xff), "live0.ts")
    }
    #expect(damaged?.code == .malformed && damaged?.message == "live0.ts is damaged")
    let piece = #expect(throws: IngestError.self) {
      try run.send(Self.object(0), "live0.ts", from: 0)
    }
    #expect(piece?.code == .unsupported)
    var without = LiveIngestRun(now: Self.newYear)
    let unread = #expect(throws: IngestError.self) { try without.send(Self.object(0), "live0.ts") }
    #expect(unread?.code == .unsupported)
    try Self.publish(&run, "live")
    #expect(run.known.count > 60)
  }
}

/// What manifests say of the tracks beside them.
@Suite struct ManifestIngestTests {
  private static let newYear: Int64 = 1_767_225_600_000_000_000

  private static let mpd = """
    <?xml version="1.0" encoding="utf-8"?>
    <MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="dynamic" \
    minimumUpdatePeriod="PT500S" availabilityStartTime="2026-01-01T00:00:00Z" publishTime="2026-01-01T00:00:00Z" \
    minBufferTime="PT4S">
    <Period id="0" start="PT0S">
    VIDEO
    <AdaptationSet id="1" contentType="audio" lang="de">
    <Role schemeIdUri="urn:mpeg:dash:role:2011" value="commentary"/>
    <Label>Kommentar</Label>
    <Representation id="7" mimeType="audio/mp4" codecs="mp4a.40.2" bandwidth="96000" audioSamplingRate="48000">
    <SegmentTemplate timescale="48000" duration="96000" initialization="init-stream$RepresentationID$.m4s" \
    media="chunk-stream$RepresentationID$-$Number%05d$.m4s" startNumber="1"/>
    </Representation>
    </AdaptationSet>
    </Period>
    </MPD>
    """
  private static let video = """
    <AdaptationSet id="0" contentType="video"><Representation id="0" mimeType="video/mp4" codecs="avc1.64001f" \
    bandwidth="1000" width="64" height="36"><SegmentTemplate timescale="25000" duration="50000" \
    initialization="init-stream$RepresentationID$.m4s" media="chunk-stream$RepresentationID$-$Number%05d$.m4s" \
    startNumber="1"/></Representation></AdaptationSet>
    """

  /// A header whose `mdhd` names no language, of one that says English.
  private func withoutLanguage(_ header: ByteBuffer) -> ByteBuffer {
    var bytes = Array(header.readableBytesView)
    for index in bytes.indices.dropLast() where (bytes[index], bytes[index + 1]) == (0x15, 0xc7) {
      (bytes[index], bytes[index + 1]) = (0x55, 0xc4)
    }
    return ByteBuffer(bytes: bytes)
  }

  private func send(_ run: inout LiveIngestRun, seconds: Int, hasVideo: Bool) throws {
    let tracks = [
      (0, EncodedTrack.video(start: Self.newYear)), (7, EncodedTrack.audio(start: Self.newYear)),
    ].filter { hasVideo || $0.0 == 7 }
    for (number, track) in tracks {
      try run.send(withoutLanguage(track.header), "live/init-stream\(number).m4s")
    }
    for second in 0..<seconds {
      run.now = Self.newYear + Int64(second + 1) * 1_000_000_000
      for (number, track) in tracks {
        try run.send(
          track.fragment(Double(second)..<Double(second + 1)),
          "live/chunk-stream\(number)-0000\(second + 1).m4s")
      }
      run.advance()
    }
  }

  @Test func `an MPD tells language and role of a track whose header does not`() throws {
    var run = LiveIngestRun(now: Self.newYear)
    try run.send(
      ByteBuffer(string: Self.mpd.replacing("VIDEO", with: Self.video)), "live/manifest.mpd")
    try send(&run, seconds: 5, hasVideo: true)
    let sound = try #require(run.tracks.last)
    #expect(sound.language == "de" && sound.roles == ["commentary"])
    #expect(sound.name == "audio-de")
  }

  @Test func `playlists tell language and role`() throws {
    var run = LiveIngestRun(now: Self.newYear)
    try run.send(
      ByteBuffer(
        string: """
          #EXTM3U
          #EXT-X-VERSION:7
          #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="Français",LANGUAGE="fr",CHANNELS="2",\
          CHARACTERISTICS="public.accessibility.describes-video",URI="stream7.m3u8"
          #EXT-X-STREAM-INF:BANDWIDTH=100000,CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=64x36,AUDIO="a"
          stream0.m3u8

          """), "live/main.m3u8")
    try run.send(
      ByteBuffer(
        string: """
          #EXTM3U
          #EXT-X-VERSION:7
          #EXT-X-TARGETDURATION:1
          #EXT-X-MEDIA-SEQUENCE:1
          #EXT-X-MAP:URI="init-stream7.m4s"
          #EXTINF:1.000000,
          chunk-stream7-00001.m4s

          """), "live/stream7.m3u8")
    try send(&run, seconds: 5, hasVideo: true)
    let sound = try #require(run.tracks.last)
    #expect(sound.language == "fr" && sound.roles == ["description"])
  }

  @Test(arguments: [true, false])
  func `sound alone begins soon where an MPD lists no picture`(hasManifest: Bool) throws {
    var run = LiveIngestRun(now: Self.newYear)
    if hasManifest {
      try run.send(
        ByteBuffer(string: Self.mpd.replacing("VIDEO", with: "")), "live/manifest.mpd")
    }
    try send(&run, seconds: 3, hasVideo: false)
    #expect(run.tracks.isEmpty != hasManifest)
  }
}
