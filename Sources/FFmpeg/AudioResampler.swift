import CFFmpeg

/// Turns decoded sound into what an encoder takes: owns libswresample's context, a queue of
/// converted samples, and the frame between them.
@safe struct AudioResampler: ~Copyable {
  private let context: OpaquePointer
  private let queue: OpaquePointer
  private let frame: UnsafeMutablePointer<AVFrame>
  private let shape: [CInt]

  /// Samples of silence written at one go.
  private static let chunk = 1 << 14

  /// From the form of a decoded frame to that of an encoder (`swr_alloc_set_opts2`).
  static func open(
    from source: UnsafeMutablePointer<AVFrame>, to encoder: borrowing AudioEncoder
  ) throws(FFmpegError) -> AudioResampler {
    var target = unsafe encoder.channelLayout
    var layout = unsafe AVChannelLayout()
    // Channels without names are taken in the usual order.
    if unsafe source.pointee.ch_layout.order == AV_CHANNEL_ORDER_UNSPEC {
      unsafe av_channel_layout_default(&layout, source.pointee.ch_layout.nb_channels)
    } else {
      try check(
        unsafe av_channel_layout_copy(&layout, &source.pointee.ch_layout), "no memory to convert")
    }
    defer { unsafe av_channel_layout_uninit(&layout) }
    var made: OpaquePointer?
    try check(
      unsafe swr_alloc_set_opts2(
        &made, &target, encoder.sampleFormat, CInt(encoder.sampleRate), &layout,
        AVSampleFormat(rawValue: source.pointee.format), source.pointee.sample_rate, 0, nil),
      "cannot convert sound")
    guard let made = unsafe made,
      let queue = unsafe av_audio_fifo_alloc(
        encoder.sampleFormat, CInt(encoder.channelCount), CInt(Self.chunk)),
      let frame = unsafe av_frame_alloc()
    else { throw FFmpegError(.system, "no memory to convert sound") }
    let resampler = unsafe AudioResampler(
      context: made, queue: queue, frame: frame, shape: Self.shape(of: source))
    unsafe frame.pointee.format = encoder.sampleFormat.rawValue
    try check(
      unsafe av_channel_layout_copy(&frame.pointee.ch_layout, &target), "no memory to convert")
    unsafe frame.pointee.nb_samples = CInt(Self.chunk)
    try check(unsafe av_frame_get_buffer(frame, 0), "no memory to convert sound")
    try check(unsafe swr_init(made), "cannot convert sound")
    return resampler
  }

  private init(
    context: OpaquePointer, queue: OpaquePointer, frame: UnsafeMutablePointer<AVFrame>,
    shape: [CInt]
  ) {
    unsafe self.context = context
    unsafe self.queue = queue
    unsafe self.frame = frame
    self.shape = shape
  }

  deinit {
    var context: OpaquePointer? = unsafe context
    unsafe swr_free(&context)
    unsafe av_audio_fifo_free(queue)
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  private static func shape(of frame: UnsafeMutablePointer<AVFrame>) -> [CInt] {
    unsafe [
      frame.pointee.format, frame.pointee.sample_rate, frame.pointee.ch_layout.nb_channels,
    ]
  }

  /// Whether a frame has the form that this was made for.
  borrowing func takes(_ source: UnsafeMutablePointer<AVFrame>) -> Bool {
    unsafe Self.shape(of: source) == shape
  }

  /// Samples that wait to be encoded.
  var count: Int { Int(unsafe av_audio_fifo_size(queue)) }

  /// Takes a decoded frame (`swr_convert`).
  borrowing func write(_ source: UnsafeMutablePointer<AVFrame>) throws(FFmpegError) {
    var got = unsafe swr_convert(
      context, frame.pointee.extended_data, CInt(Self.chunk), dougong_frame_data(source),
      source.pointee.nb_samples)
    try check(got, "cannot convert sound")
    while got > 0 {
      try enqueue(got)
      guard got == Self.chunk else { return }
      // What did not fit; no new input, and no end of it either.
      got = unsafe swr_convert(
        context, frame.pointee.extended_data, CInt(Self.chunk), dougong_frame_data(source), 0)
      try check(got, "cannot convert sound")
    }
  }

  /// Takes what the resampler holds back until the end.
  borrowing func flush() throws(FFmpegError) {
    while true {
      let got = unsafe swr_convert(
        context, frame.pointee.extended_data, CInt(Self.chunk), nil, 0)
      try check(got, "cannot convert sound")
      guard got > 0 else { return }
      try enqueue(got)
    }
  }

  /// Takes silence.
  borrowing func writeSilence(_ count: Int) throws(FFmpegError) {
    let part = min(count, Self.chunk)
    unsafe av_samples_set_silence(
      frame.pointee.extended_data, 0, CInt(part), frame.pointee.ch_layout.nb_channels,
      AVSampleFormat(rawValue: frame.pointee.format))
    try enqueue(CInt(part))
  }

  /// The most samples that `writeSilence` takes at once.
  static var silenceLimit: Int { chunk }

  private borrowing func enqueue(_ count: CInt) throws(FFmpegError) {
    try check(
      unsafe av_audio_fifo_write(queue, dougong_frame_planes(frame), count), "no memory for sound")
  }

  /// Reads up to `count` samples into a frame.
  borrowing func read(
    into target: UnsafeMutablePointer<AVFrame>, _ count: Int
  ) throws(FFmpegError) -> Int {
    let got = unsafe av_audio_fifo_read(queue, dougong_frame_planes(target), CInt(count))
    try check(got, "cannot convert sound")
    return Int(got)
  }
}
