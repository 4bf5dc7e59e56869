import HLS
import MediaCore
import NIOCore

/// Plays HLS: a variant stream with its sound, of a title or of what is live, with parts where the
/// server has them (draft-pantos-hls-rfc8216bis §6.3).
struct HLSSession: PlayerSession {
  private(set) var playhead: Playhead
  private(set) var state = SessionState.playing
  private(set) var rung = 0
  private(set) var rungs: [Rung] = []
  private(set) var switchCount = 0
  /// A playlist names no clock.
  var clockOffset: Duration? { nil }
  private var addresses: [WebAddress] = []
  private var rule = RateRule(ladder: [])
  private var throughput = Throughput()
  private var tracks: [HLSTrack] = []
  private let wallStart: Duration
  private let playlists: DocumentCache<ObservedPlaylist>

  var bitsPerSecond: Int64? { throughput.bitsPerSecond }

  /// - Parameters:
  ///   - opened: the answer with the multivariant playlist, or with a Media Playlist.
  ///   - wallStart: the wall clock at moment zero, since 1970.
  ///   - playlists: those that any viewer has read.
  init(
    _ opened: Exchange, wallStart: Duration,
    playlists: DocumentCache<ObservedPlaylist> = DocumentCache()
  ) {
    self.wallStart = wallStart
    self.playlists = playlists
    playhead = Playhead(trackCount: 1, startLevel: .zero)
    open(opened)
  }

  mutating func turn(at now: Duration) -> Turn {
    var turn = Turn()
    guard state == .playing else { return turn }
    playhead.advance(to: now)
    if playhead.state == .ended {
      state = .over
      return turn
    }
    var endedCount = 0
    for index in tracks.indices {
      reload(index, now, &turn)
      if fetch(index, now, &turn) { endedCount += 1 }
    }
    if endedCount == tracks.count, !tracks.isEmpty {
      playhead.complete(at: now)
      if playhead.state == .ended || playhead.position == nil { state = .over }
      turn.wake(at: now + max(playhead.buffered, .milliseconds(1)))
    }
    return turn
  }

  private mutating func reload(_ index: Int, _ now: Duration, _ turn: inout Turn) {
    let track = tracks[index]
    guard !track.isReloading, track.isStale || track.playlist?.isEnded != true else { return }
    guard track.reloadDue <= now else { return turn.wake(at: track.reloadDue) }
    tracks[index].isReloading = true
    turn.requests.append(track.reloadRequest())
  }

  /// - Returns: whether the track has nothing more.
  private mutating func fetch(_ index: Int, _ now: Duration, _ turn: inout Turn) -> Bool {
    settle(index, now)
    guard tracks[index].playlist != nil, !tracks[index].fetch.isUnderWay else { return false }
    guard tracks[index].fetch.due <= now else {
      turn.wake(at: tracks[index].fetch.due)
      return false
    }
    begin(index)
    if let ahead = ahead(of: index), ahead > Limits.bufferLength {
      turn.wake(at: now + (ahead - Limits.bufferLength))
      return false
    }
    if index == 0, chooseRung(now) {
      reload(index, now, &turn)
      return false
    }
    for _ in 0..<Self.gapCount {
      switch tracks[index].next(rung: rung) {
      case .end: return true
      case .nothing: return false
      case .gap(let piece):
        tracks[index].pass(piece)
      case .piece(let piece, let resource, let initialization):
        request(index, piece, resource, initialization, &turn)
        return false
      }
    }
    return false
  }

  /// Gaps that are passed in one turn.
  private static let gapCount = 1000

  private mutating func begin(_ index: Int) {
    guard tracks[index].cursor == nil, let playlist = tracks[index].playlist,
      !playlist.segments.isEmpty
    else { return }
    let main = tracks[0]
    let isDated = main.playlist?.segments.first?.dated != nil
    let start = index > 0 && isDated && playlist.segments[0].dated != nil ? main.position : nil
    guard index == 0 || main.cursor != nil else { return }
    tracks[index].begin(at: start)
    guard index == 0 else { return }
    if playlist.isEnded {
      playhead.startLevel = min(playlist.segments[0].duration, .seconds(2))
    } else {
      playhead.startLevel = playlist.distance / 2
      playhead.target = playlist.distance
    }
  }

