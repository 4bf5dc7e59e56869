import MediaCore
import TestSupport
import Testing

@Suite struct RescaleTests {
  /// The same by arithmetic that is wide enough for every product.
  private func wide(_ value: Int64, _ from: Timescale, _ to: Timescale) -> Int64 {
    let divisor = Int128(from.ticksPerSecond)
    let product = Int128(value) * Int128(to.ticksPerSecond)
    // Halves away from zero: the magnitude is rounded up at a half.
    let rounded = (2 * product.magnitude + divisor.magnitude) / (2 * divisor.magnitude)
    let limit = product < 0 ? Int64.min.magnitude : Int64.max.magnitude
    guard rounded <= UInt128(limit) else { return product < 0 ? .min : .max }
    return Int64(product < 0 ? -Int128(rounded) : Int128(rounded))
  }

  @Test func `any value in any timescales is what wide arithmetic says`() throws {
    let seed: UInt64 = 0x0d0_06
    var random = SplitMix(seed)
    for round in 0..<200_000 {
      let value = Int64(bitPattern: random.magnitude(bits: 64)) &* (random.next() & 1 == 0 ? 1 : -1)
      let from = try #require(Timescale(UInt32(max(1, random.magnitude(bits: 32)))))
      let to = try #require(Timescale(UInt32(max(1, random.magnitude(bits: 32)))))
      let found = rescale(value, from: from, to: to)
      guard found != wide(value, from, to) else { continue }
      Issue.record("seed \(seed), round \(round): \(value) from \(from) to \(to) gives \(found)")
      return
    }
  }

  @Test(arguments: [Int64.min, .min + 1, -1, 0, 1, .max - 1, .max])
  func `the edges of 64 bits are what wide arithmetic says`(_ value: Int64) {
    let scales = [1, 2, 3, 1000, 90_000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]
      .map { Timescale(literal: $0) }
    for from in scales {
      for to in scales {
        #expect(rescale(value, from: from, to: to) == wide(value, from, to), "\(from) to \(to)")
      }
    }
  }

  @Test(
    arguments: [
      (1, 2, 1, 1), (-1, 2, 1, -1), (1, 3, 1, 0), (2, 3, 1, 1), (-2, 3, 1, -1), (3, 2, 1, 2),
      (-3, 2, 1, -2), (1001, 24000, 48000, 2002), (0, 7, 9, 0),
    ] as [(Int64, UInt32, UInt32, Int64)])
  func `halves go away from zero`(_ value: Int64, _ from: UInt32, _ to: UInt32, _ want: Int64) {
    #expect(rescale(value, from: Timescale(literal: from), to: Timescale(literal: to)) == want)
  }

  @Test func `what does not fit saturates`() {
    let one = Timescale(literal: 1)
    let many = Timescale(literal: .max)
    #expect(rescale(.max, from: one, to: many) == .max)
    #expect(rescale(.min, from: one, to: many) == .min)
    #expect(rescale(1 << 40, from: one, to: many) == .max)
    #expect(rescale(-(1 << 40), from: one, to: many) == .min)
    #expect(rescale(.min, from: many, to: many) == .min)
  }

  @Test func `going to a finer timescale and back changes nothing`() {
    var random = SplitMix(7)
    let coarse = Timescale(literal: 24000)
    let fine = Timescale(literal: 24000 * 1001)
    for _ in 0..<10_000 {
      let value = Int64(random.next() >> 24) - (1 << 39)
      let there = rescale(value, from: coarse, to: fine)
      #expect(rescale(there, from: fine, to: coarse) == value)
    }
  }
}
