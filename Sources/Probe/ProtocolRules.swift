import DASH
import HLS
import MediaCore
import NIOCore

/// A rule that a server broke while it was played.
package struct RuleFinding: Hashable, Sendable, Encodable {
  /// The specification's MUST, or its SHOULD.
  package enum Severity: String, Sendable, Encodable { case error, warning }

  package var severity: Severity
  /// A stable name.
  package var code: String
  /// Where the rule stands.
  package var clause: String
  /// Without delivery directives.
  package var url: String
  /// Seconds since the run's start, when it was seen first.
  package var time: Double
  package var message: String
  /// How often it was seen at this address.
  package var count = 1
}

/// A question to which the specification knows the answer.
package enum ServerQuestion: String, Hashable, Sendable, CaseIterable {
  /// `_HLS_part` without `_HLS_msn`.
  case partAlone
  /// A media sequence number that is far ahead.
  case farAhead
  /// One that has been listed for long.
  case past
}

/// What the first viewer sees of a server, held against draft-pantos-hls-rfc8216bis or ISO/IEC 23009-1
/// while it plays: what one document says, what the next one may change, and how the server answers.
///
/// Pure. Times that the network stretches are warnings, whatever the draft calls them.
struct ProtocolRules {
  private(set) var findings: [RuleFinding] = []
  /// All of them, those included that are not kept.
  private(set) var count = 0
  /// `LL-HLS`, as it turned out to be.
  private(set) var form: String?
  private var asked = false

  /// A Media Playlist as it was seen last.
  private struct Seen {
    var playlist: ObservedPlaylist
    var moment: Duration
  }

  private var seen: [WebAddress: Seen] = [:]
  private var mpd: MPD?

  /// Of what a length of time may exceed another: times are written with six decimals or fewer.
  private static let rounding = Duration.milliseconds(1)

  private mutating func find(
    _ severity: RuleFinding.Severity, _ code: String, _ clause: String, _ address: WebAddress,
    _ moment: Duration, _ message: String
  ) {
    count += 1
    let url = address.plain.description
    if let index = findings.firstIndex(where: { $0.code == code && $0.url == url }) {
      findings[index].count += 1
    } else if findings.count < Limits.findingCount {
      findings.append(
        RuleFinding(
          severity: severity, code: code, clause: clause, url: url, time: moment.inSeconds,
          message: message))
    }
  }

  /// Takes an answer, in the order in which answers came.
  mutating func take(_ exchange: Exchange) {
    let (address, moment) = (exchange.request.address, exchange.lastByte)
    switch exchange.request.purpose {
    case .playlist: takePlaylist(exchange)
    case .media(let piece):
      if exchange.failure == nil, [404, 410].contains(exchange.status) {
        if piece.isHinted {
          find(
            .warning, "hint-refused", "§6.2.6", address, moment,
            "what EXT-X-PRELOAD-HINT names has the status \(exchange.status)")
        } else {
          find(
            .error, "listed-missing", mpd == nil ? "§6.2.1" : "ISO/IEC 23009-1 §5.3.9.5.3", address,
            moment, "what should be there has the status \(exchange.status)")
        }
      }
    case .question(let question): takeAnswer(exchange, to: question)
    case .presentation: takeDocument(exchange)
    case .clock, .initialization: break
    }
  }

  /// An MPD, and what the next one may not change (ISO/IEC 23009-1 §5.4, §5.3.1.2).
  private mutating func takeDocument(_ exchange: Exchange) {
    let (address, moment) = (exchange.request.address, exchange.lastByte)
    guard exchange.isGood, let next = try? MPD(parsing: String(buffer: exchange.body)) else {
      return
    }
    let sets = next.periods.flatMap(\.adaptationSets)
    let templates =
      sets.compactMap(\.segmentTemplate)
      + sets.flatMap(\.representations).compactMap(\.segmentTemplate)
    let isEarly = templates.contains { ($0.availabilityTimeOffset?.microseconds ?? 0) > 0 }
    form = next.dynamic == nil ? "DASH VOD" : isEarly ? "LL-DASH" : "DASH live"
    defer { mpd = next }
    guard let old = mpd?.dynamic, let new = next.dynamic else { return }
    if old.availabilityStartTime != new.availabilityStartTime {
      find(
        .error, "start-changed", "ISO/IEC 23009-1 §5.4", address, moment,
        "MPD@availabilityStartTime has changed")
    }
    if new.publishTime.millisecondsSince1970 < old.publishTime.millisecondsSince1970 {
      find(
        .error, "publish-time-back", "ISO/IEC 23009-1 §5.3.1.2", address, moment,
        "MPD@publishTime has decreased")
    }
    if new.utcTimings.isEmpty {
      find(
        .warning, "no-clock", "ISO/IEC 23009-1 §5.8.4.11", address, moment,
        "a live MPD has no UTCTiming")
    }
  }

