import ISOBMFF
import Library
import MediaCore
import NIOCore

extension Rule {
  static let decodeTime = Rule("tfdt", "ISO/IEC 23000-19 §7.3.2.2")
  static let lateStart = Rule("late-start", "ISO/IEC 23000-19 §7.3.2.2", .warning)
  static let decodeTimeVideo = Rule("tfdt-presentation", "ISO/IEC 23000-19 §7.7.3")
  static let presentationTime = Rule("presentation-time", "ISO/IEC 23000-19 §7.3.2.2")
  static let segmentOverlap = Rule("segment-overlap", "ISO/IEC 23000-19 §7.3.3.3")
  static let segmentStart = Rule("segment-start", "ISO/IEC 23000-19 §7.3.2.3")
  static let syncTableMissing = Rule("sync-table-missing", "ISO/IEC 23000-19 §7.5.17")
}

/// The fragments of one track, one after the other.
struct FragmentRules {
  let header: HeaderFacts
  private(set) var segments: [MeasuredSegment] = []
  private(set) var frames = FrameStatistics()
  private(set) var longestSample: Int64 = 0
  private(set) var buffer: BufferModel?
  /// From a segment's earliest presentation time to the one from which all can be decoded.
  private(set) var sapDeltas: [Int64] = []

  /// What the samples of a `wvtt` track show, one after the other.
  private(set) var shown: [ShownText] = []
  /// Some picture carries captions.
  private(set) var hasCaptions = false

  private let examiner: SampleExaminer
  private let sound: AudioFrameRules?
  private var dynamicRange: DynamicRangeRules
  private var sampleCount = 0
  private var payloadByteCount: Int64 = 0
  private var nextDecodeTime: Int64?
  private var nextSequenceNumber: UInt32 = 1
  private var latest: Int64?
  private var hasNonSync = false
  /// End of the samples that were read: decode time less the edit.
  private var end: Int64 = 0

  // The fragment that is being read.
  private var current: ReadFragment?
  private var contents: [SampleContents?] = []
  private var firstOffset: Int64?

  init(_ header: HeaderFacts, declared: DeclaredRate?) {
    self.header = header
    examiner = SampleExaminer(header)
    dynamicRange = DynamicRangeRules(header)
    sound = AudioFrameRules(header)
    buffer = declared.map {
      BufferModel(
        bitsPerSecond: $0.bitsPerSecond, minBufferTime: $0.minBufferTime,
        timescale: header.timescale)
    }
  }

  // MARK: A fragment

  /// - Returns: `nil` if its samples cannot be known.
  mutating func begin(
    _ moof: Box, whole: ByteRange, payload: ByteRange, _ log: inout FindingLog
  ) -> ReadFragment? {
    let reader = FragmentReader(
      header: header, expectedDecodeTime: nextDecodeTime ?? 0,
      sampleLimit: VerificationLimits.sampleCount - sampleCount)
    guard let fragment = reader.read(moof, whole: whole, payload: payload, &log) else { return nil }
    sampleCount += fragment.samples.count
    log.require(
      fragment.sequenceNumber == nextSequenceNumber, .sequenceNumber, fragment.place,
      "sequence_number is \(fragment.sequenceNumber); \(nextSequenceNumber) is expected")
    nextSequenceNumber = fragment.sequenceNumber &+ 1
    if let time = fragment.decodeTime, let expected = nextDecodeTime {
      log.require(
        time == expected, .decodeTime, fragment.place,
        "baseMediaDecodeTime is \(time); all durations before add up to \(expected)")
    } else if let time = fragment.decodeTime, time != 0 {
      // Sound has a grid of frames, and may start on it less than a frame late.
      let frame = header.kind == .audio ? fragment.samples.first?.duration ?? 0 : 0
      log.add(
        time < frame ? .lateStart : .decodeTime, fragment.place,
        "the first baseMediaDecodeTime is \(time); 0 is expected")
    }
    if let last = fragment.samples.last { nextDecodeTime = last.decodeTime + last.duration }
    sound?.check(fragment, &log)
    if firstOffset == nil { firstOffset = whole.offset }
    current = fragment
    contents.removeAll(keepingCapacity: true)
    let earliest = fragment.samples.lazy.map(\.presentationTime).min() ?? 0
    buffer?.begin(at: whole.offset - (firstOffset ?? 0), time: max(0, earliest))
    return fragment
  }

  /// Takes a sample of the current fragment, whose bytes are in `buffer`.
  mutating func take(
    _ sample: FragmentSample, number: Int, in bytes: ByteBuffer, at: Int, fileOffset: Int64,
    _ log: inout FindingLog
  ) {
    longestSample = max(longestSample, sample.duration)
    let end = fileOffset + Int64(at - bytes.readerIndex + sample.size)
    buffer?.take(endingAt: end - (firstOffset ?? 0), time: max(0, sample.presentationTime))
    guard let current else { return }
    sound?.check(
      sample, in: bytes, at: at, place: { "\(current.place) sample \(number)" }, &log)
    if header.kind == .text {
      let place = "\(current.place) sample \(number)"
      let rules = TextSampleRules(coding: header.coding, place: place)
      if let text = rules.check(sample, in: bytes, at: at, &log) { shown.append(text) }
      return
    }
    guard header.kind == .video else { return }
    dynamicRange.take(bytes, at: at, count: sample.size, isFirstSegment: segments.isEmpty)
    payloadByteCount += Int64(sample.size)
    if !hasCaptions { hasCaptions = examiner.hasCaptions(in: bytes, at: at, count: sample.size) }
    contents.append(
      examiner.examine(
        sample, in: bytes, at: at, place: { "\(current.place) sample \(number)" }, &log))
    if sample.flags & 0x1_0000 != 0 { hasNonSync = true }
  }

