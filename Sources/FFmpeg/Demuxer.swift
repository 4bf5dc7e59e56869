import CFFmpeg
import Codecs
import MediaCore
import NIOCore

/// An open input of libavformat: owns the context, and never returns a pointer of it.
@safe struct Demuxer: ~Copyable {
  private let context: UnsafeMutablePointer<AVFormatContext>
  private let packet: UnsafeMutablePointer<AVPacket>
  private let input: UnsafeMutablePointer<AVIOContext>
  /// Asked by libavformat while it waits; `nil` for files.
  private let interrupt: Interrupt?
  let path: String

  /// One allocation inside FFmpeg, at most.
  private static let maximumAllocation = 256 << 20
  /// Bytes looked at to learn what the streams are.
  private static let probeByteCount = "8000000"

  /// Opens a file and reads enough to know its streams (`avformat_open_input`,
  /// `avformat_find_stream_info`). Nothing but the file itself is opened.
  static func open(path: String) throws(FFmpegError) -> Demuxer {
    av_log_set_level(AV_LOG_QUIET)
    av_max_alloc(maximumAllocation)
    var input: UnsafeMutablePointer<AVIOContext>?
    // `file:` keeps a name with a colon from being read as a protocol.
    let name = "file:\(path)"
    try check(unsafe avio_open2(&input, name, AVIO_FLAG_READ, nil, nil), "cannot open \(path)")
    var opened = unsafe avformat_alloc_context()
    unsafe opened?.pointee.pb = input
    var options: OpaquePointer?
    // Playlists and scripts name other files; whoever wrote one does not choose what is read here.
    // The list holds for what demuxers open, not for the input above.
    unsafe av_dict_set(&options, "protocol_whitelist", "none", 0)
    unsafe av_dict_set(&options, "probesize", probeByteCount, 0)
    defer { unsafe av_dict_free(&options) }
    let code = unsafe avformat_open_input(&opened, name, nil, &options)
    if code < 0 { unsafe avio_closep(&input) }
    try check(code, "cannot read \(path) as a media file")
    guard let opened = unsafe opened, let input = unsafe input,
      let packet = unsafe av_packet_alloc()
    else { throw FFmpegError(.system, "no memory to open \(path)") }
    let demuxer = unsafe Demuxer(
      context: opened, packet: packet, input: input, interrupt: nil, path: path)
    try demuxer.findStreams()
    return demuxer
  }

  /// Opens what comes in from a network or a pipe, as its URL says, and waits for it.
  ///
  /// What the bytes themselves name is not opened, as with files.
  static func open(live address: LiveAddress, isCancelled: @escaping @Sendable () -> Bool)
    throws(FFmpegError) -> Demuxer
  {
    av_log_set_level(AV_LOG_QUIET)
    av_max_alloc(maximumAllocation)
    avformat_network_init()
    let interrupt = Interrupt(isCancelled)
    var callback = unsafe interrupt.callback
    var input: UnsafeMutablePointer<AVIOContext>?
    var options: OpaquePointer?
    for (key, value) in address.options { unsafe av_dict_set(&options, key, value, 0) }
    let code = unsafe avio_open2(&input, address.url, AVIO_FLAG_READ, &callback, &options)
    unsafe av_dict_free(&options)
    if isCancelled() {
      unsafe avio_closep(&input)
      throw FFmpegError(.cancelled, "interrupted")
    }
    try check(code, "cannot open \(address.name)")
    var opened = unsafe avformat_alloc_context()
    unsafe opened?.pointee.pb = input
    unsafe opened?.pointee.interrupt_callback = callback
    unsafe av_dict_set(&options, "protocol_whitelist", "none", 0)
    unsafe av_dict_set(&options, "probesize", probeByteCount, 0)
    unsafe av_dict_set(&options, "analyzeduration", liveAnalysis, 0)
    defer { unsafe av_dict_free(&options) }
    let found = unsafe avformat_open_input(&opened, address.url, nil, &options)
    if found < 0 { unsafe avio_closep(&input) }
    if isCancelled() { throw FFmpegError(.cancelled, "interrupted") }
    try check(found, "cannot read \(address.name) as a media stream")
    guard let opened = unsafe opened, let input = unsafe input,
      let packet = unsafe av_packet_alloc()
    else { throw FFmpegError(.system, "no memory to open \(address.name)") }
    let demuxer = unsafe Demuxer(
      context: opened, packet: packet, input: input, interrupt: interrupt, path: address.name)
    try demuxer.findStreams()
    return demuxer
  }

