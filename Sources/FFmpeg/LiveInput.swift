import CFFmpeg
import Codecs
package import MediaCore
import NIOCore

/// What libavformat reads of a file, a pipe or a network, sample by sample as it comes.
///
///     let input = LiveInput(LiveAddress("srt://0.0.0.0:9000?mode=listener"), clock: { now }, isCancelled: { false })
///     while let event = try input.next() { … }
package final class LiveInput: LiveSource {
  package var name: String { address.name }
  private let address: LiveAddress
  private let loops: Bool
  /// Nanoseconds since 1970.
  private let clock: @Sendable () -> Int64
  private let isCancelled: @Sendable () -> Bool
  /// Takes decoded pictures; `nil`: they come as they are coded.
  private let pictures: ((LivePicture) throws -> Void)?
  private var run: Run?
  /// When there was last nothing to read: who has not waited for long is behind the source.
  package var lastWait: ContinuousClock.Instant { run?.lastWait ?? .now }
  /// Which pictures are not decoded, from the next on.
  package var haste = PictureDecoder.Haste.none { didSet { run?.hurry(haste) } }
  private var damage = 0
  /// Events that are there before more is read.
  private var ready: [LiveEvent] = []
  private var readyIndex = 0

  /// Packets one behind the other that could not be read as samples, at most, before the source is given up.
  private static let maximumDamage = 10_000

  /// - Parameters:
  ///   - loops: begins anew at the end.
  ///   - clock: nanoseconds since 1970.
  ///   - isCancelled: asked while there is nothing to read.
  ///   - pictures: takes the first video track decoded, within `next`, which then gives out sound alone.
  package init(
    _ address: LiveAddress, loops: Bool = false, clock: @escaping @Sendable () -> Int64,
    isCancelled: @escaping @Sendable () -> Bool,
    pictures: ((LivePicture) throws -> Void)? = nil
  ) {
    self.address = address
    self.loops = loops
    self.clock = clock
    self.isCancelled = isCancelled
    self.pictures = pictures
  }

  package var expectsPictures: Bool { run?.expectsPictures ?? true }

  /// - Throws: `FFmpegError`, `.cancelled` when it is asked to stop.
  package func next() throws -> LiveEvent? {
    while true {
      if readyIndex < ready.count {
        defer { readyIndex += 1 }
        return ready[readyIndex]
      }
      ready.removeAll(keepingCapacity: true)
      readyIndex = 0
      if run == nil { try open() }
      guard let more = try read() else { return nil }
      if !more {
        try run?.finish()
        run = nil
        guard loops else { return nil }
        ready.append(.restart(isSeamless: true))
      }
    }
  }

  /// Opens the source anew, as when it has ended and is to be waited for again.
  package func reopen() {
    run = nil
    ready = [.restart(isSeamless: false)]
    readyIndex = 0
  }

  private func open() throws {
    let demuxer =
      address.kind == .file
      ? try Demuxer.open(path: String(address.url.dropFirst("file:".count)))
      : try Demuxer.open(live: address, isCancelled: isCancelled)
    run = Run(demuxer, pictures: pictures)
    if pictures != nil, address.kind == .stream { run?.catchUp(clock) }
  }

  /// Reads until there is an event.
  /// - Returns: whether there is more; `nil` if it was asked to stop.
  private func read() throws -> Bool? {
    guard let run else { return false }
    while ready.isEmpty {
      if isCancelled() { return nil }
      do {
        guard try run.read(into: &ready, arrival: arrival) else { return false }
        damage = 0
      } catch  where Self.isDamage(error) {
        damage += 1
        guard damage < Self.maximumDamage else { throw error }
      }
    }
    return true
  }

  private static func isDamage(_ error: any Error) -> Bool {
    error is CodecsError || (error as? FFmpegError)?.code == .damaged
  }

  private func arrival() -> Int64? { address.kind == .file ? nil : clock() }
}

/// One opening of a live source.
private final class Run {
  private var demuxer: Demuxer
  private var streams: [Int: LiveStream] = [:]
  /// Sound that is encoded anew.
  private var sounds: [Int: LiveSound] = [:]
  private var texts: [Int: LiveText] = [:]
  private var splices = SpliceScan()
  private var haveTextsBegun = false
  private var unsupported: Set<Int> = []
  private var payload = ByteBuffer()
  private let pictures: ((LivePicture) throws -> Void)?
  /// The stream whose pictures are decoded.
  private var decoding: (number: Int, pictures: LivePictures)?
  private var backlog = PacketBacklog()
  private(set) var lastWait = ContinuousClock.now

  /// What reading takes where something is there is less.
  private static let wait = Duration.milliseconds(2)

  init(_ demuxer: consuming Demuxer, pictures: ((LivePicture) throws -> Void)?) {
    self.demuxer = demuxer
    self.pictures = pictures
  }

