import CFFmpeg
import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// What the first pass over a file learns of one stream, packet by packet.
struct StreamScan {
  let stream: StreamDescription
  let path: String
  private(set) var formatter = SampleFormatter(form: .unchanged)
  private let timescale: Timescale
  private let timeFactor: Int64
  private var codec: VideoCodec?
  private var framing = NALUnitFraming.annexB
  private var sets: ParameterSets?
  private var parameters = SliceParameters()
  private var vp9Format: VP9Format?
  private var vp9Profile = 0
  private var superframes = VP9SuperframeBuilder()
  private var metadata = HDRMetadata()
  private var audioConfiguration: ByteBuffer?
  private var sound: SoundScan?
  private var gatherer = FrameGatherer()
  private var gatheredTime: Int64 = 0
  private var table = SampleTable()
  private var lastRandomAccess: Int?
  private var latest: (time: Int64, duration: Int64)?
  private var start: Int64?
  private var end: Int64?
  private var scratch = ByteBuffer()
  private var latestFrame = ByteBuffer()

  /// - Returns: `nil` if the stream is of a coding that is not packaged.
  init?(_ stream: StreamDescription, path: String) throws {
    self.stream = stream
    self.path = path
    guard stream.timeBase.0 > 0, let ticks = UInt32(exactly: stream.timeBase.1),
      let timescale = Timescale(ticks)
    else { throw FFmpegError(.damaged, "\(path): stream \(stream.number) has no time base") }
    self.timescale = timescale
    timeFactor = stream.timeBase.0
    switch stream.codecID {
    case AV_CODEC_ID_H264: try prepareVideo(.h264)
    case AV_CODEC_ID_HEVC: try prepareVideo(.hevc)
    case AV_CODEC_ID_AV1: try prepareAV1()
    case AV_CODEC_ID_VP9:
      codec = .vp9
      formatter = SampleFormatter(form: .superframe)
    case AV_CODEC_ID_AAC:
      if stream.extradata.readableBytes > 0 {
        let configuration = try? AudioSpecificConfig(parsing: stream.extradata)
        guard configuration?.isPackaged ?? false else { return nil }
        audioConfiguration = try stream.completed(stream.extradata)
      } else {
        formatter = SampleFormatter(form: .adts)
      }
    default:
      guard let sound = try SoundScan(stream) else { return nil }
      self.sound = sound
      formatter = SampleFormatter(form: sound.form)
    }
  }

  private mutating func prepareAV1() throws {
    codec = .av1
    var sets = ParameterSets(codec: .av1)
    // A record starts with its marker and version; else there are plain units, or nothing.
    if stream.extradata.getInteger(at: stream.extradata.readerIndex, as: UInt8.self) == 0x81 {
      try sets.take(record: stream.extradata)
      parameters = SliceParameters(try AV1CodecConfigurationRecord(parsing: stream.extradata))
    }
    self.sets = sets
    formatter = SampleFormatter(form: .temporalUnit)
  }

  private mutating func prepareVideo(_ codec: VideoCodec) throws {
    self.codec = codec
    var sets = ParameterSets(codec: codec)
    // A decoder configuration record starts with its version, 1; a byte stream with zeros.
    if stream.extradata.getInteger(at: stream.extradata.readerIndex, as: UInt8.self) == 1 {
      let size: NALUnitLengthSize
      switch codec {
      case .h264:
        size = try AVCDecoderConfigurationRecord(parsing: stream.extradata).nalUnitLengthSize
      case .hevc:
        let record = try HEVCDecoderConfigurationRecord(parsing: stream.extradata)
        size = record.nalUnitLengthSize
        parameters = SliceParameters(record)
      case .av1, .vp9: return
      }
      framing = .lengthPrefixed(size)
      try sets.take(record: stream.extradata)
      // avc3 and hev1 carry their parameter sets in the samples.
      let inBand = ["avc3", "hev1", "dvav", "dvhe"].map { name in
        name.utf8.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      }
      if inBand.contains(stream.codecTag) {
        formatter = SampleFormatter(form: .nalUnits(codec, framing))
      }
    } else {
      formatter = SampleFormatter(form: .nalUnits(codec, .annexB))
      if stream.extradata.readableBytes > 0 {
        let unit = try AccessUnit(
          in: stream.extradata, at: stream.extradata.readerIndex,
          count: stream.extradata.readableBytes, codec: codec, framing: .annexB)
        _ = try sets.take(unit, in: stream.extradata)
        parameters.take(unit, in: stream.extradata)
      }
    }
    self.sets = sets
  }