  /// What to ask once a low-latency playlist is known; each question once.
  mutating func questions() -> [ProbeRequest] {
    guard !asked,
      let (address, seen) = seen.first(where: {
        $0.value.playlist.canBlockReload && !$0.value.playlist.isEnded
          && $0.value.playlist.lastComplete != nil
      })
    else { return [] }
    asked = true
    let last = seen.playlist.lastComplete?.number ?? 0
    return ServerQuestion.allCases.map { question in
      let parameters: [(name: String, value: String)] =
        switch question {
        case .partAlone: [("_HLS_part", "0")]
        case .farAhead: [("_HLS_msn", "\(last + 1000)")]
        case .past: [("_HLS_msn", "\(max(0, last - 1))")]
        }
      return ProbeRequest(address.adding(parameters), for: .question(question))
    }
  }

  private mutating func takeAnswer(_ exchange: Exchange, to question: ServerQuestion) {
    guard exchange.failure == nil else { return }
    let (address, moment, status) = (exchange.request.address, exchange.lastByte, exchange.status)
    switch question {
    case .partAlone where status != 400:
      find(
        .error, "part-without-number", "§6.2.5.2", address, moment,
        "_HLS_part without _HLS_msn has the status \(status), not 400")
    case .farAhead where status != 400:
      find(
        .warning, "number-far-ahead", "§6.2.5.2", address, moment,
        "_HLS_msn a thousand segments ahead has the status \(status), not 400")
    case .past where status != 200:
      find(
        .error, "number-past", "§6.2.5.2", address, moment,
        "_HLS_msn of a segment that is there has the status \(status), not 200")
    case .partAlone, .farAhead, .past: break
    }
  }

  private mutating func takePlaylist(_ exchange: Exchange) {
    let (address, moment) = (exchange.request.address, exchange.lastByte)
    guard exchange.isGood else {
      guard exchange.failure == nil, exchange.status != 503 else { return }
      return find(
        .error, "playlist-refused", "§6.2.5.2", address, moment,
        "a request as the playlist asks for it has the status \(exchange.status)")
    }
    let text = String(buffer: exchange.body)
    guard var playlist = try? ObservedPlaylist(text) else { return }
    let before = seen[address.plain]
    guard playlist.follow(before?.playlist) else {
      return find(
        .error, "delta-unknown", "§6.2.5.1", address, moment,
        "a delta update leaves out segments that were never listed")
    }
    form = playlist.partTarget != nil ? "LL-HLS" : playlist.isEnded ? "HLS VOD" : "HLS live"
    checkSyntax(text, address, moment)
    checkTargets(playlist, address, moment)
    checkParts(playlist, address, moment)
    checkDirectives(exchange, playlist)
    if let before {
      checkChange(from: before.playlist, to: playlist, address, moment)
      checkPace(from: before, to: playlist, address, moment)
    }
    checkAcross(playlist, address, moment)
    seen[address.plain] = Seen(playlist: playlist, moment: moment)
  }

  /// The reader that refuses what the draft does.
  private mutating func checkSyntax(_ text: String, _ address: WebAddress, _ moment: Duration) {
    do { _ = try MediaPlaylist(parsing: text) } catch {
      // Keys and the like are no breach: that reader does not hold them.
      guard error.code != .unsupported else { return }
      find(.error, "playlist-syntax", "§4", address, moment, error.description)
    }
  }

  private mutating func checkTargets(
    _ playlist: ObservedPlaylist, _ address: WebAddress, _ moment: Duration
  ) {
    let target = playlist.targetDuration
    if let holdBack = playlist.holdBack, holdBack < target * 3 {
      find(
        .error, "hold-back", "§4.4.3.8", address, moment,
        "HOLD-BACK is less than three target durations")
    }
    if let skip = playlist.canSkipUntil, skip < target * 6 {
      find(
        .error, "skip-boundary", "§4.4.3.8", address, moment,
        "CAN-SKIP-UNTIL is less than six target durations")
    }
    if playlist.skippedCount > 0, playlist.version < 9 {
      find(.error, "skip-version", "§8", address, moment, "EXT-X-SKIP needs EXT-X-VERSION:9")
    }
    if playlist.isEnded, !playlist.hints.isEmpty {
      find(
        .error, "hint-at-end", "§4.4.5.3", address, moment,
        "EXT-X-PRELOAD-HINT stands in a playlist that has ended")
    }
    for isPart in [true, false] where playlist.hints.count(where: { $0.isPart == isPart }) > 1 {
      find(
        .error, "hint-twice", "§4.4.5.3", address, moment,
        "EXT-X-PRELOAD-HINT stands twice with one TYPE")
    }
    for segment in playlist.segments where segment.resource != nil {
      // "when rounded to the nearest integer" (§4.4.3.1).
      guard segment.duration >= target + .milliseconds(500) else { continue }
      find(
        .error, "segment-too-long", "§4.4.3.1", address, moment,
        "segment \(segment.number) lasts \(fixed(segment.duration.inSeconds, 3)) s, the target "
          + "duration is \(fixed(target.inSeconds, 0)) s")
    }
  }

