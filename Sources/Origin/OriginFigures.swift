import FileIO

/// Everything that an origin can say of itself in numbers, at one moment.
struct OriginFigures: Sendable {
  var traffic = Traffic()
  var connections = ConnectionFigures()
  /// Requests refused because they would have waited too long.
  var overloadCount: UInt64 = 0
  /// Requests and connections of clients that had enough of them.
  var refusedRequestCount: UInt64 = 0
  var refusedConnectionCount: UInt64 = 0
  var titles = CacheFigures()
  var documents = CacheFigures()
  var files = CacheFigures()
  /// Requests that wait for what is yet to come.
  var heldCount = 0
  var hotBodies: CacheFigures?
  /// Lines of the access log; `nil` without one.
  var logLines: (written: UInt64, dropped: UInt64)?
  /// How long work that was given to each loop waited until it was begun, the longest, in nanoseconds.
  var loopWait: UInt64 = 0
  /// How long work that needs a thread would wait for one now, in nanoseconds.
  var poolWait: UInt64 = 0
  /// `nil` where the system does not tell.
  var process: ProcessFigures?
}

/// How well something that is kept serves.
struct CacheFigures: Hashable, Sendable {
  var hitCount: UInt64 = 0
  var missCount: UInt64 = 0
  /// What is kept now.
  var entryCount = 0
  /// Bytes of it in memory, where that is known.
  var byteCount: Int?

  mutating func add(_ other: CacheFigures) {
    hitCount += other.hitCount
    missCount += other.missCount
    entryCount += other.entryCount
    if let bytes = other.byteCount { byteCount = (byteCount ?? 0) + bytes }
  }
}

/// What one event loop knows of it.
struct LoopFigures: Sendable {
  var traffic: Traffic
  var connections: ConnectionFigures
  var titles: CacheFigures
  var files: CacheFigures
  /// Requests refused because they would have waited too long.
  var refusedCount: UInt64
  /// Requests that wait for what is yet to come.
  var heldCount = 0
}

extension OriginFigures {
  mutating func add(_ loop: LoopFigures) {
    traffic.add(loop.traffic)
    connections.add(loop.connections)
    titles.add(loop.titles)
    files.add(loop.files)
    heldCount += loop.heldCount
    overloadCount += loop.refusedCount
  }
}

extension OriginFigures {
  /// As Prometheus reads it. The same figures give the same bytes.
  var prometheus: String {
    var text = PrometheusText()
    writeTraffic(&text)
    writeFaults(&text)
    writeConnections(&text)
    writeRefusals(&text)
    writeCaches(&text)
    writePlayers(&text)
    writeProcess(&text)
    return text.text
  }

  private func writeTraffic(_ text: inout PrometheusText) {
    func table(_ values: [UInt64]) {
      for kind in ObjectClass.allCases {
        for (status, name) in Traffic.statusClassNames.enumerated() where status != 1 {
          text.sample(
            [("class", kind.name), ("status", name)],
            values[traffic.index(kind, statusClass: status)])
        }
      }
    }
    text.family(
      "dougong_requests_total", .counter,
      "Requests by what they ask for; status none: the client left before there was a response.")
    table(traffic.requestCounts)
    text.family("dougong_response_body_bytes_total", .counter, "Bytes of response bodies.")
    table(traffic.byteCounts)
    text.family(
      "dougong_responses_broken_total", .counter, "Responses of which not all has left.")
    for kind in ObjectClass.allCases {
      text.sample([("class", kind.name)], traffic.brokenCounts[kind.rawValue])
    }
    for (name, help, histograms) in [
      (
        "dougong_time_to_first_byte_seconds",
        "From a whole request to the head of its response on its way.", traffic.firstByte
      ),
      (
        "dougong_response_duration_seconds",
        "From a whole request to the end of its response; broken ones are left out.", traffic.whole
      ),
    ] {
      text.family(name, .histogram, help)
      for kind in ObjectClass.allCases {
        text.histogram(
          [("class", kind.name)], cumulative: histograms.cumulative(kind.rawValue),
          nanoseconds: histograms.sums[kind.rawValue])
      }
    }
    text.family(
      "dougong_choice_reports_total", .counter, "Choice reports by how they were answered.")
    for (status, count) in traffic.reportCounts.sorted(by: { $0.key < $1.key }) {
      text.sample([("status", "\(status)")], count)
    }
  }

  private func writeFaults(_ text: inout PrometheusText) {
    text.family("dougong_faults_total", .counter, "What went wrong on request.")
    for (name, count) in zip(FaultRule.Effect.names, traffic.faultCounts) {
      text.sample([("fault", name)], count)
    }
  }

