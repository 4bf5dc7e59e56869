import CFFmpeg
package import MediaCore
package import NIOCore

/// What an encoder is asked for.
package struct EncoderOptions: Sendable, Hashable {
  package struct Video: Sendable, Hashable {
    package var width: Int
    package var height: Int
    /// JPEG: full range and BT.601, as JFIF has it. Else limited range and BT.709.
    package var isJPEG = false

    package init(width: Int, height: Int) {
      self.width = width
      self.height = height
    }
  }

  package struct Audio: Sendable, Hashable {
    package var sampleRate: Int
    package var channelCount: Int
    /// As `DecodedFrame.channelMask`; 0 takes the usual loudspeakers of that many channels.
    package var channelMask: UInt64 = 0

    package init(sampleRate: Int, channelCount: Int) {
      self.sampleRate = sampleRate
      self.channelCount = channelCount
    }
  }

  package enum Content: Sendable, Hashable {
    case video(Video)
    case audio(Audio)
  }

  /// FFmpeg's name of the encoder: `libx264`, `mjpeg`, `aac`, `libopus`, `eac3`.
  package var encoder: String
  package var content: Content
  /// Of the times that go in and come out.
  package var timescale: Timescale
  package var bitsPerSecond: Int64 = 0
  /// Constant quantiser of `mjpeg`, from 2 (best) to 31; 0 leaves it to the encoder.
  package var quantiser = 0
  /// The encoder's own options, in this order.
  package var options: [(String, String)] = []

  package init(_ encoder: String, _ content: Content, timescale: Timescale) {
    self.encoder = encoder
    self.content = content
    self.timescale = timescale
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.encoder == right.encoder && left.content == right.content
      && left.timescale == right.timescale && left.bitsPerSecond == right.bitsPerSecond
      && left.quantiser == right.quantiser && left.options.elementsEqual(right.options, by: ==)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(encoder)
    hasher.combine(content)
  }
}

/// One encoded sample.
package struct EncodedPacket: Sendable, Hashable {
  package var payload: ByteBuffer
  package var presentationTime: Int64
  package var decodeTime: Int64
  /// 0 if the encoder does not say.
  package var duration: Int64
  package var isKey: Bool
}