  /// Takes one packet into account.
  mutating func take(_ packet: Packet, payload: ByteBuffer) throws {
    guard table.count < SampleTable.maximumCount else {
      throw FFmpegError(
        .limit, "\(path): stream \(stream.number) has more than \(SampleTable.maximumCount) samples"
      )
    }
    guard let ticks = packet.presentationTime else {
      throw FFmpegError(
        .unsupported,
        "\(path): stream \(stream.number) (\(stream.codecName)) carries no presentation times, as "
          + "a raw stream does; put it into a container first, as with ffmpeg -r RATE -i")
    }
    guard packet.byteCount <= SampleTable.maximumSampleByteCount else {
      throw FFmpegError(
        .limit,
        "\(path): a sample of stream \(stream.number) has \(packet.byteCount) bytes; at "
          + "most \(SampleTable.maximumSampleByteCount) are packaged")
    }
    let (time, overflows) = ticks.multipliedReportingOverflow(by: timeFactor)
    guard !overflows, time.magnitude < 1 << 60 else {
      throw FFmpegError(
        .damaged, "\(path): stream \(stream.number) has the impossible time \(ticks)")
    }
    guard !packet.isCorrupt else {
      throw FFmpegError(
        .damaged,
        "\(path): a packet of stream \(stream.number) at \(seconds(time)) s is damaged "
          + "or cut short; repair or cut the file first")
    }
    if formatter.form == .adts, audioConfiguration == nil {
      let header = try ADTSHeader(in: payload, at: payload.readerIndex)
      audioConfiguration = try stream.completed(
        AudioSpecificConfig(
          header,
          rawDataBlock: payload.getSlice(
            at: payload.readerIndex + header.headerByteCount,
            length: payload.readableBytes - header.headerByteCount)
        ).bytes)
    }
    var payload = payload
    if codec == .vp9 {
      guard let whole = try superframes.take(payload) else { return }
      payload = whole
    }
    let access = try examine(payload, time: time)
    scratch.clear()
    let size = try formatter.append(payload, to: &scratch)
    // A packet of nothing but parameter sets is no sample.
    guard size > 0 else { return }
    if sound != nil { return try takeSound(packet, time) }
    takeTimes(packet, time)
    table.append(presentationTime: time, size: UInt32(size), randomAccess: access)
    if codec != nil, access != .none { lastRandomAccess = table.count - 1 }
  }

  /// Takes one packet, and gives out the sample that it is or completes: nothing is kept of it.
  mutating func sample(
    _ packet: Packet, payload: ByteBuffer
  ) throws -> (bytes: ByteBuffer, randomAccess: RandomAccess)? {
    try take(packet, payload: payload)
    guard let access = table.randomAccess.first else { return nil }
    table = SampleTable()
    lastRandomAccess = nil
    sound?.forget()
    return (sound == nil ? scratch : latestFrame, RandomAccess(rawValue: access) ?? .none)
  }

  /// Takes the frame in `scratch`, or the frames that it completes, as a sample.
  private mutating func takeSound(_ packet: Packet, _ time: Int64) throws {
    let begins = gatherer.isEmpty
    if begins { takeTimes(packet, time) }
    if begins { gatheredTime = time }
    do {
      var frame = scratch
      if formatter.form == .eac3 {
        guard let whole = try gatherer.take(scratch) else { return }
        frame = whole
      }
      try sound?.take(frame)
      latestFrame = frame
      table.append(
        presentationTime: gatheredTime, size: UInt32(frame.readableBytes), randomAccess: .closed)
    } catch let error as CodecsError {
      throw FFmpegError(
        .damaged, "\(path): stream \(stream.number) at \(seconds(time)) s: \(error.message)")
    }
  }

  /// Whether decoding can start here; a RASL picture opens the GOP of the CRA before it.
  private mutating func examine(_ payload: ByteBuffer, time: Int64) throws -> RandomAccess {
    guard let codec else { return .closed }
    let unit = try AccessUnit(
      in: payload, at: payload.readerIndex, count: payload.readableBytes, codec: codec,
      framing: framing, parameters: parameters)
    if !unit.parameterSets.isEmpty {
      // Repeated from the first picture on: they stand in the sample entry alone
      // (ISO/IEC 14496-15 §8.3.3.1.3).
      if codec == .hevc, formatter.form == .unchanged, table.count == 0 {
        formatter = SampleFormatter(form: .nalUnits(codec, framing))
      }
      parameters.take(unit, in: payload)
      if try sets?.take(unit, in: payload) == true {
        throw FFmpegError(
          .changed,
          "\(path): the parameter sets of stream \(stream.number) change at \(seconds(time)) s (size "
            + "or coding): split the file there, or encode it anew")
      }
    }
    try takePicture(unit, payload, time)
    if unit.leading == .rasl, let index = lastRandomAccess {
      table.randomAccess[index] = RandomAccess.open.rawValue
    }
    switch unit.picture {
    case .idr, .bla, .cra, .key: return .closed
    case .recoveryPoint: return .open
    default: return .none
    }
  }

  /// What a key frame says of the whole stream.
  private mutating func takePicture(
    _ unit: AccessUnit, _ payload: ByteBuffer, _ time: Int64
  ) throws {
    if let own = unit.vp9Format {
      if let vp9Format, vp9Format != own {
        throw FFmpegError(
          .changed,
          "\(path): the pictures of stream \(stream.number) change at \(seconds(time)) s (size or "
            + "coding): split the file there, or encode it anew")
      }
      vp9Format = own
      vp9Profile = try VP9FrameHeader(
        in: payload, at: payload.readerIndex, count: payload.readableBytes
      ).profile
    }
    guard let codec, lastRandomAccess == nil, unit.picture != .inter else { return }
    metadata.take(
      payload, at: payload.readerIndex, count: payload.readableBytes, codec: codec,
      framing: framing)
  }

