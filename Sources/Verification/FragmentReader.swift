import ISOBMFF
import MediaCore

extension Rule {
  static let fragmentBoxes = Rule("fragment-boxes", "ISO/IEC 23000-19 §7.3.2.3")
  static let sequenceNumber = Rule("sequence-number", "ISO/IEC 14496-12 §8.8.5")
  static let fragmentTrack = Rule("fragment-track", "ISO/IEC 14496-12 §8.8.7")
  static let baseIsMoof = Rule("default-base-is-moof", "ISO/IEC 23000-19 §7.5.15")
  static let decodeTimeMissing = Rule("tfdt-missing", "ISO/IEC 23000-19 §7.5.16")
  static let decodeTimeVersion = Rule("tfdt-version", "ISO/IEC 14496-12 §8.8.12", .warning)
  static let runVersion = Rule("trun-version", "ISO/IEC 23000-19 §7.7.3")
  static let defaultsFromHeader = Rule("trex-defaults", "ISO/IEC 23000-19 §7.7.2")
  static let dataOffset = Rule("data-offset", "ISO/IEC 23000-19 §7.3.2.3")
  static let payloadSize = Rule("payload-size", "ISO/IEC 23000-19 §7.3.2.3")
  static let emptySample = Rule("empty-sample", "ISO/IEC 14496-12 §8.8.8")
  static let zeroDuration = Rule("zero-duration", "ISO/IEC 14496-12 §8.8.8")
}

/// One sample of a fragment with its times.
struct FragmentSample: Sendable {
  var size: Int
  var duration: Int64
  var flags: UInt32
  var decodeTime: Int64
  /// Composition time less the edit list's media time.
  var presentationTime: Int64
}

/// A fragment's `moof`, read.
struct ReadFragment: Sendable {
  var place: String
  /// `moof` and `mdat`.
  var range: ByteRange
  var sequenceNumber: UInt32
  /// `nil` if there is no usable `tfdt`.
  var decodeTime: Int64?
  var samples: [FragmentSample]
  /// In the `roll` group, by `sbgp`.
  var rollingSampleCount: Int
  var payloadOffset: Int64
}

/// Reads one `moof` and holds it against its `mdat`.
struct FragmentReader {
  let header: HeaderFacts
  /// What the track's durations so far add up to: stands in for a missing `tfdt`.
  let expectedDecodeTime: Int64
  /// Samples that may still come.
  let sampleLimit: Int

  func read(
    _ moof: Box, whole: ByteRange, payload: ByteRange, _ log: inout FindingLog
  ) -> ReadFragment? {
    let children = log.children(of: moof)
    for child in children where !["mfhd", "traf"].contains(child.type) {
      log.add(.fragmentBoxes, child.place, "'\(child.type)' is not expected in 'moof'")
    }
    let trafs = children.filter { $0.type == "traf" }
    guard let mfhd = log.only("mfhd", children, of: moof), trafs.count == 1, let traf = trafs.first
    else {
      log.require(
        trafs.count == 1, .fragmentBoxes, moof.place, "has \(trafs.count) 'traf'; one is expected")
      return nil
    }
    let sequence = log.attempt(.boxUnreadable, mfhd.place) { () throws -> UInt32 in
      var fields = mfhd.fields
      _ = try fields.versionAndFlags()
      return try fields.read()
    }
    let inside = log.children(of: traf)
    let runs = inside.filter { $0.type == "trun" }
    guard runs.count == 1, let run = runs.first else {
      log.add(.fragmentBoxes, traf.place, "has \(runs.count) 'trun'; one is expected")
      return nil
    }
    guard let tfhd = log.only("tfhd", inside, of: traf),
      let track = log.attempt(.boxUnreadable, tfhd.place, { try TrackFragmentHeaderBox(tfhd) })
    else { return nil }
    check(track, tfhd, &log)
    let time = decodeTime(inside, traf, &log)
    guard
      let samples = samples(
        run, track, time ?? expectedDecodeTime, moof.offset, payload, &log)
    else {
      return nil
    }
    return ReadFragment(
      place: moof.place, range: whole, sequenceNumber: sequence ?? 0, decodeTime: time,
      samples: samples, rollingSampleCount: rolling(inside, &log), payloadOffset: payload.offset)
  }

  private func check(_ track: TrackFragmentHeaderBox, _ box: Box, _ log: inout FindingLog) {
    log.require(
      track.trackID == header.trackID, .fragmentTrack, box.place,
      "is of track \(track.trackID); the track is \(header.trackID)")
    log.require(
      track.descriptionIndex ?? header.defaults.descriptionIndex == 1, .fragmentTrack, box.place,
      "uses another sample entry than the first, the only one")
    log.require(
      track.defaultBaseIsMoof, .baseIsMoof, box.place, "default-base-is-moof is not set")
    log.require(
      track.baseDataOffset == nil, .baseIsMoof, box.place, "base-data-offset must be absent")
  }