  private func ahead(of index: Int) -> Duration? {
    guard let end = playhead.end(of: index) else { return nil }
    return end - (playhead.position ?? end)
  }

  /// - Returns: whether another rung's playlist is wanted first.
  private mutating func chooseRung(_ now: Duration) -> Bool {
    guard rungs.count > 1, tracks[0].cursor?.part == 0, !tracks[0].isStale, tracks[0].early == nil,
      let playlist = tracks[0].playlist
    else { return false }
    let full = playlist.isEnded ? Limits.bufferLength / 2 : playlist.distance
    let next = rule.rung(
      after: rung, bitsPerSecond: throughput.bitsPerSecond, buffered: playhead.buffered, full: full)
    guard next != rung else { return false }
    rung = next
    switchCount += 1
    tracks[0].address = addresses[next]
    tracks[0].generation += 1
    tracks[0].isStale = true
    tracks[0].isReloading = false
    tracks[0].reloadDue = now
    return true
  }

  private mutating func request(
    _ index: Int, _ piece: Piece, _ resource: ObservedPlaylist.Resource,
    _ initialization: ObservedPlaylist.Resource?, _ turn: inout Turn
  ) {
    do {
      if let initialization {
        let address = try tracks[index].address.resolved(initialization.uri)
        if let request = tracks[index].fetch.request(
          initialization: address, range: initialization.range, track: index)
        {
          turn.requests.append(request)
          return
        }
      }
      let address = try tracks[index].address.resolved(resource.uri)
      tracks[index].fetch.isUnderWay = true
      turn.requests.append(ProbeRequest(address, range: resource.range, for: .media(piece)))
    } catch { state = .failed(error.message) }
  }

  /// Parts come whole.
  mutating func takeProgress(_ exchange: Exchange) {}

  mutating func take(_ exchange: Exchange) -> [ChunkArrival] {
    let now = exchange.lastByte
    switch exchange.request.purpose {
    case .playlist(let index, let generation):
      guard tracks[index].generation == generation else { return [] }
      takePlaylist(exchange, index)
      settle(index, now)
    case .initialization(let index):
      end(because: tracks[index].fetch.take(initialization: exchange))
    case .media(let piece): return takeMedia(exchange, piece)
    case .presentation, .clock, .question: break
    }
    return []
  }

  private mutating func end(because complaint: String?) {
    if let complaint { state = .failed(complaint) }
  }

  private mutating func takePlaylist(_ exchange: Exchange, _ index: Int) {
    tracks[index].isReloading = false
    guard exchange.isGood else {
      end(because: tracks[index].fetch.failed(exchange))
      tracks[index].reloadDue = exchange.lastByte + Limits.retryDelay
      return
    }
    do {
      let playlist = try playlists.document(of: exchange.body, ObservedPlaylist.init)
      tracks[index].take(
        playlist, asked: exchange.asked,
        isHeld: exchange.request.address.directive("_HLS_msn") != nil, at: exchange.lastByte)
      tracks[index].refusedHint = nil
    } catch { state = .failed("\(exchange.request.address): \(error.message)") }
  }

  private mutating func settle(_ index: Int, _ now: Duration) {
    guard let (piece, taken) = tracks[index].settled(rung: rung) else { return }
    show(piece, taken: taken, at: now)
  }

  private mutating func show(_ piece: Piece, taken: Duration?, at now: Duration) {
    tracks[piece.track].pass(piece)
    let isMain = piece.track == 0
    playhead.append(
      track: piece.track, position: piece.position, duration: piece.duration,
      taken: isMain ? taken ?? piece.dated : nil, at: now)
    playhead.trim()
  }

