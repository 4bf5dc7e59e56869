import CFFmpeg
import NIOCore

/// An encoder of sound: owns libavcodec's context, the frame that is filled, and a packet.
@safe struct AudioEncoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let frame: UnsafeMutablePointer<AVFrame>
  private let packet: UnsafeMutablePointer<AVPacket>
  let sampleRate: Int
  let channelCount: Int
  private var sent: Int64 = 0

  /// Opens the encoder (`avcodec_open2`); the same input gives the same bytes.
  /// - Parameter bitsPerSecond: `nil` leaves it to the codec.
  static func open(
    _ choice: AudioCodecChoice, sampleRate: Int, channelCount: Int, bitsPerSecond: Int64? = nil
  ) throws(FFmpegError) -> AudioEncoder {
    guard let codec = unsafe avcodec_find_encoder_by_name(choice.encoderName) else {
      throw FFmpegError(
        .unsupported,
        "this FFmpeg has no encoder of \(choice.name) (\(choice.encoderName)); choose another with "
          + "--audio-codec")
    }
    guard let context = unsafe avcodec_alloc_context3(codec), let frame = unsafe av_frame_alloc(),
      let packet = unsafe av_packet_alloc()
    else { throw FFmpegError(.system, "no memory to encode sound") }
    let encoder = unsafe AudioEncoder(
      context: context, frame: frame, packet: packet, sampleRate: sampleRate,
      channelCount: channelCount)
    unsafe context.pointee.sample_rate = CInt(sampleRate)
    unsafe av_channel_layout_default(&context.pointee.ch_layout, CInt(channelCount))
    unsafe context.pointee.sample_fmt = codec.pointee.sample_fmts?.pointee ?? AV_SAMPLE_FMT_FLTP
    if choice == .opus { unsafe context.pointee.sample_fmt = AV_SAMPLE_FMT_FLT }
    unsafe context.pointee.bit_rate =
      bitsPerSecond ?? choice.bitRate(channelCount: channelCount, sampleRate: sampleRate)
    unsafe context.pointee.time_base = AVRational(num: 1, den: CInt(sampleRate))
    unsafe context.pointee.thread_count = 1
    unsafe context.pointee.flags |= AV_CODEC_FLAG_BITEXACT | AV_CODEC_FLAG_GLOBAL_HEADER
    try check(
      unsafe avcodec_open2(context, codec, nil),
      "cannot encode \(channelCount) channels at \(sampleRate) Hz as \(choice.name)")
    unsafe frame.pointee.nb_samples = context.pointee.frame_size
    unsafe frame.pointee.format = context.pointee.sample_fmt.rawValue
    unsafe frame.pointee.sample_rate = context.pointee.sample_rate
    try check(
      unsafe av_channel_layout_copy(&frame.pointee.ch_layout, &context.pointee.ch_layout),
      "cannot encode sound")
    try check(unsafe av_frame_get_buffer(frame, 0), "no memory to encode sound")
    return encoder
  }

  private init(
    context: UnsafeMutablePointer<AVCodecContext>, frame: UnsafeMutablePointer<AVFrame>,
    packet: UnsafeMutablePointer<AVPacket>, sampleRate: Int, channelCount: Int
  ) {
    unsafe self.context = context
    unsafe self.frame = frame
    unsafe self.packet = packet
    self.sampleRate = sampleRate
    self.channelCount = channelCount
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    unsafe avcodec_free_context(&context)
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
    var packet: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&packet)
  }

  /// Samples of a frame.
  var frameSize: Int { unsafe Int(context.pointee.frame_size) }
  /// Samples before the first that is presented.
  var priming: Int64 { unsafe Int64(context.pointee.initial_padding) }

  /// The decoder's record: an AudioSpecificConfig, an OpusHead.
  var extradata: ByteBuffer {
    var bytes = ByteBuffer()
    if let data = unsafe context.pointee.extradata {
      unsafe _ = bytes.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(max(0, context.pointee.extradata_size))))
    }
    return bytes
  }

  /// What the encoder takes: what a resampler must give.
  var sampleFormat: AVSampleFormat { unsafe context.pointee.sample_fmt }
  var channelLayout: AVChannelLayout { unsafe context.pointee.ch_layout }

  /// Fills a frame from a resampler, zeros behind what it has, and encodes it.
  mutating func encode(
    from resampler: borrowing AudioResampler, _ take: (ByteBuffer) throws -> Void
  ) throws {
    try check(unsafe av_frame_make_writable(frame), "no memory to encode sound")
    let count = try unsafe resampler.read(into: frame, frameSize)
    if count < frameSize {
      unsafe av_samples_set_silence(
        frame.pointee.extended_data, CInt(count), CInt(frameSize - count), CInt(channelCount),
        context.pointee.sample_fmt)
    }
    unsafe frame.pointee.pts = sent
    sent += Int64(frameSize)
    // What a broken decoder gives is no number, and no encoder takes it.
    try check(
      unsafe avcodec_send_frame(context, frame),
      "cannot encode sound, which is what a damaged stream decodes to")
    try drain(take)
  }

  /// Encodes what is left.
  mutating func finish(_ take: (ByteBuffer) throws -> Void) throws {
    try check(unsafe avcodec_send_frame(context, nil), "cannot encode sound")
    try drain(take)
  }

  private borrowing func drain(_ take: (ByteBuffer) throws -> Void) throws {
    while true {
      let code = unsafe avcodec_receive_packet(context, packet)
      if code == dougong_averror_eagain || code == dougong_averror_eof { return }
      try check(code, "cannot encode sound")
      var bytes = ByteBuffer()
      if let data = unsafe packet.pointee.data {
        unsafe _ = bytes.writeBytes(
          UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)))
      }
      unsafe av_packet_unref(packet)
      try take(bytes)
    }
  }
}
