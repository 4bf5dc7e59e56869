import CFFmpeg
import NIOCore
import Synchronization

/// A context of an encoder of pictures: owns it and a packet, and never lets them out of this room.
@safe struct EncoderContext: ~Copyable {
  /// For who sets it up before `open`.
  let pointer: UnsafeMutablePointer<AVCodecContext>
  private let codec: UnsafePointer<AVCodec>
  private let packet: UnsafeMutablePointer<AVPacket>
  let encoder: String

  /// Done once, before the first encoder is there.
  private static let preparation: Void = {
    dougong_silence_svt_av1()
    dougong_give_back_blocks(256 << 10)
  }()

  /// Held while an encoder of SVT-AV1 is opened or closed: they share what they know of the machine's cores, which the one
  /// that closes frees.
  private static let svtTurn = Mutex(())

  private var isSVT: Bool { encoder == "libsvtav1" }

  /// Finds an encoder by FFmpeg's name of it.
  /// - Parameter advice: what to do where there is none.
  init(_ encoder: String, advice: String) throws(FFmpegError) {
    av_log_set_level(AV_LOG_QUIET)
    Self.preparation
    guard let codec = unsafe avcodec_find_encoder_by_name(encoder) else {
      throw FFmpegError(
        .unsupported, "this FFmpeg has no encoder called \(encoder); \(advice)")
    }
    guard let context = unsafe avcodec_alloc_context3(codec), let packet = unsafe av_packet_alloc()
    else { throw FFmpegError(.system, "no memory for an encoder") }
    unsafe pointer = context
    unsafe self.codec = codec
    unsafe self.packet = packet
    self.encoder = encoder
    unsafe pointer.pointee.flags |= CInt(AV_CODEC_FLAG_BITEXACT)
    unsafe pointer.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
  }

  deinit {
    if isSVT {
      giveBlankPicture()
      Self.svtTurn.withLock { _ in closeContext() }
    } else {
      closeContext()
    }
    var packet: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&packet)
  }

  private borrowing func closeContext() {
    var context: UnsafeMutablePointer<AVCodecContext>? = unsafe pointer
    unsafe avcodec_free_context(&context)
  }

  /// SVT-AV1 waits for ever when it is closed before its first picture. One that has ended takes none.
  private borrowing func giveBlankPicture() {
    var frame = unsafe av_frame_alloc()
    defer { unsafe av_frame_free(&frame) }
    guard let frame = unsafe frame else { return }
    unsafe frame.pointee.width = unsafe pointer.pointee.width
    unsafe frame.pointee.height = unsafe pointer.pointee.height
    unsafe frame.pointee.format = unsafe pointer.pointee.pix_fmt.rawValue
    guard unsafe av_frame_get_buffer(frame, 0) == 0 else { return }
    unsafe avcodec_send_frame(pointer, frame)
  }

  /// Opens it (`avcodec_open2`).
  /// - Parameter options: the encoder's own.
  borrowing func open(_ options: [(String, String)]) throws(FFmpegError) {
    var dictionary: OpaquePointer?
    defer { unsafe av_dict_free(&dictionary) }
    for (key, value) in options { unsafe av_dict_set(&dictionary, key, value, 0) }
    let size = unsafe "\(pointer.pointee.width)x\(pointer.pointee.height)"
    let code =
      isSVT
      ? Self.svtTurn.withLock { _ in unsafe openContext(&dictionary) }
      : unsafe openContext(&dictionary)
    if isSVT { ThreadSchedule.makeOrdinary() }
    try check(code, "the encoder \(encoder) does not take pictures of \(size)")
    guard let left = unsafe av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX),
      let key = unsafe left.pointee.key
    else { return }
    throw FFmpegError(
      .unsupported, "the encoder \(encoder) has no option \(unsafe String(cString: key))")
  }

  private borrowing func openContext(_ options: inout OpaquePointer?) -> CInt {
    unsafe avcodec_open2(pointer, codec, &options)
  }

  /// What decoders need before the first sample.
  var extradata: ByteBuffer {
    var bytes = ByteBuffer()
    if let data = unsafe pointer.pointee.extradata {
      unsafe _ = bytes.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(max(pointer.pointee.extradata_size, 0))))
    }
    return bytes
  }

  /// Gives the encoder a picture (`avcodec_send_frame`); `nil`: nothing follows.
  borrowing func send(_ frame: UnsafeMutablePointer<AVFrame>?) throws(FFmpegError) {
    let code = unsafe avcodec_send_frame(pointer, frame)
    guard code != dougong_averror_eof else { return }
    try check(code, "\(encoder) cannot encode a picture")
  }

  /// The next sample (`avcodec_receive_packet`), whose payload is appended to `bytes`; `nil` if the encoder wants more,
  /// or after the last.
  borrowing func receive(into bytes: inout ByteBuffer) throws(FFmpegError) -> Packet? {
    unsafe av_packet_unref(packet)
    let code = unsafe avcodec_receive_packet(pointer, packet)
    if code == dougong_averror_eagain || code == dougong_averror_eof { return nil }
    try check(code, "\(encoder) cannot encode")
    if let data = unsafe packet.pointee.data {
      unsafe _ = bytes.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)))
    }
    return unsafe Packet(packet.pointee)
  }
}
