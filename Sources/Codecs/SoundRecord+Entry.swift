package import MediaCore
package import NIOCore

extension SoundRecord {
  /// Types of the configuration boxes of all codings of sound that are read.
  package static let configurationTypes = ["esds", "dac3", "dec3", "dOps", "dfLa"]

  /// From the sample entry of an MP4 file.
  ///
  /// - Parameters:
  ///   - configurationType: type of the configuration box.
  ///   - configuration: its payload, with version and flags where it has them.
  ///   - channelCount, sampleRate: the entry's own, for codings whose box does not say them.
  /// - Throws: `CodecsError`; `.unsupported` for a coding that is not read.
  package init(
    configurationType: String, configuration: ByteBuffer, channelCount: Int, sampleRate: Int
  ) throws {
    switch configurationType {
    case "dac3": self.init(.ac3(try AC3SpecificBox(parsing: configuration)))
    case "dec3": self.init(.eac3(try EAC3SpecificBox(parsing: configuration)))
    case "dOps": self.init(.opus(try OpusSpecificBox(parsing: configuration)))
    case "dfLa": self.init(.flac(try FLACSpecificBox(parsing: configuration)))
    case "esds":
      guard configuration.readableBytes >= 4 else {
        throw CodecsError(.truncated, "esds: ends inside version and flags")
      }
      let descriptor = try ESDescriptor(
        parsing: configuration.getSlice(
          at: configuration.readerIndex + 4, length: configuration.readableBytes - 4)
          ?? ByteBuffer())
      try self.init(descriptor, channelCount: channelCount, sampleRate: sampleRate)
    default:
      throw CodecsError(.unsupported, "'\(configurationType)' is no record of sound that is read")
    }
  }

  /// From the descriptor of `mp4a`.
  package init(_ descriptor: ESDescriptor, channelCount: Int, sampleRate: Int) throws {
    switch descriptor.objectTypeIndication {
    // MPEG-4 audio, and the profiles of MPEG-2 AAC.
    case 0x40, 0x66, 0x67, 0x68:
      guard let information = descriptor.decoderSpecificInfo else {
        throw CodecsError(.invalidValue, "esds: MPEG-4 audio without an AudioSpecificConfig")
      }
      self.init(.aac(try AudioSpecificConfig(parsing: information)))
    case 0x69, 0x6b:
      self.init(
        .mp3(try MPEGAudioHeader(sampleRate: sampleRate, channelCount: channelCount)))
    default:
      throw CodecsError(
        .unsupported,
        "esds: object type \(descriptor.objectTypeIndication) is neither AAC nor MP3")
    }
  }

  /// The coding as a source's track has it, with its record.
  package var sampleCoding: SampleCoding {
    switch coding {
    case .aac(let configuration): .aac(configuration.bytes)
    case .ac3(let box): .ac3(box.bytes)
    case .eac3(let box): .eac3(box.bytes)
    case .opus(let box): .opus(box.bytes)
    case .flac(let box): .flac(box.bytes)
    case .mp3(let header): .mp3(header.bytes)
    }
  }
}
