import DASH
import MediaCore
import NIOCore

/// Plays DASH by templates of names: a title, or what is live, with segments that come while they are
/// made (ISO/IEC 23009-1; DASH-IF Low-Latency Modes for DASH).
struct DASHSession: PlayerSession {
  /// The sets that are played, each with its own cursor.
  private struct Track {
    let index: Int
    var cursor: Duration?
    var fetch = TrackFetch()
    /// Chunks of the segment under way that are in the buffer.
    var shownCount = 0
  }

  private(set) var playhead: Playhead
  private(set) var state = SessionState.playing
  private(set) var rung = 0
  private(set) var rungs: [Rung] = []
  private(set) var switchCount = 0
  private(set) var clockOffset: Duration?
  private let wallStart: Duration
  private let documents: DocumentCache<MPD>
  private var address: WebAddress
  private var mpd = MPD(profiles: [], minBufferTime: ISODuration(microseconds: 0))
  private var tracks: [Track] = []
  private var rule = RateRule(ladder: [])
  private var throughput = Throughput()
  private var isReloading = false
  private var reloadDue: Duration?
  private var clock: WebAddress?
  private var isClockAsked = false
  private var target = Duration.zero

  var bitsPerSecond: Int64? { throughput.bitsPerSecond }

  /// - Parameters:
  ///   - opened: the answer with the MPD.
  ///   - wallStart: the wall clock at moment zero, since 1970.
  ///   - documents: those that any viewer has read.
  init(
    _ opened: Exchange, wallStart: Duration, documents: DocumentCache<MPD> = DocumentCache()
  ) {
    self.wallStart = wallStart
    self.documents = documents
    address = opened.request.address
    playhead = Playhead(trackCount: 1, startLevel: .zero)
    do {
      mpd = try documents.document(of: opened.body) { try MPD(parsing: $0) }
      try start(at: opened.lastByte)
    } catch { state = .failed("\(address): \(error)") }
  }

  /// `nil` for what is not live.
  private var origin: Duration? {
    mpd.dynamic.map { .milliseconds($0.availabilityStartTime.millisecondsSince1970) }
  }

  /// Since the presentation's start, by the server's clock.
  private func live(at now: Duration) -> Duration? {
    origin.map { wallStart + now + (clockOffset ?? .zero) - $0 }
  }

  private mutating func start(at now: Duration) throws {
    guard let (period, _, _) = period(at: live(at: now) ?? .zero) else {
      throw ProbeError(.input, "it has no Period")
    }
    let sets = sets(of: period)
    guard let main = sets.first else {
      throw ProbeError(.input, "it has neither video nor sound with segments")
    }
    let ladder = Self.ladder(main)
    rungs = ladder.map { representation in
      let size = representation.width.flatMap { width in
        representation.height.map { "\(width)x\($0)" }
      }
      return Rung(name: size ?? representation.id, bitsPerSecond: representation.bandwidth)
    }
    rule = RateRule(ladder: ladder.map(\.bandwidth))
    tracks = sets.indices.map { Track(index: $0) }
    playhead = Playhead(trackCount: tracks.count, startLevel: .zero)
    guard let dynamic = mpd.dynamic else {
      playhead.startLevel = .seconds(2)
      isClockAsked = true
      return
    }
    let longest =
      mpd.maxSegmentDuration.map { .microseconds($0.microseconds) } ?? Duration.seconds(2)
    target =
      dynamic.serviceDescriptions.lazy.compactMap(\.latency).first.map { .milliseconds($0.target) }
      ?? dynamic.suggestedPresentationDelay.map { .microseconds($0.microseconds) } ?? longest * 3
    playhead.startLevel = min(target / 2, longest)
    playhead.target = target
    playhead.wallOffset = wallStart
    planReload(at: now)
    for timing in dynamic.utcTimings where clock == nil {
      guard Self.clockSchemes.contains(timing.schemeIdUri), let url = timing.value else { continue }
      clock = try? address.resolved(url)
    }
    isClockAsked = clock == nil
  }

  /// Schemes whose answer is a moment as text (§5.8.4.11).
  private static let clockSchemes: Set<String> = [
    "urn:mpeg:dash:utc:http-xsdate:2014", "urn:mpeg:dash:utc:http-iso:2014",
  ]

  private mutating func planReload(at now: Duration) {
    reloadDue = mpd.dynamic?.minimumUpdatePeriod.map {
      now + max(.microseconds($0.microseconds), .milliseconds(500))
    }
  }

  private static func ladder(_ set: AdaptationSet) -> [Representation] {
    set.representations.sorted { $0.bandwidth < $1.bandwidth }
  }

  /// The first set of pictures and the first of sound.
  private func sets(of period: Period) -> [AdaptationSet] {
    ["video", "audio"].compactMap { kind in
      period.adaptationSets.first { set in
        let type = set.mimeType ?? set.representations.first?.mimeType ?? ""
        return (set.contentType ?? String(type.prefix { $0 != "/" })) == kind
          && !set.representations.isEmpty && set.codingDependency != false
      }
    }
  }

