import FileIO
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Origin

/// What is counted, and how it is told.
@Suite struct MetricsTests {
  private func record(
    _ kind: ObjectClass, _ status: UInt?, bytes: Int64 = 0, firstByte: Int64? = 0,
    duration: Int64 = 0, isComplete: Bool = true
  ) -> ExchangeRecord {
    let begin = NIODeadline.uptimeNanoseconds(1_000)
    var record = ExchangeRecord(begin: begin)
    record.objectClass = kind
    record.status = status
    record.byteCount = bytes
    record.firstByte = firstByte.map { begin + .nanoseconds($0) }
    record.end = begin + .nanoseconds(duration)
    record.isComplete = isComplete
    return record
  }

  @Test(arguments: [
    ("/", ObjectClass.page), ("/film/main.m3u8", .multivariant),
    ("/film/video.m3u8", .mediaPlaylist), ("/film/manifest.mpd", .mpd),
    ("/film/timeline.mpd", .mpd), ("/film/episode.json", .document),
    ("/film/video/a1/init.mp4", .header), ("/film/video/a1/7.m4s", .segment),
    ("/film/video/a1/t2000.m4s", .segment), ("/film/scene/video/a1/7.m4s", .segment),
    ("/film/video.mp4", .track), ("/film/text.vtt", .webVTT), ("/film/text/a1/1.vtt", .webVTT),
    ("/film/thumbnails/a1/1.jpg", .image), ("/film/statistics", .statistics),
    ("/film/paths/a1/_/main.m3u8", .multivariant), ("/film/paths/a1/_/video.m3u8", .mediaPlaylist),
    ("/play/film", .page), ("/healthz", .probe), ("/readyz", .probe),
  ])
  func `every route has its class`(target: String, expected: ObjectClass) throws {
    #expect(ObjectClass(try Router.route(.GET, target)) == expected)
  }

  @Test func `names of classes go both ways`() {
    for kind in ObjectClass.allCases { #expect(ObjectClass(name: kind.name) == kind) }
    #expect(ObjectClass(name: "mediaPlaylist") == nil)
  }

  @Test func `a time falls into the bucket whose bound it does not exceed`() {
    var times = Histograms(seriesCount: 2)
    for time: Int64 in [-5, 0, 500_000, 500_001, 30_000_000_000, 30_000_000_001] {
      times.record(time, in: 1)
    }
    let cumulative = times.cumulative(1)
    #expect(cumulative[0] == 3)
    #expect(cumulative[1] == 4)
    #expect(cumulative[Histograms.bounds.count - 1] == 5)
    #expect(cumulative[Histograms.bounds.count] == 6)
    #expect(times.cumulative(0).allSatisfy { $0 == 0 })
    #expect(times.sums == [0, 60_001_000_002])
  }

  @Test func `the sums of two loops add up`() {
    var one = Traffic()
    var other = Traffic()
    var both = Traffic()
    let records = [
      record(.segment, 200, bytes: 10, duration: 5), record(.segment, 206, bytes: 20),
      record(.segment, nil, firstByte: nil, isComplete: false), record(.report, 503),
      record(.other, 404, bytes: 7), record(.track, 200, bytes: 9, isComplete: false),
    ]
    for (index, record) in records.enumerated() {
      if index % 2 == 0 { one.record(record) } else { other.record(record) }
      both.record(record)
    }
    one.add(other)
    #expect(one == both)
    #expect(both.requestCounts[both.index(.segment, statusClass: 2)] == 2)
    #expect(both.byteCounts[both.index(.segment, statusClass: 2)] == 30)
    #expect(both.requestCounts[both.index(.segment, statusClass: 0)] == 1)
    #expect(both.brokenCounts[ObjectClass.track.rawValue] == 1)
    #expect(both.reportCounts == [503: 1])
  }

  @Test(arguments: [
    (UInt64(0), "0"), (1, "0.000000001"), (2_500_000, "0.0025"), (1_000_000_000, "1"),
    (61_050_000_000, "61.05"),
  ])
  func `seconds are written exactly`(nanoseconds: UInt64, text: String) {
    #expect(PrometheusText.seconds(nanoseconds) == text)
  }

  @Test func `players are summed, and no figure that cannot be true`() {
    var players = PlayerFigures()
    for text in ["bl=2000,br=8000,bs,mtp=25000", "bl=4000,su", "bl=99999999999,nonsense=1"] {
      var data = ClientData()
      data.read(text)
      players.record(data)
    }
    #expect(players.requestCount == 3)
    #expect(players.starvationCount == 1)
    #expect(players.startupCount == 1)
    #expect(players.ignoredCount == 1)
    #expect(players.bufferLength == PlayerFigures.Sum(count: 2, total: 6000))
    #expect(players.bitrate == PlayerFigures.Sum(count: 1, total: 8000))
  }

  @Test func `the text has a type and help for each metric, and each sample once`() {
    var figures = OriginFigures()
    figures.process = process
    let lines = figures.prometheus.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last == "")
    var types: [Substring: Substring] = [:]
    var seen: Set<Substring> = []
    for line in lines.dropLast() where !line.hasPrefix("# HELP") {
      if line.hasPrefix("# TYPE") {
        let words = line.split(separator: " ")
        #expect(types.updateValue(words[3], forKey: words[2]) == nil)
        continue
      }
      let sample = line.prefix { $0 != " " }
      #expect(seen.insert(sample).inserted, "\(sample)")
      let name = sample.prefix { $0 != "{" }
      let isTyped = types.keys.contains { name.hasPrefix($0) }
      #expect(isTyped, "\(name)")
    }
    #expect(seen.contains("process_open_fds"))
    #expect(lines.contains("process_cpu_seconds_total 0.23"))
  }

