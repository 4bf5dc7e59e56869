package import MediaCore

/// Where key frames lie: at even distances from the start, and anew from each forced one.
///
/// Counted in pictures of the source's grid. Distances are a multiple of every rung's divisor, so
/// that all rungs have a picture there.
package struct GroupGrid: Hashable, Sendable {
  /// Pictures from one key frame to the next.
  package let groupLength: Int
  /// Key frames lie at multiples of it.
  package let step: Int

  /// - Parameters:
  ///   - segment: wanted time from one key frame to the next.
  ///   - divisors: of the rungs; at least one.
  package init(segment: MediaTime, frameRate: Rational, divisors: [Int]) {
    step = Self.commonStep(of: divisors)
    let pictures = segment.seconds * frameRate.value / Double(step)
    groupLength = max(1, Int(pictures.rounded())) * step
  }

  /// The least distance at which rungs of these divisors all have a picture.
  package static func commonStep(of divisors: [Int]) -> Int {
    divisors.reduce(1, leastCommonMultiple)
  }

  private static func leastCommonMultiple(_ one: Int, _ other: Int) -> Int {
    var (a, b) = (max(1, one), max(1, other))
    let product = a * b
    while b != 0 { (a, b) = (b, a % b) }
    return product / a
  }

  /// Pictures at which groups begin.
  /// - Parameters:
  ///   - count: pictures of the source.
  ///   - forced: pictures at which a group begins too; taken to the nearest that all rungs have.
  package func starts(count: Int, forced: [Int] = []) -> [Int] {
    let moved = forced.map { ($0 + step / 2) / step * step }
    let bounds = Set(moved.filter { $0 > 0 && $0 < count }).union([0]).sorted() + [max(count, 1)]
    return zip(bounds, bounds.dropFirst()).flatMap { from, to in
      Array(stride(from: from, to: to, by: groupLength))
    }
  }

  /// The work cut into pieces that are encoded in one go, each from a key frame to before another.
  package func chunks(count: Int, forced: [Int] = [], groupsPerChunk: Int) -> [LadderChunk] {
    let starts = starts(count: count, forced: forced)
    return stride(from: 0, to: starts.count, by: max(1, groupsPerChunk)).enumerated().map {
      number, first in
      let last = min(first + max(1, groupsPerChunk), starts.count)
      return LadderChunk(
        number: number,
        pictures: starts[first]..<(last < starts.count ? starts[last] : max(count, 1)),
        keys: Array(starts[first..<last]))
    }
  }
}

/// Pictures that encoders take in one go; they start anew behind them.
package struct LadderChunk: Hashable, Sendable {
  /// Counted from 0.
  package var number: Int
  /// Of the source's grid.
  package var pictures: Range<Int>
  /// Pictures that are key frames; the first is where the chunk begins.
  package var keys: [Int]

  package init(number: Int, pictures: Range<Int>, keys: [Int]) {
    self.number = number
    self.pictures = pictures
    self.keys = keys
  }
}
