import DASH
import HLS
import Library
import MediaCore

/// Where a title's media lies, seen from its documents.
struct MediaPlace: Sendable {
  /// Before every reference to media: empty if it lies beside the documents.
  var base = ""
  /// CMAF headers that do not lie beside their segments, by the track's name.
  var headers: [String: MediaInitialization] = [:]
}

/// What documents say of rates: measured once, for all documents of a title and for those that name
/// some of its tracks, or on all of what the title is a part of.
struct DeclaredRates: Sendable {
  /// Seconds, of the playlists of everything that is played.
  var targetDuration: Int
  /// Seconds, of playlists of I-frames.
  var iFrameTargetDuration: Int
  /// By the track's name.
  var playlists: [String: PeakBitrate] = [:]
  var iFrames: [String: PeakBitrate] = [:]
  /// `Representation@bandwidth`.
  var representations: [String: Int64] = [:]
}

extension DeclaredRates {
  /// What a title by itself declares.
  init(measuring title: Title) {
    let targetDuration = HLSPresentation.targetDuration(of: title)
    self.init(targetDuration: targetDuration, iFrameTargetDuration: targetDuration)
    for track in title.tracks {
      let (name, index) = (track.index.name, track.index)
      playlists[name] = track.bitrate(targetDuration: targetDuration)
      if index.hasIFrames { iFrames[name] = index.iFrameBitrate(targetDuration: targetDuration) }
      representations[name] = LeakyBucket.bandwidth(
        of: index.segments.lazy.map { ($0.range.count, $0.start) }, timescale: index.timescale,
        minBufferTime: targetDuration)
    }
  }
}
