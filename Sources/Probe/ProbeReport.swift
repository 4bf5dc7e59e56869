/// What a run measured. Times in microseconds where nothing else is said.
package struct ProbeReport: Sendable, Encodable {
  package struct RungShare: Sendable, Encodable {
    package var rung: Rung
    /// Of the time that was played, 0 to 1.
    package var share: Double
  }

  package struct Failure: Sendable, Encodable {
    package var message: String
    package var viewers: Int
  }

  package var url: String
  /// `LL-HLS`, `HLS`, `LL-DASH`, `DASH`; `VOD` behind it for what is not live.
  package var form: String
  /// Of HTTP.
  package var http: String
  /// Seconds.
  package var seconds: Double
  package var viewers: Int
  package var publishToFirstByte: Percentiles?
  package var publishToLastByte: Percentiles?
  package var download: Percentiles?
  package var firstByte: Percentiles?
  package var heldPlaylist: Percentiles?
  package var latency: Percentiles?
  package var startup: Percentiles?
  package var stalls: Percentiles?
  /// Stood, of all viewers' time, 0 to 1.
  package var stalledShare: Double
  package var switches: Int
  package var rungs: [RungShare]
  package var requests: Int
  package var failedRequests: Int
  package var bytes: Int64
  package var connections: Int
  /// What was added to this machine's clock to have the server's; `nil`: nothing.
  package var clockOffset: Int64?
  package var failures: [Failure]
  package var findings: [RuleFinding]
  package var findingCount: Int
  /// Of the first viewer.
  package var samples: [PlaySample]
  /// Of the histograms: the count of each bin.
  package var publishHistogram: Histogram?
  package var downloadHistogram: Histogram?

  /// - Throws: `ProbeError` if no viewer played anything.
  init(_ plan: ProbePlan, _ results: [Viewer.Result], length: Duration) throws(ProbeError) {
    var all = Measurements()
    for result in results { all.add(result.measurements) }
    url = plan.address.description
    seconds = length.inSeconds
    viewers = results.count
    failures = all.failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { Failure(message: $0.key, viewers: $0.value) }
    if let first = failures.first, all.startup.isEmpty {
      throw ProbeError(.server, first.message)
    }
    publishToFirstByte = Percentiles(all.publishToFirstByte)
    publishToLastByte = Percentiles(all.publishToLastByte)
    download = Percentiles(all.download)
    firstByte = Percentiles(all.firstByte)
    heldPlaylist = Percentiles(all.held)
    latency = Percentiles(all.latency)
    startup = Percentiles(all.startup)
    stalls = Percentiles(all.stalls)
    publishHistogram = Histogram(all.publishToFirstByte)
    downloadHistogram = Histogram(all.download)
    let stood = Double(all.stalls.reduce(0, +)) / 1e6
    let played = all.rungTime.reduce(.zero, +)
    stalledShare = stood > 0 ? stood / (stood + played.inSeconds) : 0
    switches = all.switchCount
    let ladder = results.first { !$0.rungs.isEmpty }?.rungs ?? []
    rungs = ladder.enumerated().map { index, rung in
      let time = index < all.rungTime.count ? all.rungTime[index] : .zero
      return RungShare(
        rung: rung, share: played > .zero ? time.inSeconds / played.inSeconds : 0)
    }
    requests = all.requestCount
    failedRequests = all.failedCount
    bytes = all.byteCount
    connections = all.connectionCount
    let first = results.first
    form = first?.form ?? "HLS"
    http = first?.version ?? ""
    clockOffset = first?.clockOffset?.inMicroseconds
    findings = first?.findings ?? []
    findingCount = first?.findingCount ?? 0
    samples = first?.samples ?? []
  }

  /// No viewer failed, and no rule was broken whose breach is an error.
  package var passes: Bool {
    failures.isEmpty && !findings.contains { $0.severity == .error }
  }

  /// The figures that there are, in the order in which they are shown.
  var figures: [(name: String, figure: Percentiles)] {
    [
      ("publish to first byte", publishToFirstByte), ("publish to last byte", publishToLastByte),
      ("download of a piece", download), ("request to first byte", firstByte),
      ("playlist held", heldPlaylist), ("live latency", latency), ("start", startup),
      ("stalls", stalls),
    ].compactMap { name, figure in figure.map { (name, $0) } }
  }
}

/// How many of many times lie in each of equal bins, up to the ninety-ninth percentile; the last bin
/// holds the rest.
package struct Histogram: Hashable, Sendable, Encodable {
  /// Microseconds: where the first bin begins, and how wide each is.
  package let start: Int64
  package let width: Int64
  package let counts: [Int]

  static let binCount = 60

  init?(_ microseconds: [Int64]) {
    guard let figures = Percentiles(microseconds) else { return nil }
    let first = figures.min
    let width = max(1, (figures.p99 - first) / Int64(Self.binCount - 1))
    var counts = Array(repeating: 0, count: Self.binCount)
    for value in microseconds {
      counts[Int(min((value - first) / width, Int64(Self.binCount - 1)))] += 1
    }
    (start, self.width, self.counts) = (first, width, counts)
  }
}