  private mutating func checkParts(
    _ playlist: ObservedPlaylist, _ address: WebAddress, _ moment: Duration
  ) {
    guard let target = playlist.partTarget else {
      if playlist.segments.contains(where: { !$0.parts.isEmpty }) {
        find(
          .error, "part-target-missing", "§4.4.3.7", address, moment,
          "EXT-X-PART without EXT-X-PART-INF")
      }
      return
    }
    if let holdBack = playlist.partHoldBack {
      if holdBack + Self.rounding < target * 2 {
        find(
          .error, "part-hold-back", "§4.4.3.8", address, moment,
          "PART-HOLD-BACK is less than two part targets")
      } else if holdBack + Self.rounding < target * 3 {
        find(
          .warning, "part-hold-back-short", "§4.4.3.8", address, moment,
          "PART-HOLD-BACK is less than three part targets")
      }
    } else {
      find(
        .error, "part-hold-back", "§4.4.3.8", address, moment,
        "EXT-X-PART-INF without PART-HOLD-BACK")
    }
    let end = playlist.end ?? .zero
    for segment in playlist.segments {
      for (index, part) in segment.parts.enumerated() {
        checkLength(of: part, index, in: segment, target, address, moment)
      }
      let age = end - (segment.position + segment.duration)
      if !segment.parts.isEmpty, age > playlist.targetDuration * 4 {
        find(
          .warning, "parts-kept", "§6.2.2", address, moment,
          "EXT-X-PART of segment \(segment.number) stands more than three target durations from the end"
        )
      }
    }
  }

  private mutating func checkLength(
    of part: ObservedPlaylist.Part, _ index: Int, in segment: ObservedPlaylist.Segment,
    _ target: Duration, _ address: WebAddress, _ moment: Duration
  ) {
    let place = "part \(index) of segment \(segment.number)"
    if part.duration > target + Self.rounding {
      find(
        .error, "part-too-long", "§4.4.4.9", address, moment,
        "\(place) lasts \(fixed(part.duration.inSeconds, 3)) s, longer than PART-TARGET")
    }
    let isLast = index == segment.parts.count - 1
    let precedesGap = !isLast && segment.parts[index + 1].isGap
    guard !part.isIndependent, !part.isGap, !isLast, !precedesGap else { return }
    if part.duration + Self.rounding < target * 85 / 100 {
      find(
        .error, "part-too-short", "§4.4.4.9", address, moment,
        "\(place) lasts \(fixed(part.duration.inSeconds, 3)) s, less than 85 % of PART-TARGET")
    }
  }

  /// Whether the answer has what `_HLS_msn`, `_HLS_part` and `_HLS_skip` asked for (§6.2.5).
  private mutating func checkDirectives(_ exchange: Exchange, _ playlist: ObservedPlaylist) {
    let (address, moment) = (exchange.request.address, exchange.lastByte)
    guard !playlist.isEnded else { return }
    if let number = address.directive("_HLS_msn") {
      let part = address.directive("_HLS_part")
      let isThere =
        (playlist.lastComplete?.number ?? -1) >= number
        || part.map { part in
          playlist.segments.last.map {
            $0.number > number || ($0.number == number && Int64($0.parts.count) > part)
          } ?? false
        } ?? false
      if !isThere {
        find(
          .error, "released-early", "§6.2.5.2", address, moment,
          "the answer does not have what _HLS_msn=\(number)"
            + (part.map { "&_HLS_part=\($0)" } ?? "") + " waits for")
      }
    }
    if address.target.contains("_HLS_skip=YES"), let boundary = playlist.canSkipUntil,
      playlist.skippedCount == 0, let end = playlist.end,
      playlist.segments.contains(where: {
        $0.position + $0.duration < end - boundary - playlist.targetDuration
      })
    {
      find(
        .error, "no-delta", "§6.2.5.1", address, moment,
        "_HLS_skip=YES was asked for, and there is no EXT-X-SKIP")
    }
  }

