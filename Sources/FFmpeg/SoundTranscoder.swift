import CFFmpeg
import Codecs
import FileIO
import MediaCore
import NIOCore

/// Decodes one stream of sound and encodes it anew, frame by frame, into a file without a name.
final class SoundTranscoder {
  private let place: String
  private let choice: AudioCodecChoice
  private let form: SoundForm?
  private let decoder: AudioDecoder
  private let spool: SpooledFile
  /// Seconds of sound that are encoded, at most.
  private let longest: Int64
  private let timeBase: AVRational
  private var stage: EncodingStage?
  private var table = SampleTable()
  private var spooled = ByteBuffer()
  private var offset: Int64 = 0
  private(set) var record: SoundRecord?
  /// Ticks of the encoder's rate at which the sound starts.
  private var start: Int64 = 0
  /// Samples that were taken, silence included.
  private var taken: Int64 = 0
  /// Samples of the source that were taken, at its own rate.
  private var sourceCount: Int64 = 0
  /// Samples of silence among those taken.
  private var silent: Int64 = 0
  private var damaged = 0
  private var sourceForm = ""

  /// Why a stream is encoded anew.
  enum Reason {
    /// Its own coding has no place in CMAF, or not every player has it.
    case coding
    /// Beside its own coding, which is packaged too.
    case twin
    /// AAC is asked for.
    case wanted
  }

  /// Seconds: two days.
  static let longest: Int64 = 2 * 86_400
  /// A pause that is filled, at most, in seconds: longer ones are impossible timestamps.
  private static let maximumPause: Int64 = 86_400
  private static let bufferByteCount = 1 << 18

  init(
    _ stream: UnsafeMutablePointer<AVStream>, place: String, choice: AudioCodecChoice,
    form: SoundForm?, folder: String, longest: Int64
  ) throws {
    self.form = form
    self.longest = longest
    self.place = place
    self.choice = choice
    decoder = try unsafe AudioDecoder.open(stream, name: place)
    timeBase = unsafe stream.pointee.time_base
    spool = try SpooledFile(folder: folder)
  }

  /// Takes a packet; `nil` ends the stream.
  func take(_ packet: UnsafePointer<AVPacket>?) throws {
    do {
      try unsafe decode(packet)
    } catch let error as FFmpegError where !error.message.hasPrefix(place) {
      throw FFmpegError(error.code, "\(place): \(error.message)")
    }
  }

  private func decode(_ packet: UnsafePointer<AVPacket>?) throws {
    guard try unsafe decoder.send(packet) else {
      damaged += 1
      return
    }
    while let frame = try unsafe decoder.receive() { try unsafe take(frame) }
  }

  private func take(_ frame: UnsafeMutablePointer<AVFrame>) throws {
    guard unsafe frame.pointee.nb_samples > 0 else { return }
    let stage = try unsafe stage ?? open(for: frame)
    guard try unsafe align(frame, stage) else { return }
    try unsafe stage.write(frame)
    let rate = unsafe Int64(max(1, frame.pointee.sample_rate))
    let count = unsafe Int64(frame.pointee.nb_samples)
    sourceCount += count
    taken = silent + av_rescale(sourceCount, Int64(stage.sampleRate), rate)
    guard taken <= longest * Int64(stage.sampleRate) else {
      let limit = longest == Self.longest ? "two days" : "\(longest) s"
      throw FFmpegError(.limit, "\(place): more than \(limit) of sound; cut it first")
    }
  }

  /// Fills pauses between frames, and passes over frames that repeat what was there.
  /// - Returns: `false` for a frame to pass over.
  private func align(
    _ frame: UnsafeMutablePointer<AVFrame>, _ stage: EncodingStage
  ) throws -> Bool {
    let time = unsafe frame.pointee.best_effort_timestamp
    let rate = stage.sampleRate
    guard time != dougong_av_nopts else { return true }
    let position = av_rescale_q(time, timeBase, AVRational(num: 1, den: CInt(rate)))
    if taken == 0 {
      start = position
      return true
    }
    let late = position - start - taken
    // Containers round to their ticks: what lies within two of them is no pause.
    let tick = Int64(rate) * Int64(timeBase.num) / Int64(max(1, timeBase.den))
    let tolerance = max(2 * tick + 2, Int64(rate) / 50)
    if late < -tolerance { return false }
    guard late > tolerance else { return true }
    guard late < Self.maximumPause * Int64(rate) else {
      throw FFmpegError(.damaged, "\(place): its timestamps jump by \(late / Int64(rate)) s")
    }
    try stage.writeSilence(late)
    silent += late
    taken += late
    return true
  }

