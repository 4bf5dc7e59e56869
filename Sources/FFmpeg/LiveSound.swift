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
  private let timeBase: AVRational
  private var stage: EncodingStage?
  /// Frames that have come out, and when they begin.
  private var encoded: [(time: Int64, payload: ByteBuffer)] = []
  private var isDescribed = false
  /// Ticks of the encoder's rate at which what it was given began, and how much that is.
  private var start: Int64 = 0
  private var taken: Int64 = 0
  /// Samples of the source since then, at its own rate, and silence.
  private var sourceCount: Int64 = 0
  private var silent: Int64 = 0
  /// When the next frame that comes out begins.
  private var next: Int64 = 0
  /// What the encoder has been given before that and has given back, silence at its begin included.
  private var given: Int64 = 0
  private var gotten: Int64 = 0

  /// A pause that is filled, seconds: behind a longer one the live title has its own way.
  private static let longestPause: Int64 = 2

  /// - Returns: `nil` if FFmpeg has no decoder of it.
  init?(
    _ pointer: UnsafeMutablePointer<AVStream>, _ stream: StreamDescription, path: String
  ) throws {
    guard AudioDecoder.exists(stream.codecID) else { return nil }
    place = "\(path), audio track \(stream.number)"
    self.stream = stream
    decoder = try unsafe AudioDecoder.open(pointer, name: place)
    timeBase = unsafe pointer.pointee.time_base
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
    let rate = unsafe Int64(max(1, frame.pointee.sample_rate))
    sourceCount += unsafe Int64(frame.pointee.nb_samples)
    taken = silent + av_rescale(sourceCount, Int64(stage.sampleRate), rate)
  }

  private func open(for frame: UnsafeMutablePointer<AVFrame>) throws -> EncodingStage {
    let made = try unsafe EncodingStage(.aac, for: frame) { [unowned self] in append($0) }
    stage = made
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
    let rate = Int64(stage.sampleRate)
    guard time != dougong_av_nopts else { return taken > 0 }
    let position = av_rescale_q(time, timeBase, AVRational(num: 1, den: CInt(rate)))
    let late = position - start - taken
    guard taken > 0, late > -rate / 2, late < Self.longestPause * rate else {
      // What the encoder still holds is heard before.
      given += taken
      next = position - (given - gotten + Int64(stage.priming))
      (start, taken, sourceCount, silent) = (position, 0, 0, 0)
      return true
    }
    let tick = rate * Int64(timeBase.num) / Int64(max(1, timeBase.den))
    let tolerance = max(2 * tick + 2, rate / 50)
    if late < -tolerance { return false }
    guard late > tolerance else { return true }
    try stage.writeSilence(late)
    silent += late
    taken += late
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
