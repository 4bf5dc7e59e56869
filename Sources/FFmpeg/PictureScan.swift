import CFFmpeg
package import MediaCore

/// What the packets of a file's picture say before any of them is decoded, in whatever coding.
///
///     let scan = try PictureScan.scan(path: "film.mov", name: "film.mov")
///     scan?.times.count  // pictures
package struct PictureScan: Sendable {
  /// Number of the stream, as FFmpeg counts.
  package let stream: Int
  /// The codec's common name, as `prores`.
  package let codecName: String
  package let timescale: Timescale
  /// Presentation times in order, less those outside the source's edit list.
  package let times: [Int64]
  /// How long the last picture is presented; 0 if the source does not say.
  package let lastDuration: Int64
  package let width: Int
  package let height: Int
  package let sampleAspectRatio: Rational?
  /// What the container claims.
  package let frameRate: Rational?
  package let bitDepth: Int
  /// Code points that nothing says are 2; `nil` if nothing says any.
  package let colour: ColourInformation?
  package let masteringDisplay: MasteringDisplay?
  package let contentLight: ContentLight?
  package let isInterlaced: Bool
  package let displayMatrix: [Int32]?
  /// Packets that the container marks as damaged.
  package let damagedCount: Int

  /// Reads a file once (`av_read_frame`).
  /// - Parameters:
  ///   - name: how messages call the file.
  ///   - isCancelled: asked between packets.
  /// - Returns: `nil` if the file has no picture that FFmpeg decodes.
  package static func scan(
    path: String, name: String, isCancelled: () -> Bool = { false }
  ) throws -> PictureScan? {
    var demuxer = try Demuxer.open(path: path)
    var chosen: Int?
    for number in 0..<demuxer.streamCount {
      let stream = demuxer.stream(number)
      if chosen == nil, stream.kind == .video, !stream.isAttachedPicture,
        unsafe avcodec_find_decoder(stream.codecID) != nil
      {
        chosen = number
      } else {
        demuxer.discard(number)
      }
    }
    guard let number = chosen else { return nil }
    let stream = demuxer.stream(number)
    guard stream.timeBase.0 > 0, let ticks = UInt32(exactly: stream.timeBase.1),
      let timescale = Timescale(ticks)
    else { throw FFmpegError(.damaged, "\(name): stream \(number) has no time base") }
    var times: [Int64] = []
    var damaged = 0
    var latest: (time: Int64, duration: Int64) = (.min, 0)
    var order = DecodeOrder(timescale, place: name)
    while let packet = try demuxer.next() {
      if isCancelled() { throw CancellationError() }
      if packet.isCorrupt { damaged += 1 }
      guard packet.stream == number, !packet.isDiscarded else { continue }
      guard times.count < SampleTable.maximumCount else {
        throw FFmpegError(
          .limit, "\(name): more than \(SampleTable.maximumCount) pictures; cut the file first")
      }
      guard let time = packet.presentationTime ?? packet.decodeTime else {
        throw FFmpegError(
          .unsupported,
          "\(name): its pictures (\(stream.codecName)) carry no times, as in a raw stream; put them "
            + "into a container first, as with ffmpeg -r RATE -i")
      }
      let ticks = try Self.ticks(time, stream, name)
      if let decoded = packet.decodeTime { try order.take(Self.ticks(decoded, stream, name)) }
      times.append(ticks)
      if ticks >= latest.time { latest = (ticks, packet.duration * stream.timeBase.0) }
    }
    guard !times.isEmpty else { return nil }
    times.sort()
    return unsafe PictureScan(
      stream, demuxer.pointer(to: number).pointee.codecpar.pointee, timescale: timescale,
      times: times, lastDuration: latest.duration, damagedCount: damaged)
  }

  /// A time in ticks of the stream's timescale.
  private static func ticks(
    _ time: Int64, _ stream: StreamDescription, _ name: String
  ) throws(FFmpegError) -> Int64 {
    let (ticks, overflows) = time.multipliedReportingOverflow(by: stream.timeBase.0)
    guard !overflows, ticks.magnitude < 1 << 60 else {
      throw FFmpegError(
        .damaged, "\(name): stream \(stream.number) has the impossible time \(time)")
    }
    return ticks
  }

  private init(
    _ stream: StreamDescription, _ parameters: AVCodecParameters, timescale: Timescale,
    times: [Int64], lastDuration: Int64, damagedCount: Int
  ) {
    self.stream = stream.number
    codecName = stream.codecName
    self.timescale = timescale
    self.times = times
    self.lastDuration = lastDuration
    self.damagedCount = damagedCount
    width = stream.width
    height = stream.height
    sampleAspectRatio = stream.sampleAspectRatio
    frameRate = stream.frameRate
    let format = unsafe av_pix_fmt_desc_get(AVPixelFormat(rawValue: parameters.format))
    bitDepth = unsafe format.map { unsafe Int($0.pointee.comp.0.depth) } ?? 8
    let points = unsafe [
      parameters.color_primaries.rawValue, parameters.color_trc.rawValue,
      parameters.color_space.rawValue,
    ].map { UInt16(clamping: $0) }
    let isFull = unsafe parameters.color_range == AVCOL_RANGE_JPEG
    colour =
      points == [2, 2, 2] && !isFull
      ? nil
      : ColourInformation(
        primaries: points[0], transfer: points[1], matrix: points[2], isFullRange: isFull)
    masteringDisplay = stream.sideData.masteringDisplay
    contentLight = stream.sideData.contentLight
    isInterlaced = unsafe [AV_FIELD_TT, AV_FIELD_BB, AV_FIELD_TB, AV_FIELD_BT].contains(
      parameters.field_order)
    displayMatrix = stream.displayMatrix
  }
}

/// Decode times of a file, which rise: where they go back, files were put behind one another, and pictures of both would be
/// laid on the same times.
private struct DecodeOrder {
  private let timescale: Timescale
  private let place: String
  private var latest: Int64?
  /// Seconds that times may go back: small faults, and no second begin.
  private static let tolerance = 1.0

  init(_ timescale: Timescale, place: String) {
    self.timescale = timescale
    self.place = place
  }

  mutating func take(_ time: Int64) throws {
    defer { latest = max(latest ?? time, time) }
    guard let latest else { return }
    let back = MediaTime(latest, timescale).seconds - MediaTime(time, timescale).seconds
    guard back > Self.tolerance else { return }
    let milliseconds = Int64((back * 1000).rounded())
    throw FFmpegError(
      .unsupported,
      "\(place): its times go back by \(milliseconds) ms at \(MediaTime(latest, timescale).seconds) s, as "
        + "where files were put behind one another; join them with times that go on, as with "
        + "ffmpeg -f concat"
    )
  }
}