  private mutating func takeTimes(_ packet: Packet, _ time: Int64) {
    if latest.map({ time >= $0.time }) ?? true { latest = (time, packet.duration * timeFactor) }
    if packet.isDiscarded {
      if let start, time > start { end = min(end ?? .max, time) }
    } else if start == nil || codec != nil {
      var first = time
      if start == nil, codec == nil, packet.skippedSamples > 0,
        let rate = Timescale(UInt32(clamping: stream.sampleRate))
      {
        first += rescale(packet.skippedSamples, from: rate, to: timescale)
      }
      start = min(start ?? .max, first)
    }
  }

  private func seconds(_ time: Int64) -> String {
    let milliseconds = rescale(time, from: timescale, to: Timescale(literal: 1000))
    return "\(Double(milliseconds) / 1000)"
  }

  private func pictureCoding(_ codec: VideoCodec) throws -> SampleCoding {
    // Without a single sample there is nothing to describe.
    guard latest != nil else { return .unsupported(stream.codecName) }
    switch codec {
    case .vp9:
      guard let vp9Format else { return .unsupported(stream.codecName) }
      return .vp9(
        VPCodecConfigurationRecord(vp9Format, profile: vp9Profile, colour: stream.colour).bytes)
    case .av1: return .av1(try sets?.record() ?? ByteBuffer())
    case .h264, .hevc:
      let record =
        formatter.form == .unchanged ? stream.extradata : try sets?.record() ?? ByteBuffer()
      return codec == .h264 ? .h264(record) : .hevc(record)
    }
  }

  /// The track, once every packet was taken.
  ///
  /// Of a live stream one sample has been given out, and the table has none.
  func track() throws -> SourceTrack {
    let coding: SampleCoding
    if let codec {
      coding = try pictureCoding(codec)
    } else if let sound {
      // Without a single frame there is nothing to describe.
      coding = sound.record?.sampleCoding ?? .unsupported(stream.codecName)
    } else {
      coding = .aac(audioConfiguration ?? ByteBuffer())
    }
    var track = SourceTrack(
      number: stream.number, kind: stream.kind, coding: coding, timescale: timescale)
    track.samples = table
    if let sound { track.samples.frameLengths = sound.lengths }
    track.samples.lastDuration = latest?.duration ?? 0
    track.presentationStart = start ?? table.presentationTimes.first ?? 0
    track.presentationEnd = end
    if let priming = sound?.priming, priming > 0, let first = table.presentationTimes.first {
      track.priming = priming
      track.presentationStart =
        first
        + rescale(
          priming, from: Timescale(literal: UInt32(OpusPacket.sampleRate)), to: timescale)
    }
    stream.describe(&track)
    // The stream's own word goes before the container's.
    track.masteringDisplay = metadata.masteringDisplay ?? track.masteringDisplay
    track.contentLight = metadata.contentLight ?? track.contentLight
    if let vp9Format, track.statedWidth == 0 {
      (track.statedWidth, track.statedHeight) = (vp9Format.width, vp9Format.height)
    }
    return track
  }
}

extension StreamDescription {
  /// Copies what the container says of a stream into a track.
  func describe(_ track: inout SourceTrack) {
    track.language = language ?? "und"
    track.label = label
    track.isDefault = disposition & AV_DISPOSITION_DEFAULT != 0
    if disposition & AV_DISPOSITION_COMMENT != 0 { track.roles.append("commentary") }
    if disposition & AV_DISPOSITION_VISUAL_IMPAIRED != 0 { track.roles.append("description") }
    if disposition & AV_DISPOSITION_DUB != 0 { track.roles.append("dub") }
    if disposition & AV_DISPOSITION_HEARING_IMPAIRED != 0 {
      track.roles.append("enhanced-audio-intelligibility")
    }
    track.displayMatrix = displayMatrix
    track.statedWidth = width
    track.statedHeight = height
    track.sampleAspectRatio = sampleAspectRatio
    track.colour = colour
    track.dolbyVision = sideData.dolbyVision
    track.masteringDisplay = sideData.masteringDisplay
    track.contentLight = sideData.contentLight
    track.stereoscopic = sideData.spherical?.stereoscopicBoxPayload
    track.spherical = sideData.spherical?.sphericalBoxPayload
    track.frameRateHint = frameRate
  }

  /// The track of a stream whose samples are not packaged.
  var unsupportedTrack: SourceTrack {
    let kind: MediaKind = isAttachedPicture ? .data : kind
    var track = SourceTrack(
      number: number, kind: kind, coding: .unsupported(codecName),
      timescale: Timescale(literal: 1000))
    describe(&track)
    return track
  }
}
