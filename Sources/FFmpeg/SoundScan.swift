import CFFmpeg
import Codecs
import MediaCore
import NIOCore

/// What the first pass over a file learns of one stream of sound, frame by frame.
struct SoundScan {
  /// What the stream's parameters say; completed by the first frame where they do not.
  private(set) var record: SoundRecord?
  /// Samples of each frame, where frames differ.
  private(set) var lengths: [UInt32] = []
  /// Samples before the first that is presented, where the stream says it exactly.
  private(set) var priming: Int64?
  private let codecID: AVCodecID

  /// - Returns: `nil` if the coding is none that is packaged as it is.
  init?(_ stream: StreamDescription) throws {
    codecID = stream.codecID
    let header = stream.extradata
    switch stream.codecID {
    case AV_CODEC_ID_OPUS:
      let box =
        header.readableBytes > 0
        ? try OpusSpecificBox(identificationHeader: header)
        : OpusSpecificBox(channelCount: min(2, max(1, stream.channelCount)), preSkip: 0)
      record = SoundRecord(.opus(box))
      priming = Int64(box.preSkip)
    case AV_CODEC_ID_FLAC:
      record = SoundRecord(.flac(try FLACSpecificBox(streamInfo: header)))
    case AV_CODEC_ID_AC3, AV_CODEC_ID_EAC3, AV_CODEC_ID_MP3: break
    default: return nil
    }
  }

  /// How packets become samples.
  var form: SampleFormatter.Form { codecID == AV_CODEC_ID_EAC3 ? .eac3 : .unchanged }

  /// Lengths of frames that have been given out are kept by nobody.
  mutating func forget() { lengths.removeAll(keepingCapacity: true) }

  /// Takes a whole frame into account.
  /// - Throws: `CodecsError`
  mutating func take(_ frame: ByteBuffer) throws {
    let at = frame.readerIndex
    let count = frame.readableBytes
    let known: SoundRecord
    if let record {
      known = record
    } else {
      switch codecID {
      case AV_CODEC_ID_AC3:
        known = SoundRecord(.ac3(AC3SpecificBox(try AC3Header(in: frame, at: at))))
      case AV_CODEC_ID_EAC3:
        let unit = try EAC3AccessUnit(in: frame, at: at, count: count)
        known = SoundRecord(.eac3(try EAC3SpecificBox(unit)))
      default:
        known = SoundRecord(.mp3(try MPEGAudioHeader(in: frame, at: at)))
      }
      record = known
    }
    try known.check(frameIn: frame, at: at, count: count)
    if let length = try known.sampleCount(ofFrameIn: frame, at: at, count: count) {
      lengths.append(UInt32(length))
    }
  }
}
