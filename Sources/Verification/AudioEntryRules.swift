import Codecs
import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  static let audioConfiguration = Rule("audio-configuration", "ISO/IEC 14496-14 §5.6")
  static let audioFormat = Rule("audio-format", "ISO/IEC 23000-19 §10.3.2")
  static let audioTimescale = Rule("audio-timescale", "ISO/IEC 14496-12 §8.4.2")
}

/// The sample entry of AAC, held against its AudioSpecificConfig.
enum AudioEntryRules {
  static func read(_ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog) {
    guard entry.type == "mp4a" else {
      log.add(.sampleEntry, entry.place, "the entry is '\(entry.type)'; 'mp4a' is expected")
      return
    }
    guard
      let found = log.attempt(
        .boxUnreadable, entry.place, { try AudioSampleEntry(entry, configurationTypes: ["esds"]) })
    else { return }
    facts.channelCount = Int(found.channelCount)
    facts.sampleRate = Int(found.sampleRate)
    let place = "\(entry.path)/esds"
    let payload = found.configuration
    guard payload.readableBytes >= 4,
      let body = payload.getSlice(at: payload.readerIndex + 4, length: payload.readableBytes - 4),
      let descriptor = log.attempt(.audioConfiguration, place, { try ESDescriptor(parsing: body) })
    else {
      log.require(payload.readableBytes >= 4, .audioConfiguration, place, "is cut short")
      return
    }
    log.require(
      descriptor.objectTypeIndication == 0x40, .audioConfiguration, place,
      "objectTypeIndication is \(descriptor.objectTypeIndication); 64, MPEG-4 audio, is expected")
    log.require(
      descriptor.streamType == 5, .audioConfiguration, place,
      "streamType is \(descriptor.streamType); 5, audio, is expected")
    guard let bytes = descriptor.decoderSpecificInfo else {
      log.add(.audioConfiguration, place, "has no AudioSpecificConfig")
      return
    }
    facts.codecs = RecordedCodec.aac([UInt8](bytes.readableBytesView.prefix(2)))
    guard
      let configuration = log.attempt(
        .audioConfiguration, place, { try AudioSpecificConfig(parsing: bytes) })
    else { return }
    let frame = Int64(configuration.samplesPerFrame)
    facts.coding = .aac(samplesPerFrame: frame)
    compare(found, configuration, entry, &facts, &log)
  }

  private static func compare(
    _ entry: AudioSampleEntry, _ configuration: AudioSpecificConfig, _ box: Box,
    _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) {
    let rate = configuration.outputSampleRate
    log.require(
      Int(entry.channelCount) == configuration.channelCount, .audioFormat, box.place,
      "the entry says \(entry.channelCount) channels, the configuration \(configuration.channelCount)"
    )
    // A rate beyond 16 bits cannot stand in the entry.
    log.require(
      Int(entry.sampleRate) == (rate > 0xffff ? 0 : rate), .audioFormat, box.place,
      "the entry says \(entry.sampleRate) Hz, the configuration \(rate)")
    log.require(
      Int(facts.timescale.ticksPerSecond) == rate, .audioTimescale, "moov/trak/mdia/mdhd",
      "timescale is \(facts.timescale); the sample rate, \(rate), is expected")
    facts.channelCount = configuration.channelCount
    facts.sampleRate = rate
  }
}
