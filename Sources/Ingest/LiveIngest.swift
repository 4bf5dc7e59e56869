package import CMAF
package import Library
import ISOBMFF
import MP4
import MediaCore
package import NIOCore
package import Packaging

/// What publishers upload to one publishing point in, a live title out.
///
///     var ingest = LiveIngest(LiveOptions(), name: "channel")
///     let upload = try ingest.open("video.cmfv", now: now)
///     for step in try ingest.take(bytes, of: upload, now: now) { … }
///     for step in try ingest.close(upload, isWhole: true, now: now) { … }
///
/// A track may come in one upload, in one for each segment or chunk, or from several publishers at once: of what
/// comes twice the first is taken. It has no clock and does no I/O. Times are nanoseconds since 1970.
package struct LiveIngest: Sendable {
  package enum Step: Sendable {
    /// A title begins; chunks of these tracks follow.
    case begin([LiveTitleDescription.Track], SegmentCells)
    case chunk(LiveChunk, track: String)
    /// Nothing follows of the title.
    case end
  }

  private enum Phase {
    /// It is not known yet how to cut what comes.
    case gathering(Gathering)
    case running(LiveSegmenter)
    /// One of these is being changed.
    case changing
  }

  private struct Gathering {
    var analysis: LiveAnalysis
    /// With times of the source.
    var events: [LiveEvent] = []
    var isEnough = false
  }

  /// How titles are cut that begin from here on.
  package var options: LiveOptions
  private let name: String
  private var phase: Phase
  private var clock = SourceClock()
  private var tracks: [IngestedTrack] = []
  private var headers: [StreamPath: StreamHeader] = [:]
  /// Where the first objects of transport streams were sent.
  private var transports: [StreamPath] = []
  private let readTransport: TransportReading?
  private var manifests = ManifestDescription()
  private var uploads: [Int: IngestUpload] = [:]
  private var unfinished = UnfinishedUploads()
  private var lastUpload = 0
  private var lastArrival: Int64?
  /// When the first media of a title that is yet to begin came.
  private var gatheringSince: Int64?

  /// - Parameter transport: reads objects of transport streams; `nil`: they are refused.
  package init(_ options: LiveOptions, name: String, transport: TransportReading? = nil) {
    self.options = options
    readTransport = transport
    self.name = name
    phase = .gathering(Gathering(analysis: LiveAnalysis(options, name: name)))
  }

  // MARK: Uploads

  /// Begins an upload.
  /// - Parameters:
  ///   - path: below the publishing point.
  ///   - piece: `nil`: it is whole in itself.
  package mutating func open(
    _ path: String, piece: IngestPiece? = nil
  ) throws(IngestError) -> Int {
    guard uploads.count < IngestLimits.uploadCount else {
      throw IngestError(
        .busy, "\(name): \(uploads.count) uploads are under way, and no more are taken at a time")
    }
    lastUpload += 1
    let place = StreamPath(path)
    var upload =
      piece.flatMap { unfinished.take(place, from: $0.offset) } ?? makeUpload(place, piece)
    upload.piece = piece
    uploads[lastUpload] = upload
    return lastUpload
  }

  private func makeUpload(_ path: StreamPath, _ piece: IngestPiece?) -> IngestUpload {
    let header = path.header(among: headers.keys)
    var upload = IngestUpload(
      path: path,
      stream: FragmentedStream(name: path.text, header: header.flatMap { headers[$0] }),
      header: header)
    upload.isManifest = path.text.hasSuffix(".mpd") || path.text.hasSuffix(".m3u8")
    upload.position = piece?.offset ?? 0
    return upload
  }

  /// - Throws: `IngestError`; the upload is over then.
  package mutating func take(
    _ bytes: ByteBuffer, of id: Int, now: Int64
  ) throws(IngestError) -> [Step] {
    guard var upload = uploads[id] else { return [] }
    do {
      if upload.isManifest {
        try upload.take(manifest: bytes)
        uploads[id] = upload
        return []
      }
      guard !upload.isIgnored else { return [] }
      // It has its buffers for itself while it grows them.
      uploads[id] = nil
      var events: [FragmentedStream.Event] = []
      if upload.isTransport(bytes), readTransport != nil {
        try upload.take(transport: bytes)
      } else {
        events = try upload.take(stream: bytes)
      }
      uploads[id] = upload
      let begun = uploads.values.reduce(unfinished.byteCount) { $0 + $1.byteCount }
      guard begun <= IngestLimits.byteCount else {
        throw IngestError(.tooLarge, "\(name): more media has been begun than is kept")
      }
      return try events.flatMap { try take($0, of: id, now: now) }
    } catch {
      uploads[id] = nil
      throw IngestError(error, name: upload.path.text)
    }
  }

  /// Ends an upload.
  /// - Parameter isWhole: its publisher has said so.
  /// - Returns: whether use was made of it, and what follows.
  package mutating func close(
    _ id: Int, isWhole: Bool, now: Int64
  ) throws(IngestError) -> (isUsed: Bool, steps: [Step]) {
    guard let upload = uploads.removeValue(forKey: id) else { return (true, []) }
    if upload.goesOn, !upload.isManifest {
      unfinished.keep(upload, id)
      letGo(id, upload)
      return (!upload.isIgnored, [])
    }
    guard isWhole else { return (true, []) }
    do {
      if upload.isManifest {
        manifests.take(String(buffer: upload.manifest), at: upload.path)
        guard upload.endsTitle else { return (false, []) }
        for index in tracks.indices where tracks[index].path.isBelow(upload.path) {
          tracks[index].isEnding = true
        }
        return (true, try endIfQuiet(now: now))
      }
      if upload.isIgnored { return (false, []) }
      if let bytes = upload.transport {
        return (true, try take(transport: bytes, of: id, at: upload.path, now: now))
      }
      try upload.stream.finish()
      letGo(id, upload)
      return (true, upload.isLast ? try end { $0.path == upload.header } : [])
    } catch {
      throw IngestError(error, name: upload.path.text)
    }
  }

  /// Whoever goes on with what came in an upload has its header, and may do so in the middle of a group of pictures.
  private mutating func letGo(_ id: Int, _ upload: IngestUpload) {
    if let header = upload.header { headers[header] = upload.stream.currentHeader }
    for index in tracks.indices where tracks[index].upload == id { tracks[index].upload = nil }
  }

  /// Time has passed.
  package mutating func advance(to now: Int64) -> [Step] {
    switch phase {
    case .gathering:
      return ((try? settle(now: now)) ?? []) + ((try? endIfQuiet(now: now)) ?? [])
    case .changing: return []
    case .running(var segmenter):
      phase = .changing
      let outputs = segmenter.advance(to: now)
      phase = .running(segmenter)
      return steps(outputs) + ((try? endIfQuiet(now: now)) ?? [])
    }
  }

  /// Ends tracks whose manifest has said that they end, once nothing is on its way to them.
  private mutating func endIfQuiet(now: Int64) throws -> [Step] {
    guard tracks.contains(where: \.isEnding), !uploads.values.contains(where: { !$0.isManifest }),
      now - (lastArrival ?? now) >= IngestLimits.endingTime
    else { return [] }
    return try end(\.isEnding)
  }

  /// By how many nanoseconds the upload's track is ahead of the clock.
  package func lead(of id: Int, now: Int64) -> Int64 {
    guard case .running = phase else { return 0 }
    let ends = tracks.filter { $0.upload == id }.compactMap { track in
      track.end.map { rescale($0, from: track.timescale, to: LiveTime.nanoseconds) }
    }
    return ends.max().map { $0 - now } ?? 0
  }

  // MARK: What an upload brings

  private mutating func take(
    _ event: FragmentedStream.Event, of id: Int, now: Int64
  ) throws -> [Step] {
    switch event {
    case .header(let found):
      try take(header: found, of: id, now: now)
      return []
    case .segment(let brands):
      uploads[id]?.isFiller = brands.contains("slat")
      if brands.contains("lmsg") { uploads[id]?.isLast = true }
      return []
    case .fragment(let fragment):
      guard let upload = uploads[id], !upload.isFiller, let path = upload.header,
        let index = tracks.firstIndex(where: { $0.path == path && $0.index == fragment.track })
      else { return [] }
      return try take(fragment, track: index, of: id, now: now)
    case .end:
      let path = uploads[id]?.header
      return try end { $0.path == path }
    }
  }

  private mutating func take(header found: [SourceTrack], of id: Int, now: Int64) throws {
    guard let upload = uploads[id] else { return }
    forgetIfQuiet(upload.path, now: now)
    guard try take(tracks: found, at: upload.path) else {
      uploads[id]?.isIgnored = true
      return
    }
    guard headers[upload.path] != nil || headers.count < IngestLimits.streamCount else {
      throw IngestError(
        .tooLarge, "\(name) has \(headers.count) streams already, and takes no more")
    }
    uploads[id]?.header = upload.path
    headers[upload.path] = upload.stream.currentHeader
  }

  /// - Returns: whether there is media among them.
  private mutating func take(tracks found: [SourceTrack], at path: StreamPath) throws -> Bool {
    let media = found.filter { track in
      if case .text = track.coding { return true }
      return track.kind == .video || track.kind == .audio
    }
    guard !media.isEmpty else { return false }
    var count = 0
    for track in media {
      if case .unsupported(let coding) = track.coding {
        guard media.count > 1 else {
          throw IngestError(.unsupported, "\(path.text): \(coding) is not packaged")
        }
        continue
      }
      guard track.timescale.ticksPerSecond <= IngestLimits.finestTimescale else {
        throw IngestError(
          .noHeader, "\(path.text): a timescale of \(track.timescale) is finer than any clock's")
      }
      count += 1
      try take(track, path: path)
    }
    guard count > 0 else {
      throw IngestError(.unsupported, "\(path.text): no track of it is packaged")
    }
    return true
  }

  /// Takes an object of a transport stream, whose tables are in it.
  private mutating func take(
    transport bytes: ByteBuffer, of id: Int, at path: StreamPath, now: Int64
  ) throws -> [Step] {
    guard let readTransport else { return [] }
    let object = TransportObject(try readTransport(bytes, path.text))
    let stream = transports.first { $0.withoutNumber == path.withoutNumber } ?? path
    forgetIfQuiet(stream, now: now)
    guard !object.tracks.isEmpty, try take(tracks: object.tracks, at: stream) else {
      throw IngestError(.malformed, "\(path.text): no picture and no sound can be read of it")
    }
    if !transports.contains(stream) {
      guard transports.count < IngestLimits.streamCount else {
        throw IngestError(
          .tooLarge, "\(name) has \(transports.count) streams already, and takes no more")
      }
      transports.append(stream)
    }
    var steps: [Step] = []
    for track in object.tracks {
      guard
        let index = tracks.firstIndex(where: { $0.path == stream && $0.index == track.number }),
        let fragment = object.fragment(track, near: tracks[index].end.map { $0 - offset(index) })
      else { continue }
      steps += try take(fragment, track: index, of: id, now: now)
      tracks[index].upload = nil
    }
    return steps
  }

  /// Takes one track of a header up: as one that is known, or as another one.
  private mutating func take(_ track: SourceTrack, path: StreamPath) throws {
    if let index = tracks.firstIndex(where: { $0.path == path && $0.index == track.number }) {
      (tracks[index].hasEnded, tracks[index].isEnding) = (false, false)
      if let changed = tracks[index].replace(track) { _ = try feed(.track(changed)) }
      return
    }
    if case .running = phase {
      throw IngestError(
        .malformed,
        "\(name) has begun without the track \(path.text); tracks come with the first or not at all"
      )
    }
    guard tracks.count < IngestLimits.streamCount else {
      throw IngestError(.tooLarge, "\(name) has \(tracks.count) tracks already, and takes no more")
    }
    var source = track
    source.number = tracks.count
    tracks.append(IngestedTrack(source, path: path, index: track.number))
    _ = try feed(.track(source))
  }

  /// Where nothing has come for a while, other streams than before are of another title.
  private mutating func forgetIfQuiet(_ path: StreamPath, now: Int64) {
    guard case .running = phase, !tracks.contains(where: { $0.path == path }),
      let lastArrival, now - lastArrival > IngestLimits.forgetting
    else { return }
    startOver()
  }

  private mutating func startOver() {
    phase = .gathering(Gathering(analysis: LiveAnalysis(options, name: name)))
    gatheringSince = nil
    clock = SourceClock()
    tracks = []
    for id in uploads.keys { uploads[id]?.header = nil }
    unfinished.forgetHeaders()
    headers = [:]
    transports = []
  }

  // MARK: Fragments

  private mutating func take(
    _ fragment: StreamFragment, track index: Int, of id: Int, now: Int64
  ) throws -> [Step] {
    try fragment.check(uploads[id]?.path.text ?? name, tracks[index].timescale)
    let isKnown = tracks[index].knows(fragment)
    let fragment = scaled(fragment, index)
    if isKnown, isSentAgain(fragment, track: index) {
      // Whoever sends the latest again goes on from there.
      if tracks[index].end == fragment.end + offset(index) { tracks[index].upload = id }
      return []
    }
    let isText = tracks[index].source.kind == .text
    lastArrival = isText ? lastArrival : now
    // Subtitles come now and then, and far ahead: their times tell nothing of the others'.
    let begin = isText ? [] : try begin(fragment, track: index, now: now)
    let timescale = tracks[index].timescale
    let offset = offset(index)
    guard let samples = fresh(fragment, offset: offset, track: index, of: id) else { return begin }
    tracks[index].came(fragment.end - fragment.start, now: now)
    tracks[index].end = fragment.end + offset
    tracks[index].upload = id
    tracks[index].hasEnded = false
    if !isRunning, !isText {
      clock.learn(fragment, timescale, now: now)
      gatheringSince = gatheringSince ?? now
    }
    var steps = begin
    for var sample in samples {
      sample.track = tracks[index].number
      sample.decodeTime += offset
      sample.presentationTime += offset
      sample.arrival = now
      steps += try feed(.sample(sample))
    }
    if case .gathering = phase { steps += try settle(now: now) }
    return steps
  }

  /// What is added to times of a track, in its ticks; of a title that is yet to begin nothing is.
  private func offset(_ index: Int) -> Int64 {
    isRunning ? clock.offset(tracks[index].timescale) : 0
  }

  /// Whether bytes that came before come from one who does not know whether they did, and not from one who plays
  /// the same anew.
  private func isSentAgain(_ fragment: StreamFragment, track index: Int) -> Bool {
    guard !clock.isSinceEpoch, let end = tracks[index].end else { return true }
    let oldest = end - IngestLimits.retry.rescaled(to: tracks[index].timescale).value
    return fragment.start + offset(index) >= oldest
  }

  private var isRunning: Bool { if case .running = phase { true } else { false } }

  /// A publisher that takes over may count in other ticks.
  private func scaled(_ fragment: StreamFragment, _ index: Int) -> StreamFragment {
    let track = tracks[index]
    guard
      let from = headers[track.path]?.tracks.first(where: { $0.number == track.index })?.timescale,
      from != track.timescale
    else { return fragment }
    return fragment.rescaled(from: from, to: track.timescale)
  }

  /// Looks whether a fragment begins another run of its source, whose times have nothing to do with those before.
  private mutating func begin(
    _ fragment: StreamFragment, track index: Int, now: Int64
  ) throws -> [Step] {
    let timescale = tracks[index].timescale
    guard isRunning else {
      if let end = tracks[index].end, isBefore(fragment.start, end, timescale) { startGathering() }
      return []
    }
    let time = fragment.start + clock.offset(timescale)
    let fits = clock.fits(MediaTime(time, timescale), now: now)
    let isOther =
      !clock.isSinceEpoch && (tracks[index].end.map { isBefore(time, $0, timescale) } ?? false)
    guard !fits || isOther else { return [] }
    clock = SourceClock()
    clock.learn(fragment, timescale, now: now)
    for other in tracks.indices { tracks[other].forgetFragments() }
    return try feed(.restart(isSeamless: false))
  }

  private func isBefore(_ time: Int64, _ end: Int64, _ timescale: Timescale) -> Bool {
    time < end - IngestLimits.overlap.rescaled(to: timescale).value
  }

  /// What was gathered is of another run of the source.
  private mutating func startGathering() {
    var gathering = Gathering(analysis: LiveAnalysis(options, name: name))
    for index in tracks.indices {
      tracks[index].end = nil
      gathering.events.append(.track(tracks[index].source))
      _ = try? gathering.analysis.take(.track(tracks[index].source))
    }
    phase = .gathering(gathering)
    gatheringSince = nil
    clock = SourceClock()
  }

  /// The samples of a fragment that have not come before; `nil` if there are none, or nothing can be made of them.
  private func fresh(
    _ fragment: StreamFragment, offset: Int64, track index: Int, of id: Int
  ) -> ArraySlice<LiveSample>? {
    let track = tracks[index]
    let samples = fragment.samples[...]
    guard let end = track.end else { return samples }
    let frame = (fragment.end - fragment.start) / Int64(samples.count)
    let rest = samples.drop { $0.decodeTime + offset < end - frame / 2 }
    guard let first = rest.first else { return nil }
    // Pictures of two encoders refer to each other only where decoding can start.
    let isContinued = rest.count == samples.count && (track.upload ?? id) == id
    guard isContinued || track.source.kind != .video || first.randomAccess != .none else {
      return nil
    }
    return rest
  }

  // MARK: The title

  private mutating func feed(_ event: LiveEvent) throws -> [Step] {
    switch phase {
    case .gathering(var gathering):
      phase = .changing
      defer { phase = .gathering(gathering) }
      gathering.events.append(event)
      gathering.isEnough = try gathering.analysis.take(event)
      return []
    case .running(var segmenter):
      phase = .changing
      segmenter.patience = patience
      let outputs = Result { try segmenter.take(event) }
      phase = .running(segmenter)
      return steps(try outputs.get())
    case .changing: return []
    }
  }

  /// A track is not lost as long as the publisher may only be gathering its next segment.
  private var patience: MediaTime {
    let longest = tracks.filter { $0.source.kind != .text }.map(\.longestBurst).max() ?? 0
    return MediaTime(
      LiveLimits.patience.rescaled(to: LiveTime.nanoseconds).value + longest, LiveTime.nanoseconds)
  }

  /// Begins the title if enough has come.
  private mutating func settle(now: Int64, isForced: Bool = false) throws -> [Step] {
    guard case .gathering(let gathering) = phase, let since = gatheringSince,
      isForced
        || (gathering.isEnough || isSoundAlone(now - since))
          && now - since >= IngestLimits.settlingTime
    else { return [] }
    for index in tracks.indices {
      if let said = manifests.track(at: tracks[index].path) { tracks[index].describe(said) }
    }
    var options = options
    options.isTimedSinceEpoch = true
    options.joins = clock.isSinceEpoch
    options.patience = patience
    var analysis = LiveAnalysis(options, name: name)
    do {
      for event in gathering.events { _ = try analysis.take(placed(event)) }
      var segmenter = try analysis.segmenter()
      for index in tracks.indices {
        let offset = clock.offset(tracks[index].timescale)
        tracks[index].end = tracks[index].end.map { $0 + offset }
      }
      let outputs = try segmenter.begin()
      phase = .running(segmenter)
      return [.begin(segmenter.tracks, segmenter.cells)] + steps(outputs)
    } catch {
      startOver()
      throw error
    }
  }

  /// A manifest, or a program's map, says that no pictures come.
  /// - Parameter passed: nanoseconds since the first media came.
  private func isSoundAlone(_ passed: Int64) -> Bool {
    let span = LiveLimits.soundAnalysisSpan.rescaled(to: LiveTime.nanoseconds).value
    return passed >= span && !tracks.contains { $0.source.kind == .video }
      && tracks.contains { $0.source.kind == .audio && $0.end != nil }
      && (manifests.hasPictures ?? transports.isEmpty) == false
  }

  private func placed(_ event: LiveEvent) -> LiveEvent {
    if case .track(var track) = event {
      let said = tracks[track.number].source
      (track.language, track.roles, track.label) = (said.language, said.roles, said.label)
      return .track(track)
    }
    guard case .sample(var sample) = event else { return event }
    let offset = clock.offset(tracks[sample.track].timescale)
    sample.decodeTime += offset
    sample.presentationTime += offset
    return .sample(sample)
  }

  private func steps(_ outputs: [LiveSegmenter.Output]) -> [Step] {
    guard case .running(let segmenter) = phase else { return [] }
    return outputs.map { .chunk($0.chunk, track: segmenter.tracks[$0.track].name) }
  }

  /// Tracks have come to their end; with the last of them the title has.
  private mutating func end(_ isMeant: (IngestedTrack) -> Bool) throws -> [Step] {
    for index in tracks.indices where isMeant(tracks[index]) { tracks[index].hasEnded = true }
    guard !tracks.isEmpty, tracks.allSatisfy({ $0.hasEnded || $0.end == nil }),
      tracks.contains(where: { $0.end != nil })
    else { return [] }
    var all = try settle(now: lastArrival ?? 0, isForced: true)
    if case .running(var segmenter) = phase {
      let outputs = segmenter.finish()
      phase = .running(segmenter)
      all += steps(outputs) + [.end]
    }
    startOver()
    return all
  }
}

extension IngestError {
  fileprivate init(_ error: any Error, name: String) {
    switch error {
    case let error as IngestError: self = error
    case let error as MP4Error:
      switch error.code {
      case .notDirect: self.init(.unsupported, error.message)
      case .noHeader: self.init(.noHeader, error.message)
      case .limit: self.init(.tooLarge, error.message)
      case .damaged: self.init(.malformed, error.message)
      }
    default: self.init(.malformed, "\(name): \(error)")
    }
  }
}
