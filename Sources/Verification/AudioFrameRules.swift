import Codecs
import ISOBMFF
import MediaCore
import NIOCore

extension Rule {
  static let audioFrame = Rule("audio-frame-duration", "ISO/IEC 23000-19 §10.3.1", .warning)
  static let audioFlags = Rule("audio-flags", "ISO/IEC 14496-12 §8.8.3.1")
  static let audioRecord = Rule("audio-record", "ISO/IEC 23000-19 §10.3.2")
}

/// The samples of sound: their durations, flags, roll group, and their own headers.
struct AudioFrameRules: Sendable {
  let header: HeaderFacts
  let record: SoundRecord

  init?(_ header: HeaderFacts) {
    guard header.kind == .audio, case .sound(let record) = header.coding else { return nil }
    self.header = header
    self.record = record
  }

  private var jitter: Int64 {
    Int64(header.timescale.ticksPerSecond) / VerificationLimits.audioJitter
  }

  func check(_ fragment: ReadFragment, _ log: inout FindingLog) {
    for (index, sample) in fragment.samples.enumerated() {
      if let frame = record.samplesPerFrame {
        checkDuration(sample, frame, "\(fragment.place) sample \(index)", &log)
      }
      log.require(
        sample.flags & 0x1_0000 == 0 && sample.flags >> 24 & 3 == 2, .audioFlags,
        "\(fragment.place) sample \(index)", "every frame is a sync sample that depends on no other"
      )
    }
    checkRoll(fragment, &log)
  }

  private func checkDuration(
    _ sample: FragmentSample, _ frame: Int, _ place: @autoclosure () -> String,
    _ log: inout FindingLog
  ) {
    log.require(
      abs(sample.duration - Int64(frame)) <= jitter, .audioFrame, place(),
      "lasts \(sample.duration) ticks; a frame decodes to \(frame): a gap or an overlap")
  }

  private func checkRoll(_ fragment: ReadFragment, _ log: inout FindingLog) {
    guard record.preRoll > 0 else {
      log.require(
        fragment.rollingSampleCount == 0, .rollGroup, fragment.place,
        "\(fragment.rollingSampleCount) frames are in a 'roll' group, and each decodes by itself")
      return
    }
    log.require(
      header.rollDistance.map { $0 < 0 } ?? false
        && fragment.rollingSampleCount == fragment.samples.count, .rollGroup, fragment.place,
      "all \(fragment.samples.count) frames need the one before them, which 'sgpd' and 'sbgp' of "
        + "grouping type 'roll' must say; \(fragment.rollingSampleCount) are in the group")
    guard case .opus = record.coding, let distance = header.rollDistance,
      let shortest = fragment.samples.dropLast().map(\.duration).min()
    else { return }
    log.require(
      -Int64(distance) * shortest >= Int64(record.preRoll), .rollGroup, fragment.place,
      "the distance of \(distance) packets of \(shortest) samples is less than 80 ms")
  }

  /// The frame's own header against the record.
  func check(
    _ sample: FragmentSample, in bytes: ByteBuffer, at offset: Int, place: () -> String,
    _ log: inout FindingLog
  ) {
    do {
      try record.check(frameIn: bytes, at: offset, count: sample.size)
      if let frame = try record.sampleCount(ofFrameIn: bytes, at: offset, count: sample.size) {
        checkDuration(sample, frame, place(), &log)
      }
    } catch {
      log.add(.audioRecord, place(), "does not fit its sample entry: \(error)")
    }
  }
}
