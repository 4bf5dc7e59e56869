import NIOCore

/// The general part of profile_tier_level() (ISO/IEC 23008-2 §7.3.3): the twelve bytes that
/// `hvcC` repeats.
package struct HEVCProfileTierLevel: Hashable, Sendable {
  /// general_profile_space, 0 to 3.
  package var profileSpace: UInt8
  /// general_tier_flag: High tier.
  package var isHighTier: Bool
  /// general_profile_idc, 0 to 31.
  package var profileIDC: UInt8
  /// general_profile_compatibility_flag[0] is the most significant bit.
  package var compatibilityFlags: UInt32
  /// The 48 bits from general_progressive_source_flag on, in the low bits.
  package var constraintFlags: UInt64
  /// general_level_idc: thirty times the level.
  package var levelIDC: UInt8

  package init(
    profileSpace: UInt8, isHighTier: Bool, profileIDC: UInt8, compatibilityFlags: UInt32,
    constraintFlags: UInt64, levelIDC: UInt8
  ) {
    self.profileSpace = profileSpace & 3
    self.isHighTier = isHighTier
    self.profileIDC = profileIDC & 0x1f
    self.compatibilityFlags = compatibilityFlags
    self.constraintFlags = constraintFlags & 0xffff_ffff_ffff
    self.levelIDC = levelIDC
  }

  /// Reads the twelve bytes.
  init(general bits: inout BitReader) throws {
    profileSpace = UInt8(try bits.u(2))
    isHighTier = try bits.flag()
    profileIDC = UInt8(try bits.u(5))
    compatibilityFlags = try bits.u(32)
    constraintFlags = UInt64(try bits.u(24)) << 24
    constraintFlags |= UInt64(try bits.u(24))
    levelIDC = try bits.byte()
  }

  /// profile_tier_level(1, maxSubLayersMinus1): the general part is kept, the sub-layers passed.
  init(from bits: inout BitReader, maxSubLayersMinus1: Int) throws {
    try self.init(general: &bits)
    guard maxSubLayersMinus1 > 0 else { return }
    var byteCount = 0
    for layer in 0..<8 {
      let (hasProfile, hasLevel) = (try bits.flag(), try bits.flag())
      guard layer < maxSubLayersMinus1 else { continue }  // reserved_zero_2bits
      byteCount += (hasProfile ? 11 : 0) + (hasLevel ? 1 : 0)
    }
    try bits.skip(byteCount * 8)
  }

  /// Writes the twelve bytes.
  func write(into bits: inout BitWriter) {
    bits.u(2, profileSpace)
    bits.flag(isHighTier)
    bits.u(5, profileIDC)
    bits.u(32, compatibilityFlags)
    bits.u(24, constraintFlags >> 24)
    bits.u(24, constraintFlags & 0xff_ffff)
    bits.u(8, levelIDC)
  }

  /// general_interlaced_source_flag without general_progressive_source_flag: all pictures come from
  /// fields.
  package var isInterlacedOnly: Bool { constraintFlags >> 46 & 3 == 1 }

  /// general_constraint_indicator_flags as six bytes.
  package var constraintBytes: [UInt8] {
    (0..<6).map { UInt8(truncatingIfNeeded: constraintFlags >> UInt64(40 - $0 * 8)) }
  }

  /// What holds of streams of both: the higher tier and level, the flags that both set
  /// (ISO/IEC 14496-15 §8.3.3.1.2).
  ///
  /// - Throws: `.unsupported` when the profiles differ.
  func joined(with other: Self) throws -> Self {
    guard profileSpace == other.profileSpace, profileIDC == other.profileIDC else {
      throw CodecsError(
        .unsupported,
        "HEVC parameter sets of one track have profiles \(profileIDC) and \(other.profileIDC); "
          + "package them as two tracks")
    }
    var both = self
    both.isHighTier = isHighTier || other.isHighTier
    both.compatibilityFlags &= other.compatibilityFlags
    both.constraintFlags &= other.constraintFlags
    both.levelIDC = max(levelIDC, other.levelIDC)
    return both
  }
}
