package import CMAF
import Compression
package import Library
package import Live
package import MediaCore
import NIOCore
import Presentation
import Synchronization

/// A live title as it is served: its windows, which chunks are published into from any thread, and the
/// documents of each of their versions, rendered once.
///
///     let title = try titles.begin(description)
///     try title.publish(chunk, track: "video-1080p")
///     title.end()
package final class LiveTitle: Sendable {
  package let description: LiveTitleDescription
  let documents: LiveDocuments
  /// Where older media lies; `nil`: all that may be fetched is in memory.
  let archive: (any LiveArchive)?
  private let state: Mutex<State>

  struct Track {
    var window: LiveWindow
    var playlists: [LivePlaylist.Form: Playlist] = [:]
    /// By version: all that were, up to `Limits.liveHeaderCount`.
    var headers: [String: ByteBuffer]
  }

  struct Playlist {
    /// Of the present version.
    var whole: LiveDocument?
    var deltas: [ReloadDirectives.Skip: LiveDocument] = [:]
    /// Pieces of the last version of the whole playlist.
    var coded: [Int64: GzipPiece] = [:]
  }

  struct State {
    var tracks: [String: Track]
    var stretches: [LiveDocuments.Stretch] = []
    /// Of the present stretches.
    var multivariant: ServedDocument?
    var mpd: ServedDocument?
    var editions = LiveEditions()
    var splices = LiveSplices()
    /// What the MPD of numbers says of them, and when it last changed: milliseconds since 1970; `nil`: it never said any.
    var told: [LiveDocuments.SpliceEvent] = []
    var toldAt: Int64?
    var waiting = LiveWakers()
    var isEnded = false
  }

  /// - Parameters:
  ///   - archive: what holds the media that leaves memory, which it does after `memory`.
  /// - Throws: `LibraryError` for a header that is none.
  package init(
    _ description: LiveTitleDescription, archive: (any LiveArchive)? = nil,
    memory: MediaTime = MediaTime(60, Timescale(literal: 1)), discontinuitySequence: Int64 = 0
  ) throws {
    self.description = description
    self.archive = archive
    documents = try LiveDocuments(description)
    var tracks: [String: Track] = [:]
    for track in description.tracks {
      let window = LiveWindow(
        of: track, in: description, timescale: track.partTarget.timescale,
        memory: archive == nil ? nil : memory, discontinuitySequence: discontinuitySequence)
      tracks[track.name] = Track(
        window: window, headers: [track.header.version: track.header.bytes])
    }
    state = Mutex(State(tracks: tracks))
  }

  package var name: String { description.name }

  func withState<Value>(_ body: (inout sending State) -> Value) -> Value {
    state.withLock { body(&$0) }
  }

  // MARK: What comes

  /// Lists a chunk, and lets go of those who wait for it. From any thread.
  package func publish(_ chunk: LiveChunk, track: String) throws(LiveError) {
    let wakers = try state.withLock { state throws(LiveError) in
      guard state.tracks[track] != nil else {
        throw LiveError(.notExpected, "\(name) has no track \(track)")
      }
      try state.tracks[track]?.window.take(chunk)
      state.tracks[track]?.changed(header: chunk.header)
      if let header = chunk.following { state.tracks[track]?.changed(header: header) }
      if chunk.part == 0 { state.begin(chunk, of: track, in: documents) }
      if chunk.endsSegment { expireSplices(&state) }
      if chunk.part == 0 || chunk.endsSegment {
        state.editions.advance(
          windows(state), state.stretches, state.splices.documentEvents, in: documents)
      }
      return state.waiting.take()
    }
    for waker in wakers { waker.wake() }
  }

  /// No chunk follows: playlists get their end, and nobody waits any more.
  package func end() {
    let wakers = state.withLock { state in
      state.isEnded = true
      state.mpd = nil
      for name in state.tracks.keys {
        state.tracks[name]?.window.finish()
        state.tracks[name]?.changed(header: nil)
      }
      state.editions.end(
        windows(state), state.stretches, state.splices.documentEvents, in: documents)
      return state.waiting.take()
    }
    for waker in wakers { waker.wake() }
  }

  /// Of all headers that media was published under.
  var versions: Set<String> {
    state.withLock { Set($0.tracks.values.flatMap(\.headers.keys)) }
  }

  /// Up to when there is something, milliseconds since 1970; 0 while there is nothing.
  var edge: Int64 {
    state.withLock { state in
      windows(state).compactMap(\.endTime).max()?.milliseconds ?? 0
    }
  }

  /// How long a request may be held: "… three times the Target Duration"
  /// (draft-pantos-hls-rfc8216bis §6.2.5.2).
  var holdTime: TimeAmount { .seconds(Int64(3 * description.targetDuration)) }

  /// Event loops that wait for something to come.
  var waitingLoopCount: Int { state.withLock { $0.waiting.count } }

  // MARK: What is asked for

  /// Finds what a key stands for. If that is yet to come, `waker` is called once when something has.
  func find(_ key: LiveKey, waker: LiveWaker?) -> LiveFound {
    state.withLock { state in
      let found = find(key, &state)
      state.waiting.add(waker, ifHeld: found)
      return found
    }
  }

  private func find(_ key: LiveKey, _ state: inout State) -> LiveFound {
    switch key {
    case .multivariant(let tracks, let query): return multivariant(tracks, query, &state)
    case .mpd(let tracks): return mpd(tracks, &state)
    case .timeline(let tracks):
      return state.editions.timeline(tracks, windows(state), in: documents)
        .map { .document($0, lifetime(.update)) } ?? .held
    case .patch(let time):
      switch state.editions.patch(from: time, windows(state), in: documents) {
      case .made(let patch): return .document(patch, lifetime(.update))
      case .upToDate: return .held
      case .unknown: return .absent(.gone)
      }
    case .playlist(let track, let form, let directives):
      return playlist(track, form, directives, &state)
    case .clip(let key, let range): return self.find(key, in: range, &state)
    case .header(let track, let version):
      guard let bytes = state.tracks[track]?.headers[version] else {
        return .absent(.unknown(maxAge: 1))
      }
      return .media(bytes, data(objectType: .header), Self.immutable)
    case .segment(let track, let version, let number):
      return segment(track, version, number, &state)
    case .excerpt(let track, let version, let number, let first, let last):
      return excerpt(track, version, number, first, last, &state)
    case .part(let track, let version, let number, let part):
      return self.part(track, version, number, part, &state)
    case .growth(let track, let version, let number, let part):
      guard
        let pieces = state.tracks[track]?.window.pieces(
          ofSegment: number, from: part, version: version)
      else { return .absent(.gone) }
      if let next = pieces.bytes.first { return .piece(next.bytes) }
      return pieces.isComplete ? .complete : .held
    }
  }

  /// A stretch is told of when all tracks have come to it.
  func settled(_ state: State) -> [LiveDocuments.Stretch] {
    let edges = state.tracks.values.map { $0.window.edge?.segment ?? 0 }
    return state.stretches.filter { stretch in
      edges.allSatisfy { $0 >= stretch.number } || stretch.number == state.stretches.first?.number
    }
  }

  private func multivariant(
    _ tracks: [String]?, _ query: String, _ state: inout State
  ) -> LiveFound {
    let isView = tracks != nil || !query.isEmpty
    if !isView, let known = state.multivariant {
      return .document(known, lifetime(.document))
    }
    let settled = settled(state)
    let text = documents.multivariantText(settled, tracks: tracks, query: query)
    guard !isView else {
      return .document(ServedDocument(uncoded: ByteBuffer(string: text)), lifetime(.document))
    }
    let made = ServedDocument(text: text)
    if settled.count == state.stretches.count { state.multivariant = made }
    return .document(made, lifetime(.document))
  }

  private func mpd(_ tracks: [String]?, _ state: inout State) -> LiveFound {
    if tracks == nil, let mpd = state.mpd { return .document(mpd, lifetime(.update)) }
    let settled = settled(state)
    guard !settled.isEmpty else { return .held }
    let end = state.isEnded ? state.tracks.values.compactMap(\.window.endTime).max() : nil
    let text = documents.mpdText(
      settled, events: state.told,
      toldAt: state.toldAt.map { MediaTime($0, Timescale(literal: 1000)) }, end: end,
      tracks: tracks)
    guard tracks == nil else {
      return .document(ServedDocument(uncoded: ByteBuffer(string: text)), lifetime(.update))
    }
    let made = ServedDocument(text: text)
    if settled.count == state.stretches.count { state.mpd = made }
    return .document(made, lifetime(.update))
  }

  private func playlist(
    _ name: String, _ form: LivePlaylist.Form, _ directives: ReloadDirectives,
    _ state: inout State
  ) -> LiveFound {
    guard let window = state.tracks[name]?.window, window.has(form) else {
      return .absent(.unknown(maxAge: description.targetDuration))
    }
    let isBlocking = directives.position != nil && !window.isEnded
    let life = lifetime(isBlocking ? .held : .update)
    let reload =
      window.edge == nil && !window.isEnded ? .held : window.reload(directives, form: form)
    switch reload {
    case .held: return .held
    case .refused(let reason): return .refused(reason, maxAge: 4 * description.targetDuration)
    case .delta:
      let document = delta(name, form, directives.skip ?? .segments, &state)
      return .live(document ?? whole(name, form, window, &state), life)
    case .whole: return .live(whole(name, form, window, &state), life)
    }
  }

  private func delta(
    _ name: String, _ form: LivePlaylist.Form, _ skip: ReloadDirectives.Skip, _ state: inout State
  ) -> LiveDocument? {
    if let known = state.tracks[name]?.playlists[form]?.deltas[skip] { return known }
    guard
      let made = state.tracks[name]?.window.delta(form, skip: skip, beside: windows(state))
    else { return nil }
    var none: [Int64: GzipPiece] = [:]
    let document = LiveDocument(made, known: &none)
    state.tracks[name]?.playlists[form, default: Playlist()].deltas[skip] = document
    return document
  }

  private func whole(
    _ name: String, _ form: LivePlaylist.Form, _ window: LiveWindow, _ state: inout State
  ) -> LiveDocument {
    var playlist = state.tracks[name]?.playlists[form] ?? Playlist()
    if let known = playlist.whole { return known }
    let document = LiveDocument(
      window.playlist(form, beside: windows(state)), known: &playlist.coded)
    playlist.whole = document
    state.tracks[name]?.playlists[form] = playlist
    return document
  }

  /// In the order of the title.
  func windows(_ state: State) -> [LiveWindow] {
    description.tracks.compactMap { state.tracks[$0.name]?.window }
  }

  private func segment(
    _ name: String, _ version: String, _ number: Int64, _ state: inout State
  ) -> LiveFound {
    guard let window = state.tracks[name]?.window else { return .absent(.unknown(maxAge: 1)) }
    switch window.media(segment: number, version: version) {
    case .whole(let bytes, let duration):
      return .media(bytes, data(bytes, duration, window), lifetime(.media))
    case .growing:
      let pieces = window.pieces(ofSegment: number, from: 0, version: version)
      return pieces?.bytes.isEmpty == false ? .growing : .held
    case .older: return .older(lifetime(.media))
    case .gone: return .absent(.gone)
    case .unknown, .hinted: return .absent(.unknown(maxAge: 1))
    }
  }

  private func excerpt(
    _ name: String, _ version: String, _ number: Int64, _ first: Int64, _ last: Int64?,
    _ state: inout State
  ) -> LiveFound {
    let found = segment(name, version, number, &state)
    switch found {
    // Of what is complete, ranges are as of anything.
    case .growing, .held: break
    default: return found
    }
    if last == .max { return found }
    switch state.tracks[name]?.window.excerpt(
      ofSegment: number, from: first, to: last, version: version)
    {
    case .bytes(let bytes): return .excerpt(bytes, lifetime(.held))
    case .held: return .held
    case .unknown, nil: return .absent(.unknown(maxAge: 1))
    }
  }

  private func part(
    _ name: String, _ version: String, _ number: Int64, _ part: Int, _ state: inout State
  ) -> LiveFound {
    guard let window = state.tracks[name]?.window else { return .absent(.unknown(maxAge: 1)) }
    switch window.media(segment: number, part: part, version: version) {
    case .whole(let bytes, let duration):
      return .media(bytes, data(bytes, duration, window), lifetime(.held))
    case .hinted: return .held
    case .gone, .older: return .absent(.gone)
    case .unknown, .growing: return .absent(.unknown(maxAge: 1))
    }
  }

  /// What is said to edges of media of a track.
  func data(ofTrack name: String) -> ServerData {
    let kind = documents.title[track: name]?.index.kind
    // What no header describes is WebVTT.
    return data(objectType: kind.map { ServerData.ObjectType($0) } ?? .captions)
  }

  private func data(objectType: ServerData.ObjectType) -> ServerData {
    var data = ServerData(objectType: objectType)
    data.isLive = true
    return data
  }

  var mediaLifetime: CachePolicy.Lifetime { lifetime(.media) }

  private func data(_ bytes: ByteBuffer, _ ticks: Int64, _ window: LiveWindow) -> ServerData {
    let kind = documents.title[track: window.name]?.index.kind
    var data = ServerData(
      kind ?? .text, byteCount: Int64(bytes.readableBytes), ticks: ticks, window.timescale,
      next: nil)
    if kind == nil { data.objectType = .captions }
    data.isLive = true
    return data
  }

  // MARK: How long it may be kept

  private static let immutable = CachePolicy.Lifetime(fresh: 31_536_000, isImmutable: true)

  enum Kind {
    case document
    /// A playlist or MPD that will be replaced.
    case update
    /// Content that its query or name fixes, and that is asked for before it is there.
    case held
    case media
  }

  /// The table of draft-pantos-hls-rfc8216bis Appendix B.1; whole segments for as long as viewers may go
  /// back to them.
  func lifetime(_ kind: Kind) -> CachePolicy.Lifetime {
    let target = description.targetDuration
    switch kind {
    case .document: return CachePolicy.Lifetime(fresh: 60)
    case .update: return CachePolicy.Lifetime(fresh: max(1, target / 2))
    case .held: return CachePolicy.Lifetime(fresh: 6 * target)
    case .media:
      let window = Int(description.window.rescaled(to: Timescale(literal: 1)).value)
      return CachePolicy.Lifetime(fresh: max(6 * target, window))
    }
  }
}

