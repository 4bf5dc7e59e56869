import ISOBMFF
import MediaCore

extension Rule {
  static let indexTrack = Rule("sidx-track", "ISO/IEC 14496-12 §8.16.3")
  static let indexTimescale = Rule("sidx-timescale", "ISO/IEC 23000-19 §7.3.3.3")
  static let indexStart = Rule("sidx-start", "ISO/IEC 14496-12 §8.16.3")
  static let indexSize = Rule("sidx-size", "ISO/IEC 14496-12 §8.16.3")
  static let indexDuration = Rule("sidx-duration", "ISO/IEC 14496-12 §8.16.3")
  static let sapType = Rule("sap-type", "ISO/IEC 14496-12 §8.16.3, Annex I")
  static let sapUnknown = Rule("sap-unknown", "ISO/IEC 14496-12 §8.16.3", .warning)
  static let sapDelta = Rule("sap-delta", "ISO/IEC 14496-12 §8.16.3, Annex I")
  static let headerLanguage = Rule("language", "ISO/IEC 14496-12 §8.4.2")
  static let frameRate = Rule("frame-rate", "title.json")
}

extension FragmentRules {
  /// Holds `sidx` against the fragments that were found.
  func check(
    _ sidx: SegmentIndexBox, at range: ByteRange, fileByteCount: Int64, _ log: inout FindingLog
  ) {
    let place = "sidx at byte \(range.offset)"
    log.require(
      sidx.referenceID == header.trackID, .indexTrack, place,
      "reference_ID is \(sidx.referenceID); the track is \(header.trackID)")
    log.require(
      sidx.timescale == header.timescale, .indexTimescale, place,
      "timescale is \(sidx.timescale); the media's, \(header.timescale), is expected")
    let start = segments.first?.start ?? 0
    log.require(
      sidx.earliestPresentationTime == UInt64(start), .indexStart, place,
      "earliest_presentation_time is \(sidx.earliestPresentationTime); the first sample is presented "
        + "at \(start)")
    log.require(
      sidx.firstOffset == 0, .indexSize, place,
      "first_offset is \(sidx.firstOffset); 0 is expected")
    log.require(
      sidx.references.count == segments.count, .indexSize, place,
      "lists \(sidx.references.count) segments; the file has \(segments.count)")
    var offset = range.end
    for (index, reference) in sidx.references.enumerated() {
      offset += Int64(reference.byteCount)
      guard index < segments.count else { continue }
      check(reference, index, endingAt: offset, "\(place) reference \(index)", &log)
    }
    log.require(
      offset == fileByteCount, .indexSize, place,
      "its segments end at byte \(offset), the file at \(fileByteCount)")
  }

  private func check(
    _ reference: SegmentIndexBox.Reference, _ index: Int, endingAt end: Int64, _ place: String,
    _ log: inout FindingLog
  ) {
    let segment = segments[index]
    log.require(!reference.isIndex, .indexSize, place, "refers to another 'sidx'")
    log.require(
      segment.range.end == end && segment.range.count == Int64(reference.byteCount), .indexSize,
      place,
      "bytes \(end - Int64(reference.byteCount)) to \(end) are listed, the fragment has "
        + "\(segment.range.offset) to \(segment.range.end)")
    log.require(
      Int64(reference.duration) == segment.duration, .indexDuration, place,
      "subsegment_duration is \(reference.duration); the samples last \(segment.duration)")
    guard reference.startsWithSAP, reference.sapType != 0 else {
      log.require(
        segment.sapType == 0, .sapUnknown, place,
        "no access point is stated; there is one of type \(segment.sapType)")
      return
    }
    log.require(
      reference.sapType == segment.sapType, .sapType, place,
      "SAP_type is \(reference.sapType); the samples make it \(segment.sapType)")
    if reference.sapType == segment.sapType {
      log.require(
        Int64(reference.sapDeltaTime) == sapDeltas[index], .sapDelta, place,
        "SAP_delta_time is \(reference.sapDeltaTime); \(sapDeltas[index]) is expected")
    }
  }
}