  private mutating func takeMedia(_ exchange: Exchange, _ piece: Piece) -> [ChunkArrival] {
    let index = piece.track
    tracks[index].fetch.isUnderWay = false
    guard exchange.isGood else {
      if piece.isHinted {
        // It was only a hint: what the playlist lists next is what counts (§6.2.6).
        tracks[index].refusedHint = tracks[index].playlist?.hints.first { $0.isPart }?.resource
        return []
      }
      end(because: tracks[index].fetch.failed(exchange))
      if tracks[index].fetch.givesUp {
        let count = tracks[index].fetch.failureCount
        tracks[index].pass(piece)
        tracks[index].fetch.failureCount = count
        tracks[index].lostCount += 1
      }
      return []
    }
    throughput.add(exchange.transfer)
    let chunks = MediaChunk.chunks(of: exchange.body, tracks[piece.track].fetch.header)
    let taken = chunks.first.flatMap { $0.isReferenceOfFragment ? nil : $0.reference }
    if piece.isHinted {
      let hint = tracks[index].playlist?.hints.first { $0.isPart }?.resource
      let resource = tracks[index].asked(exchange.request) ?? hint
      if let resource { tracks[index].early = (resource, taken) }
      settle(index, exchange.lastByte)
    } else {
      show(piece, taken: taken, at: exchange.lastByte)
    }
    return ChunkArrival.arrivals(
      of: exchange, chunks, piece: piece)
  }

  private mutating func open(_ exchange: Exchange) {
    guard exchange.isGood else {
      state = .failed("\(exchange.request.address): \(exchange.complaint)")
      return
    }
    let text = String(buffer: exchange.body)
    do {
      guard text.contains("#EXT-X-STREAM-INF") else {
        rungs = [Rung(name: "playlist", bitsPerSecond: 0)]
        addresses = [exchange.request.address]
        start([exchange.request.address])
        takePlaylist(exchange, 0)
        return
      }
      try choose(MultivariantPlaylist(parsing: text), at: exchange.request.address)
    } catch { state = .failed("\(exchange.request.address): \(error)") }
  }

  /// The first variant stream's ladder: those with the same sound, the lowest first.
  private mutating func choose(
    _ playlist: MultivariantPlaylist, at address: WebAddress
  ) throws {
    guard let first = playlist.variants.first else {
      state = .failed("\(address): it has no variant stream")
      return
    }
    let coding = first.codecs.first?.prefix(4)
    var seen: Set<String> = []
    let ladder = playlist.variants.filter {
      $0.audio == first.audio && $0.codecs.first?.prefix(4) == coding
        && $0.videoRange == first.videoRange && seen.insert($0.uri).inserted
    }.sorted { $0.bandwidth < $1.bandwidth }
    rungs = ladder.map {
      Rung(name: $0.resolution?.description ?? $0.uri, bitsPerSecond: $0.bandwidth)
    }
    addresses = try ladder.map { try address.resolved($0.uri) }
    rung = ladder.firstIndex { $0.uri == first.uri } ?? 0
    rule = RateRule(ladder: ladder.map(\.bandwidth))
    let sound = playlist.renditions.filter {
      $0.kind == .audio && $0.groupID == first.audio && $0.uri != nil
    }
    let rendition = sound.first(where: \.isDefault) ?? sound.first
    var starts = [addresses[rung]]
    if let uri = rendition?.uri { starts.append(try address.resolved(uri)) }
    start(starts)
  }

  private mutating func start(_ addresses: [WebAddress]) {
    tracks = addresses.enumerated().map { HLSTrack(index: $0.offset, address: $0.element) }
    playhead = Playhead(trackCount: tracks.count, startLevel: .zero)
    playhead.wallOffset = wallStart
  }
}

extension HLSTrack {
  /// The resource that a request was for, as the playlist spells it.
  func asked(_ request: ProbeRequest) -> ObservedPlaylist.Resource? {
    playlist?.hints.map(\.resource).first {
      (try? address.resolved($0.uri)) == request.address && $0.range == request.range
    }
      ?? playlist?.segments.suffix(2).flatMap(\.parts).map(\.resource).first {
        (try? address.resolved($0.uri)) == request.address && $0.range == request.range
      }
  }
}
