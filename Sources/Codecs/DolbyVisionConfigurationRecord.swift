package import NIOCore

/// The payload of `dvcC`, `dvvC` and `dvwC` (Dolby Vision Streams Within the ISO Base Media File
/// Format §2.2): 24 bytes.
package struct DolbyVisionConfigurationRecord: Hashable, Sendable {
  package var versionMajor: Int
  package var versionMinor: Int
  package var profile: Int
  package var level: Int
  package var hasMetadata: Bool
  package var hasEnhancementLayer: Bool
  package var hasBaseLayer: Bool
  /// dv_bl_signal_compatibility_id: 0 none, 1 HDR10, 2 SDR, 4 HLG, 6 Blu-ray.
  package var compatibility: Int

  package static let byteCount = 24

  package init(
    versionMajor: Int = 1, versionMinor: Int = 0, profile: Int, level: Int,
    hasMetadata: Bool = true, hasEnhancementLayer: Bool = false, hasBaseLayer: Bool = true,
    compatibility: Int
  ) {
    self.versionMajor = versionMajor
    self.versionMinor = versionMinor
    self.profile = profile
    self.level = level
    self.hasMetadata = hasMetadata
    self.hasEnhancementLayer = hasEnhancementLayer
    self.hasBaseLayer = hasBaseLayer
    self.compatibility = compatibility
  }

  /// - Throws: `.truncated`
  package init(parsing payload: ByteBuffer) throws {
    var bits = try BitReader(payload, of: "Dolby Vision configuration record")
    versionMajor = try bits.int(8)
    versionMinor = try bits.int(8)
    profile = try bits.int(7)
    level = try bits.int(6)
    hasMetadata = try bits.flag()
    hasEnhancementLayer = try bits.flag()
    hasBaseLayer = try bits.flag()
    compatibility = try bits.int(4)
  }

  /// The box payload.
  package var bytes: ByteBuffer {
    var bits = BitWriter()
    bits.u(8, versionMajor)
    bits.u(8, versionMinor)
    bits.u(7, profile)
    bits.u(6, level)
    bits.flag(hasMetadata)
    bits.flag(hasEnhancementLayer)
    bits.flag(hasBaseLayer)
    bits.u(4, compatibility)
    bits.u(28, 0)
    var bytes = bits.buffer
    bytes.writeRepeatingByte(0, count: Self.byteCount - bytes.readableBytes)
    return bytes
  }

  /// `dvcC` up to profile 7, `dvvC` up to 10, `dvwC` above.
  package var boxType: String { profile <= 7 ? "dvcC" : profile <= 10 ? "dvvC" : "dvwC" }

  /// The base layer by itself is a picture that means something: other decoders may show it.
  package var isCompatible: Bool { compatibility != 0 }

  /// One layer with its metadata, which is what streaming uses; profiles 4 and 7 have two.
  package var isSingleLayer: Bool { !hasEnhancementLayer && hasBaseLayer }

  /// Sample entry of a decoder that knows Dolby Vision.
  private var sampleEntry: String { profile == 10 ? "dav1" : profile == 9 ? "dva1" : "dvh1" }

  /// `dvh1.05.06`: the codecs parameter of the track where Dolby Vision is what it is, and its
  /// supplement where the base layer is (§3 and Apple's authoring specification 9.19).
  package var codecs: String { "\(sampleEntry).\(twoDigits(profile)).\(twoDigits(level))" }

  /// Brand of the compatible base layer (Dolby Vision Streams … §4): `db1p`, `db2g`, `db4h`, and
  /// `db4g` where the picture calls its transfer BT.2020; `nil` where there is none.
  package func brand(transfer: UInt16) -> String? {
    switch compatibility {
    case 1, 6: "db1p"
    case 2: "db2g"
    case 4: transfer == 14 ? "db4g" : "db4h"
    default: nil
    }
  }

  private func twoDigits(_ value: Int) -> String { (value < 10 ? "0" : "") + "\(value)" }
}
