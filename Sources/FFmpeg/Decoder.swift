import CFFmpeg
package import MediaCore
package import NIOCore

/// How a decoder works.
package struct DecoderOptions: Sendable, Hashable {
  /// Threads of its own; what it gives does not depend on them.
  package var threads = 1
  /// Leave out every picture that is no key frame.
  package var keyFramesOnly = false
  /// Give pictures that refer to others that are missing, as after an open random access point.
  package var showsDamaged = false

  package init() {}
}

/// A decoder of libavcodec: packets in, frames out. Owns the context, and never returns a pointer
/// of it.
///
///     var decoder = try Decoder.open(CodecParameters(coding), name: track.place)
///     try decoder.send(payload, presentationTime: time)
///     while let frame = try decoder.receive() { … decoder.copySound(into: &samples) … }
///     try decoder.finish()
///     while let frame = try decoder.receive() { … }
@safe package struct Decoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let frame: UnsafeMutablePointer<AVFrame>
  private var scaler = PictureScaler()
  private let name: String

  /// Samples of one picture, at most: 16,384 × 8,192.
  package static let maximumPixelCount: Int64 = 1 << 27
  /// Samples of sound in one frame and channel, at most.
  static let maximumSampleCount: Int64 = 1 << 20

  /// Opens a decoder (`avcodec_open2`).
  /// - Parameter name: how messages call the track.
  package static func open(
    _ parameters: CodecParameters, name: String, options: DecoderOptions = DecoderOptions()
  ) throws(FFmpegError) -> Decoder {
    av_log_set_level(AV_LOG_QUIET)
    guard let codec = unsafe avcodec_find_decoder(try parameters.codecID) else {
      throw FFmpegError(
        .unsupported, "\(name): FFmpeg has no decoder of \(parameters.codecName)")
    }
    guard let context = unsafe avcodec_alloc_context3(codec), let packet = unsafe av_packet_alloc(),
      let frame = unsafe av_frame_alloc()
    else { throw FFmpegError(.system, "\(name): no memory for a decoder") }
    let decoder = unsafe Decoder(context: context, packet: packet, frame: frame, name: name)
    try decoder.configure(parameters, options)
    try check(
      unsafe avcodec_open2(context, codec, nil),
      "\(name): the decoder of \(parameters.codecName) does not take its parameters")
    return decoder
  }

  private init(
    context: UnsafeMutablePointer<AVCodecContext>, packet: UnsafeMutablePointer<AVPacket>,
    frame: UnsafeMutablePointer<AVFrame>, name: String
  ) {
    unsafe self.context = context
    unsafe self.packet = packet
    unsafe self.frame = frame
    self.name = name
  }

  private borrowing func configure(
    _ parameters: CodecParameters, _ options: DecoderOptions
  ) throws(FFmpegError) {
    unsafe context.pointee.codec_tag = parameters.codecTag
    unsafe context.pointee.thread_count = CInt(clamping: options.threads)
    unsafe context.pointee.max_pixels = Self.maximumPixelCount
    unsafe context.pointee.max_samples = Self.maximumSampleCount
    // Priming and padding are cut by whoever knows the edit list.
    unsafe context.pointee.flags2 |= CInt(AV_CODEC_FLAG2_SKIP_MANUAL)
    if options.keyFramesOnly { unsafe context.pointee.skip_frame = AVDISCARD_NONKEY }
    if options.showsDamaged {
      unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_OUTPUT_CORRUPT)
      unsafe context.pointee.flags2 |= CInt(AV_CODEC_FLAG2_SHOW_ALL)
    }
    if parameters.channelCount > 0 {
      unsafe context.pointee.sample_rate = CInt(clamping: parameters.sampleRate)
      unsafe av_channel_layout_default(
        &context.pointee.ch_layout, CInt(clamping: parameters.channelCount))
      unsafe context.pointee.bits_per_coded_sample = CInt(clamping: parameters.bitsPerCodedSample)
      unsafe context.pointee.block_align = CInt(clamping: parameters.blockByteCount)
    }
    let count = parameters.extradata.readableBytes
    guard count > 0 else { return }
    // libavcodec reads past the end in steps, and frees this with the context.
    guard let copy = unsafe av_mallocz(count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
      throw FFmpegError(.system, "\(name): no memory for a decoder")
    }
    unsafe parameters.extradata.withUnsafeReadableBytes { bytes in
      unsafe UnsafeMutableRawBufferPointer(start: copy, count: count).copyMemory(from: bytes)
    }
    unsafe context.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
    unsafe context.pointee.extradata_size = CInt(clamping: count)
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    unsafe avcodec_free_context(&context)
    var packet: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&packet)
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// Gives the decoder a sample (`avcodec_send_packet`). Frames that it made are to be received
  /// before the next one.
  /// - Throws: `.damaged` if the sample cannot be decoded; the next one may be.
  package mutating func send(
    _ payload: ByteBuffer, presentationTime: Int64, duration: Int64 = 0
  ) throws(FFmpegError) {
    unsafe av_packet_unref(packet)
    try check(
      unsafe av_new_packet(packet, CInt(clamping: payload.readableBytes)),
      "\(name): no memory for a sample")
    unsafe payload.withUnsafeReadableBytes { bytes in
      guard let data = unsafe packet.pointee.data else { return }
      unsafe UnsafeMutableRawBufferPointer(start: data, count: bytes.count).copyMemory(from: bytes)
    }
    unsafe packet.pointee.pts = presentationTime
    unsafe packet.pointee.duration = duration
    try checkDecoding(unsafe avcodec_send_packet(context, packet))
  }

  /// Says that no sample follows: what the decoder holds back can be received.
  package mutating func finish() throws(FFmpegError) {
    try checkDecoding(unsafe avcodec_send_packet(context, nil))
  }

  /// Forgets everything, so that decoding can start at another place (`avcodec_flush_buffers`).
  package mutating func reset() { unsafe avcodec_flush_buffers(context) }

  /// The next frame (`avcodec_receive_frame`); `nil` if the decoder wants more, or after the last.
  package mutating func receive() throws(FFmpegError) -> DecodedFrame? {
    let code = unsafe avcodec_receive_frame(context, frame)
    if code == dougong_averror_eagain || code == dougong_averror_eof { return nil }
    try checkDecoding(code)
    return unsafe DecodedFrame(frame.pointee)
  }

  private func checkDecoding(_ code: CInt) throws(FFmpegError) {
    guard code != dougong_averror_eof else { return }
    do throws(FFmpegError) {
      try check(code, "\(name): a sample cannot be decoded")
    } catch {
      throw FFmpegError(error.code == .notMedia ? .damaged : error.code, error.message)
    }
  }

  /// The picture that `receive` returned last, scaled and as RGB.
  /// - Precondition: it returned one.
  package mutating func picture(
    width: Int, height: Int, depth: RGBPicture.Depth
  ) throws(FFmpegError) -> RGBPicture {
    let columns = unsafe frame.pointee.width
    precondition(columns > 0, "no picture was received")
    return try unsafe scaler.rgb(of: frame, width: width, height: height, depth: depth)
  }

  /// Appends the sound that `receive` returned last: 32-bit floating point in host order, the
  /// channels of a sample behind each other.
  package func copySound(into bytes: inout ByteBuffer) throws(FFmpegError) {
    try unsafe SoundFrame.interleave(frame, into: &bytes, name: name)
  }
}

