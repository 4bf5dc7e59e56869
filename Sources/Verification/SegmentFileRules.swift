import DASH
import FileIO
import Library
import MediaCore

extension Rule {
  static let segmentFile = Rule("segment-file", "ISO/IEC 23000-19 §7.3.3.1")
  static let segmentFileUnlisted = Rule("segment-file-unlisted", "title at rest", .warning)
  static let headerFile = Rule("header-file", "ISO/IEC 23000-19 §7.3.1")
  static let segmentDurations = Rule("max-segment-duration", "ISO/IEC 23009-1 §5.3.1.2")
  static let segmentTemplate = Rule("segment-template", "ISO/IEC 23009-1 §5.3.9.4")
  static let segmentTimeline = Rule("segment-timeline", "ISO/IEC 23009-1 §5.3.9.6")
}

/// A track that has a file for each segment: every file is one segment, whole.
enum SegmentFileRules {
  static func findings(
    _ storage: TrackStorage, name: String, measured: MeasuredTrack?
  ) -> [Finding] {
    guard storage.segmentFileCount > 0 else { return [] }
    var log = FindingLog(file: name)
    checkHeader(storage, measured, &log)
    let segments = measured?.segments ?? []
    log.require(
      measured == nil || storage.segmentFileCount == segments.count, .segmentFile, "",
      "\(storage.segmentFileCount) segment files; \(segments.count) segments were found")
    for (index, segment) in segments.prefix(storage.segmentFileCount).enumerated() {
      let range = storage.range(ofFile: index + 1)
      log.require(
        range == segment.range, .segmentFile, TrackStorage.segmentName(index + 1),
        "holds bytes \(range.offset) to \(range.end) of the track; segment \(index + 1) is "
          + "\(segment.range.offset) to \(segment.range.end)")
    }
    checkNames(storage, &log)
    return log.findings
  }

  /// `init.mp4` is the header of `index.mp4`.
  private static func checkHeader(
    _ storage: TrackStorage, _ measured: MeasuredTrack?, _ log: inout FindingLog
  ) {
    guard let measured else { return }
    do {
      let file = try ReadableFile(path: "\(storage.path)/\(TrackStorage.headerName)")
      let expected = try storage.read(at: 0, count: Int(measured.headerRange.count))
      let isSame =
        try file.byteCount == measured.headerRange.count
        && file.read(at: 0, count: Int(file.byteCount)) == expected
      log.require(
        isSame, .headerFile, TrackStorage.headerName,
        "is not 'ftyp' and 'moov' as \(TrackStorage.indexName) has them")
    } catch {
      log.add(.headerFile, TrackStorage.headerName, "\(error)")
    }
  }

  private static func checkNames(_ storage: TrackStorage, _ log: inout FindingLog) {
    var known: Set = [TrackStorage.headerName, TrackStorage.indexName]
    for number in 1...storage.segmentFileCount {
      known.insert(TrackStorage.segmentName(number))
      known.insert(WebVTTIndex.segmentName(number))
    }
    let names = (try? Folder.names(in: storage.path, limit: VerificationLimits.nameCount)) ?? []
    for name in names where !known.contains(name) {
      log.add(.segmentFileUnlisted, name, "is no segment of the track, and is never asked for")
    }
  }
}

extension MPDRules {
  /// Segments by number, with the timeline of the media.
  mutating func checkTemplate(
    _ template: SegmentTemplate?, _ found: Representation, _ track: MeasuredTrack, _ place: String
  ) {
    guard let template else {
      log.add(.segmentTemplate, place, "SegmentTemplate is missing")
      return
    }
    let media = template.media?.replacing("$RepresentationID$", with: found.id)
    log.require(
      media == "\(track.name)/$Number$.m4s" && template.startNumber == 1, .segmentTemplate, place,
      "media is '\(media ?? "")' from \(template.startNumber); '\(track.name)/$Number$.m4s' from 1 "
        + "is expected")
    let header = template.initialization?.replacing("$RepresentationID$", with: found.id)
    log.require(
      header == "\(track.name)/\(TrackStorage.headerName)", .segmentTemplate, place,
      "initialization is '\(header ?? "")'; '\(track.name)/\(TrackStorage.headerName)' is expected")
    log.require(
      template.timescale == track.timescale && template.presentationTimeOffset == 0, .mpdTimescale,
      place, "timescale is \(template.timescale); the track's is \(track.timescale)")
    let listed = template.timeline?.segments ?? []
    log.require(
      listed.count == track.segments.count, .segmentTimeline, place,
      "the timeline lists \(listed.count) segments; the track has \(track.segments.count)")
    for (index, (stated, segment)) in zip(listed, track.segments).enumerated() {
      log.require(
        stated.start == segment.start && stated.duration == segment.duration, .segmentTimeline,
        place,
        "segment \(index + 1) is at \(stated.start) for \(stated.duration); the samples are at "
          + "\(segment.start) for \(segment.duration)")
    }
  }
}
