import FFmpeg
import Library
import NIOCore

/// How much there is to see in a picture.
struct PictureWeight: Hashable, Sendable {
  /// Mean luminance from 0 (black) to 255.
  let mean: Double
  /// Standard deviation of luminance: little in a flat picture.
  let deviation: Double

  /// - Precondition: eight bits a sample.
  init(_ picture: RGBPicture) {
    let bytes = Array(picture.bytes.readableBytesView)
    var sum = 0
    var squares = 0
    let count = max(1, picture.width * picture.height)
    for pixel in 0..<picture.width * picture.height {
      let at = 3 * pixel
      // BT.709, in 256ths.
      let luminance =
        (54 * Int(bytes[at]) + 183 * Int(bytes[at + 1]) + 19 * Int(bytes[at + 2])) >> 8
      sum += luminance
      squares += luminance * luminance
    }
    mean = Double(sum) / Double(count)
    deviation = max(0, Double(squares) / Double(count) - mean * mean).squareRoot()
  }

  /// Neither black nor white nor flat.
  var isTelling: Bool { (24...232).contains(mean) && deviation >= 16 }
}

/// Finds the picture that stands for a title by itself.
enum PosterChoice {
  /// Key pictures that are looked at, at most.
  private static let maximumCount = 120

  /// The first key picture that is neither black nor flat, or else the one with the most in it.
  /// - Returns: its time, in the track's ticks.
  static func time(_ reader: PictureReader, isCancelled: () -> Bool) throws -> Int64? {
    var best: (time: Int64, deviation: Double)?
    for number in reader.video.index.segments.indices.prefix(maximumCount) {
      if isCancelled() { throw CancellationError() }
      let segment = reader.video.index.segments[number]
      guard
        let time = try reader.keyTime(in: segment.start..<segment.start + max(1, segment.duration)),
        let picture = try reader.keyPicture(at: time)
      else { continue }
      let weight = PictureWeight(picture)
      if weight.isTelling { return time }
      if weight.deviation > best?.deviation ?? -1 { best = (time, weight.deviation) }
    }
    return best?.time
  }
}
