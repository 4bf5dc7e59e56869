import FileIO
package import Library
package import MediaCore
import NIOCore

/// Writes a track of single pictures for trick play: each is a segment of its own, so that a player
/// loads no more than it shows, and one byte range of an I-frame playlist names it whole.
package enum TrickTrack {
  /// - Parameters:
  ///   - source: has one track of video, all of it key pictures, on the title's timeline.
  ///   - tracks: names that are taken.
  /// - Returns: what `title.json` says of the track.
  package static func write(
    _ source: any MediaSource, beside tracks: [String], into folder: String, layout: TitleLayout
  ) throws -> TitleDescription.Track {
    let place = "the trick track"
    guard let track = source.tracks.first, track.samples.count > 0,
      track.samples.randomAccess.allSatisfy({ $0 == RandomAccess.closed.rawValue }),
      let video = try VideoDescription(track)
    else { throw PackagingError(.damaged, "\(place) has no pictures that stand by themselves") }
    let times = track.samples.presentationTimes
    let end = (times.last ?? 0) + max(1, track.samples.lastDuration)
    var plan = PlannedTrack(
      timescale: track.timescale, pieces: [.source(0..<track.samples.count)], times: times,
      sizes: track.samples.sizes, randomAccess: track.samples.randomAccess, end: end,
      mediaStart: 0, notes: [])
    plan.frameRate = Rational(
      Int64(times.count) * Int64(track.timescale.ticksPerSecond), max(1, end - (times.first ?? 0)))
    let name = Self.name(video.height, beside: tracks)
    let trackLayout = try TrackLayout(
      plan, header: try video.header(plan, matrix: nil, language: "und"),
      starts: Array(times.indices), isVideo: true, name: name)
    let writes = WriteBehind(isConcurrent: false)
    let writer = try TrackWriter(
      trackLayout, path: "\(folder)/\(name)", files: layout, video: video, silence: SilentFrames(),
      place: place, writes: writes)
    let reader = try source.makeReader(of: [track.number])
    while let batch = try reader.next() {
      for run in batch.runs {
        try writer.take(run, in: batch.bytes, sizes: track.samples.sizes)
      }
      try writes.submit()
    }
    let digest = try writer.finish()
    try writes.finish()
    try writer.synchronize()
    return TitleDescription.Track(
      name: name, digest: TrackDigest.text(digest), language: "und",
      label: "\(video.height)p", roles: [TitleTrack.trickRole], isDefault: false,
      frameRate: plan.frameRate?.description)
  }

  private static func name(_ height: Int, beside tracks: [String]) -> String {
    var number = 1
    while true {
      let name = "trick-\(height)p" + (number == 1 ? "" : "-\(number)")
      if !tracks.contains(name) { return name }
      number += 1
    }
  }
}
