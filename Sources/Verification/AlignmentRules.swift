import MediaCore

extension Rule {
  static let noVideo = Rule("no-video", "ISO/IEC 23000-19 §7.3.6", .warning)
  static let renditionsNotAligned = Rule("renditions-not-aligned", "ISO/IEC 23000-19 §7.3.4")
  static let renditionEnds = Rule("rendition-ends", "ISO/IEC 23000-19 §7.3.4", .warning)
  static let audioEnd = Rule("audio-end", "ISO/IEC 23000-19 §7.3.6")
  static let textCuts = Rule("text-cuts", "RFC 8216bis §6.2.4")
  static let audioCuts = Rule("audio-cuts", "ISO/IEC 23000-19 §7.3.6")
}

/// What tracks owe each other.
enum AlignmentRules {
  static func findings(in tracks: [MeasuredTrack]) -> [Finding] {
    let videos = tracks.filter { $0.isVideo && !$0.isTrick }
    guard let first = videos.first else { return [] }
    var findings: [Finding] = []
    for video in videos.dropFirst() { findings += compare(video, with: first) }
    let last = videos.max { $0.time($0.end) < $1.time($1.end) } ?? first
    for audio in tracks where audio.isAudio { findings += compare(audio, toPictureOf: first, last) }
    for text in tracks where text.isText { findings += compare(text, toCutsOf: first, last) }
    return findings
  }

  private static func seconds(_ track: MeasuredTrack, _ ticks: Int64) -> Double {
    track.time(ticks).seconds
  }

  private static func compare(_ video: MeasuredTrack, with first: MeasuredTrack) -> [Finding] {
    var log = FindingLog(file: "\(video.name).mp4")
    guard video.segments.count == first.segments.count else {
      log.add(
        .renditionsNotAligned, "",
        "has \(video.segments.count) segments, \(first.name) has \(first.segments.count)")
      return log.findings
    }
    let count = max(1, video.frames.count)
    let half = seconds(video, video.duration) / Double(count) / 2 + 1e-6
    for (index, (one, other)) in zip(video.segments, first.segments).enumerated() {
      let difference = abs(seconds(video, one.start) - seconds(first, other.start))
      log.require(
        difference <= half, .renditionsNotAligned, "segment \(index + 1)",
        "starts at \(seconds(video, one.start)) s, that of \(first.name) at "
          + "\(seconds(first, other.start)) s")
    }
    log.require(
      abs(seconds(video, video.end) - seconds(first, first.end)) <= half, .renditionEnds, "",
      "ends at \(seconds(video, video.end)) s, \(first.name) at \(seconds(first, first.end)) s")
    return log.findings
  }

  /// Subtitles have a segment for each of the picture's, at the same times.
  private static func compare(
    _ text: MeasuredTrack, toCutsOf video: MeasuredTrack, _ last: MeasuredTrack
  ) -> [Finding] {
    var log = FindingLog(file: "\(text.name).mp4")
    guard text.segments.count == video.segments.count else {
      log.add(
        .textCuts, "",
        "has \(text.segments.count) segments, \(video.name) has \(video.segments.count)")
      return log.findings
    }
    let tick =
      1 / Double(text.timescale.ticksPerSecond) + 1 / Double(video.timescale.ticksPerSecond)
    for (index, (one, other)) in zip(text.segments, video.segments).enumerated() {
      log.require(
        abs(seconds(text, one.start) - seconds(video, other.start)) <= tick, .textCuts,
        "segment \(index + 1)",
        "starts at \(seconds(text, one.start)) s, that of \(video.name) at "
          + "\(seconds(video, other.start)) s")
    }
    log.require(
      abs(seconds(text, text.end) - seconds(last, last.end)) <= tick, .textCuts, "",
      "ends at \(seconds(text, text.end)) s, the picture at \(seconds(last, last.end)) s")
    return log.findings
  }

  private static func compare(
    _ audio: MeasuredTrack, toPictureOf video: MeasuredTrack, _ last: MeasuredTrack
  ) -> [Finding] {
    var log = FindingLog(file: "\(audio.name).mp4")
    let frame = seconds(audio, audio.longestSample)
    let difference = seconds(audio, audio.end) - seconds(last, last.end)
    log.require(
      abs(difference) < frame + 1e-6, .audioEnd, "",
      "ends \(difference) s after the picture; less than a frame, \(frame) s, is allowed")
    // A tick of rounding on either side.
    let half = frame / 2 + 1 / Double(audio.timescale.ticksPerSecond) + 1e-6
    var cut = 0
    for (index, segment) in audio.segments.enumerated().dropFirst() {
      let start = seconds(audio, segment.start)
      while cut + 1 < video.segments.count,
        abs(seconds(video, video.segments[cut + 1].start) - start)
          <= abs(seconds(video, video.segments[cut].start) - start)
      {
        cut += 1
      }
      let nearest = seconds(video, video.segments[cut].start)
      log.require(
        abs(nearest - start) <= half, .audioCuts, "segment \(index + 1)",
        "starts at \(start) s, the nearest cut of \(video.name) is at \(nearest) s: half a frame is "
          + "\(frame / 2) s")
    }
    return log.findings
  }
}
