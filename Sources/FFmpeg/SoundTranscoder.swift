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
  /// Of the container, in seconds.
  private let tick: Rational
  private var stage: EncodingStage?
  private var table = SampleTable()
  private var spooled = ByteBuffer()
  private var offset: Int64 = 0
  private(set) var record: SoundRecord?
  private var timeline: SoundTimeline?
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
  /// Milliseconds from the end of what was taken at which a frame begins: pauses of up to a day are filled, longer ones
  /// are impossible timestamps; what lies before, however far, repeats what was there.
  private static let near: Range<Int64> = -1_000_000_000_000..<86_400_000
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
    tick = unsafe Rational(stream.pointee.time_base)
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
    unsafe timeline?.take(frame)
    guard (timeline?.taken ?? 0) <= longest * Int64(stage.sampleRate) else {
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
    guard time != dougong_av_nopts, var timeline else { return true }
    defer { self.timeline = timeline }
    let position = timeline.position(of: time)
    switch timeline.place(position) {
    case .repeats: return false
    case .follows(let silence):
      guard silence > 0 else { return true }
      try stage.writeSilence(silence)
      timeline.take(silence: silence)
    case .apart(let late):
      guard timeline.taken == 0 else {
        throw FFmpegError(
          .damaged, "\(place): its timestamps jump by \(late / Int64(stage.sampleRate)) s")
      }
      timeline.begin(at: position)
    }
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
    timeline = SoundTimeline(rate: made.sampleRate, tick: tick, near: Self.near)
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
      presentationTime: (timeline?.start ?? 0) - stage.priming + index * Int64(stage.frameSize),
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
    guard let stage, let timeline, let record, table.count > 0 else {
      throw FFmpegError(
        .damaged, "\(place) (\(codecName)): not one frame could be decoded; the stream is damaged")
    }
    let timescale = Timescale(literal: UInt32(clamping: max(1, stage.sampleRate)))
    var track = base
    track.kind = .audio
    track.coding = record.sampleCoding
    track.timescale = timescale
    track.samples = table
    track.presentationStart = timeline.start
    track.presentationEnd = timeline.start + timeline.taken
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
