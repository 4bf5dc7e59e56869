import CFFmpeg
import MediaCore

/// A graph of libavfilter that brings pictures of one form into another: owns the graph, and never lets a pointer of it
/// out of this room.
///
///     var filter = try PictureFilter.open(from: picture.form, .fitting(target), rate: Rational(literal: 25, 1))
///     try filter.send(picture, number: 17)
///     while let (picture, number) = try filter.receive() { … }
///     try filter.send(nil, number: 0)
///     while let (picture, number) = try filter.receive() { … }
///
/// Pictures carry their number on the grid of the source through it.
@safe struct PictureFilter: ~Copyable {
  private let graph: UnsafeMutablePointer<AVFilterGraph>
  private let source: UnsafeMutablePointer<AVFilterContext>
  private let sink: UnsafeMutablePointer<AVFilterContext>
  private let frame: UnsafeMutablePointer<AVFrame>
  private let timeBase: AVRational

  /// Opens a graph (`avfilter_graph_config`).
  /// - Parameters:
  ///   - chain: filters in libavfilter's words.
  ///   - rate: pictures in a second.
  static func open(
    from form: PictureForm, _ chain: String, rate: Rational
  ) throws(FFmpegError) -> PictureFilter {
    guard let graph = unsafe avfilter_graph_alloc(), let frame = unsafe av_frame_alloc() else {
      throw FFmpegError(.system, "no memory for a filter")
    }
    unsafe graph.pointee.nb_threads = 1
    let time = AVRational(
      num: CInt(clamping: rate.denominator), den: CInt(clamping: rate.numerator))
    var source: UnsafeMutablePointer<AVFilterContext>?
    var sink: UnsafeMutablePointer<AVFilterContext>?
    let input =
      "video_size=\(form.width)x\(form.height):pix_fmt=\(form.pixelFormat)"
      + ":time_base=\(time.num)/\(time.den):frame_rate=\(time.den)/\(time.num)"
      + ":pixel_aspect=\(form.aspectRatio.numerator)/\(form.aspectRatio.denominator)"
    do throws(FFmpegError) {
      try check(
        unsafe avfilter_graph_create_filter(
          &source, avfilter_get_by_name("buffer"), "in", input, nil, graph),
        "pictures of \(form.width)x\(form.height) cannot be filtered")
      try check(
        unsafe avfilter_graph_create_filter(
          &sink, avfilter_get_by_name("buffersink"), "out", nil, nil, graph),
        "no filter can be made")
      guard let source = unsafe source, let sink = unsafe sink else {
        throw FFmpegError(.system, "no memory for a filter")
      }
      try unsafe link(graph, source, sink, chain)
      return unsafe PictureFilter(
        graph: graph, source: source, sink: sink, frame: frame, timeBase: time)
    } catch {
      var (graph, frame): (UnsafeMutablePointer<AVFilterGraph>?, UnsafeMutablePointer<AVFrame>?) =
        unsafe (graph, frame)
      unsafe avfilter_graph_free(&graph)
      unsafe av_frame_free(&frame)
      throw error
    }
  }

  private static func link(
    _ graph: UnsafeMutablePointer<AVFilterGraph>, _ source: UnsafeMutablePointer<AVFilterContext>,
    _ sink: UnsafeMutablePointer<AVFilterContext>, _ chain: String
  ) throws(FFmpegError) {
    var outputs: UnsafeMutablePointer<AVFilterInOut>? = unsafe avfilter_inout_alloc()
    var inputs: UnsafeMutablePointer<AVFilterInOut>? = unsafe avfilter_inout_alloc()
    defer {
      unsafe avfilter_inout_free(&outputs)
      unsafe avfilter_inout_free(&inputs)
    }
    unsafe outputs?.pointee.name = av_strdup("in")
    unsafe outputs?.pointee.filter_ctx = source
    unsafe inputs?.pointee.name = av_strdup("out")
    unsafe inputs?.pointee.filter_ctx = sink
    let failure = "this FFmpeg cannot filter pictures by \(chain)"
    try check(unsafe avfilter_graph_parse_ptr(graph, chain, &inputs, &outputs, nil), failure)
    try check(unsafe avfilter_graph_config(graph, nil), failure)
  }

  private init(
    graph: UnsafeMutablePointer<AVFilterGraph>, source: UnsafeMutablePointer<AVFilterContext>,
    sink: UnsafeMutablePointer<AVFilterContext>, frame: UnsafeMutablePointer<AVFrame>,
    timeBase: AVRational
  ) {
    unsafe self.graph = graph
    unsafe self.source = source
    unsafe self.sink = sink
    unsafe self.frame = frame
    self.timeBase = timeBase
  }

  deinit {
    var graph: UnsafeMutablePointer<AVFilterGraph>? = unsafe graph
    unsafe avfilter_graph_free(&graph)
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// Gives the graph a picture (`av_buffersrc_add_frame`); `nil`: nothing follows.
  /// - Precondition: it has the form that the graph was opened for.
  mutating func send(_ picture: Picture?, number: Int64) throws(FFmpegError) {
    guard let picture else {
      return try check(unsafe av_buffersrc_add_frame(source, nil), "a filter cannot be ended")
    }
    unsafe av_frame_unref(frame)
    try check(unsafe av_frame_ref(frame, picture.frame), "no memory for a picture")
    unsafe frame.pointee.pts = number
    unsafe frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
    try check(unsafe av_buffersrc_add_frame(source, frame), "a picture cannot be filtered")
  }

  /// The next picture and its number (`av_buffersink_get_frame`); `nil` if the graph wants more, or after the last.
  /// - Parameter colour: what it has become; `nil`: what it was.
  mutating func receive(
    colour: ColourInformation? = nil
  ) throws(FFmpegError) -> (Picture, Int64)? {
    unsafe av_frame_unref(frame)
    let code = unsafe av_buffersink_get_frame(sink, frame)
    if code == dougong_averror_eagain || code == dougong_averror_eof { return nil }
    try check(code, "a picture cannot be filtered")
    let number = unsafe av_rescale_q(
      frame.pointee.pts, av_buffersink_get_time_base(sink), timeBase)
    unsafe frame.pointee.interlaced_frame = 0
    if let colour {
      unsafe frame.pointee.color_primaries = AVColorPrimaries(UInt32(colour.primaries))
      unsafe frame.pointee.color_trc = AVColorTransferCharacteristic(UInt32(colour.transfer))
      unsafe frame.pointee.colorspace = AVColorSpace(UInt32(colour.matrix))
      unsafe frame.pointee.color_range = AVCOL_RANGE_MPEG
    }
    return (try unsafe Picture(taking: frame), number)
  }
}
