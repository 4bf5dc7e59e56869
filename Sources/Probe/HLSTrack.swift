import MediaCore

/// One Media Playlist that is followed: what is known of it, and where in it the player is.
struct HLSTrack: Sendable {
  /// The next piece that is wanted.
  struct Cursor: Hashable, Sendable {
    var number: Int64
    var part: Int
  }

  /// What there is at the cursor.
  enum Next: Hashable, Sendable {
    case piece(Piece, ObservedPlaylist.Resource, initialization: ObservedPlaylist.Resource?)
    /// Nothing is there for the piece's duration: EXT-X-GAP.
    case gap(Piece)
    /// It will come.
    case nothing
    /// There is no more.
    case end
  }

  let index: Int
  var address: WebAddress
  var generation = 0
  var playlist: ObservedPlaylist?
  /// The playlist is of another rung than the address.
  var isStale = true
  var isReloading = false
  var reloadDue = Duration.zero
  var needsWhole = false
  /// The playlist came as soon as there was something new, as far as the server lets it.
  var isFresh = false
  var cursor: Cursor?
  /// Where the cursor's piece begins.
  var position: Duration?
  var fetch = TrackFetch()
  /// What came before the playlist listed it.
  var early: (resource: ObservedPlaylist.Resource, taken: Duration?)?
  /// A hint that the server would not answer.
  var refusedHint: ObservedPlaylist.Resource?
  /// Pieces that were left out because they were gone or would not come.
  var lostCount = 0

  init(index: Int, address: WebAddress) {
    self.index = index
    self.address = address
  }

  /// How the next playlist is asked for.
  func reloadRequest() -> ProbeRequest {
    var parameters: [(name: String, value: String)] = []
    if let playlist, !isStale, playlist.canBlockReload, !playlist.isEnded,
      let last = playlist.segments.last
    {
      let isUnfinished = last.resource == nil
      parameters.append(("_HLS_msn", "\(isUnfinished ? last.number : last.number + 1)"))
      if playlist.partTarget != nil {
        parameters.append(("_HLS_part", "\(isUnfinished ? last.parts.count : 0)"))
      }
    }
    if let playlist, !isStale, !needsWhole, playlist.canSkipUntil != nil, !playlist.isEnded {
      parameters.append(("_HLS_skip", "YES"))
    }
    return ProbeRequest(
      address.adding(parameters), for: .playlist(track: index, generation: generation))
  }

  /// Takes a playlist that came, and decides when the next one is wanted (§6.3.4).
  /// - Parameters:
  ///   - asked: when it was asked for.
  ///   - isHeld: it was asked for with delivery directives.
  mutating func take(
    _ next: ObservedPlaylist, asked: Duration, isHeld: Bool, at now: Duration
  ) {
    var next = next
    guard next.follow(playlist) else {
      needsWhole = true
      reloadDue = now
      return
    }
    needsWhole = false
    let isNew = isStale || next.segments.last != playlist?.segments.last
    if isStale, playlist != nil, let position, next.segments.first?.dated != nil {
      // Media sequence numbers of renditions need not agree (§6.2.4); dates must.
      let half = next.targetDuration / 2
      if let same = next.segments.first(where: {
        $0.position > position - half && $0.position <= position + half
      }) {
        cursor = Cursor(number: same.number, part: 0)
      } else if let last = next.segments.last, last.position < position {
        cursor = Cursor(number: last.number + 1, part: 0)
      }
    }
    playlist = next
    isStale = false
    isFresh = !next.isEnded && (isHeld || !next.canBlockReload)
    if next.canBlockReload {
      reloadDue = isNew ? now : now + (next.partTarget ?? next.targetDuration / 2)
    } else {
      reloadDue = isNew ? asked + next.targetDuration : now + next.targetDuration / 2
    }
  }

  /// Chooses where to begin: hold-back before the end of a live stream, at a piece that can be decoded
  /// by itself (§6.3.3).
  /// - Parameter wanted: the place of another track, to begin at the same.
  mutating func begin(at wanted: Duration?) {
    guard let playlist, let first = playlist.segments.first else { return }
    guard !playlist.isEnded else {
      (cursor, position) = (Cursor(number: first.number, part: 0), first.position)
      return
    }
    let hasParts = playlist.partTarget != nil
    let place = wanted ?? (playlist.end ?? first.position) - playlist.distance
    var chosen = (cursor: Cursor(number: first.number, part: 0), position: first.position)
    for segment in playlist.segments where segment.position <= place {
      chosen = (Cursor(number: segment.number, part: 0), segment.position)
      guard hasParts else { continue }
      var position = segment.position
      for (part, observed) in segment.parts.enumerated() {
        if position <= place, observed.isIndependent {
          chosen = (Cursor(number: segment.number, part: part), position)
        }
        position += observed.duration
      }
    }
    (cursor, position) = chosen
  }

