import MediaCore

extension ProbeReport {
  /// The report as one HTML page that needs nothing else.
  package var page: String {
    let title = "\(form) over HTTP/\(http) at \(url)"
    let summary = """
      <p>\(viewers) \(viewers == 1 ? "viewer" : "viewers"), \(fixed(seconds, 1)) s; \(requests) requests \
      (\(failedRequests) failed), \(fixed(Double(bytes) / 1e6, 1)) MB, \(connections) connections; \
      \(stalls.map { "\($0.count) stalls, \(fixed(stalledShare * 100, 2)) % of the time" } ?? "no stall")\
      \(rungs.count > 1 ? ", \(switches) switches" : "")</p>

      """
    return ReportPage(
      title: title, body: summary + figureTable + plots + histograms + findingTable
    ).html
  }

  private var figureTable: String {
    var rows = figures.map { name, figure in
      let cells = [figure.p50, figure.p90, figure.p99, figure.max]
        .map { "<td>\(fixed(Double($0) / 1000, 1))</td>" }.joined()
      return "<tr><td>\(name)</td><td>\(figure.count)</td>\(cells)</tr>\n"
    }.joined()
    rows =
      "<table>\n<tr><th>milliseconds</th><th>count</th><th>p50</th><th>p90</th><th>p99</th>"
      + "<th>max</th></tr>\n\(rows)</table>\n"
    guard rungs.count > 1 else { return rows }
    let shares = rungs.map {
      "<tr><td>\(XMLText.escaped($0.rung.name))</td>"
        + "<td>\(fixed(Double($0.rung.bitsPerSecond) / 1e6, 2))</td>"
        + "<td>\(fixed($0.share * 100, 1))</td></tr>\n"
    }.joined()
    return rows + "<table>\n<tr><th>rung</th><th>Mb/s</th><th>% of the time</th></tr>\n\(shares)"
      + "</table>\n"
  }

  private var plots: String {
    func line(
      _ name: String, _ colour: String, _ value: (PlaySample) -> Double?
    ) -> LinePlot.Line {
      LinePlot.Line(
        name: name, colour: colour, points: samples.map { ($0.time, value($0)) })
    }
    var plots: [LinePlot] = []
    if samples.contains(where: { $0.latency != nil }) {
      plots.append(
        LinePlot(
          title: "Latency of the first viewer, seconds",
          lines: [line("latency", "#c33", \.latency)]))
    }
    let highest = samples.map(\.buffer).max()
    var standing = line("standing", "#c335") { $0.isPlaying ? nil : highest }
    standing.isArea = true
    plots.append(
      LinePlot(
        title: "Buffer of the first viewer, seconds",
        lines: [standing, line("buffer", "#27a", \.buffer)]))
    var link = line("link", "#8883") { $0.link.map { Double($0) / 1e6 } }
    link.isArea = true
    link.isStepped = true
    var rung = line("rung", "#c33") { Double($0.rung) / 1e6 }
    rung.isStepped = true
    let throughput = line("throughput", "#27a") { $0.throughput.map { Double($0) / 1e6 } }
    // Without a trace the rate of a loopback would dwarf the ladder.
    let hasLink = samples.contains { $0.link != nil }
    plots.append(
      LinePlot(
        title: "Rung and throughput of the first viewer, Mb/s",
        lines: hasLink ? [link, rung, throughput] : [rung]))
    return plots.map(\.svg).joined()
  }

  private var histograms: String {
    (publishHistogram?.svg(title: "Publish to first byte, milliseconds (all viewers)") ?? "")
      + (downloadHistogram?.svg(title: "Download of a piece, milliseconds (all viewers)") ?? "")
  }

  private var findingTable: String {
    let failed = failures.map {
      "<tr><td>failed</td><td>\($0.viewers) viewers</td><td>\(XMLText.escaped($0.message))</td></tr>\n"
    }.joined()
    let broken = findings.map {
      "<tr><td>\($0.severity.rawValue)</td><td>\(XMLText.escaped($0.code)), \($0.count)×</td>"
        + "<td>\(XMLText.escaped($0.message)) (\(XMLText.escaped($0.clause)))<br>"
        + "<small>\(XMLText.escaped($0.url)), first at \(fixed($0.time, 1)) s</small></td></tr>\n"
    }.joined()
    guard !failed.isEmpty || !broken.isEmpty else { return "<p>No rule was broken.</p>\n" }
    return "<table class=\"words\">\n\(failed)\(broken)</table>\n"
  }
}

extension Histogram {
  func svg(title: String) -> String {
    let (width, height, left, bottom, top) = (960.0, 180.0, 64.0, 24.0, 8.0)
    let scale = Scale(Double(counts.max() ?? 1))
    var svg = SVG(width: width, height: height, title: title)
    func y(_ count: Double) -> Double {
      height - bottom - count / scale.top * (height - bottom - top)
    }
    for tick in scale.ticks {
      svg.line(left, y(tick), width - 12, y(tick), "grid")
      svg.text(left - 6, y(tick) + 4, scale.text(tick), "end")
    }
    let step = (width - left - 12) / Double(counts.count)
    for (index, count) in counts.enumerated() {
      let x = left + Double(index) * step
      if count > 0 {
        svg.bar(x, y(Double(count)), step - 1, height - bottom - y(Double(count)), "#27a")
      }
      if index.isMultiple(of: 10) {
        let milliseconds = Double(start + Int64(index) * self.width) / 1000
        svg.text(x, height - 6, fixed(milliseconds, 1), "middle")
      }
    }
    return svg.whole
  }
}
