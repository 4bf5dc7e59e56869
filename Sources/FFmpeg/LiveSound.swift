import CFFmpeg
import Codecs
import MediaCore
import NIOCore

/// Sound of a live stream whose coding has no place in CMAF, encoded anew as it comes: PCM, MPEG audio, DTS, Vorbis.
///
/// Times are the source's, in ticks of the encoder's rate: short pauses become silence, and behind longer ones, or where
/// times jump, they go on from where the source is.
final class LiveSound {
  private let decoder: AudioDecoder
  private let stream: StreamDescription
  private let place: String
  /// Of the container, in seconds.
  private let tick: Rational
  private var stage: EncodingStage?
  /// Frames that have come out, and when they begin.
  private var encoded: [(time: Int64, payload: ByteBuffer)] = []
  private var isDescribed = false
  private var timeline: SoundTimeline?
  /// When the next frame that comes out begins.
  private var next: Int64 = 0
  /// What the encoder has been given before that and has given back, silence at its begin included.
  private var given: Int64 = 0
  private var gotten: Int64 = 0

  /// Milliseconds from the end of what was taken at which a frame begins: behind longer pauses, and where times go back,
  /// the live title has its own way.
  private static let near: Range<Int64> = -500..<2000

  /// - Returns: `nil` if FFmpeg has no decoder of it.
  init?(
    _ pointer: UnsafeMutablePointer<AVStream>, _ stream: StreamDescription, path: String
  ) throws {
    guard AudioDecoder.exists(stream.codecID) else { return nil }
    place = "\(path), audio track \(stream.number)"
    self.stream = stream
    decoder = try unsafe AudioDecoder.open(pointer, name: place)
    tick = unsafe Rational(pointer.pointee.time_base)
  }

  /// Takes a packet, and gives out what is encoded by then.
  func take(
    _ packet: UnsafePointer<AVPacket>, arrival: Int64?, into events: inout [LiveEvent]
  ) throws {
    guard try unsafe decoder.send(packet) else { return }
    while let frame = try unsafe decoder.receive() { try unsafe take(frame) }
    guard let stage, !encoded.isEmpty else { return }
    if !isDescribed {
      events.append(.track(track(stage)))
      isDescribed = true
    }
    for (time, payload) in encoded {
      events.append(
        .sample(
          LiveSample(
            track: stream.number, decodeTime: time, presentationTime: time,
            duration: Int64(stage.frameSize), randomAccess: .closed, arrival: arrival,
            payload: payload)))
    }
    encoded.removeAll(keepingCapacity: true)
  }

  private func take(_ frame: UnsafeMutablePointer<AVFrame>) throws {
    guard unsafe frame.pointee.nb_samples > 0 else { return }
    let stage = try unsafe stage ?? open(for: frame)
    guard try unsafe align(frame, stage) else { return }
    try unsafe stage.write(frame)
    unsafe timeline?.take(frame)
  }

  private func open(for frame: UnsafeMutablePointer<AVFrame>) throws -> EncodingStage {
    let made = try unsafe EncodingStage(.aac, for: frame) { [unowned self] in append($0) }
    stage = made
    timeline = SoundTimeline(rate: made.sampleRate, tick: tick, near: Self.near)
    return made
  }

  private func append(_ payload: ByteBuffer) {
    guard let stage, payload.readableBytes > 0 else { return }
    encoded.append((next, payload))
    next += Int64(stage.frameSize)
    gotten += Int64(stage.frameSize)
  }

  /// Fills pauses between frames, and passes over frames that repeat what was there.
  /// - Returns: `false` for a frame to pass over.
  private func align(
    _ frame: UnsafeMutablePointer<AVFrame>, _ stage: EncodingStage
  ) throws -> Bool {
    let time = unsafe frame.pointee.best_effort_timestamp
    guard var timeline else { return false }
    guard time != dougong_av_nopts else { return timeline.taken > 0 }
    defer { self.timeline = timeline }
    let position = timeline.position(of: time)
    switch timeline.place(position) {
    case .repeats: return false
    case .follows(let silence):
      guard silence > 0 else { return true }
      try stage.writeSilence(silence)
      timeline.take(silence: silence)
    case .apart:
      // What the encoder still holds is heard before.
      given += timeline.taken
      next = position - (given - gotten + Int64(stage.priming))
      timeline.begin(at: position)
    }
    return true
  }

  private func track(_ stage: EncodingStage) -> SourceTrack {
    var track = SourceTrack(
      number: stream.number, kind: .audio, coding: .aac(stage.extradata),
      timescale: Timescale(literal: UInt32(clamping: max(1, stage.sampleRate))))
    stream.describe(&track)
    return track
  }
}
