import CMAF
import Codecs
import ISOBMFF
import MediaCore
import NIOCore

/// What the configuration of an audio track says of its sound, and the header it gives.
struct AudioDescription {
  let record: SoundRecord

  /// - Throws: `PackagingError` for forms that no CMAF track can be made of.
  init(_ coding: SampleCoding) throws {
    guard let record = try SoundRecord(coding) else {
      throw PackagingError(.damaged, "is no coded sound")
    }
    if case .aac(let configuration) = record.coding, !configuration.isPackaged {
      throw PackagingError(
        .unsupportedCodec,
        "\(configuration.name) is not packaged; AAC-LC and HE-AAC are: encode it first")
    }
    guard record.sampleRate > 0, record.channelCount > 0 else {
      throw PackagingError(
        .unsupportedCodec,
        "its record does not say the sample rate or the channels (\(record.codecs))"
      )
    }
    self.record = record
  }

  /// The track's timescale: ticks are samples.
  var timescale: Timescale { Timescale(literal: UInt32(clamping: max(record.sampleRate, 1))) }

  /// - Parameter isShared: other tracks have the same header, so it says nothing of this one's sizes.
  func header(_ plan: PlannedTrack, language: String, isShared: Bool = false) -> CMAFHeader {
    CMAFHeader(
      timescale: plan.timescale, language: language, entry: .audio(entry(plan, isShared)),
      mediaStart: plan.mediaStart, hasNonSyncSamples: false,
      rollDistance: plan.isRolling
        ? record.rollDistance(samplesPerFrame: shortest(plan)) : 0)
  }

  /// Samples of the shortest frame but for the last, so that the distance is long enough for all.
  private func shortest(_ plan: PlannedTrack) -> Int {
    record.samplesPerFrame
      ?? zip(plan.times, plan.times.dropFirst()).map { Int($1 - $0) }.min()
      ?? Int(plan.end)
  }

  private func entry(_ plan: PlannedTrack, _ isShared: Bool) -> AudioSampleEntry {
    let rate = UInt32(clamping: record.sampleRate)
    var entry = AudioSampleEntry(
      type: "mp4a", channelCount: UInt16(clamping: record.channelCount), sampleRate: rate,
      configurationType: "esds", configuration: ByteBuffer())
    switch record.coding {
    case .aac(let configuration):
      entry.configuration = streamDescriptor(
        plan, isShared, type: ESDescriptor.mpeg4Audio, information: configuration.bytes)
    case .mp3(let header):
      // MP3 has no DecoderSpecificInfo (ISO/IEC 14496-3 §9.D.2.2).
      entry.configuration = streamDescriptor(
        plan, isShared, type: header.objectTypeIndication, information: nil)
    case .ac3(let box): entry.take("ac-3", "dac3", box.bytes)
    case .eac3(let box): entry.take("ec-3", "dec3", box.bytes)
    case .opus(var box):
      // What the edit list cuts off is what a decoder skips.
      box.preSkip = Int(clamping: plan.mediaStart)
      entry.take("Opus", "dOps", box.bytes)
    case .flac(var box):
      if isShared { box.forgetContent() }
      entry.take("fLaC", "dfLa", box.bytes)
      entry.sampleSize = UInt16(box.bitsPerSample)
    }
    return entry
  }

  private func streamDescriptor(
    _ plan: PlannedTrack, _ isShared: Bool, type: UInt8, information: ByteBuffer?
  ) -> ByteBuffer {
    // An average of 0 stands for a rate that varies (ISO/IEC 14496-1 §7.2.6.6.2).
    let rates = isShared ? (mean: 0, highest: 0) : bitRates(plan)
    let descriptor = ESDescriptor(
      objectTypeIndication: type, bufferSize: isShared ? 0 : plan.sizes.max() ?? 0,
      maxBitsPerSecond: rates.highest, averageBitsPerSecond: rates.mean,
      decoderSpecificInfo: information)
    var payload = ByteBuffer(integer: UInt32(0))
    payload.writeImmutableBuffer(descriptor.bytes)
    return payload
  }

  /// The mean over the track, and the highest over a second.
  private func bitRates(_ plan: PlannedTrack) -> (mean: UInt32, highest: UInt32) {
    let total = plan.sizes.reduce(0.0) { $0 + Double($1) } * 8
    let seconds = MediaTime(max(plan.end, 1), plan.timescale).seconds
    let frames = max(1, Int((Double(plan.count) / seconds).rounded()))
    var window = 0
    var highest = 0
    for (index, size) in plan.sizes.enumerated() {
      window += Int(size)
      if index >= frames { window -= Int(plan.sizes[index - frames]) }
      highest = max(highest, window)
    }
    let mean = UInt32(clamping: Int((total / seconds).rounded()))
    return (mean, max(mean, UInt32(clamping: highest * 8)))
  }
}

extension AudioSampleEntry {
  fileprivate mutating func take(_ type: FourCC, _ box: FourCC, _ payload: ByteBuffer) {
    self.type = type
    configurationType = box
    configuration = payload
  }
}
