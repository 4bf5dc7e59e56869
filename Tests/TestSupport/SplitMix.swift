/// Seeded random numbers, so that a failure can be had again.
package struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  package init(_ seed: some BinaryInteger) { state = UInt64(truncatingIfNeeded: seed) }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Any magnitude is as likely as another: small numbers and the ends of the range come often.
  package mutating func magnitude(bits: UInt64) -> UInt64 {
    next() >> (64 - 1 - next() % bits)
  }
}