  /// Microseconds of a stream that are looked at to learn what it holds.
  private static let liveAnalysis = "2000000"

  private init(
    context: UnsafeMutablePointer<AVFormatContext>, packet: UnsafeMutablePointer<AVPacket>,
    input: UnsafeMutablePointer<AVIOContext>, interrupt: Interrupt?, path: String
  ) {
    unsafe self.context = context
    unsafe self.packet = packet
    unsafe self.input = input
    self.interrupt = interrupt
    self.path = path
  }

  private borrowing func findStreams() throws(FFmpegError) {
    try check(
      unsafe avformat_find_stream_info(context, nil), "cannot learn what the streams of \(path) are"
    )
  }

  deinit {
    var context: UnsafeMutablePointer<AVFormatContext>? = unsafe context
    unsafe avformat_close_input(&context)
    var input: UnsafeMutablePointer<AVIOContext>? = unsafe input
    unsafe avio_closep(&input)
    var packet: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&packet)
  }

  /// The demuxer's short name: `mpegts`, `matroska,webm`.
  var formatName: String {
    unsafe context.pointee.iformat.map { unsafe String(cString: $0.pointee.name) } ?? "unknown"
  }

  /// Whether streams may show themselves later than at the begin (`AVFMTCTX_NOHEADER`). A transport stream's map lists all
  /// that it has.
  var mayHaveMoreStreams: Bool {
    unsafe context.pointee.ctx_flags & AVFMTCTX_NOHEADER != 0 && formatName != "mpegts"
  }

  var streamCount: Int { unsafe Int(context.pointee.nb_streams) }

  /// What is known of a stream before its packets.
  func stream(_ number: Int) -> StreamDescription {
    // libavformat keeps `nb_streams` valid pointers here.
    unsafe StreamDescription(context.pointee.streams[number]!, number: number)
  }

  var chapterCount: Int { unsafe Int(context.pointee.nb_chapters) }

  func chapterFields(_ index: Int) -> ChapterFields {
    // libavformat keeps `nb_chapters` valid pointers here.
    let chapter = unsafe context.pointee.chapters[index]!.pointee
    return unsafe ChapterFields(
      start: chapter.start, end: chapter.end, numerator: Int64(chapter.time_base.num),
      denominator: Int64(chapter.time_base.den),
      title: StreamDescription.metadata(chapter.metadata, "title"))
  }

  /// Leaves the packets of a stream out (`AVDISCARD_ALL`).
  func discard(_ number: Int) {
    unsafe context.pointee.streams[number]!.pointee.discard = AVDISCARD_ALL
  }

  /// The next packet of any stream that is not left out; `nil` at the end (`av_read_frame`).
  mutating func next() throws(FFmpegError) -> Packet? {
    unsafe av_packet_unref(packet)
    let code = unsafe av_read_frame(context, packet)
    if code == dougong_averror_eof { return nil }
    try check(code, "cannot read \(path) to its end")
    return unsafe Packet(packet.pointee)
  }

  /// Goes to the last place at or before a time from which a stream can be decoded, as far as the container tells
  /// (`av_seek_frame`).
  /// - Parameter time: ticks of the stream.
  mutating func seek(_ number: Int, to time: Int64) throws(FFmpegError) {
    try check(
      unsafe av_seek_frame(context, CInt(clamping: number), time, AVSEEK_FLAG_BACKWARD),
      "cannot go to a place in \(path)")
  }

  /// The stream itself, for a decoder of this room; valid as long as the demuxer is.
  func pointer(to number: Int) -> UnsafeMutablePointer<AVStream> {
    // libavformat keeps `nb_streams` valid pointers here.
    unsafe context.pointee.streams[number]!
  }

  /// The packet that `next` returned last, for a decoder of this room.
  var currentPacket: UnsafePointer<AVPacket> { unsafe UnsafePointer(packet) }

  /// Appends the payload of the packet that `next` returned last.
  func copyPayload(into bytes: inout ByteBuffer) {
    unsafe Self.copyPayload(of: packet, into: &bytes)
  }

  static func copyPayload(of packet: UnsafePointer<AVPacket>, into bytes: inout ByteBuffer) {
    guard let data = unsafe packet.pointee.data else { return }
    unsafe _ = bytes.writeBytes(
      UnsafeRawBufferPointer(start: data, count: Int(packet.pointee.size)))
  }
}