  private func decodeTime(_ children: [Box], _ traf: Box, _ log: inout FindingLog) -> Int64? {
    guard let box = children.first(where: { $0.type == "tfdt" }) else {
      log.add(.decodeTimeMissing, traf.place, "has no 'tfdt'")
      return nil
    }
    guard let read = log.attempt(.boxUnreadable, box.place, { try TrackFragmentDecodeTimeBox(box) })
    else { return nil }
    var fields = box.fields
    let version = (try? fields.versionAndFlags())?.version
    log.require(
      version == 1, .decodeTimeVersion, box.place,
      "is of version \(version ?? 0); 1, of 64 bits, is expected")
    guard read.baseMediaDecodeTime < UInt64(VerificationLimits.ticks) else {
      log.add(
        .decodeTime, box.place,
        "baseMediaDecodeTime is \(read.baseMediaDecodeTime), an impossible time")
      return nil
    }
    return Int64(read.baseMediaDecodeTime)
  }

  // MARK: Samples

  private func samples(
    _ box: Box, _ track: TrackFragmentHeaderBox, _ start: Int64, _ moofOffset: Int64,
    _ payload: ByteRange, _ log: inout FindingLog
  ) -> [FragmentSample]? {
    var fields = box.fields
    guard let (version, present) = try? fields.versionAndFlags(),
      let count = try? fields.read(UInt32.self)
    else {
      log.add(.boxUnreadable, box.place, "is cut short")
      return nil
    }
    // A sample has at least a byte, so that a run cannot claim more than its payload holds.
    guard Int64(count) <= payload.count, Int(count) <= sampleLimit else {
      log.add(.limit, box.place, "claims \(count) samples; the payload has \(payload.count) bytes")
      return nil
    }
    guard let run = log.attempt(.boxUnreadable, box.place, { try TrackRunBox(box) }) else {
      return nil
    }
    checkForm(run, track, version, present, box, &log)
    log.require(
      run.dataOffset.map { moofOffset + Int64($0) == payload.offset } ?? false, .dataOffset,
      box.place,
      "data_offset is \(run.dataOffset.map { "\($0)" } ?? "absent"); "
        + "\(payload.offset - moofOffset), where the payload starts, is expected")
    return times(run, track, start, payload, version, box, &log)
  }

  private func checkForm(
    _ run: TrackRunBox, _ track: TrackFragmentHeaderBox, _ version: UInt8, _ present: UInt32,
    _ box: Box, _ log: inout FindingLog
  ) {
    log.require(!run.samples.isEmpty, .fragmentBoxes, box.place, "has no sample")
    let hasOffsets = present & 0x800 != 0
    log.require(
      version == 1 || (header.kind == .audio && !hasOffsets), .runVersion, box.place,
      "is of version \(version); 1, whose composition offsets are signed, is expected")
    log.require(
      present & 0x100 != 0 || track.duration != nil, .defaultsFromHeader, box.place,
      "sample durations are neither here nor in 'tfhd'")
    log.require(
      present & 0x200 != 0 || track.size != nil, .defaultsFromHeader, box.place,
      "sample sizes are neither here nor in 'tfhd'")
    log.require(
      present & 0x400 != 0 || track.flags != nil, .defaultsFromHeader, box.place,
      "sample flags are neither here nor in 'tfhd'")
  }

  private func times(
    _ run: TrackRunBox, _ track: TrackFragmentHeaderBox, _ start: Int64, _ payload: ByteRange,
    _ version: UInt8, _ box: Box, _ log: inout FindingLog
  ) -> [FragmentSample] {
    var samples: [FragmentSample] = []
    samples.reserveCapacity(run.samples.count)
    var time = start
    var total: Int64 = 0
    for (index, sample) in run.samples.enumerated() {
      let size = Int64(sample.size ?? track.size ?? header.defaults.size)
      let duration = Int64(sample.duration ?? track.duration ?? header.defaults.duration)
      let first = index == 0 ? run.firstSampleFlags : nil
      log.require(size > 0, .emptySample, box.place, "sample \(index) has no byte")
      log.require(duration > 0, .zeroDuration, box.place, "sample \(index) lasts no time")
      total += size
      // Version 0 holds unsigned offsets, and negative ones only by mistake: that is told above.
      let offset = Int64(sample.compositionOffset ?? 0)
      if total <= payload.count, size <= VerificationLimits.sampleByteCount {
        samples.append(
          FragmentSample(
            size: Int(size), duration: duration,
            flags: sample.flags ?? first ?? track.flags ?? header.defaults.flags, decodeTime: time,
            presentationTime: time + offset - header.mediaStart))
      }
      time += duration
    }
    log.require(
      total == payload.count, .payloadSize, box.place,
      "the samples have \(total) bytes, the payload of 'mdat' \(payload.count)")
    return samples
  }

  /// Samples that `sbgp` puts into a group of `roll` (ISO/IEC 14496-12 §8.9.2).
  private func rolling(_ children: [Box], _ log: inout FindingLog) -> Int {
    var count = 0
    for box in children where box.type == "sbgp" {
      count =
        log.attempt(.boxUnreadable, box.place) { () throws -> Int in
          var fields = box.fields
          let (version, _) = try fields.versionAndFlags()
          guard try fields.code() == "roll" else { return count }
          if version > 0 { try fields.skip(4) }
          var found = 0
          for _ in 0..<(try fields.read(UInt32.self)) {
            let samples: UInt32 = try fields.read()
            let index: UInt32 = try fields.read()
            if index > 0 { found += Int(samples) }
          }
          return found
        } ?? count
    }
    return count
  }
}