  /// What is at the cursor, which goes on where what it names is over or gone.
  mutating func next(rung: Int) -> Next {
    guard let playlist, !isStale else { return .nothing }
    while let place = cursor {
      guard let segment = playlist.segment(place.number) else {
        guard let first = playlist.segments.first, let last = playlist.segments.last else {
          return playlist.isEnded ? .end : .nothing
        }
        if place.number < first.number {
          lostCount += 1
          begin(at: nil)
          guard let cursor, cursor.number >= first.number else { return .nothing }
          continue
        }
        if playlist.isEnded { return .end }
        if place.number > last.number + 1 {
          // The numbers began anew.
          lostCount += 1
          begin(at: nil)
          return .nothing
        }
        return place.part == 0 ? hint(place, at: position ?? .zero, playlist, rung: rung) : .nothing
      }
      if let next = next(in: segment, at: place, playlist, rung: rung) { return next }
      cursor = Cursor(number: place.number + 1, part: 0)
      position = segment.position + segment.duration
    }
    return .nothing
  }

  /// - Returns: `nil` if nothing of the segment is left to play.
  private mutating func next(
    in segment: ObservedPlaylist.Segment, at place: Cursor, _ playlist: ObservedPlaylist, rung: Int
  ) -> Next? {
    let isLast = segment.number == playlist.segments.last?.number
    var piece = Piece(
      track: index, number: segment.number, part: nil, position: segment.position,
      duration: segment.duration, rung: rung, dated: segment.dated)
    if place.part == 0, let resource = segment.resource {
      position = segment.position
      piece.isAtEdge = isLast && isFresh
      return segment.isGap
        ? .gap(piece) : .piece(piece, resource, initialization: segment.initialization)
    }
    let before = segment.parts.prefix(place.part).reduce(.zero) { $0 + $1.duration }
    piece.part = place.part
    piece.position = segment.position + before
    piece.dated = segment.dated.map { $0 + before }
    position = piece.position
    if place.part < segment.parts.count {
      let part = segment.parts[place.part]
      piece.duration = part.duration
      piece.isAtEdge = isLast && isFresh && place.part == segment.parts.count - 1
      return part.isGap
        ? .gap(piece) : .piece(piece, part.resource, initialization: segment.initialization)
    }
    guard segment.resource == nil else { return nil }
    return hint(place, at: piece.position, playlist, rung: rung)
  }

  /// What the server says will be next, to be asked for before it is there (§4.4.5.3).
  private func hint(
    _ place: Cursor, at position: Duration, _ playlist: ObservedPlaylist, rung: Int
  ) -> Next {
    guard early == nil, let last = playlist.segments.last,
      let hint = playlist.hints.first(where: { $0.isPart && !$0.isOpen }),
      hint.resource != refusedHint, let target = playlist.partTarget
    else { return .nothing }
    var piece = Piece(
      track: index, number: place.number, part: place.part, position: position, duration: target,
      rung: rung, dated: last.dated.map { $0 + (position - last.position) })
    piece.isHinted = true
    piece.isAtEdge = true
    let map = playlist.hints.first { !$0.isPart && !$0.isOpen }?.resource
    return .piece(piece, hint.resource, initialization: map ?? last.initialization)
  }

  /// The part that came early, once the playlist tells how long it is.
  mutating func settled(rung: Int) -> (piece: Piece, taken: Duration?)? {
    guard let early, let playlist, let cursor, let segment = playlist.segment(cursor.number),
      !isStale
    else { return nil }
    guard cursor.part < segment.parts.count else {
      if segment.resource != nil { self.early = nil }
      return nil
    }
    self.early = nil
    let part = segment.parts[cursor.part]
    guard part.resource == early.resource else { return nil }
    let before = segment.parts.prefix(cursor.part).reduce(.zero) { $0 + $1.duration }
    let piece = Piece(
      track: index, number: cursor.number, part: cursor.part, position: segment.position + before,
      duration: part.duration, rung: rung, dated: segment.dated.map { $0 + before })
    return (piece, early.taken)
  }

  /// Goes on behind a piece.
  mutating func pass(_ piece: Piece) {
    if let part = piece.part {
      cursor = Cursor(number: piece.number, part: part + 1)
    } else {
      cursor = Cursor(number: piece.number + 1, part: 0)
    }
    position = piece.position + piece.duration
    fetch.failureCount = 0
  }
}

extension ObservedPlaylist {
  /// How far from the end a player begins (§4.4.3.8).
  var distance: Duration {
    if let partTarget { return partHoldBack ?? partTarget * 3 }
    return holdBack ?? targetDuration * 3
  }
}
