import CFFmpeg
import Codecs
package import MediaCore
package import NIOCore

/// What a decoder must know of a stream before its first packet.
package struct CodecParameters: Sendable, Hashable {
  /// FFmpeg's name of the coding, as `h264` or `pcm_s16le`.
  package var codecName: String
  /// What the decoder is set up by, in FFmpeg's form.
  package var extradata = ByteBuffer()
  /// What the container calls the coding.
  package var codecTag: UInt32 = 0
  /// Of sound; 0 if the coding itself says.
  package var sampleRate = 0
  package var channelCount = 0
  /// Bits of a coded sample, and bytes of a block of them: PCM and its kin.
  package var bitsPerCodedSample = 0
  package var blockByteCount = 0

  package init(codecName: String) { self.codecName = codecName }

  /// Of samples as a track of that coding holds them.
  /// - Returns: `nil` for text, and for codings that are not packaged.
  package init?(_ coding: SampleCoding) {
    switch coding {
    case .h264(let record): self.init("h264", record)
    case .hevc(let record): self.init("hevc", record)
    case .av1(let record): self.init("av1", record)
    case .vp9: self.init("vp9", ByteBuffer())
    case .aac(let record): self.init("aac", record)
    case .ac3: self.init("ac3", ByteBuffer())
    case .eac3: self.init("eac3", ByteBuffer())
    case .mp3: self.init("mp3", ByteBuffer())
    case .opus(let record):
      guard let header = Self.opusHead(record) else { return nil }
      self.init("opus", header)
    case .flac(let record):
      // Version and flags, then the header of STREAMINFO, which FFmpeg takes without it.
      guard let information = record.getSlice(at: record.readerIndex + 8, length: 34) else {
        return nil
      }
      self.init("flac", information)
    case .text, .unsupported: return nil
    }
  }

  private init(_ name: String, _ extradata: ByteBuffer) {
    codecName = name
    self.extradata = extradata
  }

  /// The identification header of RFC 7845 §5.1: the fields of `dOps` in little-endian order.
  private static func opusHead(_ record: ByteBuffer) -> ByteBuffer? {
    var rest = record
    guard rest.readInteger(as: UInt8.self) != nil, let channels = rest.readInteger(as: UInt8.self),
      let skip = rest.readInteger(as: UInt16.self), let rate = rest.readInteger(as: UInt32.self),
      let gain = rest.readInteger(as: Int16.self)
    else { return nil }
    var header = ByteBuffer(string: "OpusHead")
    header.writeInteger(UInt8(1))
    header.writeInteger(channels)
    header.writeInteger(skip, endianness: .little)
    header.writeInteger(rate, endianness: .little)
    header.writeInteger(gain, endianness: .little)
    header.writeBuffer(&rest)
    return header
  }

  init(_ stream: StreamDescription) {
    codecName = stream.codecName
    extradata = stream.extradata
    codecTag = stream.codecTag
    sampleRate = stream.sampleRate
    channelCount = stream.channelCount
    bitsPerCodedSample = stream.bitsPerCodedSample
    blockByteCount = stream.blockByteCount
  }

  /// The decoder's number (`avcodec_descriptor_get_by_name`).
  var codecID: AVCodecID {
    get throws(FFmpegError) {
      guard let found = unsafe avcodec_descriptor_get_by_name(codecName) else {
        throw FFmpegError(.unsupported, "FFmpeg knows no coding called \(codecName)")
      }
      return unsafe found.pointee.id
    }
  }
}