/// An encoder of libavcodec: frames in, packets out, in one thread, so that the same frames give
/// the same bytes. Owns the context, and never returns a pointer of it.
///
///     var encoder = try Encoder.open(options)
///     try encoder.send(picture, presentationTime: 0)
///     while let packet = try encoder.receive() { … }
///     try encoder.finish()
///     while let packet = try encoder.receive() { … }
@safe package struct Encoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let frame: UnsafeMutablePointer<AVFrame>
  private var scaler = PictureScaler()
  private let options: EncoderOptions

  /// Width and height of a picture, at most (JPEG's own bound; ITU-T T.81 §B.2.2).
  package static let maximumDimension = 65_535

  /// Opens an encoder (`avcodec_open2`).
  package static func open(_ options: EncoderOptions) throws(FFmpegError) -> Encoder {
    av_log_set_level(AV_LOG_QUIET)
    guard let codec = unsafe avcodec_find_encoder_by_name(options.encoder) else {
      throw FFmpegError(
        .unsupported,
        "this FFmpeg has no encoder called \(options.encoder); install a build that has it")
    }
    guard let context = unsafe avcodec_alloc_context3(codec), let packet = unsafe av_packet_alloc(),
      let frame = unsafe av_frame_alloc()
    else { throw FFmpegError(.system, "no memory for an encoder") }
    let encoder = unsafe Encoder(
      context: context, packet: packet, frame: frame, options: options)
    try unsafe encoder.configure(codec)
    var dictionary: OpaquePointer?
    defer { unsafe av_dict_free(&dictionary) }
    for (key, value) in options.options { unsafe av_dict_set(&dictionary, key, value, 0) }
    try check(
      unsafe avcodec_open2(context, codec, &dictionary),
      "the encoder \(options.encoder) does not take its parameters")
    if let left = unsafe av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX),
      let key = unsafe left.pointee.key
    {
      throw FFmpegError(
        .unsupported,
        "the encoder \(options.encoder) knows no option '\(unsafe String(cString: key))'")
    }
    return encoder
  }

  private init(
    context: UnsafeMutablePointer<AVCodecContext>, packet: UnsafeMutablePointer<AVPacket>,
    frame: UnsafeMutablePointer<AVFrame>, options: EncoderOptions
  ) {
    unsafe self.context = context
    unsafe self.packet = packet
    unsafe self.frame = frame
    self.options = options
  }

  private borrowing func configure(_ codec: UnsafePointer<AVCodec>) throws(FFmpegError) {
    unsafe context.pointee.time_base = AVRational(
      num: 1, den: CInt(clamping: options.timescale.ticksPerSecond))
    unsafe context.pointee.thread_count = 1
    unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_BITEXACT)
    unsafe context.pointee.bit_rate = options.bitsPerSecond
    switch options.content {
    case .video(let video):
      guard (1...Self.maximumDimension).contains(video.width),
        (1...Self.maximumDimension).contains(video.height)
      else {
        throw FFmpegError(
          .limit, "pictures of \(video.width)x\(video.height) cannot be encoded")
      }
      unsafe context.pointee.width = CInt(video.width)
      unsafe context.pointee.height = CInt(video.height)
      unsafe context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
      if video.isJPEG {
        unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
        unsafe context.pointee.color_range = AVCOL_RANGE_JPEG
        unsafe context.pointee.colorspace = AVCOL_SPC_SMPTE170M
      } else {
        unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        unsafe context.pointee.color_range = AVCOL_RANGE_MPEG
        unsafe context.pointee.colorspace = AVCOL_SPC_BT709
        unsafe context.pointee.color_primaries = AVCOL_PRI_BT709
        unsafe context.pointee.color_trc = AVCOL_TRC_BT709
        unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_GLOBAL_HEADER)
      }
      if options.quantiser > 0 {
        unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_QSCALE)
        unsafe context.pointee.global_quality = CInt(clamping: options.quantiser) * FF_QP2LAMBDA
      }
    case .audio(let audio):
      guard let format = unsafe SoundFrame.encodable(codec) else {
        throw FFmpegError(.unsupported, "the encoder \(options.encoder) takes no plain samples")
      }
      unsafe context.pointee.sample_fmt = format
      unsafe context.pointee.sample_rate = CInt(clamping: audio.sampleRate)
      unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_GLOBAL_HEADER)
      if audio.channelMask != 0 {
        try check(
          unsafe av_channel_layout_from_mask(&context.pointee.ch_layout, audio.channelMask),
          "the encoder \(options.encoder) takes no such channels")
      } else {
        unsafe av_channel_layout_default(
          &context.pointee.ch_layout, CInt(clamping: audio.channelCount))
      }
    }
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    unsafe avcodec_free_context(&context)
    var packet: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&packet)
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// What a decoder is set up by, in FFmpeg's form: parameter sets behind start codes of H.264, an
  /// `AudioSpecificConfig` of AAC, an `OpusHead` of Opus.
  package var extradata: ByteBuffer {
    var bytes = ByteBuffer()
    if let data = unsafe context.pointee.extradata {
      unsafe _ = bytes.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(max(context.pointee.extradata_size, 0))))
    }
    return bytes
  }

  /// Samples of sound in each frame that is sent, the last one apart; 0 if any number will do.
  package var frameSampleCount: Int { unsafe Int(context.pointee.frame_size) }

  /// Samples of sound at the front of what is decoded that were never sent: priming.
  package var priming: Int { unsafe Int(context.pointee.initial_padding) }

  /// Gives the encoder a picture of eight bits and of the size it was opened for
  /// (`avcodec_send_frame`). Packets are to be received before the next one.
  /// - Parameter isKey: it becomes a key frame.
  package mutating func send(
    _ picture: RGBPicture, presentationTime: Int64, isKey: Bool = false
  ) throws(FFmpegError) {
    guard case .video(let video) = options.content, picture.depth == .eight,
      picture.width == video.width, picture.height == video.height
    else { preconditionFailure("a picture that \(options.encoder) was not opened for") }
    unsafe av_frame_unref(frame)
    unsafe frame.pointee.format = context.pointee.pix_fmt.rawValue
    unsafe frame.pointee.width = context.pointee.width
    unsafe frame.pointee.height = context.pointee.height
    unsafe frame.pointee.color_range = context.pointee.color_range
    unsafe frame.pointee.colorspace = context.pointee.colorspace
    try check(unsafe av_frame_get_buffer(frame, 0), "no memory for a picture")
    try unsafe scaler.fill(frame, with: picture)
    unsafe frame.pointee.pts = presentationTime
    unsafe frame.pointee.quality = context.pointee.global_quality
    unsafe frame.pointee.pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    try check(
      unsafe avcodec_send_frame(context, frame), "\(options.encoder) cannot encode a picture")
  }

  /// Gives the encoder sound: 32-bit floating point in host order, the channels of a sample behind
  /// each other; `frameSampleCount` samples, only the last may have fewer.
  package mutating func send(sound: ByteBuffer, presentationTime: Int64) throws(FFmpegError) {
    guard case .audio = options.content else {
      preconditionFailure("sound for \(options.encoder)")
    }
    let channels = unsafe Int(context.pointee.ch_layout.nb_channels)
    unsafe av_frame_unref(frame)
    unsafe frame.pointee.format = context.pointee.sample_fmt.rawValue
    unsafe frame.pointee.nb_samples = CInt(clamping: sound.readableBytes / (4 * channels))
    unsafe frame.pointee.sample_rate = context.pointee.sample_rate
    try check(
      unsafe av_channel_layout_copy(&frame.pointee.ch_layout, &context.pointee.ch_layout),
      "no memory for sound")
    try check(unsafe av_frame_get_buffer(frame, 0), "no memory for sound")
    unsafe SoundFrame.fill(frame, with: sound, channels: channels)
    unsafe frame.pointee.pts = presentationTime
    try check(
      unsafe avcodec_send_frame(context, frame), "\(options.encoder) cannot encode sound")
  }

  /// Says that nothing follows: what the encoder holds back can be received.
  package mutating func finish() throws(FFmpegError) {
    let code = unsafe avcodec_send_frame(context, nil)
    guard code != dougong_averror_eof else { return }
    try check(code, "\(options.encoder) cannot finish")
  }

  /// The next packet (`avcodec_receive_packet`); `nil` if the encoder wants more, or after the last.
  package mutating func receive() throws(FFmpegError) -> EncodedPacket? {
    unsafe av_packet_unref(packet)
    let code = unsafe avcodec_receive_packet(context, packet)
    if code == dougong_averror_eagain || code == dougong_averror_eof { return nil }
    try check(code, "\(options.encoder) cannot encode")
    var payload = ByteBuffer()
    if let data = unsafe packet.pointee.data {
      unsafe _ = payload.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)))
    }
    return unsafe EncodedPacket(
      payload: payload, presentationTime: packet.pointee.pts, decodeTime: packet.pointee.dts,
      duration: packet.pointee.duration, isKey: packet.pointee.flags & AV_PKT_FLAG_KEY != 0)
  }
}
