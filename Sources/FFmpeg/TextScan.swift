import CFFmpeg
import MediaCore
import NIOCore

/// What the first pass over a file learns of one subtitle stream, packet by packet.
struct TextScan {
  private let stream: StreamDescription
  private let path: String
  private let coding: TextCoding
  private let timescale: Timescale
  private let timeFactor: Int64
  let formatter: SampleFormatter
  private var table = SampleTable()
  private var scratch = ByteBuffer()

  /// - Returns: `nil` if the stream is no text that is packaged, such as pictures of text.
  init?(_ stream: StreamDescription, path: String) throws {
    guard stream.kind == .text, let coding = Self.coding(stream.codecID) else { return nil }
    guard stream.timeBase.0 > 0, let ticks = UInt32(exactly: stream.timeBase.1),
      let timescale = Timescale(ticks)
    else { throw FFmpegError(.damaged, "\(path): stream \(stream.number) has no time base") }
    self.stream = stream
    self.path = path
    self.coding = coding
    formatter = SampleFormatter(form: coding == .wvtt ? .webVTT : .unchanged)
    self.timescale = timescale
    timeFactor = stream.timeBase.0
  }

  private static func coding(_ id: AVCodecID) -> TextCoding? {
    switch id {
    case AV_CODEC_ID_SUBRIP, AV_CODEC_ID_TEXT: .subRip
    case AV_CODEC_ID_WEBVTT: .wvtt
    case AV_CODEC_ID_ASS: .ass
    case AV_CODEC_ID_MOV_TEXT: .tx3g
    case AV_CODEC_ID_TTML: .ttml
    default: nil
    }
  }

  /// Takes one packet into account.
  mutating func take(_ packet: Packet, payload: ByteBuffer) throws {
    guard table.count < SampleTable.maximumCount else {
      throw FFmpegError(
        .limit, "\(path): stream \(stream.number) has more than \(SampleTable.maximumCount) samples"
      )
    }
    scratch.clear()
    let size = try formatter.append(payload, cue: packet.cue, to: &scratch)
    // What has no bytes gives no sample in the second pass either.
    guard size > 0 else { return }
    guard size <= SampleTable.maximumSampleByteCount else {
      throw FFmpegError(
        .limit,
        "\(path): a sample of stream \(stream.number) has \(size) bytes; at most "
          + "\(SampleTable.maximumSampleByteCount) are packaged")
    }
    let (time, overflows) = (packet.presentationTime ?? 0)
      .multipliedReportingOverflow(by: timeFactor)
    let (duration, isTooLong) = packet.duration.multipliedReportingOverflow(by: timeFactor)
    guard !overflows, !isTooLong, time.magnitude < 1 << 60, duration.magnitude < 1 << 60 else {
      throw FFmpegError(
        .damaged, "\(path): stream \(stream.number) has an impossible time")
    }
    table.append(
      presentationTime: time, size: UInt32(size), randomAccess: .closed)
    table.durations.append(max(0, duration))
  }

  var track: SourceTrack {
    var track = SourceTrack(
      number: stream.number, kind: .text, coding: .text(coding, record), timescale: timescale)
    track.samples = table
    track.presentationStart = table.presentationTimes.min() ?? 0
    stream.describe(&track)
    track.roles = roles
    return track
  }

  /// libavformat leaves out what stands before the fields of a `tx3g` entry of its own.
  private var record: ByteBuffer {
    guard coding == .tx3g, stream.extradata.readableBytes > 0 else { return stream.extradata }
    var record = ByteBuffer(bytes: [0, 0, 0, 0, 0, 0, 0, 1])
    record.writeImmutableBuffer(stream.extradata)
    return record
  }

  /// What the container says the subtitles are for (`AV_DISPOSITION_…`).
  private var roles: [String] {
    let names: [(flag: CInt, role: String)] = [
      (AV_DISPOSITION_FORCED, "forced-subtitle"), (AV_DISPOSITION_HEARING_IMPAIRED, "caption"),
      (AV_DISPOSITION_CAPTIONS, "caption"), (AV_DISPOSITION_DESCRIPTIONS, "description"),
      (AV_DISPOSITION_COMMENT, "commentary"),
    ]
    return names.first { stream.disposition & $0.flag != 0 }.map { [$0.role] } ?? []
  }
}