  private func writeConnections(_ text: inout PrometheusText) {
    text.family("dougong_connections_open", .gauge, "Connections that are open.")
    text.sample([], connections.openCount)
    text.family(
      "dougong_requests_held", .gauge, "Requests that wait for what a live title will have.")
    text.sample([], UInt64(heldCount))
    text.family("dougong_connections_opened_total", .counter, "Connections that were opened.")
    text.sample([], connections.openedCount)
    text.family("dougong_connections_closed_total", .counter, "Connections that ended, by why.")
    for ending in ConnectionEnding.allCases {
      text.sample([("reason", "\(ending)")], connections.closedCounts[ending.rawValue])
    }
  }

  private func writeRefusals(_ text: inout PrometheusText) {
    text.family(
      "dougong_refused_total", .counter, "What was refused unread or unanswered, by why.")
    text.sample([("reason", "client_connections")], refusedConnectionCount)
    text.sample([("reason", "client_requests")], refusedRequestCount)
    text.sample([("reason", "overload")], overloadCount)
  }

  private func writeCaches(_ text: inout PrometheusText) {
    var caches = [("titles", titles), ("documents", documents), ("files", files)]
    if let hotBodies { caches.append(("bodies", hotBodies)) }
    text.family("dougong_cache_hits_total", .counter, "Look-ups that found what they wanted.")
    for (name, cache) in caches { text.sample([("cache", name)], cache.hitCount) }
    text.family("dougong_cache_misses_total", .counter, "Look-ups that did not.")
    for (name, cache) in caches { text.sample([("cache", name)], cache.missCount) }
    text.family("dougong_cache_entries", .gauge, "What is kept.")
    for (name, cache) in caches { text.sample([("cache", name)], UInt64(cache.entryCount)) }
    text.family("dougong_cache_bytes", .gauge, "Bytes of what is kept in memory.")
    for (name, cache) in caches {
      if let bytes = cache.byteCount { text.sample([("cache", name)], UInt64(bytes)) }
    }
  }

  private func writePlayers(_ text: inout PrometheusText) {
    let players = traffic.players
    text.family("dougong_cmcd_requests_total", .counter, "Requests with data of the player (CMCD).")
    text.sample([], players.requestCount)
    text.family(
      "dougong_cmcd_ignored_members_total", .counter,
      "Members of CMCD that are malformed or unknown.")
    text.sample([], players.ignoredCount)
    text.family(
      "dougong_cmcd_starvations_total", .counter, "Requests after a player ran out of media (bs).")
    text.sample([], players.starvationCount)
    text.family(
      "dougong_cmcd_startups_total", .counter, "Requests of players that are starting (su).")
    text.sample([], players.startupCount)
    text.family(
      "dougong_cmcd_buffer_length_seconds", .summary, "Media that players have ahead (bl).")
    text.sum(players.bufferLength) { PrometheusText.seconds($0 &* 1_000_000) }
    text.family(
      "dougong_cmcd_bitrate_bits_per_second", .summary, "Bit rates that are asked for (br).")
    text.sum(players.bitrate) { "\($0 &* 1000)" }
    text.family(
      "dougong_cmcd_throughput_bits_per_second", .summary, "What players measure (mtp).")
    text.sum(players.throughput) { "\($0 &* 1000)" }
  }

  private func writeProcess(_ text: inout PrometheusText) {
    if let logLines {
      text.family("dougong_access_log_lines_total", .counter, "Lines of the access log.")
      text.sample([("state", "written")], logLines.written)
      text.sample([("state", "dropped")], logLines.dropped)
    }
    text.family(
      "dougong_event_loop_wait_seconds", .gauge,
      "How long this question waited for the slowest event loop.")
    text.sample(text: PrometheusText.seconds(loopWait))
    text.family(
      "dougong_thread_pool_wait_seconds", .gauge,
      "How long what blocks would wait for a thread now.")
    text.sample(text: PrometheusText.seconds(poolWait))
    guard let process else { return }
    text.family("process_resident_memory_bytes", .gauge, "Memory in use.")
    text.sample([], process.residentByteCount)
    text.family("process_open_fds", .gauge, "Open file descriptors.")
    text.sample([], UInt64(process.descriptorCount))
    text.family("process_cpu_seconds_total", .counter, "Processor time, of user and system.")
    text.sample(text: PrometheusText.seconds(process.processorNanoseconds))
    text.family("process_start_time_seconds", .gauge, "When the process began, since 1970.")
    text.sample([], process.startSeconds)
  }
}