  private func open(for frame: UnsafeMutablePointer<AVFrame>) throws -> EncodingStage {
    let rate = unsafe Int(frame.pointee.sample_rate)
    let channels = unsafe Int(frame.pointee.ch_layout.nb_channels)
    let target = form?.channelCount ?? choice.channelCount(channels)
    let made = try unsafe EncodingStage(choice, form: form, for: frame) { [unowned self] in
      try append($0)
    }
    sourceForm =
      "\(Self.layout(channels))" + (target == channels ? "" : " as \(Self.layout(target))")
      + (made.sampleRate == rate ? "" : ", \(rate) Hz as \(made.sampleRate) Hz")
    switch choice {
    case .aac: record = SoundRecord(.aac(try AudioSpecificConfig(parsing: made.extradata)))
    case .opus:
      record = SoundRecord(.opus(try OpusSpecificBox(identificationHeader: made.extradata)))
    case .eac3: break
    }
    stage = made
    return made
  }

  private static func layout(_ count: Int) -> String {
    [1: "mono", 2: "stereo", 6: "5.1", 8: "7.1"][count] ?? "\(count) channels"
  }

  private func append(_ frame: ByteBuffer) throws {
    if record == nil {
      record = SoundRecord(
        .eac3(
          try EAC3SpecificBox(
            EAC3AccessUnit(in: frame, at: frame.readerIndex, count: frame.readableBytes))))
    }
    guard let stage, let record, frame.readableBytes > 0 else { return }
    let index = Int64(table.count)
    table.append(
      presentationTime: start - stage.priming + index * Int64(stage.frameSize),
      size: UInt32(frame.readableBytes), randomAccess: .closed)
    if record.samplesPerFrame == nil {
      let length = try record.sampleCount(
        ofFrameIn: frame, at: frame.readerIndex, count: frame.readableBytes)
      table.frameLengths.append(UInt32(length ?? stage.frameSize))
    }
    spooled.writeImmutableBuffer(frame)
    if spooled.readableBytes >= Self.bufferByteCount { try writeOut() }
  }

  private func writeOut() throws {
    try spool.write(spooled, at: offset)
    offset += Int64(spooled.readableBytes)
    spooled.clear()
  }

  /// Ends the stream.
  /// - Returns: the track in its new coding, described as `base` is.
  func finish(
    _ base: SourceTrack, codecName: String, _ reason: Reason
  ) throws -> TranscodedSound {
    try unsafe take(nil)
    try stage?.finish()
    try writeOut()
    guard let stage, let record, table.count > 0 else {
      throw FFmpegError(
        .damaged, "\(place) (\(codecName)): not one frame could be decoded; the stream is damaged")
    }
    let timescale = Timescale(literal: UInt32(clamping: max(1, stage.sampleRate)))
    var track = base
    track.kind = .audio
    track.coding = record.sampleCoding
    track.timescale = timescale
    track.samples = table
    track.presentationStart = start
    track.presentationEnd = start + taken
    track.priming = stage.priming
    let why =
      switch reason {
      case .coding where codecName != "mp3": ", which no player takes in CMAF,"
      case .coding, .twin: ", which not every player takes in CMAF,"
      case .wanted: ""
      }
    var note = "\(place): \(codecName)\(why) is encoded to \(choice.name)"
    if reason == .twin { note += " as well" }
    note += " (\(sourceForm))"
    if damaged > 0 { note += "; \(damaged) damaged packets are left out" }
    return TranscodedSound(track: track, spool: spool, note: note)
  }
}

/// A stream of sound in its new coding.
struct TranscodedSound: Sendable {
  var track: SourceTrack
  /// The frames, one behind the other.
  let spool: SpooledFile
  var note: String
}