  /// The period at a place, where it begins and ends.
  private func period(at place: Duration) -> (Period, start: Duration, end: Duration?)? {
    var start = Duration.zero
    var found: (Period, start: Duration, end: Duration?)?
    for (index, period) in mpd.periods.enumerated() {
      if let given = period.start { start = .microseconds(given.microseconds) }
      guard index == 0 || start <= place + .milliseconds(1) else { break }
      let next = index + 1 < mpd.periods.count ? mpd.periods[index + 1].start : nil
      let end =
        period.duration.map { start + .microseconds($0.microseconds) }
        ?? next.map { .microseconds($0.microseconds) }
        ?? mpd.mediaPresentationDuration.map { .microseconds($0.microseconds) }
      found = (period, start, end)
      guard let end else { break }
      start = end
    }
    return found
  }

  private func segments(
    _ index: Int, at place: Duration
  ) throws(ProbeError) -> (segments: DASHSegments, end: Duration?)? {
    guard let (period, start, end) = period(at: place) else { return nil }
    let sets = sets(of: period)
    guard sets.indices.contains(index) else { return nil }
    let ladder = Self.ladder(sets[index])
    let base =
      try mpd.baseURLs.first.map { url throws(ProbeError) in
        try address.resolved(url.url)
      } ?? address
    let chosen = index == 0 ? ladder[min(rung, ladder.count - 1)] : ladder[ladder.count - 1]
    return (
      try DASHSegments(chosen, in: sets[index], base: base, start: start, end: end), end
    )
  }

  mutating func turn(at now: Duration) -> Turn {
    var turn = Turn()
    guard state == .playing else { return turn }
    playhead.advance(to: now)
    if playhead.state == .ended {
      state = .over
      return turn
    }
    if !isClockAsked, let clock {
      isClockAsked = true
      turn.requests.append(ProbeRequest(clock, for: .clock))
      return turn
    }
    if let reloadDue, !isReloading {
      if reloadDue <= now {
        isReloading = true
        turn.requests.append(ProbeRequest(address, for: .presentation))
      } else {
        turn.wake(at: reloadDue)
      }
    }
    var endedCount = 0
    for index in tracks.indices {
      do {
        if try fetch(index, now, &turn) { endedCount += 1 }
      } catch { state = .failed(error.message) }
    }
    if endedCount == tracks.count {
      playhead.complete(at: now)
      if playhead.state == .ended || playhead.position == nil { state = .over }
      turn.wake(at: now + max(playhead.buffered, .milliseconds(1)))
    }
    return turn
  }

  /// - Returns: whether the track has nothing more.
  private mutating func fetch(
    _ index: Int, _ now: Duration, _ turn: inout Turn
  ) throws(ProbeError) -> Bool {
    guard !tracks[index].fetch.isUnderWay else { return false }
    guard tracks[index].fetch.due <= now else {
      turn.wake(at: tracks[index].fetch.due)
      return false
    }
    let first = live(at: now).map { max(.zero, $0 - target) } ?? .zero
    var cursor = tracks[index].cursor ?? first
    if let depth = mpd.dynamic?.timeShiftBufferDepth, let live = live(at: now),
      cursor < live - .microseconds(depth.microseconds)
    {
      cursor = first
    }
    if let end = playhead.end(of: index) {
      let ahead = end - (playhead.position ?? end)
      if ahead > Limits.bufferLength {
        turn.wake(at: now + (ahead - Limits.bufferLength))
        return false
      }
    }
    if index == 0, tracks[0].shownCount == 0 { chooseRung() }
    guard var (segments, end) = try segments(index, at: cursor) else { return mpd.dynamic == nil }
    var found = segments.segment(at: cursor)
    if found == nil, let periodEnd = end, cursor + .milliseconds(500) >= periodEnd {
      guard let next = try self.segments(index, at: periodEnd), next.end != end else {
        return mpd.dynamic == nil
      }
      (segments, end) = next
      found = segments.segment(at: periodEnd)
    }
    guard let place = found else {
      if mpd.dynamic == nil { return true }
      turn.wake(at: now + Limits.retryDelay)
      return false
    }
    tracks[index].cursor = place.position
    let early =
      segments.template.availabilityTimeOffset.map {
        Duration.microseconds($0.microseconds)
      } ?? .zero
    if let live = live(at: now) {
      let wait = place.position + place.duration - early - live
      if wait > .zero {
        turn.wake(at: now + wait)
        return false
      }
    }
    try request(index, place, segments, now, &turn)
    return false
  }

  private mutating func request(
    _ index: Int, _ place: DASHSegments.Place, _ segments: DASHSegments, _ now: Duration,
    _ turn: inout Turn
  ) throws(ProbeError) {
    if let header = try segments.initialization(),
      let request = tracks[index].fetch.request(initialization: header, track: index)
    {
      turn.requests.append(request)
      return
    }
    tracks[index].fetch.isUnderWay = true
    var piece = Piece(
      track: index, number: place.number, part: nil, position: place.position,
      duration: place.duration, rung: rung, dated: origin.map { $0 + place.position })
    if let live = live(at: now) {
      piece.isGrowing = place.position + place.duration > live
      piece.isAtEdge = place.position + place.duration * 2 > live
    }
    turn.requests.append(ProbeRequest(try segments.address(of: place), for: .media(piece)))
  }