  /// What a playlist may not change (§6.2.1, §6.2.2).
  private mutating func checkChange(
    from old: ObservedPlaylist, to new: ObservedPlaylist, _ address: WebAddress, _ moment: Duration
  ) {
    if old.targetDuration != new.targetDuration {
      find(.error, "target-changed", "§6.2.1", address, moment, "EXT-X-TARGETDURATION has changed")
    }
    if old.partTarget != new.partTarget {
      find(.error, "part-target-changed", "§6.2.1", address, moment, "PART-TARGET has changed")
    }
    if new.mediaSequence < old.mediaSequence {
      find(.error, "sequence-back", "§6.2.1", address, moment, "EXT-X-MEDIA-SEQUENCE has decreased")
    }
    if new.discontinuitySequence < old.discontinuitySequence {
      find(
        .error, "sequence-back", "§6.2.1", address, moment,
        "EXT-X-DISCONTINUITY-SEQUENCE has decreased")
    }
    if old.isEnded, !new.isEnded {
      find(.error, "end-taken-back", "§6.2.1", address, moment, "EXT-X-ENDLIST is gone")
    }
    let length = new.segments.filter { $0.resource != nil }.reduce(Duration.zero) {
      $0 + $1.duration
    }
    if new.mediaSequence > old.mediaSequence, !new.isEnded, length < new.targetDuration * 3 {
      find(
        .error, "window-short", "§6.2.2", address, moment,
        "segments were removed, and less than three target durations are left")
    }
    for segment in new.segments {
      guard let known = old.segment(segment.number) else { continue }
      let isSame =
        known.resource == nil
        || (known.resource == segment.resource && known.duration == segment.duration)
      let common = min(known.parts.count, segment.parts.count)
      if !isSame || known.parts.prefix(common) != segment.parts.prefix(common) {
        find(
          .error, "segment-changed", "§6.2.1", address, moment,
          "segment \(segment.number) is not what it was")
      }
    }
  }

  /// How soon something new follows (§6.2.1).
  private mutating func checkPace(
    from before: Seen, to new: ObservedPlaylist, _ address: WebAddress, _ moment: Duration
  ) {
    guard !new.isEnded, let last = before.playlist.segments.last, let now = new.segments.last
    else { return }
    if last == now, address.directive("_HLS_msn") != nil {
      find(
        .warning, "held-for-nothing", "§6.2.5.2", address, moment,
        "a request that waits was answered with an unchanged playlist")
    }
    let passed = moment - before.moment
    let grown = (new.end ?? .zero) - (before.playlist.end ?? .zero)
    guard grown >= .zero else { return }
    if let target = new.partTarget {
      guard passed > grown + target * 2 else { return }
      find(
        .warning, "part-late", "§6.2.1", address, moment,
        "for \(fixed(passed.inSeconds, 3)) s no more than \(fixed(grown.inSeconds, 3)) s of parts came"
      )
    } else if passed > grown + new.targetDuration * 3 / 2 {
      find(
        .warning, "segment-late", "§6.2.1", address, moment,
        "for \(fixed(passed.inSeconds, 1)) s no more than \(fixed(grown.inSeconds, 1)) s came")
    }
  }

  /// What all playlists of a presentation share (§6.2.4).
  private mutating func checkAcross(
    _ playlist: ObservedPlaylist, _ address: WebAddress, _ moment: Duration
  ) {
    guard let (other, known) = seen.first(where: { $0.key != address.plain }) else { return }
    func differs(_ what: String) {
      find(
        .error, "playlists-differ", "§6.2.4", address, moment,
        "\(what) is not that of \(other.target)")
    }
    let theirs = known.playlist
    if theirs.targetDuration != playlist.targetDuration { differs("EXT-X-TARGETDURATION") }
    if theirs.canBlockReload != playlist.canBlockReload
      || theirs.canSkipUntil != playlist.canSkipUntil || theirs.holdBack != playlist.holdBack
      || theirs.partHoldBack != playlist.partHoldBack
    {
      differs("EXT-X-SERVER-CONTROL")
    }
    if (theirs.segments.first?.dated == nil) != (playlist.segments.first?.dated == nil) {
      differs("the presence of EXT-X-PROGRAM-DATE-TIME")
    }
  }
}

extension WebAddress {
  /// Without delivery directives.
  var plain: WebAddress {
    guard target.contains("_HLS_") else { return self }
    let path = target.prefix { $0 != "?" }
    let kept = target.dropFirst(path.count + 1).split(separator: "&").filter {
      !$0.hasPrefix("_HLS_")
    }
    return with(target: kept.isEmpty ? String(path) : path + "?" + kept.joined(separator: "&"))
  }

  /// The number that a delivery directive names.
  func directive(_ name: String) -> Int64? {
    let query = target.drop { $0 != "?" }.dropFirst()
    return query.split(separator: "&").first { $0.hasPrefix(name + "=") }
      .flatMap { Int64($0.dropFirst(name.count + 1)) }
  }
}
