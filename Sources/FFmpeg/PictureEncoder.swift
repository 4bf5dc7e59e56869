import CFFmpeg
package import MediaCore
package import NIOCore

/// What an encoder of pictures is asked for.
package struct PictureEncoding: Sendable {
  /// How pictures are coded.
  package enum Form: Sendable, Hashable {
    /// Motion JPEG's single pictures, full range and BT.601 as JFIF has them; a constant quantiser
    /// from 2 (best) to 31.
    case jpeg(quantiser: Int)
    /// H.264 of eight bits in limited range and BT.709, every picture a key frame; a constant rate
    /// factor from 0 (best) to 51.
    case h264(rateFactor: Int)
  }

  package var form: Form
  package var width: Int
  package var height: Int
  /// Of the times that go in and come out.
  package var timescale: Timescale

  package init(_ form: Form, width: Int, height: Int, timescale: Timescale = Timescale(literal: 1))
  {
    self.form = form
    self.width = width
    self.height = height
    self.timescale = timescale
  }

  /// FFmpeg's name of the encoder.
  var encoder: String {
    switch form {
    case .jpeg: "mjpeg"
    case .h264: "libx264"
    }
  }

  /// The encoder's own options.
  var options: [(String, String)] {
    switch form {
    case .jpeg: [("huffman", "optimal")]
    case .h264(let factor):
      [
        ("preset", "medium"), ("tune", "stillimage"), ("profile", "high"), ("crf", "\(factor)"),
        ("g", "1"), ("bf", "0"), ("rc-lookahead", "0"), ("refs", "1"),
      ]
    }
  }
}

/// One encoded picture.
package struct EncodedPicture: Sendable, Hashable {
  package var payload: ByteBuffer
  package var presentationTime: Int64
  package var isKey: Bool
}

/// An encoder of pictures: RGB in, samples out, in one thread, so that the same pictures give the
/// same bytes. Owns the context of libavcodec, and never returns a pointer of it.
///
///     var encoder = try PictureEncoder.open(PictureEncoding(.jpeg(quantiser: 4), …))
///     try encoder.send(picture, presentationTime: 0)
///     while let sample = try encoder.receive() { … }
///     try encoder.finish()
///     while let sample = try encoder.receive() { … }
@safe package struct PictureEncoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let frame: UnsafeMutablePointer<AVFrame>
  private var scaler = PictureScaler()
  private let encoding: PictureEncoding

  /// Width and height of a picture, at most (ITU-T T.81 §B.2.2).
  package static let maximumDimension = 65_535

  /// Opens an encoder (`avcodec_open2`).
  package static func open(_ encoding: PictureEncoding) throws(FFmpegError) -> PictureEncoder {
    av_log_set_level(AV_LOG_QUIET)
    guard (1...maximumDimension).contains(encoding.width),
      (1...maximumDimension).contains(encoding.height)
    else {
      throw FFmpegError(
        .limit, "pictures of \(encoding.width)x\(encoding.height) cannot be encoded")
    }
    guard let codec = unsafe avcodec_find_encoder_by_name(encoding.encoder) else {
      throw FFmpegError(
        .unsupported,
        "this FFmpeg has no encoder called \(encoding.encoder); install a build that has it")
    }
    guard let context = unsafe avcodec_alloc_context3(codec), let packet = unsafe av_packet_alloc(),
      let frame = unsafe av_frame_alloc()
    else { throw FFmpegError(.system, "no memory for an encoder") }
    let encoder = unsafe PictureEncoder(
      context: context, packet: packet, frame: frame, encoding: encoding)
    encoder.configure()
    var dictionary: OpaquePointer?
    defer { unsafe av_dict_free(&dictionary) }
    for (key, value) in encoding.options { unsafe av_dict_set(&dictionary, key, value, 0) }
    try check(
      unsafe avcodec_open2(context, codec, &dictionary),
      "the encoder \(encoding.encoder) does not take pictures of \(encoding.width)x\(encoding.height)"
    )
    return encoder
  }

  private init(
    context: UnsafeMutablePointer<AVCodecContext>, packet: UnsafeMutablePointer<AVPacket>,
    frame: UnsafeMutablePointer<AVFrame>, encoding: PictureEncoding
  ) {
    unsafe self.context = context
    unsafe self.packet = packet
    unsafe self.frame = frame
    self.encoding = encoding
  }

  private borrowing func configure() {
    unsafe context.pointee.time_base = AVRational(
      num: 1, den: CInt(clamping: encoding.timescale.ticksPerSecond))
    unsafe context.pointee.thread_count = 1
    unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_BITEXACT)
    unsafe context.pointee.width = CInt(clamping: encoding.width)
    unsafe context.pointee.height = CInt(clamping: encoding.height)
    unsafe context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    switch encoding.form {
    case .jpeg(let quantiser):
      unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
      unsafe context.pointee.color_range = AVCOL_RANGE_JPEG
      unsafe context.pointee.colorspace = AVCOL_SPC_SMPTE170M
      unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_QSCALE)
      unsafe context.pointee.global_quality = CInt(clamping: quantiser) * FF_QP2LAMBDA
    case .h264:
      unsafe context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
      unsafe context.pointee.color_range = AVCOL_RANGE_MPEG
      unsafe context.pointee.colorspace = AVCOL_SPC_BT709
      unsafe context.pointee.color_primaries = AVCOL_PRI_BT709
      unsafe context.pointee.color_trc = AVCOL_TRC_BT709
      unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_GLOBAL_HEADER)
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

  /// Parameter sets of H.264 behind start codes.
  package var parameterSets: ByteBuffer {
    var bytes = ByteBuffer()
    if let data = unsafe context.pointee.extradata {
      unsafe _ = bytes.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(max(context.pointee.extradata_size, 0))))
    }
    return bytes
  }

  /// Gives the encoder a picture (`avcodec_send_frame`). Samples are to be received before the next.
  /// - Precondition: eight bits, and the size that the encoder was opened for.
  package mutating func send(
    _ picture: RGBPicture, presentationTime: Int64
  ) throws(FFmpegError) {
    precondition(
      picture.depth == .eight && picture.width == encoding.width
        && picture.height == encoding.height,
      "a picture of \(picture.width)x\(picture.height) for an encoder of "
        + "\(encoding.width)x\(encoding.height)")
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
    try check(
      unsafe avcodec_send_frame(context, frame), "\(encoding.encoder) cannot encode a picture")
  }

  /// Says that nothing follows: what the encoder holds back can be received.
  package mutating func finish() throws(FFmpegError) {
    let code = unsafe avcodec_send_frame(context, nil)
    guard code != dougong_averror_eof else { return }
    try check(code, "\(encoding.encoder) cannot finish")
  }

  /// The next sample (`avcodec_receive_packet`); `nil` if the encoder wants more, or after the last.
  package mutating func receive() throws(FFmpegError) -> EncodedPicture? {
    unsafe av_packet_unref(packet)
    let code = unsafe avcodec_receive_packet(context, packet)
    if code == dougong_averror_eagain || code == dougong_averror_eof { return nil }
    try check(code, "\(encoding.encoder) cannot encode")
    var payload = ByteBuffer()
    if let data = unsafe packet.pointee.data {
      unsafe _ = payload.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)))
    }
    return unsafe EncodedPicture(
      payload: payload, presentationTime: packet.pointee.pts,
      isKey: packet.pointee.flags & AV_PKT_FLAG_KEY != 0)
  }
}