/// What libavformat says of a packet, its payload apart.
struct Packet {
  var stream: Int
  /// In the stream's time base; `nil` if the container has none.
  var presentationTime: Int64?
  var decodeTime: Int64?
  var duration: Int64
  var byteCount: Int
  var isKey: Bool
  /// Outside the source's edit list.
  var isDiscarded: Bool
  var isCorrupt: Bool
  /// Audio samples at the front that are not presented (`AV_PKT_DATA_SKIP_SAMPLES`).
  var skippedSamples: Int64
  /// What a WebVTT cue has beside its text; `nil` in all other packets.
  var cue: CueSideData?
  /// A record that holds from this packet on (`AV_PKT_DATA_NEW_EXTRADATA`).
  var newExtradata: ByteBuffer?

  init(_ packet: borrowing AVPacket) {
    stream = unsafe Int(packet.stream_index)
    presentationTime = unsafe packet.pts == dougong_av_nopts ? nil : packet.pts
    decodeTime = unsafe packet.dts == dougong_av_nopts ? nil : packet.dts
    duration = unsafe packet.duration
    byteCount = unsafe Int(packet.size)
    isKey = unsafe packet.flags & AV_PKT_FLAG_KEY != 0
    isDiscarded = unsafe packet.flags & AV_PKT_FLAG_DISCARD != 0
    isCorrupt = unsafe packet.flags & AV_PKT_FLAG_CORRUPT != 0
    skippedSamples = 0
    for index in 0..<Int(unsafe packet.side_data_elems) {
      let side = unsafe packet.side_data[index]
      unsafe CueSideData.take(side, into: &cue)
      if unsafe side.type == AV_PKT_DATA_NEW_EXTRADATA, let data = unsafe side.data {
        newExtradata = unsafe ByteBuffer(
          bytes: UnsafeRawBufferPointer(start: data, count: side.size))
      }
      guard unsafe side.type == AV_PKT_DATA_SKIP_SAMPLES, unsafe side.size >= 4 else { continue }
      let data = unsafe UnsafeRawBufferPointer(start: side.data, count: 4)
      skippedSamples = Int64(unsafe data.loadUnaligned(as: UInt32.self).littleEndian)
    }
  }
}

/// What libavformat knows of a stream (`AVStream`, `AVCodecParameters`).
struct StreamDescription {
  var number: Int
  var kind: MediaKind
  var codecID: AVCodecID
  /// The codec's common name, as `av1`.
  var codecName: String
  var codecTag: UInt32
  var extradata: ByteBuffer
  /// Seconds of a tick: numerator and denominator.
  var timeBase: (Int64, Int64)
  /// Of sound, as it leaves the decoder.
  var sampleRate: Int
  var channelCount: Int
  /// Profile as libavcodec numbers it (`AVCodecParameters.profile`).
  var profile: CInt
  var width: Int
  var height: Int
  var isAttachedPicture: Bool
  var language: String?
  var label: String?
  var disposition: CInt
  var sampleAspectRatio: Rational?
  var colour: ColourInformation?
  var displayMatrix: [Int32]?
  var frameRate: Rational?
  var sideData: PictureSideData

