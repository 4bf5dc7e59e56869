import MediaCore
import NIOCore

/// Coded frames of silence that fill what a source's sound leaves open.
struct SilentFrames: Hashable, Sendable {
  /// Before the first frame of the source.
  var leading = ByteBuffer()
  /// Between its frames and behind them.
  var inner = ByteBuffer()

  func frame(isLeading: Bool) -> ByteBuffer { isLeading ? leading : inner }
}

/// The samples of one output track in decode order, with their times in its own timescale.
struct PlannedTrack: Sendable {
  /// Where samples come from.
  enum Piece: Hashable, Sendable {
    /// Samples of the source's track.
    case source(Range<Int>)
    /// Silent audio frames that fill a gap.
    case silence(Int)

    var count: Int {
      switch self {
      case .source(let range): range.count
      case .silence(let count): count
      }
    }
  }

  var timescale: Timescale
  var pieces: [Piece]
  /// Composition times, from 0 on.
  var times: [Int64]
  var sizes: [UInt32]
  /// Raw values of `RandomAccess`; empty for audio, where decoding can start everywhere.
  var randomAccess: [UInt8]
  /// When the sample presented last ends.
  var end: Int64
  /// Composition time that is presented at 0: the edit list's media time.
  var mediaStart: Int64
  /// Every sample needs those before it that the header's `roll` group counts.
  var isRolling = false
  /// Measured; video only.
  var frameRate: Rational?
  /// What was left out or filled in, a sentence each.
  var notes: [String]

  var count: Int { times.count }

  /// How long a sample lasts in the mean.
  var frameLength: MediaTime { MediaTime(max(1, end / Int64(max(count, 1))), timescale) }

  /// Presentation time of the end.
  var presentationEnd: MediaTime { MediaTime(end - mediaStart, timescale) }
}
