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
  private let context: EncoderContext
  private let frame: UnsafeMutablePointer<AVFrame>
  private var scaler = PictureScaler()
  private let encoding: PictureEncoding

  /// Width and height of a picture, at most (ITU-T T.81 §B.2.2).
  package static let maximumDimension = 65_535

  /// Opens an encoder (`avcodec_open2`).
  package static func open(_ encoding: PictureEncoding) throws(FFmpegError) -> PictureEncoder {
    guard (1...maximumDimension).contains(encoding.width),
      (1...maximumDimension).contains(encoding.height)
    else {
      throw FFmpegError(
        .limit, "pictures of \(encoding.width)x\(encoding.height) cannot be encoded")
    }
    let context = try EncoderContext(encoding.encoder, advice: "install a build that has it")
    guard let frame = unsafe av_frame_alloc() else {
      throw FFmpegError(.system, "no memory for an encoder")
    }
    let encoder = unsafe PictureEncoder(context: context, frame: frame, encoding: encoding)
    encoder.configure()
    try encoder.context.open(encoding.options)
    return encoder
  }

  private init(
    context: consuming EncoderContext, frame: UnsafeMutablePointer<AVFrame>,
    encoding: PictureEncoding
  ) {
    self.context = context
    unsafe self.frame = frame
    self.encoding = encoding
  }

  private borrowing func configure() {
    let pointer = unsafe context.pointer
    unsafe pointer.pointee.time_base = AVRational(
      num: 1, den: CInt(clamping: encoding.timescale.ticksPerSecond))
    unsafe pointer.pointee.thread_count = 1
    unsafe pointer.pointee.width = CInt(clamping: encoding.width)
    unsafe pointer.pointee.height = CInt(clamping: encoding.height)
    switch encoding.form {
    case .jpeg(let quantiser):
      unsafe pointer.pointee.pix_fmt = AV_PIX_FMT_YUVJ420P
      unsafe pointer.pointee.color_range = AVCOL_RANGE_JPEG
      unsafe pointer.pointee.colorspace = AVCOL_SPC_SMPTE170M
      unsafe pointer.pointee.flags |= CInt(AV_CODEC_FLAG_QSCALE)
      unsafe pointer.pointee.global_quality = CInt(clamping: quantiser) * FF_QP2LAMBDA
    case .h264:
      unsafe pointer.pointee.pix_fmt = AV_PIX_FMT_YUV420P
      unsafe pointer.pointee.color_range = AVCOL_RANGE_MPEG
      unsafe pointer.pointee.colorspace = AVCOL_SPC_BT709
      unsafe pointer.pointee.color_primaries = AVCOL_PRI_BT709
      unsafe pointer.pointee.color_trc = AVCOL_TRC_BT709
      unsafe pointer.pointee.flags |= CInt(AV_CODEC_FLAG_GLOBAL_HEADER)
    }
  }

  deinit {
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// Parameter sets of H.264 behind start codes.
  package var parameterSets: ByteBuffer { context.extradata }

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
    let pointer = unsafe context.pointer
    unsafe av_frame_unref(frame)
    unsafe frame.pointee.format = pointer.pointee.pix_fmt.rawValue
    unsafe frame.pointee.width = pointer.pointee.width
    unsafe frame.pointee.height = pointer.pointee.height
    unsafe frame.pointee.color_range = pointer.pointee.color_range
    unsafe frame.pointee.colorspace = pointer.pointee.colorspace
    try check(unsafe av_frame_get_buffer(frame, 0), "no memory for a picture")
    try unsafe scaler.fill(frame, with: picture)
    unsafe frame.pointee.pts = presentationTime
    unsafe frame.pointee.quality = pointer.pointee.global_quality
    try unsafe context.send(frame)
  }

  /// Says that nothing follows: what the encoder holds back can be received.
  package mutating func finish() throws(FFmpegError) { try unsafe context.send(nil) }

  /// The next sample (`avcodec_receive_packet`); `nil` if the encoder wants more, or after the last.
  package mutating func receive() throws(FFmpegError) -> EncodedPicture? {
    var payload = ByteBuffer()
    guard let packet = try context.receive(into: &payload) else { return nil }
    return EncodedPicture(
      payload: payload, presentationTime: packet.presentationTime ?? dougong_av_nopts,
      isKey: packet.isKey)
  }
}
