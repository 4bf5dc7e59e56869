import Library
package import MediaCore

/// Several live sources as one: tracks get numbers of their own, sound that is there already is left out, and times are
/// brought together.
///
///     var lanes = LiveLanes(count: 2)
///     for event in lanes.take(event, from: 1) { … }
///
/// Where sources come in as streams of one encoder their times are one clock's, and stay. Others are brought together by
/// when they came in; files all begin at the same moment.
package struct LiveLanes: Sendable {
  private struct Lane {
    /// Tracks that are left out.
    var isLeftOut: Set<Int> = []
    /// What has to be added to times; `nil` before the first sample.
    var shift: MediaTime?
    /// Timescales of its tracks, by number.
    var timescales: [Int: Timescale] = [:]
    /// Of subtitles, whose first time tells nothing.
    var texts: Set<Int> = []
  }

  private struct Sound: Hashable {
    var language: String
    var coding: String
    var roles: [String]
  }

  private var lanes: [Lane]
  /// Who has a sound already, and under which number.
  private var sounds: [Sound: (lane: Int, track: Int)] = [:]
  /// One moment of the first source that came: its time, and when that came in.
  private var reference: (time: MediaTime, arrival: Int64)?
  /// Whose splice messages are told of; `nil` before the first.
  private var splicing: Int?

  /// Track numbers of one source.
  private static let stride = 1000
  /// Clocks that are no further apart are one, seconds.
  private static let agreement = 5.0

  package init(count: Int) { lanes = Array(repeating: Lane(), count: count) }

  /// - Returns: what is to be told; `nil`: nothing.
  package mutating func take(_ event: LiveEvent, from lane: Int) -> LiveEvent? {
    switch event {
    case .restart: return event
    case .splice(var splice):
      // Renditions repeat them: the first source that has any is the one that counts.
      guard let shift = lanes[lane].shift, splicing ?? lane == lane else { return nil }
      splicing = lane
      let ticks = splice.time.timescale
      splice.time = MediaTime(splice.time.value + shift.rescaled(to: ticks).value, ticks)
      splice.timeOffset += shift.rescaled(to: Timescale(literal: 90_000)).value
      return .splice(splice)
    case .track(var track):
      lanes[lane].timescales[track.number] = track.timescale
      if track.kind == .text { lanes[lane].texts.insert(track.number) }
      guard takes(track, lane) else {
        lanes[lane].isLeftOut.insert(track.number)
        return nil
      }
      lanes[lane].isLeftOut.remove(track.number)
      track.number += lane * Self.stride
      return .track(track)
    case .sample(var sample):
      guard !lanes[lane].isLeftOut.contains(sample.track),
        let timescale = lanes[lane].timescales[sample.track],
        lanes[lane].shift != nil || !lanes[lane].texts.contains(sample.track)
      else { return nil }
      let shift = shift(sample, timescale, lane).rescaled(to: timescale).value
      sample.decodeTime += shift
      sample.presentationTime += shift
      sample.track += lane * Self.stride
      return .sample(sample)
    }
  }

  /// A source goes on with times of another clock.
  package mutating func restart(_ lane: Int) { lanes[lane].shift = nil }

  /// Sound of one language, role and coding is taken once, as `dougong package` does.
  private mutating func takes(_ track: SourceTrack, _ lane: Int) -> Bool {
    guard track.kind == .audio else { return true }
    let sound = Sound(
      language: LanguageTag.bcp47(track.language), coding: "\(track.coding.name)",
      roles: track.roles)
    guard let known = sounds[sound], known.lane != lane else {
      sounds[sound] = (lane, track.number)
      return true
    }
    return false
  }

  private mutating func shift(
    _ sample: LiveSample, _ timescale: Timescale, _ lane: Int
  ) -> MediaTime {
    if let known = lanes[lane].shift { return known }
    let time = MediaTime(sample.presentationTime, timescale)
    let shift: MediaTime
    if let arrival = sample.arrival {
      let first = reference ?? (time, arrival)
      reference = first
      let passed = MediaTime(arrival - first.arrival, LiveTime.nanoseconds)
      let apart = time.seconds - first.time.seconds - passed.seconds
      let ticks = Int64((apart * Double(timescale.ticksPerSecond)).rounded())
      shift = MediaTime(abs(apart) < Self.agreement ? 0 : -ticks, timescale)
    } else {
      shift = MediaTime(-sample.presentationTime, timescale)
    }
    lanes[lane].shift = shift
    return shift
  }
}

extension SampleCoding {
  /// Which coding it is, its record apart.
  fileprivate var name: String {
    switch self {
    case .h264: "h264"
    case .hevc: "hevc"
    case .av1: "av1"
    case .vp9: "vp9"
    case .aac: "aac"
    case .ac3: "ac3"
    case .eac3: "eac3"
    case .opus: "opus"
    case .flac: "flac"
    case .mp3: "mp3"
    case .text(let coding, _): coding.rawValue
    case .unsupported(let name): name
    }
  }
}