  /// Reads what came in while the source was opened, and finds out when that was.
  func catchUp(_ clock: () -> Int64) {
    while let reading = backlog.reading(since: clock()), let packet = try? demuxer.next() {
      let timeBase = demuxer.stream(packet.stream).timeBase
      unsafe backlog.add(demuxer.currentPacket, packet, timeBase)
      backlog.end(reading, at: clock())
    }
  }

  func hurry(_ haste: PictureDecoder.Haste) { decoding?.pictures.hurry(haste) }

  /// Decodes what is left at the end.
  func finish() throws {
    guard let pictures else { return }
    try decoding?.pictures.finish(pictures)
  }

  /// Whether there is a stream of pictures that may be packaged, or may be one that has not shown itself yet.
  var expectsPictures: Bool {
    demuxer.mayHaveMoreStreams
      || (0..<demuxer.streamCount).contains { number in
        let stream = demuxer.stream(number)
        return stream.kind == .video && !stream.isAttachedPicture && !unsupported.contains(number)
      }
  }

  /// - Returns: whether there was a packet. A connection that broke has none any more.
  func read(into events: inout [LiveEvent], arrival: () -> Int64?) throws -> Bool {
    beginTexts(&events)
    if let (packet, time) = backlog.next() {
      try unsafe take(packet.pointer, time, &events)
      return true
    }
    let begin = ContinuousClock.now
    guard (try? demuxer.next()) != nil else { return false }
    let end = ContinuousClock.now
    if end - begin > Self.wait { lastWait = end }
    try unsafe take(demuxer.currentPacket, arrival(), &events)
    return true
  }

  private func take(
    _ pointer: UnsafePointer<AVPacket>, _ arrival: Int64?, _ events: inout [LiveEvent]
  ) throws {
    let packet = unsafe Packet(pointer.pointee)
    guard !unsupported.contains(packet.stream) else { return }
    if splices.isOf(packet.stream) {
      payload.clear()
      unsafe Demuxer.copyPayload(of: pointer, into: &payload)
      if !packet.isCorrupt, let splice = splices.splice(packet, payload: payload) {
        events.append(.splice(splice))
      }
      return
    }
    if let text = texts[packet.stream] {
      payload.clear()
      unsafe Demuxer.copyPayload(of: pointer, into: &payload)
      if let sample = text.sample(packet, payload, arrival: arrival) {
        events.append(.sample(sample))
      }
      return
    }
    if let sound = sounds[packet.stream] {
      return try unsafe sound.take(pointer, arrival: arrival, into: &events)
    }
    if let pictures, let decoding, decoding.number == packet.stream {
      return try unsafe decoding.pictures.take(pointer, packet, arrival: arrival, pictures)
    }
    if streams[packet.stream] == nil {
      let stream = demuxer.stream(packet.stream)
      if splices.takes(stream) { return try unsafe take(pointer, arrival, &events) }
      if pictures != nil, stream.kind == .video {
        guard try begin(decoding: stream) else { return }
        return try unsafe take(pointer, arrival, &events)
      }
      // MP3 in MP4 is played by few.
      if stream.kind == .audio, stream.codecID != AV_CODEC_ID_MP3, !isForFew(stream) {
        streams[packet.stream] = try LiveStream(stream, path: demuxer.path)
      } else if stream.kind == .video, !stream.isAttachedPicture {
        streams[packet.stream] = try LiveStream(stream, path: demuxer.path)
      }
      guard streams[packet.stream] != nil else {
        return try unsafe begin(stream, pointer, arrival, &events)
      }
    }
    payload.clear()
    unsafe Demuxer.copyPayload(of: pointer, into: &payload)
    try streams[packet.stream]?.take(packet, payload, arrival: arrival, into: &events)
  }

  /// Sound that few players decode, where no AAC of its language and role stands beside it but other sound does: groups of
  /// a playlist have the same members (draft-pantos-hls-rfc8216bis §4.4.6.1.1), and AAC's would lack it.
  private func isForFew(_ stream: StreamDescription) -> Bool {
    let sounds = (0..<demuxer.streamCount).map { demuxer.stream($0) }.filter { $0.kind == .audio }
    guard stream.codecID != AV_CODEC_ID_AAC, Set(sounds.map(\.codecID.rawValue)).count > 1 else {
      return false
    }
    let roles =
      AV_DISPOSITION_COMMENT | AV_DISPOSITION_VISUAL_IMPAIRED | AV_DISPOSITION_HEARING_IMPAIRED
      | AV_DISPOSITION_DUB
    return !sounds.contains {
      $0.codecID == AV_CODEC_ID_AAC && $0.language == stream.language
        && $0.disposition & roles == stream.disposition & roles
    }
  }

  /// Decides whether the pictures of a stream are those that are decoded: the first ones are.
  private func begin(decoding stream: StreamDescription) throws -> Bool {
    guard decoding == nil, !stream.isAttachedPicture else {
      unsupported.insert(stream.number)
      demuxer.discard(stream.number)
      return false
    }
    decoding = (
      stream.number,
      try unsafe LivePictures(demuxer.pointer(to: stream.number), stream, path: demuxer.path)
    )
    return true
  }