  /// Fields behind the name have their number as value; the name tries to look like others.
  private let process = ProcessFigures(
    status: "7 (a) S 9) S " + (1...40).map { "\($0)" }.joined(separator: " ") + "\n",
    system: "cpu 1 2\nbtime 1000\nprocesses 3\n", ticksPerSecond: 100, pageByteCount: 4096,
    descriptorCount: 5)

  @Test func `the process is read from proc`() throws {
    let read = try #require(process)
    #expect(read.residentByteCount == 21 * 4096)
    #expect(read.processorNanoseconds == 230_000_000)
    #expect(read.startSeconds == 1000)
    let figures = try #require(ProcessFigures.current())
    #expect(figures.residentByteCount > 1 << 20)
    #expect(figures.descriptorCount > 2)
    #expect(figures.startSeconds > 1_500_000_000)
  }
}

/// The same over sockets.
@Suite struct OperatorTests {
  private let folder: MediaFolder
  private let titles: FakeTitles

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try folder.title("film")])
  }

  private func ask(_ target: String, port: Int, method: String = "GET") async throws -> Reply {
    let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
    return try await RawConnection.open(to: address, receiveBuffer: nil) { connection in
      try await connection.send(method, target, ["Connection: close"])
      return try await connection.reply(hasBody: method != "HEAD")
    }
  }

  private func withOperator(
    _ body: (RunningOrigin, Int) async throws -> Void
  ) async throws {
    let port = Mutex(0)
    try await withOrigin(titles) {
      $0.metrics = ListenAddress(host: "127.0.0.1", port: 0)
      $0.onMetrics = { found in port.withLock { $0 = found.socketAddress?.port ?? 0 } }
    } _: { origin in
      try await body(origin, port.withLock { $0 })
    }
  }

  @Test func `what was answered is counted`() async throws {
    try await withOperator { origin, port in
      _ = try await origin.fetch("/film/video/cafe01/1.m4s")
      _ = try await origin.fetch("/film/video/cafe01/1.m4s", ["Range: bytes=0-99"])
      _ = try await origin.fetch("/film/main.m3u8?CMCD=bl%3D2000%2Cbs")
      _ = try await origin.fetch("/film/main.m3u8", method: "HEAD")
      _ = try await origin.fetch("/film/video/cafe01/9.m4s")
      _ = try await origin.fetch("/..")
      let reply = try await ask("/metrics", port: port)
      #expect(reply.status == 200)
      #expect(reply["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
      let lines = Set(reply.text.split(separator: "\n"))
      for line in [
        "dougong_requests_total{class=\"segment\",status=\"2xx\"} 2",
        "dougong_response_body_bytes_total{class=\"segment\",status=\"2xx\"} 40100",
        "dougong_requests_total{class=\"segment\",status=\"4xx\"} 1",
        "dougong_requests_total{class=\"multivariant\",status=\"2xx\"} 2",
        "dougong_requests_total{class=\"other\",status=\"4xx\"} 1",
        "dougong_time_to_first_byte_seconds_count{class=\"segment\"} 3",
        "dougong_response_duration_seconds_count{class=\"segment\"} 3",
        "dougong_connections_opened_total 6",
        "dougong_cmcd_starvations_total 1",
        "dougong_cmcd_buffer_length_seconds_sum 2",
      ] {
        #expect(lines.contains(line[...]), "\(line)")
      }
    }
  }

  @Test func `figures are not where viewers are`() async throws {
    try await withOperator { origin, port in
      let replies = [
        try await origin.fetch("/metrics"), try await ask("/film/main.m3u8", port: port),
        try await ask("/metrics", port: port, method: "POST"),
      ]
      #expect(replies.map(\.status) == [404, 404, 405])
    }
  }

  @Test func `an origin whose library cannot be read is not ready`() async throws {
    try await withOperator { origin, port in
      let before = [try await origin.fetch("/readyz"), try await ask("/readyz", port: port)]
      #expect(before.map(\.text) == ["ready\n", "ready\n"])
      titles.breakDown()
      for reply in [try await origin.fetch("/readyz"), try await ask("/readyz", port: port)] {
        #expect(reply.status == 503)
        #expect(reply.text == "not ready: the library cannot be read\n")
      }
      let health = try await ask("/healthz", port: port)
      #expect(health.status == 200)
    }
  }
}