extension LiveTitle.Track {
  /// Another version of the playlist is the present one.
  mutating func changed(header: LiveHeader?) {
    for form in playlists.keys {
      playlists[form]?.whole = nil
      playlists[form]?.deltas = [:]
    }
    guard let header, headers[header.version] == nil else { return }
    if headers.count >= Limits.liveHeaderCount { headers = [:] }
    headers[header.version] = header.bytes
  }
}

extension LiveTitle.State {
  /// A segment has begun, and with it perhaps another stretch of the timeline.
  mutating func begin(_ chunk: LiveChunk, of name: String, in documents: LiveDocuments) {
    guard let window = tracks[name]?.window, let title = documents.title[track: name] else {
      return
    }
    let isFirst = stretches.isEmpty
    let number = stretches.last?.number
    guard isFirst || chunk.startsDiscontinuity || number == chunk.segment else { return }
    (mpd, multivariant) = (nil, nil)
    if isFirst || chunk.segment > number ?? 0 {
      stretches.append(
        LiveDocuments.Stretch(
          number: chunk.segment, start: MediaTime(chunk.time, window.timescale),
          description: stretches.last?.description ?? documents.description))
    }
    stretches[stretches.count - 1].changed(header: chunk.header, of: name)
    // Segments are cut at pictures; sound follows.
    if title.index.kind == .video, stretches[stretches.count - 1].number == chunk.segment {
      stretches[stretches.count - 1].start = MediaTime(chunk.time, window.timescale)
    }
    renewTelling()
    while stretches.count > 1, stretches[1].number <= window.firstListed { stretches.removeFirst() }
  }
}

extension LiveDocuments.Stretch {
  fileprivate mutating func changed(header: LiveHeader, of name: String) {
    for index in description.tracks.indices where description.tracks[index].name == name {
      description.tracks[index].header = header
    }
  }
}