  init(_ pointer: UnsafeMutablePointer<AVStream>, number: Int) {
    let stream = unsafe pointer.pointee
    let parameters = unsafe stream.codecpar.pointee
    self.number = number
    kind =
      switch unsafe parameters.codec_type {
      case AVMEDIA_TYPE_VIDEO: .video
      case AVMEDIA_TYPE_AUDIO: .audio
      case AVMEDIA_TYPE_SUBTITLE: .text
      default: .data
      }
    codecID = unsafe parameters.codec_id
    codecName =
      unsafe avcodec_get_name(parameters.codec_id).map { unsafe String(cString: $0) } ?? ""
    codecTag = unsafe parameters.codec_tag
    extradata = ByteBuffer()
    if let data = unsafe parameters.extradata {
      unsafe _ = extradata.writeBytes(
        UnsafeRawBufferPointer(start: data, count: Int(max(parameters.extradata_size, 0))))
    }
    timeBase = unsafe (Int64(stream.time_base.num), Int64(stream.time_base.den))
    sampleRate = unsafe Int(parameters.sample_rate)
    channelCount = unsafe Int(parameters.ch_layout.nb_channels)
    profile = unsafe parameters.profile
    width = unsafe Int(parameters.width)
    height = unsafe Int(parameters.height)
    disposition = unsafe stream.disposition
    isAttachedPicture = disposition & AV_DISPOSITION_ATTACHED_PIC != 0
    language = unsafe Self.metadata(stream.metadata, "language")
    label = unsafe Self.metadata(stream.metadata, "title")
    let own = unsafe stream.sample_aspect_ratio
    let ratio = unsafe own.num > 0 ? own : parameters.sample_aspect_ratio
    sampleAspectRatio = Rational(Int64(ratio.num), Int64(ratio.den))
    if unsafe kind == .video && parameters.color_trc != AVCOL_TRC_UNSPECIFIED {
      colour = unsafe ColourInformation(
        primaries: UInt16(clamping: parameters.color_primaries.rawValue),
        transfer: UInt16(clamping: parameters.color_trc.rawValue),
        matrix: UInt16(clamping: parameters.color_space.rawValue),
        isFullRange: parameters.color_range == AVCOL_RANGE_JPEG)
    }
    var matrixByteCount = 0
    if let data = unsafe av_stream_get_side_data(
      pointer, AV_PKT_DATA_DISPLAYMATRIX, &matrixByteCount), matrixByteCount >= 36
    {
      let raw = unsafe UnsafeRawBufferPointer(start: data, count: 36)
      displayMatrix = (0..<9).map {
        unsafe raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)
      }
    }
    sideData = unsafe PictureSideData(pointer)
    frameRate = unsafe Rational(
      Int64(stream.avg_frame_rate.num), Int64(stream.avg_frame_rate.den))
  }

  /// What an encoder makes.
  init(_ encoding: RungEncoding, _ context: borrowing EncoderContext, number: Int) {
    self.number = number
    kind = .video
    codecID = unsafe context.pointer.pointee.codec_id
    codecName = encoding.codec.rawValue
    codecTag = 0
    extradata = context.extradata
    timeBase = (encoding.frameRate.denominator, encoding.frameRate.numerator)
    sampleRate = 0
    channelCount = 0
    profile = unsafe context.pointer.pointee.profile
    width = encoding.width
    height = encoding.height
    isAttachedPicture = false
    disposition = AV_DISPOSITION_DEFAULT
    colour = encoding.colour
    frameRate = encoding.frameRate
    sideData = PictureSideData(
      masteringDisplay: encoding.masteringDisplay, contentLight: encoding.contentLight)
  }

  fileprivate static func metadata(_ dictionary: OpaquePointer?, _ key: String) -> String? {
    guard let entry = unsafe av_dict_get(dictionary, key, nil, 0),
      let value = unsafe entry.pointee.value
    else { return nil }
    return unsafe String(cString: value)
  }
}
