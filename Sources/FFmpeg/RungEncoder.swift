import CFFmpeg
import Codecs
package import MediaCore
import NIOCore

/// What an encoder of a rung gives out.
package enum RungOutput: Sendable {
  /// Before the first sample: its coding, with the decoder configuration record.
  case track(SourceTrack)
  /// Times count from the grid's zero, ticks of the track.
  case sample(LiveSample)
}

/// An encoder of one rung: pictures in, samples of a CMAF track out. Owns the context of libavcodec.
///
///     var encoder = try RungEncoder.open(encoding, number: 0, name: "360p-h264")
///     try encoder.send(picture, number: 1000, isKey: true)
///     while let output = try encoder.receive() { … }
///     try encoder.finish()
///     while let output = try encoder.receive() { … }
///
/// Samples go the way of those that a file holds: parameter sets stand in the record alone.
struct RungEncoder: ~Copyable {
  private let context: EncoderContext
  private let frame: EncoderFrame
  private let encoding: RungEncoding
  private let grid: FrameGrid
  private let name: String
  /// Number of its track.
  private let track: Int
  private var scan: StreamScan?
  private var isDescribed = false
  private var ready: [RungOutput] = []
  private var payload = ByteBuffer()
  /// Number of the first picture, which encoders count from.
  private var first: Int64?
  /// By number: when pictures on their way came in, and how many they stand for.
  private var sent: [Int64: (arrival: Int64?, length: Int64)] = [:]

  /// Opens an encoder (`avcodec_open2`).
  /// - Parameters:
  ///   - track: number that its samples get.
  ///   - name: how messages call the rung.
  static func open(
    _ encoding: RungEncoding, track: Int, name: String
  ) throws(FFmpegError) -> RungEncoder {
    guard let (encoder, package) = RungEncoding.encoder(encoding.codec) else {
      throw FFmpegError(
        .unsupported,
        "\(name): pictures are not encoded in \(encoding.codec.rawValue); choose h264, hevc or av1")
    }
    let sides = RungEncoding.sideLength
    guard sides.contains(encoding.width), sides.contains(encoding.height),
      encoding.width % 2 == 0, encoding.height % 2 == 0
    else {
      throw FFmpegError(
        .limit,
        "\(name): pictures of \(encoding.width)x\(encoding.height) are not encoded; even sides from "
          + "\(sides.lowerBound) to \(sides.upperBound) are")
    }
    guard encoding.bitDepth == 8 || (encoding.bitDepth == 10 && encoding.codec != .h264) else {
      throw FFmpegError(
        .unsupported,
        "\(name): \(encoding.codec.rawValue) is not encoded with \(encoding.bitDepth) bits; 8 bits "
          + "are, and 10 in hevc and av1")
    }
    guard let grid = FrameGrid(rate: encoding.frameRate) else {
      throw FFmpegError(
        .unsupported, "\(name): no timescale holds \(encoding.frameRate) pictures a second")
    }
    let context = try EncoderContext(
      encoder, advice: "it comes with the Debian package \(package), which libavcodec loads")
    encoding.configure(context)
    do throws(FFmpegError) {
      try context.open(encoding.options)
    } catch {
      throw FFmpegError(error.code, "\(name): \(error.message)")
    }
    return RungEncoder(
      context: context, frame: try EncoderFrame(), encoding: encoding, grid: grid, name: name,
      track: track)
  }

  private init(
    context: consuming EncoderContext, frame: consuming EncoderFrame, encoding: RungEncoding,
    grid: FrameGrid, name: String, track: Int
  ) {
    self.context = context
    self.frame = frame
    self.encoding = encoding
    self.grid = grid
    self.name = name
    self.track = track
  }

