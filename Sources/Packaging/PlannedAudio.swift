import Codecs
import Library
import MediaCore

/// An audio track of the title, planned.
struct PlannedAudio {
  let selected: SelectedTrack
  let audio: AudioDescription
  private let timeline: AudioTimeline
  private let origin: MediaTime

  init(_ selected: SelectedTrack, origin: MediaTime) throws {
    self.selected = selected
    self.origin = origin
    do {
      audio = try AudioDescription(selected.track.coding)
    } catch let error as CodecsError {
      throw PackagingError(.damaged, "\(selected.place): \(error.message)")
    } catch let error as PackagingError {
      throw PackagingError(error.code, "\(selected.place): \(error.message)")
    }
    timeline = AudioTimeline(track: selected.track, audio: audio, place: selected.place)
  }

  /// When the source's own sound ends.
  var naturalEnd: MediaTime { timeline.naturalEnd(origin: origin) }

  /// Frames that fill gaps; empty where there are none.
  var silence: SilentFrames { timeline.silence ?? SilentFrames() }

  func plan(end: MediaTime) throws -> PlannedTrack {
    let plan = try timeline.plan(origin: origin, end: end)
    guard plan.count > 0 else {
      throw PackagingError(
        .badTimestamps,
        "\(selected.place): no frame of it lies in what is presented, up to \(end.seconds) s; "
          + "mend its timestamps, or leave it out")
    }
    return plan
  }

  /// The frame nearest to each cut starts a segment.
  static func starts(_ plan: PlannedTrack, _ cuts: [MediaTime]) -> [Int] {
    var starts = [0]
    var index = 0
    for cut in cuts.dropFirst() {
      let wanted = cut.rescaled(to: plan.timescale).value + plan.mediaStart
      while index + 1 < plan.count,
        (plan.times[index + 1] - wanted).magnitude <= (plan.times[index] - wanted).magnitude
      {
        index += 1
      }
      if let last = starts.last, index > last { starts.append(index) }
    }
    return starts
  }
}

extension CutList {
  /// The cuts of a title without pictures: multiples of the wanted length.
  init(soundUntil end: MediaTime, target: MediaTime, ramp: [MediaTime] = []) {
    let scale = target.timescale
    let last = end.rescaled(to: scale).value
    let steps = Steps(target, ramp: ramp, scale)
    var times = [MediaTime(0, scale)]
    var next = steps[0]
    // What is left at the end stays with the segment before if it is less than half of one.
    while next < last - steps[times.count] / 2 {
      times.append(MediaTime(next, scale))
      next += steps[times.count - 1]
    }
    self.init(times: times, starts: [], notes: [])
  }
}
