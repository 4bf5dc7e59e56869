import CFFmpeg
import NIOCore

/// Converts decoded sound and encodes it: a resampler before an encoder.
final class EncodingStage {
  private var encoder: AudioEncoder
  private var resampler: AudioResampler
  let sampleRate: Int
  /// Samples of a frame.
  let frameSize: Int
  /// Samples before the first that is presented.
  let priming: Int64
  /// The decoder's record.
  let extradata: ByteBuffer
  /// Takes each encoded frame.
  private let take: (ByteBuffer) throws -> Void

  /// - Parameters:
  ///   - form: what is wanted of it; `nil` keeps to the sound's own channels.
  ///   - frame: the first decoded frame.
  init(
    _ choice: AudioCodecChoice, form: SoundForm? = nil, for frame: UnsafeMutablePointer<AVFrame>,
    take: @escaping (ByteBuffer) throws -> Void
  ) throws {
    let rate = unsafe choice.sampleRate(Int(frame.pointee.sample_rate))
    let own = unsafe Int(frame.pointee.ch_layout.nb_channels)
    encoder = try AudioEncoder.open(
      choice, sampleRate: rate, channelCount: form?.channelCount ?? choice.channelCount(own),
      bitsPerSecond: form?.bitsPerSecond)
    resampler = try unsafe AudioResampler.open(from: frame, to: encoder)
    sampleRate = rate
    frameSize = encoder.frameSize
    priming = encoder.priming
    extradata = encoder.extradata
    self.take = take
  }

  /// Takes a decoded frame, of whatever form.
  func write(_ frame: UnsafeMutablePointer<AVFrame>) throws {
    if unsafe !resampler.takes(frame) {
      try resampler.flush()
      try encodeWhole(isLast: true)
      resampler = try unsafe AudioResampler.open(from: frame, to: encoder)
    }
    unsafe try resampler.write(frame)
    try encodeWhole(isLast: false)
  }

  /// Takes silence.
  func writeSilence(_ count: Int64) throws {
    var left = count
    while left > 0 {
      let part = min(left, Int64(AudioResampler.silenceLimit))
      try resampler.writeSilence(Int(part))
      try encodeWhole(isLast: false)
      left -= part
    }
  }

  /// Encodes what is left, filled up with silence to a whole frame.
  func finish() throws {
    try resampler.flush()
    try encodeWhole(isLast: true)
    try encoder.finish(take)
  }

  private func encodeWhole(isLast: Bool) throws {
    while resampler.count >= frameSize || (isLast && resampler.count > 0) {
      try encoder.encode(from: resampler, take)
    }
  }
}
