import Codecs
import ISOBMFF
import MediaCore
import NIOCore

extension MovieTrack {
  /// Sample entries of sound whose samples are packaged as they are, and their codings without a
  /// record: old writers leave it out, and it is made from the first frame then.
  private static let plainCodings: [FourCC: SampleCoding] = [
    "ac-3": .ac3(ByteBuffer()), "sac3": .ac3(ByteBuffer()), "ec-3": .eac3(ByteBuffer()),
    ".mp3": .mp3(ByteBuffer()),
  ]

  /// Takes the sample entry of sound.
  /// - Returns: `false` if the coding is not one of those that are packaged.
  mutating func takeSound(_ box: Box) throws -> Bool {
    let types = SoundRecord.configurationTypes.map(FourCC.init(stringLiteral:))
    switch box.type {
    case "mp4a", "ac-3", "sac3", "ec-3", "Opus", "fLaC", ".mp3": break
    default: return false
    }
    let entry: AudioSampleEntry
    do {
      entry = try AudioSampleEntry(box, configurationTypes: types)
    } catch {
      guard error.code == .missing, let coding = Self.plainCodings[box.type] else { throw error }
      track.coding = coding
      return true
    }
    do {
      let record = try SoundRecord(
        configurationType: "\(entry.configurationType)", configuration: entry.configuration,
        channelCount: Int(entry.channelCount), sampleRate: Int(entry.sampleRate))
      track.coding = record.sampleCoding
      if case .aac(let configuration) = record.coding, !configuration.isPackaged {
        track.coding = .unsupported(configuration.name)
      }
      if case .opus(let box) = record.coding, let rate = Timescale(UInt32(OpusPacket.sampleRate)) {
        priming = rescale(Int64(box.preSkip), from: rate, to: track.timescale)
      }
      // The header comes from the first frame: the descriptor does not have it.
      if case .mp3 = record.coding { track.coding = .mp3(ByteBuffer()) }
    } catch let error as CodecsError where error.code == .unsupported {
      track.coding = .unsupported(Self.soundName(entry))
    }
    return true
  }

  private static func soundName(_ entry: AudioSampleEntry) -> String {
    let payload = entry.configuration
    guard payload.readableBytes > 4,
      let body = payload.getSlice(at: payload.readerIndex + 4, length: payload.readableBytes - 4),
      let descriptor = try? ESDescriptor(parsing: body)
    else { return "MPEG-4 audio" }
    switch descriptor.objectTypeIndication {
    case 0x40:
      let first = descriptor.decoderSpecificInfo?.readableBytesView.first ?? 0
      return first >> 3 == 31 ? "MPEG-4 audio" : "MPEG-4 audio object type \(first >> 3)"
    case 0xa5: return "AC-3"
    case 0xa6: return "E-AC-3"
    case 0xa9...0xac: return "DTS"
    case 0xdd: return "Vorbis"
    case 0xe1: return "QCELP"
    default: return "MPEG-4 audio object \(descriptor.objectTypeIndication)"
    }
  }
}
