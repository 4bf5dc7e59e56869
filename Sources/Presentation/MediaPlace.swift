import HLS
import MediaCore

/// Where a title's media lies, seen from its documents.
struct MediaPlace: Sendable {
  /// Before every reference to media: empty if it lies beside the documents.
  var base = ""
  /// CMAF headers that do not lie beside their segments, by the track's name.
  var headers: [String: MediaInitialization] = [:]
}

/// What documents say of a title that is a part of something longer, instead of what it measures.
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
