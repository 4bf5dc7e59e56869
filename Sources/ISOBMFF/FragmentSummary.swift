/// What a `moof` says of its samples, as far as a report of a media segment needs it
/// (ISO/IEC 14496-12 §8.8.4).
package struct FragmentSummary: Hashable, Sendable {
  /// One `traf`.
  package struct Track: Hashable, Sendable {
    package var trackID: UInt32
    /// Of the first sample; `nil` without a `tfdt`.
    package var baseMediaDecodeTime: UInt64?
    package var sampleCount: Int
    /// Ticks of the track's timescale; `nil` if only the track's `trex` knows.
    package var duration: UInt64?
    /// Payload bytes; `nil` if only the track's `trex` knows.
    package var byteCount: Int64?

    package init(
      trackID: UInt32, baseMediaDecodeTime: UInt64?, sampleCount: Int, duration: UInt64?,
      byteCount: Int64?
    ) {
      self.trackID = trackID
      self.baseMediaDecodeTime = baseMediaDecodeTime
      self.sampleCount = sampleCount
      self.duration = duration
      self.byteCount = byteCount
    }
  }

  /// Of the `moof`.
  package var offset: Int64
  package var sequenceNumber: UInt32?
  package var tracks: [Track]

  package init(_ moof: Box) throws(ISOBMFFError) {
    offset = moof.offset
    tracks = []
    for box in try moof.children() {
      if box.type == "mfhd" {
        var fields = box.fields
        _ = try fields.versionAndFlags()
        sequenceNumber = try fields.read()
      } else if box.type == "traf" {
        tracks.append(try Self.track(box))
      }
    }
  }

  private static func track(_ traf: Box) throws(ISOBMFFError) -> Track {
    let header = try TrackFragmentHeaderBox(try traf.required(TrackFragmentHeaderBox.type))
    var track = Track(
      trackID: header.trackID, baseMediaDecodeTime: nil, sampleCount: 0, duration: 0, byteCount: 0)
    for box in try traf.children() {
      if box.type == TrackFragmentDecodeTimeBox.type {
        track.baseMediaDecodeTime = try TrackFragmentDecodeTimeBox(box).baseMediaDecodeTime
      }
      guard box.type == TrackRunBox.type else { continue }
      let run = try TrackRunBox(box)
      track.sampleCount += run.samples.count
      // 4096 runs of a million samples stay below 2⁶³.
      for sample in run.samples {
        let duration = sample.duration ?? header.duration
        let size = sample.size ?? header.size
        track.duration = track.duration.flatMap { sum in duration.map { sum + UInt64($0) } }
        track.byteCount = track.byteCount.flatMap { sum in size.map { sum + Int64($0) } }
      }
    }
    return track
  }
}
