import Codecs
import FFmpeg
import MediaCore

/// What a group of pictures may cost in a rung whose encoder is held to no buffer model, and at which rates one that costs
/// more is encoded again.
///
/// Such an encoder spends what it has saved in easy groups on a hard one, however much that is. Encoded by itself the hard
/// group has nothing to spend but its own. The limit is that of the buffer model which other encoders keep to.
struct GroupCap {
  /// A rate that was asked for, and the bits that came of it.
  struct Try: Hashable {
    var asked: Int64
    var bits: Int64
  }

  private let bitsPerSecond: Int64
  private let bufferBits: Int64
  /// Of the rung, in a second.
  private let pictureRate: Double
  /// The coarsest constant rate factor of the encoder.
  private let coarsest: Int

  /// Times that a group is encoded again, at most; the last at the coarsest quality that there is.
  static let tries = 5
  /// Bits a second that are asked for, at least.
  private static let leastRate: Int64 = 1000

  init(_ rung: PlannedRung) {
    bitsPerSecond = rung.bufferBitsPerSecond
    bufferBits = rung.bufferBits
    pictureRate = rung.rate?.value ?? 1
    coarsest = rung.videoCodec == .av1 ? 63 : 51
  }

  /// Bits that so many pictures may cost.
  func bits(pictureCount: Int) -> Int64 {
    bufferBits + Int64(Double(bitsPerSecond) * Double(pictureCount) / pictureRate)
  }

  /// What a group is to be encoded at next.
  /// - Parameter tries: those before, in order.
  func rate(after tries: [Try], pictureCount: Int) -> RungEncoding.RateControl {
    guard tries.count < Self.tries - 1 else { return .constantQuality(coarsest) }
    guard let last = tries.last else { return .average(bitsPerSecond) }
    let limit = bits(pictureCount: pictureCount)
    let factor = min(0.8, 0.9 * Double(limit) / Double(max(1, last.bits)))
    return .average(max(Self.leastRate, Int64(Double(last.asked) * factor)))
  }
}
