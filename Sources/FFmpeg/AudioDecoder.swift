import CFFmpeg

/// A decoder of sound: owns libavcodec's context, a packet and a frame.
@safe struct AudioDecoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let frame: UnsafeMutablePointer<AVFrame>

  /// Opens the decoder of a stream (`avcodec_open2`).
  static func open(
    _ stream: UnsafeMutablePointer<AVStream>, name: String
  ) throws(FFmpegError) -> AudioDecoder {
    guard let parameters = unsafe stream.pointee.codecpar,
      let codec = unsafe avcodec_find_decoder(parameters.pointee.codec_id)
    else { throw FFmpegError(.unsupported, "\(name): FFmpeg has no decoder of it") }
    guard let context = unsafe avcodec_alloc_context3(codec), let frame = unsafe av_frame_alloc()
    else { throw FFmpegError(.system, "no memory to decode \(name)") }
    let decoder = unsafe AudioDecoder(context: context, frame: frame)
    try check(unsafe avcodec_parameters_to_context(context, parameters), "cannot decode \(name)")
    unsafe context.pointee.pkt_timebase = unsafe stream.pointee.time_base
    unsafe context.pointee.thread_count = 1
    unsafe context.pointee.flags |= AV_CODEC_FLAG_BITEXACT
    try check(unsafe avcodec_open2(context, codec, nil), "cannot decode \(name)")
    return decoder
  }

  private init(
    context: UnsafeMutablePointer<AVCodecContext>, frame: UnsafeMutablePointer<AVFrame>
  ) {
    unsafe self.context = context
    unsafe self.frame = frame
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    unsafe avcodec_free_context(&context)
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// Whether FFmpeg can decode a coding.
  static func exists(_ codecID: AVCodecID) -> Bool {
    unsafe avcodec_find_decoder(codecID) != nil
  }

  /// Hands over a packet; `nil` ends the stream (`avcodec_send_packet`).
  /// - Returns: `false` for a packet that is damaged.
  borrowing func send(_ packet: UnsafePointer<AVPacket>?) throws(FFmpegError) -> Bool {
    let code = unsafe avcodec_send_packet(context, packet)
    if code == dougong_averror_invalid_data { return false }
    if code == dougong_averror_eof { return true }
    try check(code, "cannot decode sound")
    return true
  }

  /// The next decoded frame, valid until the next call; `nil` if more packets are needed
  /// (`avcodec_receive_frame`).
  borrowing func receive() throws(FFmpegError) -> UnsafeMutablePointer<AVFrame>? {
    while true {
      let code = unsafe avcodec_receive_frame(context, frame)
      if code == dougong_averror_eagain || code == dougong_averror_eof { return nil }
      // What a damaged packet leaves: go on with the next.
      if code == dougong_averror_invalid_data { continue }
      try check(code, "cannot decode sound")
      return unsafe frame
    }
  }
}