  private mutating func chooseRung() {
    guard rungs.count > 1 else { return }
    let full = mpd.dynamic == nil ? Limits.bufferLength / 2 : target
    let next = rule.rung(
      after: rung, bitsPerSecond: throughput.bitsPerSecond, buffered: playhead.buffered, full: full)
    guard next != rung else { return }
    rung = next
    switchCount += 1
  }

  mutating func take(_ exchange: Exchange) -> [ChunkArrival] {
    switch exchange.request.purpose {
    case .presentation: takeDocument(exchange)
    case .clock: takeClock(exchange)
    case .initialization(let index):
      end(because: tracks[index].fetch.take(initialization: exchange))
    case .media(let piece): return takeMedia(exchange, piece)
    case .playlist, .question: break
    }
    return []
  }

  private mutating func end(because complaint: String?) {
    if let complaint { state = .failed(complaint) }
  }

  private mutating func takeDocument(_ exchange: Exchange) {
    isReloading = false
    planReload(at: exchange.lastByte)
    guard exchange.isGood else { return }
    do { mpd = try documents.document(of: exchange.body) { try MPD(parsing: $0) } } catch {
      state = .failed("\(address): \(error)")
      return
    }
    planReload(at: exchange.lastByte)
    if mpd.dynamic == nil { playhead.target = nil }
  }

  /// The server's clock, which it read between the request and the answer.
  private mutating func takeClock(_ exchange: Exchange) {
    let text = String(buffer: exchange.body).filter { !$0.isWhitespace }
    guard exchange.isGood, let first = exchange.firstByte, let time = UTCTime(text) else { return }
    let here = wallStart + (exchange.asked + first) / 2
    let offset = .milliseconds(time.millisecondsSince1970) - here
    // A clock that shows whole seconds corrects nothing smaller.
    let isWhole = time.millisecondsSince1970.isMultiple(of: 1000)
    clockOffset = isWhole && offset > .seconds(-1) && offset < .seconds(1) ? .zero : offset
    playhead.wallOffset = wallStart + (clockOffset ?? .zero)
  }

  /// Takes what there is of a segment that comes while it is made.
  mutating func takeProgress(_ exchange: Exchange) {
    guard case .media(let piece) = exchange.request.purpose, exchange.isGood else { return }
    show(
      MediaChunk.chunks(of: exchange.body, tracks[piece.track].fetch.header), of: piece,
      isWhole: false,
      at: exchange.lastByte)
  }

  private mutating func takeMedia(_ exchange: Exchange, _ piece: Piece) -> [ChunkArrival] {
    let index = piece.track
    tracks[index].fetch.isUnderWay = false
    guard exchange.isGood else {
      end(because: tracks[index].fetch.failed(exchange))
      if tracks[index].fetch.givesUp {
        tracks[index].cursor = piece.position + piece.duration
        tracks[index].shownCount = 0
      }
      return []
    }
    throughput.add(exchange.transfer)
    let chunks = MediaChunk.chunks(of: exchange.body, tracks[piece.track].fetch.header)
    show(chunks, of: piece, isWhole: true, at: exchange.lastByte)
    tracks[index].cursor = piece.position + piece.duration
    tracks[index].shownCount = 0
    tracks[index].fetch.failureCount = 0
    playhead.trim()
    let asked = wallStart + (clockOffset ?? .zero) + exchange.asked
    return ChunkArrival.arrivals(
      of: exchange, chunks, piece: piece
    ).map { arrival in
      var arrival = arrival
      // A chunk that was there before it was asked for did not wait for the server.
      if piece.isGrowing, let published = arrival.published, published < asked {
        arrival.isAtEdge = false
      }
      return arrival
    }
  }

  /// Puts the chunks that are not there yet into the buffer, the rest of the segment with its last.
  private mutating func show(
    _ chunks: [MediaChunk], of piece: Piece, isWhole: Bool, at now: Duration
  ) {
    let index = piece.track
    let end = piece.position + piece.duration
    var position = piece.position
    for (count, chunk) in chunks.enumerated() {
      let length = chunk.duration ?? .zero
      if count >= tracks[index].shownCount, length > .zero {
        let taken = chunk.isReferenceOfFragment ? nil : chunk.reference
        playhead.append(
          track: index, position: position, duration: min(length, max(.zero, end - position)),
          taken: index == 0 ? taken ?? origin.map { $0 + position } : nil, at: now)
        tracks[index].shownCount = count + 1
      }
      position += length
    }
    guard isWhole, (playhead.end(of: index) ?? .zero) < end else { return }
    let rest = max(piece.position, min(playhead.end(of: index) ?? piece.position, end))
    let taken = chunks.first { !$0.isReferenceOfFragment }?.reference
    playhead.append(
      track: index, position: rest, duration: end - rest,
      taken: index == 0 && rest == piece.position ? taken ?? piece.dated : nil, at: now)
  }
}