/// What is known of a frame, its content apart.
package struct DecodedFrame: Hashable, Sendable {
  /// Of the sample that it was made of; `nil` if the decoder lost it.
  package var presentationTime: Int64?
  package var isKey: Bool
  /// Picture size in samples; 0 of sound.
  package var width: Int
  package var height: Int
  package var sampleAspectRatio: Rational?
  /// Of sound: samples in each channel; 0 of pictures.
  package var sampleCount: Int
  package var sampleRate: Int
  package var channelCount: Int
  /// Which loudspeakers the channels are for, in FFmpeg's bits (`AV_CH_…`), lowest first; 0 if the
  /// stream does not say.
  package var channelMask: UInt64
  /// Parts were lost and filled in.
  package var isDamaged: Bool

  init(_ frame: borrowing AVFrame) {
    let time = unsafe frame.best_effort_timestamp
    presentationTime = time == dougong_av_nopts ? nil : time
    isKey = unsafe frame.key_frame != 0
    width = unsafe Int(frame.width)
    height = unsafe Int(frame.height)
    sampleAspectRatio = unsafe Rational(
      Int64(frame.sample_aspect_ratio.num), Int64(frame.sample_aspect_ratio.den))
    sampleCount = unsafe Int(frame.nb_samples)
    sampleRate = unsafe Int(frame.sample_rate)
    channelCount = unsafe Int(frame.ch_layout.nb_channels)
    channelMask =
      unsafe frame.ch_layout.order == AV_CHANNEL_ORDER_NATIVE ? frame.ch_layout.u.mask : 0
    let lost = unsafe frame.decode_error_flags
    let flags = unsafe frame.flags
    isDamaged = lost != 0 || flags & CInt(AV_FRAME_FLAG_CORRUPT) != 0
  }
}