  /// Gives the encoder a picture. What it gives out is to be received before the next.
  /// - Parameters:
  ///   - number: of the picture among those of the rung; they rise.
  ///   - arrival: when it came in, nanoseconds since 1970.
  ///   - length: how many pictures of the rung it stands for.
  mutating func send(
    _ picture: Picture, number: Int64, isKey: Bool, arrival: Int64?, length: Int64 = 1
  ) throws(FFmpegError) {
    let first = first ?? number
    self.first = first
    sent[number] = (arrival, length)
    try unsafe frame.fill(picture, time: number - first, isKey: isKey) {
      frame throws(FFmpegError) in
      try unsafe context.send(frame)
    }
  }

  /// Says that nothing follows: what the encoder holds back can be received. Of no pictures there is nothing, and SVT-AV1
  /// would wait for one.
  mutating func finish() throws(FFmpegError) {
    if first != nil { try unsafe context.send(nil) }
  }

  /// The next output; `nil` if the encoder wants more, or after the last.
  mutating func receive() throws -> RungOutput? {
    while ready.isEmpty {
      payload.clear()
      guard let packet = try context.receive(into: &payload) else { return nil }
      try take(packet)
    }
    return ready.removeFirst()
  }

  private mutating func take(_ packet: Packet) throws {
    var packet = packet
    let presented = packet.presentationTime ?? 0
    let decoded = packet.decodeTime ?? presented
    let base = first ?? 0
    packet.presentationTime = presented + base
    var scan =
      try self.scan
      ?? StreamScan(
        StreamDescription(encoding, context, number: track), path: name)
    guard let sample = try scan?.sample(packet, payload: payload) else {
      self.scan = scan
      return
    }
    if !isDescribed {
      guard var described = try scan?.track() else { return }
      described.timescale = grid.timescale
      described.samples = SampleTable()
      described.presentationStart = 0
      described.frameRateHint = encoding.frameRate
      described.statedRates = encoding.statedRates
      ready.append(.track(described))
      isDescribed = true
    }
    self.scan = scan
    let frames = grid.frameDuration
    let known = sent.removeValue(forKey: presented + base)
    ready.append(
      .sample(
        LiveSample(
          track: track, decodeTime: (decoded + base) * frames,
          presentationTime: (presented + base) * frames,
          duration: frames * (known?.length ?? 1), randomAccess: sample.randomAccess,
          arrival: known?.arrival,
          payload: ByteBuffer(buffer: sample.bytes))))
  }
}

/// A frame that encoders are given: it refers to a picture, and says what is wanted of it.
@safe struct EncoderFrame: ~Copyable {
  private let frame: UnsafeMutablePointer<AVFrame>

  init() throws(FFmpegError) {
    guard let frame = unsafe av_frame_alloc() else {
      throw FFmpegError(.system, "no memory for an encoder")
    }
    unsafe self.frame = frame
  }

  deinit {
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  borrowing func fill(
    _ picture: Picture, time: Int64, isKey: Bool,
    _ body: (UnsafeMutablePointer<AVFrame>) throws(FFmpegError) -> Void
  ) throws(FFmpegError) {
    unsafe av_frame_unref(frame)
    try check(unsafe av_frame_ref(frame, picture.frame), "no memory for a picture")
    // The record says these of all pictures; messages within them would not be the same.
    for type in [
      AV_FRAME_DATA_A53_CC, AV_FRAME_DATA_SEI_UNREGISTERED, AV_FRAME_DATA_S12M_TIMECODE,
      AV_FRAME_DATA_REGIONS_OF_INTEREST, AV_FRAME_DATA_DYNAMIC_HDR_PLUS,
      AV_FRAME_DATA_DOVI_RPU_BUFFER, AV_FRAME_DATA_DOVI_METADATA,
    ] {
      unsafe av_frame_remove_side_data(frame, type)
    }
    unsafe frame.pointee.pts = time
    unsafe frame.pointee.pict_type = isKey ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE
    unsafe frame.pointee.key_frame = isKey ? 1 : 0
    unsafe frame.pointee.interlaced_frame = 0
    unsafe frame.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
    defer { unsafe av_frame_unref(frame) }
    try unsafe body(frame)
  }
}