  /// Tells of subtitles at the begin: the first may come much later.
  private func beginTexts(_ events: inout [LiveEvent]) {
    guard !haveTextsBegun else { return }
    haveTextsBegun = true
    for number in 0..<demuxer.streamCount {
      guard let text = LiveText(demuxer.stream(number), path: demuxer.path) else { continue }
      texts[number] = text
      events.append(.track(text.track))
    }
  }

  /// Takes the first packet of a stream that is not packaged as it is: sound is encoded anew.
  private func begin(
    _ stream: StreamDescription, _ packet: UnsafePointer<AVPacket>, _ arrival: Int64?,
    _ events: inout [LiveEvent]
  ) throws {
    guard stream.kind == .audio,
      let sound = try unsafe LiveSound(
        demuxer.pointer(to: stream.number), stream, path: demuxer.path)
    else {
      unsupported.insert(stream.number)
      demuxer.discard(stream.number)
      return
    }
    sounds[stream.number] = sound
    try unsafe sound.take(packet, arrival: arrival, into: &events)
  }
}

/// One stream of a live source: what its packets are coded in, and their times.
private struct LiveStream {
  private var stream: StreamDescription
  private let path: String
  private var scan: StreamScan
  private var isDescribed = false
  /// Decode time and duration of the packet before.
  private var last: (time: Int64, duration: Int64)?
  /// The first samples of a stream whose decode times only those behind them tell, as Matroska's.
  private var undated: [LiveSample] = []
  /// Samples without a decode time, at most: no stream reorders more.
  private static let maximumUndated = 16
  /// Of the frame whose pieces are being gathered.
  private var gathered: (decode: Int64, presentation: Int64, arrival: Int64?)?

  init?(_ stream: StreamDescription, path: String) throws {
    guard let scan = try StreamScan(stream, path: path) else { return nil }
    self.stream = stream
    self.path = path
    self.scan = scan
  }

  mutating func take(
    _ packet: Packet, _ payload: ByteBuffer, arrival: Int64?, into events: inout [LiveEvent]
  ) throws {
    // Frames of sound outside the edit list are not presented; damaged ones would be heard.
    guard !packet.isCorrupt, !(packet.isDiscarded && stream.kind == .audio) else { return }
    var packet = packet
    let known = packet.decodeTime ?? last.map { $0.time + $0.duration }
    packet.presentationTime = packet.presentationTime ?? known
    guard let presentation = packet.presentationTime else { return }
    let decode = known ?? presentation
    if known != nil || undated.count == Self.maximumUndated {
      last = (decode, packet.duration)
      date(until: decode, packet.duration, into: &events)
    }
    if let record = packet.newExtradata, record != stream.extradata { try restart(record) }
    let sample: (bytes: ByteBuffer, randomAccess: RandomAccess)?
    do {
      sample = try scan.sample(packet, payload: payload)
    } catch let error as FFmpegError where error.code == .changed && hasStartCodes {
      try restart(ByteBuffer())
      sample = try scan.sample(packet, payload: payload)
    }
    if gathered == nil { gathered = (decode, presentation, arrival) }
    guard let sample, let times = gathered else { return }
    gathered = nil
    if !isDescribed {
      // Nothing can start before a key frame; until then the stream may not even tell what it is.
      guard stream.kind == .audio || sample.randomAccess != .none else { return }
      events.append(.track(try scan.track()))
      isDescribed = true
    }
    let factor = stream.timeBase.0
    let found = LiveSample(
      track: stream.number, decodeTime: times.decode * factor,
      presentationTime: times.presentation * factor, duration: packet.duration * factor,
      randomAccess: sample.randomAccess, arrival: times.arrival,
      payload: ByteBuffer(buffer: sample.bytes))
    if last == nil { undated.append(found) } else { events.append(.sample(found)) }
  }

  /// Gives out the first samples: each is decoded a picture before the next.
  private mutating func date(until time: Int64, _ step: Int64, into events: inout [LiveEvent]) {
    for (index, sample) in undated.enumerated() {
      var dated = sample
      dated.decodeTime = (time - Int64(undated.count - index) * step) * stream.timeBase.0
      events.append(.sample(dated))
    }
    undated.removeAll()
  }

  /// Parameter sets are in the samples; a decoder configuration record begins with its version, 1.
  private var hasStartCodes: Bool {
    stream.extradata.getInteger(at: stream.extradata.readerIndex, as: UInt8.self) != 1
  }

  /// What was told before does not count any more.
  private mutating func restart(_ extradata: ByteBuffer) throws {
    stream.extradata = extradata
    guard let fresh = try StreamScan(stream, path: path) else { return }
    scan = fresh
    isDescribed = false
  }
}