  mutating func end(_ log: inout FindingLog) {
    guard let fragment = current, let first = fragment.samples.first,
      let last = fragment.samples.last
    else { return }
    current = nil
    let times = fragment.samples.map(\.presentationTime).sorted()
    for (one, two) in zip(times, times.dropFirst()) where one == two {
      log.add(.presentationTime, fragment.place, "two samples are presented at \(one)")
    }
    let earliest = times.first ?? 0
    if let latest {
      log.require(
        earliest > latest, .segmentOverlap, fragment.place,
        "a sample is presented at \(earliest), one of the fragment before at \(latest)")
    }
    latest = max(latest ?? .min, times.last ?? .min)
    var sap: (type: UInt8, delta: Int64) = (1, 0)
    if header.kind == .video {
      frames.take(times)
      log.require(
        earliest == first.decodeTime - header.mediaStart, .decodeTimeVideo, fragment.place,
        "decoding starts at \(first.decodeTime), presentation at \(earliest): signed composition "
          + "offsets let both start together")
      sap = accessPoint(fragment, earliest)
      log.require(
        sap.type > 0, .segmentStart, fragment.place, "its first sample is no stream access point")
    }
    end = last.decodeTime + last.duration - header.mediaStart
    segments.append(
      MeasuredSegment(
        range: fragment.range, start: max(0, earliest), duration: 0, sapType: sap.type,
        firstSampleEnd: fragment.payloadOffset + Int64(first.size) - fragment.range.offset))
    sapDeltas.append(sap.delta)
  }

  /// The stream access point at the fragment's first sample (ISO/IEC 14496-12 Annex I).
  private func accessPoint(_ fragment: ReadFragment, _ earliest: Int64) -> (
    type: UInt8, delta: Int64
  ) {
    guard let first = fragment.samples.first, let entry = contents.first??.entry, entry != .none
    else { return (0, 0) }
    // Pictures before the first one in output order: decodable or not.
    let hasLeading = first.presentationTime > earliest
    // Skipped pictures belong to the IRAP picture before them: those of a later one do not count.
    let group = contents.dropFirst().prefix { $0.map { $0.entry == .none } ?? true }.count + 1
    let skipped = zip(fragment.samples, contents).prefix(group).filter { $1?.isRASL ?? false }
    if let last = skipped.map(\.0.presentationTime).max() {
      let decodable = fragment.samples.lazy.map(\.presentationTime).filter { $0 > last }.min()
      return (3, (decodable ?? first.presentationTime) - earliest)
    }
    if entry == .recoveryPoint, hasLeading { return (3, first.presentationTime - earliest) }
    // Of type 2 all can be decoded, so that the access point is at the earliest time.
    return (hasLeading ? 2 : 1, 0)
  }

  // MARK: The whole track

  /// Durations: from each segment's start to the next one's.
  mutating func finish() {
    for index in segments.indices {
      let next = index + 1 < segments.count ? segments[index + 1].start : max(0, end)
      segments[index].duration = max(0, next - segments[index].start)
    }
  }

  func checkDescription(_ description: TitleDescription.Track?, _ log: inout FindingLog) {
    if header.kind == .video {
      dynamicRange.check(&log)
      VideoEntryRules.checkRates(
        header, frameCount: frames.count, byteCount: payloadByteCount,
        seconds: Double(max(0, end)) / Double(header.timescale.ticksPerSecond), &log)
      log.require(
        header.hasSyncTable == hasNonSync, .syncTableMissing, "moov/trak/mdia/minf/stbl",
        hasNonSync
          ? "some samples are no sync samples, so that an empty 'stss' is expected"
          : "all samples are sync samples, so that 'stss' must be absent")
    } else if header.kind != .other {
      log.require(
        !header.hasSyncTable, .syncTable, "moov/trak/mdia/minf/stbl",
        "every sample is a sync sample, so that 'stss' must be absent")
    }
    if let stated = header.fragmentDuration {
      let whole = end + header.mediaStart
      log.require(
        stated == UInt64(max(0, whole)) || stated == UInt64(max(0, end)), .headerDuration,
        "moov/mvex/mehd", "fragment_duration is \(stated); the fragments last \(whole)")
    }
    guard let description else { return }
    let written = LanguageTag.iso639(description.language)
    log.require(
      written == header.language, .headerLanguage, "moov/trak/mdia/mdhd",
      "the language is '\(header.language)', the description says '\(description.language)'")
    guard header.kind == .video else { return }
    let duration = (segments.last?.end ?? 0) - (segments.first?.start ?? 0)
    guard let rate = description.frameRate.flatMap({ Rational(text: $0) }) else {
      log.add(.frameRate, "", "the description has no frame rate of this video track")
      return
    }
    log.require(
      frames.matches(rate, timescale: header.timescale, duration: duration), .frameRate, "",
      "the description says \(rate) frames a second; \(frames.count) frames last \(duration)/"
        + "\(header.timescale) s")
  }
}
