import DASH
import MediaCore

extension Rule {
  static let trickPictures = Rule("trick-pictures", "RFC 8216bis §4.4.3.6")
  static let trickCuts = Rule("trick-cuts", "ISO/IEC 23000-19 §7.3.4")
  static let trickSet = Rule("trick-set", "DASH-IF IOP 4.3 §3.2.9")
}

/// Tracks of single pictures for trick play.
enum TrickRules {
  static func findings(in tracks: [MeasuredTrack]) -> [Finding] {
    let base = tracks.first { $0.isVideo && !$0.isTrick }
    return tracks.filter(\.isTrick).flatMap { findings(in: $0, beside: base) }
  }

  private static func findings(
    in trick: MeasuredTrack, beside base: MeasuredTrack?
  ) -> [Finding] {
    var log = FindingLog(file: "\(trick.name).mp4")
    log.require(
      trick.frames.count == Int64(trick.segments.count)
        && trick.segments.allSatisfy { $0.sapType == 1 }, .trickPictures, "",
      "\(trick.frames.count) pictures in \(trick.segments.count) segments; each is expected to be a "
        + "segment that stands by itself")
    guard let base else { return log.findings }
    let tick =
      1 / Double(trick.timescale.ticksPerSecond) + 1 / Double(base.timescale.ticksPerSecond)
    func seconds(_ track: MeasuredTrack, _ ticks: Int64) -> Double { track.time(ticks).seconds }
    let (start, end) = (seconds(trick, trick.segments.first?.start ?? 0), seconds(trick, trick.end))
    log.require(
      abs(start - seconds(base, base.segments.first?.start ?? 0)) <= tick
        && abs(end - seconds(base, base.end)) <= tick, .trickCuts, "",
      "lasts from \(start) to \(end) s; \(base.name) ends at \(seconds(base, base.end)) s")
    // A picture that is shown for less than a segment lasts does not reach over its start.
    var cut = 0
    for (index, picture) in trick.segments.enumerated() {
      let (from, until) = (seconds(trick, picture.start), seconds(trick, picture.end))
      while cut < base.segments.count, seconds(base, base.segments[cut].start) <= from + tick {
        cut += 1
      }
      guard cut < base.segments.count else { break }
      let next = seconds(base, base.segments[cut].start)
      let length = seconds(base, base.segments[cut].duration)
      log.require(
        until <= next + tick || until - from >= length / 2, .trickCuts, "segment \(index + 1)",
        "is shown from \(from) to \(until) s, over the cut at \(next) s")
    }
    return log.findings
  }

  /// A set in the MPD: players that do not know the property must pass it over.
  static func check(
    _ set: AdaptationSet, in sets: [AdaptationSet], _ log: inout FindingLog
  ) {
    let place = "AdaptationSet \(set.id)"
    let scheme = "http://dashif.org/guidelines/trickmode"
    let named = set.essentialProperties.first { $0.schemeIdUri == scheme }?.value ?? ""
    let videos = Set(
      sets.filter { $0.contentType == "video" && $0.id != set.id }.map { String($0.id) })
    let listed = named.split(separator: " ").map(String.init)
    log.require(
      !listed.isEmpty && videos.isSuperset(of: listed), .trickSet, place,
      "EssentialProperty \(scheme) is '\(named)'; the ids of sets of video are expected")
    log.require(
      set.codingDependency == false, .trickSet, place, "codingDependency is expected to be false")
    log.require(
      set.maxPlayoutRate ?? 0 >= 1, .trickSet, place, "maxPlayoutRate is expected")
  }
}
