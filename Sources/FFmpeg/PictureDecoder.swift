import CFFmpeg
package import MediaCore
package import NIOCore

/// A decoder of pictures: samples of a track in, RGB out. Owns the context of libavcodec, and never
/// returns a pointer of it.
///
///     var decoder = try PictureDecoder.open(coding, name: "video-1080p")
///     try decoder.send(payload, presentationTime: time)
///     while let frame = try decoder.receive() { … decoder.picture(width: 256, height: 144, …) … }
///     try decoder.finish()
///     while let frame = try decoder.receive() { … }
@safe package struct PictureDecoder: ~Copyable {
  private let context: UnsafeMutablePointer<AVCodecContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let frame: UnsafeMutablePointer<AVFrame>
  private var scaler = PictureScaler()
  private let name: String

  /// Samples of one picture, at most: 16,384 × 8,192.
  package static let maximumPixelCount: Int64 = 1 << 27

  /// Opens a decoder (`avcodec_open2`).
  /// - Parameters:
  ///   - name: how messages call the track.
  ///   - threads: of its own; what it gives does not depend on them.
  package static func open(
    _ coding: SampleCoding, name: String, threads: Int = 1
  ) throws(FFmpegError) -> PictureDecoder {
    av_log_set_level(AV_LOG_QUIET)
    guard let (identifier, record) = parameters(of: coding) else { throw missing(name) }
    let decoder = try make(identifier, name: name, threads: threads)
    // Pictures that refer to what was not sent are better than none.
    unsafe decoder.context.pointee.flags2 |= CInt(AV_CODEC_FLAG2_SHOW_ALL)
    try decoder.set(record)
    try decoder.open()
    return decoder
  }

  /// Opens a decoder of a demuxer's stream, whose packets it takes.
  ///
  /// Times are those of the stream. Pictures before the first key frame are left out.
  static func open(
    _ stream: UnsafeMutablePointer<AVStream>, name: String, threads: Int = 1
  ) throws(FFmpegError) -> PictureDecoder {
    let parameters = unsafe stream.pointee.codecpar
    let identifier = unsafe parameters?.pointee.codec_id ?? AV_CODEC_ID_NONE
    let decoder = try make(identifier, name: name, threads: threads)
    try check(
      unsafe avcodec_parameters_to_context(decoder.context, parameters),
      "\(name): the decoder does not take its record")
    unsafe decoder.context.pointee.pkt_timebase = stream.pointee.time_base
    try check(
      unsafe dougong_use_huge_pages(decoder.context), "\(name): no memory for a decoder")
    try decoder.open()
    return decoder
  }

  private static func missing(_ name: String) -> FFmpegError {
    FFmpegError(.unsupported, "\(name): FFmpeg has no decoder of its pictures")
  }

  private static func make(
    _ identifier: AVCodecID, name: String, threads: Int
  ) throws(FFmpegError) -> PictureDecoder {
    guard let codec = unsafe avcodec_find_decoder(identifier) else { throw missing(name) }
    guard let context = unsafe avcodec_alloc_context3(codec), let packet = unsafe av_packet_alloc(),
      let frame = unsafe av_frame_alloc()
    else { throw FFmpegError(.system, "\(name): no memory for a decoder") }
    unsafe context.pointee.thread_count = CInt(clamping: threads)
    unsafe context.pointee.max_pixels = maximumPixelCount
    unsafe context.pointee.flags |= CInt(AV_CODEC_FLAG_OUTPUT_CORRUPT)
    return unsafe PictureDecoder(context: context, packet: packet, frame: frame, name: name)
  }

  private borrowing func open() throws(FFmpegError) {
    try check(
      unsafe avcodec_open2(context, avcodec_find_decoder(context.pointee.codec_id), nil),
      "\(name): the decoder does not take its record")
  }

  /// FFmpeg's number of a coding, and the record in its form.
  private static func parameters(of coding: SampleCoding) -> (AVCodecID, ByteBuffer)? {
    switch coding {
    case .h264(let record): (AV_CODEC_ID_H264, record)
    case .hevc(let record): (AV_CODEC_ID_HEVC, record)
    case .av1(let record): (AV_CODEC_ID_AV1, record)
    case .vp9: (AV_CODEC_ID_VP9, ByteBuffer())
    default: nil
    }
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

  private borrowing func set(_ record: ByteBuffer) throws(FFmpegError) {
    let count = record.readableBytes
    guard count > 0 else { return }
    // libavcodec reads past the end in steps, and frees this with the context.
    guard let copy = unsafe av_mallocz(count + Int(AV_INPUT_BUFFER_PADDING_SIZE)) else {
      throw FFmpegError(.system, "\(name): no memory for a decoder")
    }
    unsafe record.withUnsafeReadableBytes { bytes in
      unsafe UnsafeMutableRawBufferPointer(start: copy, count: count).copyMemory(from: bytes)
    }
    unsafe context.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
    unsafe context.pointee.extradata_size = CInt(clamping: count)
  }

  deinit {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe context
    unsafe dougong_free_decoder(&context)
    var packet: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&packet)
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// Gives the decoder a sample (`avcodec_send_packet`). Frames that it made are to be received
  /// before the next one.
  /// - Throws: `.damaged` if the sample cannot be decoded; the next one may be.
  package mutating func send(
    _ payload: ByteBuffer, presentationTime: Int64
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
    try checkDecoding(unsafe avcodec_send_packet(context, packet))
  }

  /// Gives the decoder a packet of the stream that it was opened for.
  /// - Throws: `.damaged` if it cannot be decoded; the next one may be.
  mutating func send(_ packet: UnsafePointer<AVPacket>) throws(FFmpegError) {
    try checkDecoding(unsafe avcodec_send_packet(context, packet))
  }

  /// Says that no sample follows: what the decoder holds back can be received.
  package mutating func finish() throws(FFmpegError) {
    try checkDecoding(unsafe avcodec_send_packet(context, nil))
  }

  /// Which pictures are not decoded at all, since there is no time for them.
  package enum Haste: Sendable {
    case none
    /// Pictures that no other refers to.
    case references
    /// All but key frames.
    case keyFrames
  }

  /// From the next sample on (`skip_frame`).
  mutating func hurry(_ haste: Haste) {
    unsafe context.pointee.skip_frame =
      switch haste {
      case .none: AVDISCARD_DEFAULT
      case .references: AVDISCARD_NONREF
      case .keyFrames: AVDISCARD_NONKEY
      }
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

  /// The next picture to keep; `nil` if the decoder wants more, or after the last.
  package mutating func receivePicture() throws(FFmpegError) -> Picture? {
    guard try receive() != nil else { return nil }
    return try unsafe Picture(taking: frame)
  }

  private func checkDecoding(_ code: CInt) throws(FFmpegError) {
    guard code != dougong_averror_eof else { return }
    do throws(FFmpegError) {
      try check(code, "\(name): a sample cannot be decoded")
    } catch {
      throw FFmpegError(error.code == .notMedia ? .damaged : error.code, error.message)
    }
  }

  /// The picture that `receive` returned last, scaled and as RGB in the source's primaries and
  /// transfer.
  /// - Precondition: it returned one.
  package mutating func picture(
    width: Int, height: Int, depth: RGBPicture.Depth
  ) throws(FFmpegError) -> RGBPicture {
    let columns = unsafe frame.pointee.width
    precondition(columns > 0, "no picture was received")
    return try unsafe scaler.rgb(of: frame, width: width, height: height, depth: depth)
  }
}

/// What is known of a decoded frame, its picture apart.
package struct DecodedFrame: Hashable, Sendable {
  /// Of the sample that it was made of; `nil` if the decoder lost it.
  package var presentationTime: Int64?
  /// In samples, after cropping.
  package var width: Int
  package var height: Int
  /// Parts were lost and filled in.
  package var isDamaged: Bool

  init(_ frame: borrowing AVFrame) {
    let time = unsafe frame.best_effort_timestamp
    presentationTime = time == dougong_av_nopts ? nil : time
    width = unsafe Int(frame.width)
    height = unsafe Int(frame.height)
    isDamaged = unsafe frame.decode_error_flags != 0
  }
}
