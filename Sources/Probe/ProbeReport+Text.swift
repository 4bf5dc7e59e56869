import MediaCore

extension ProbeReport {
  /// The report for a terminal: a line for each figure, in milliseconds.
  package var text: String {
    var lines = [
      "\(form) over HTTP/\(http) at \(url)",
      "\(viewers) \(viewers == 1 ? "viewer" : "viewers"), \(fixed(seconds, 1)) s",
      "",
      Self.row("milliseconds", ["count", "p50", "p90", "p99", "max"]),
    ]
    for (name, figure) in figures {
      lines.append(
        Self.row(
          name,
          ["\(figure.count)"]
            + [figure.p50, figure.p90, figure.p99, figure.max].map { fixed(Double($0) / 1000, 1) }))
    }
    lines.append("")
    if let stalls {
      lines.append(
        "\(stalls.count) \(stalls.count == 1 ? "stall" : "stalls"), \(fixed(stalledShare * 100, 2)) % of the time"
      )
    } else {
      lines.append("never stalled")
    }
    if rungs.count > 1 {
      lines.append("\(switches) \(switches == 1 ? "switch" : "switches")")
      for share in rungs {
        let rate = fixed(Double(share.rung.bitsPerSecond) / 1e6, 2)
        lines.append("  \(share.rung.name), \(rate) Mb/s: \(fixed(share.share * 100, 1)) %")
      }
    }
    lines.append(
      "\(requests) requests (\(failedRequests) failed), \(fixed(Double(bytes) / 1e6, 1)) MB, "
        + "\(connections) connections")
    let latencies = samples.compactMap(\.latency).map { Int64($0 * 1000) }
    if !latencies.isEmpty { lines.append("latency \(Sparkline(latencies))") }
    for failure in failures {
      lines.append("FAILED  \(failure.viewers) × \(failure.message)")
    }
    for finding in findings {
      lines.append(
        "\(finding.severity == .error ? "ERROR  " : "WARNING") \(finding.code)  \(finding.url): "
          + "\(finding.message) (\(finding.clause))"
          + (finding.count > 1 ? ", \(finding.count) times" : ""))
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ cells: [String]) -> String {
    name + String(repeating: " ", count: max(0, 24 - name.count))
      + cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
  }
}
