import CFFmpeg
import MediaCore

/// Where frames of decoded sound lie behind one another, in ticks of an encoder's rate.
///
/// Frames follow each other sample by sample; times in a container are rounded, so that small distances are none. What
/// is missing between two frames is filled with silence, and what repeats what was there is passed over.
struct SoundTimeline {
  enum Place: Hashable {
    /// Right behind what there is, or after so much silence.
    case follows(silence: Int64)
    /// It repeats what was there.
    case repeats
    /// The first, or so far from the end of what there is that it does not belong to it.
    case apart(from: Int64)
  }

  /// When what there is began, and how much it is, silence included.
  private(set) var start: Int64 = 0
  private(set) var taken: Int64 = 0
  private let rate: Int64
  private let tick: AVRational
  /// Distances that are none: two ticks of the container.
  private let tolerance: Int64
  /// Distances from the end of what there is at which a frame belongs to it.
  private let near: Range<Int64>
  /// Samples at the source's own rate, and silence among what was taken.
  private var sourceCount: Int64 = 0
  private var silent: Int64 = 0

  /// - Parameters:
  ///   - rate: the encoder's samples in a second.
  ///   - tick: of the container, in seconds.
  ///   - near: milliseconds from the end of what there is at which a frame belongs to it.
  init(rate: Int, tick: Rational, near: Range<Int64>) {
    self.rate = Int64(rate)
    self.tick = AVRational(
      num: CInt(clamping: tick.numerator), den: CInt(clamping: tick.denominator))
    let samples = Int64(rate) * tick.numerator / tick.denominator
    tolerance = max(2 * samples + 2, Int64(rate) / 50)
    self.near = near.lowerBound * Int64(rate) / 1000..<near.upperBound * Int64(rate) / 1000
  }

  /// Ticks of the encoder's rate.
  /// - Parameter time: ticks of the container.
  func position(of time: Int64) -> Int64 {
    av_rescale_q(time, tick, AVRational(num: 1, den: CInt(clamping: rate)))
  }

  /// Where a frame lies that begins at a position.
  func place(_ position: Int64) -> Place {
    let late = position - start - taken
    guard taken > 0, near.contains(late) else { return .apart(from: late) }
    if late < -tolerance { return .repeats }
    return .follows(silence: late > tolerance ? late : 0)
  }

  /// Begins anew.
  mutating func begin(at position: Int64) {
    (start, taken, sourceCount, silent) = (position, 0, 0, 0)
  }

  mutating func take(silence: Int64) {
    silent += silence
    taken += silence
  }

  mutating func take(_ frame: UnsafeMutablePointer<AVFrame>) {
    sourceCount += unsafe Int64(frame.pointee.nb_samples)
    // Of the sum, so that nothing rounded adds up.
    let own = unsafe Int64(max(1, frame.pointee.sample_rate))
    taken = silent + av_rescale(sourceCount, rate, own)
  }
}

extension Rational {
  /// A time base; a second where there is none.
  init(_ timeBase: AVRational) {
    self = Rational(Int64(timeBase.num), Int64(timeBase.den)) ?? .one
  }
}
