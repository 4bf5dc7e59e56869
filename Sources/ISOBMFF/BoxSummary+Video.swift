import MediaCore
import NIOCore

/// Boxes inside video sample entries that say more than their coding: records of AV1 and VP9, high
/// dynamic range, Dolby Vision, and how the picture covers a sphere.
extension BoxSummary {
  /// AV1-ISOBMFF §2.3.3.
  static func av1Record(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.read(UInt8.self)
    let profile: UInt8 = try fields.read()
    let depth: UInt8 = try fields.read()
    _ = try fields.read(UInt8.self)
    let bits = depth & 0x40 == 0 ? 8 : depth & 0x20 == 0 ? 10 : 12
    return [
      Field("profile", "\(profile >> 5)"), Field("level", "\(profile & 31)"),
      Field("tier", depth & 0x80 == 0 ? "main" : "high"), Field("bits", "\(bits)"),
      Field("unit bytes", "\(box.payload.readableBytes - 4)"),
    ]
  }

  /// VP-codec-ISOBMFF §2.2.
  static func vpRecord(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    let profile: UInt8 = try fields.read()
    let level: UInt8 = try fields.read()
    let packed: UInt8 = try fields.read()
    return [
      Field("profile", "\(profile)"), Field("level", "\(level)"), Field("bits", "\(packed >> 4)"),
      Field("subsampling", "\(packed >> 1 & 7)"),
      Field("primaries", "\(try fields.read(UInt8.self))"),
      Field("transfer", "\(try fields.read(UInt8.self))"),
      Field("matrix", "\(try fields.read(UInt8.self))"),
      Field("range", packed & 1 == 0 ? "limited" : "full"),
    ]
  }

  /// ISO/IEC 14496-12 §12.1.6: green, blue, red, white point, then the luminances.
  static func masteringDisplay(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    var shown: [Field] = []
    for name in ["green", "blue", "red", "white"] {
      shown.append(
        Field(name, "\(try fields.read(UInt16.self))x\(try fields.read(UInt16.self))"))
    }
    return shown + [
      Field("highest", "\(try fields.read(UInt32.self))"),
      Field("lowest", "\(try fields.read(UInt32.self))"),
    ]
  }

  static func contentLight(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    return [
      Field("highest", "\(try fields.read(UInt16.self))"),
      Field("frame average", "\(try fields.read(UInt16.self))"),
    ]
  }

  /// Dolby Vision Streams Within the ISO Base Media File Format §2.2.
  static func dolbyVision(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    let (major, minor) = (try fields.read(UInt8.self), try fields.read(UInt8.self))
    let packed: UInt16 = try fields.read()
    let layers = [(packed & 4, "metadata"), (packed & 2, "enhancement"), (packed & 1, "base")]
    return [
      Field("version", "\(major).\(minor)"), Field("profile", "\(packed >> 9)"),
      Field("level", "\(packed >> 3 & 63)"),
      Field("layers", layers.filter { $0.0 != 0 }.map(\.1).joined(separator: " ")),
      Field("compatibility", "\(try fields.read(UInt8.self) >> 4)"),
    ]
  }

  /// Spherical Video V2, Stereoscopic 3D Video Box.
  static func stereoscopic(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    let mode: UInt8 = try fields.read()
    let names = ["mono", "top-bottom", "left-right", "mesh", "right-left"]
    return [Field("mode", Int(mode) < names.count ? names[Int(mode)] : "\(mode)")]
  }

  /// Spherical Video V2, Projection Header Box: degrees in 16.16 fixed point.
  static func projectionHeader(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    return try ["yaw", "pitch", "roll"].map { name throws(ISOBMFFError) in
      let value = Int32(bitPattern: try fields.read(UInt32.self))
      return Field(name, value & 0xffff == 0 ? "\(value >> 16)" : "\(Double(value) / 65536)")
    }
  }

  /// Spherical Video V2, Equirectangular Projection Box: what is cut off each side, in 0.32 fixed
  /// point.
  static func equirectangular(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    return try ["top", "bottom", "left", "right"].map { name throws(ISOBMFFError) in
      Field(name, "\(Double(try fields.read(UInt32.self)) / 4_294_967_296)")
    }
  }

  /// Spherical Video V2, Cubemap Projection Box.
  static func cubemap(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    return [
      Field("layout", "\(try fields.read(UInt32.self))"),
      Field("padding", "\(try fields.read(UInt32.self))"),
    ]
  }
}
