import Codecs
import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  static let audioConfiguration = Rule("audio-configuration", "ISO/IEC 14496-14 §5.6")
  static let audioFormat = Rule("audio-format", "ISO/IEC 23000-19 §10.3.2")
  static let audioTimescale = Rule("audio-timescale", "ISO/IEC 14496-12 §8.4.2")
  static let opusPreSkip = Rule("opus-pre-skip", "Opus-in-ISOBMFF §4.3.2")
}

/// The sample entry of sound, held against its configuration record.
enum AudioEntryRules {
  /// The configuration box of each sample entry.
  private static let configurations: [FourCC: FourCC] = [
    "mp4a": "esds", "ac-3": "dac3", "ec-3": "dec3", "Opus": "dOps", "fLaC": "dfLa",
  ]

  static func read(_ entry: Box, _ facts: inout HeaderFacts, _ log: inout FindingLog) {
    guard let type = configurations[entry.type] else {
      let names = configurations.keys.map { "'\($0)'" }.sorted().joined(separator: ", ")
      log.add(
        .sampleEntry, entry.place, "the entry is '\(entry.type)'; one of \(names) is expected")
      return
    }
    guard
      let found = log.attempt(
        .boxUnreadable, entry.place, { try AudioSampleEntry(entry, configurationTypes: [type]) })
    else { return }
    facts.channelCount = Int(found.channelCount)
    facts.sampleRate = Int(found.sampleRate)
    let place = "\(entry.path)/\(type)"
    if type == "esds" {
      guard checkDescriptor(found.configuration, place, &facts, &log) else { return }
    } else {
      // The sample entry is the whole of these codec strings.
      facts.codecs = "\(entry.type)"
    }
    guard
      let record = log.attempt(
        .audioConfiguration, place,
        {
          try SoundRecord(
            configurationType: "\(type)", configuration: found.configuration,
            channelCount: Int(found.channelCount), sampleRate: Int(found.sampleRate))
        })
    else { return }
    facts.coding = .sound(record)
    facts.objectCount = record.objectCount
    facts.channelMap = record.channelMap
    compare(found, record, entry, &facts, &log)
  }

  private static func checkDescriptor(
    _ payload: ByteBuffer, _ place: String, _ facts: inout HeaderFacts, _ log: inout FindingLog
  ) -> Bool {
    guard payload.readableBytes >= 4,
      let body = payload.getSlice(at: payload.readerIndex + 4, length: payload.readableBytes - 4),
      let descriptor = log.attempt(.audioConfiguration, place, { try ESDescriptor(parsing: body) })
    else {
      log.require(payload.readableBytes >= 4, .audioConfiguration, place, "is cut short")
      return false
    }
    let type = descriptor.objectTypeIndication
    log.require(
      [0x40, 0x69, 0x6b].contains(type), .audioConfiguration, place,
      "objectTypeIndication is \(type); 64, MPEG-4 audio, or 105 and 107, MP3, are expected")
    log.require(
      descriptor.streamType == 5, .audioConfiguration, place,
      "streamType is \(descriptor.streamType); 5, audio, is expected")
    guard type == 0x40 else {
      facts.codecs = "mp4a.\(String(type, radix: 16, uppercase: true))"
      return true
    }
    guard let bytes = descriptor.decoderSpecificInfo else {
      log.add(.audioConfiguration, place, "has no AudioSpecificConfig")
      return false
    }
    facts.codecs = RecordedCodec.aac([UInt8](bytes.readableBytesView.prefix(2)))
    return true
  }

  private static func compare(
    _ entry: AudioSampleEntry, _ record: SoundRecord, _ box: Box, _ facts: inout HeaderFacts,
    _ log: inout FindingLog
  ) {
    let rate = record.sampleRate
    log.require(
      Int(entry.channelCount) == record.channelCount, .audioFormat, box.place,
      "the entry says \(entry.channelCount) channels, the configuration \(record.channelCount)")
    // A rate beyond 16 bits cannot stand in the entry.
    log.require(
      Int(entry.sampleRate) == (rate > 0xffff ? 0 : rate), .audioFormat, box.place,
      "the entry says \(entry.sampleRate) Hz, the configuration \(rate)")
    if case .flac(let flac) = record.coding {
      log.require(
        Int(entry.sampleSize) == flac.bitsPerSample, .audioFormat, box.place,
        "the entry says \(entry.sampleSize) bits a sample, STREAMINFO \(flac.bitsPerSample)")
    }
    log.require(
      Int(facts.timescale.ticksPerSecond) == rate, .audioTimescale, "moov/trak/mdia/mdhd",
      "timescale is \(facts.timescale); the sample rate, \(rate), is expected")
    facts.channelCount = record.channelCount
    facts.sampleRate = rate
  }

  /// Samples at the front that may be cut off by an edit list: what decoders need, and three frames
  /// of whatever an encoder adds.
  static func longestPriming(_ record: SoundRecord) -> Int64 {
    let frame: Int
    switch record.coding {
    case .opus: frame = OpusPacket.maximumSampleCount
    case .flac(let box): frame = box.maximumBlockSize
    default: frame = record.samplesPerFrame ?? 1024
    }
    return Int64(8 * frame + record.preRoll)
  }

  /// What a decoder is told to skip is what the edit list cuts off.
  static func checkPreSkip(_ facts: HeaderFacts, _ log: inout FindingLog) {
    guard case .sound(let record) = facts.coding, case .opus(let box) = record.coding else {
      return
    }
    log.require(
      Int64(box.preSkip) == facts.mediaStart, .opusPreSkip,
      "moov/trak/mdia/minf/stbl/stsd/Opus/dOps",
      "PreSkip is \(box.preSkip); the edit list cuts off \(facts.mediaStart)")
  }
}
