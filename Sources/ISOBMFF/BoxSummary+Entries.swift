import NIOCore

/// Sample entries and the boxes inside them.
extension BoxSummary {
  static func visualEntry(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    try fields.skip(24)
    return [Field("size", "\(try fields.read(UInt16.self))x\(try fields.read(UInt16.self))")]
  }

  static func audioEntry(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    try fields.skip(16)
    let channels: UInt16 = try fields.read()
    try fields.skip(6)
    return [
      Field("channels", "\(channels)"), Field("rate", "\(try fields.read(UInt32.self) >> 16)"),
    ]
  }

  static func colour(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    let form = try fields.code()
    guard form == "nclx" || form == "nclc" else { return [Field("form", "\(form)")] }
    var shown = [Field("form", "\(form)")]
    for name in ["primaries", "transfer", "matrix"] {
      shown.append(Field(name, "\(try fields.read(UInt16.self))"))
    }
    if form == "nclx" {
      shown.append(Field("range", try fields.read(UInt8.self) & 0x80 != 0 ? "full" : "limited"))
    }
    return shown
  }

  static func aspectRatio(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    return [Field("ratio", "\(try fields.read(UInt32.self)):\(try fields.read(UInt32.self))")]
  }

  static func bitRates(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    return try ["buffer", "highest", "mean"].map { name throws(ISOBMFFError) in
      Field(name, "\(try fields.read(UInt32.self))")
    }
  }

  /// ISO/IEC 14496-15 §5.3.3.1.2.
  static func avcRecord(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.read(UInt8.self)
    let profile: UInt8 = try fields.read()
    let compatibility: UInt8 = try fields.read()
    let level: UInt8 = try fields.read()
    let length = try fields.read(UInt8.self) & 3 + 1
    return [
      Field("profile", "\(profile)"),
      Field("compatibility", hexadecimal(compatibility, digits: 2)), Field("level", "\(level)"),
      Field("length size", "\(length)"),
      Field("sequence parameter sets", "\(try fields.read(UInt8.self) & 31)"),
    ]
  }

  /// ISO/IEC 14496-15 §8.3.3.1.2.
  static func hevcRecord(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.read(UInt8.self)
    let profile: UInt8 = try fields.read()
    let compatibility: UInt32 = try fields.read()
    try fields.skip(6)
    let level: UInt8 = try fields.read()
    try fields.skip(4)
    let depth = try fields.read(UInt8.self) & 7 + 8
    try fields.skip(3)
    let length = try fields.read(UInt8.self) & 3 + 1
    return [
      Field("profile", "\(profile & 31)"), Field("tier", profile & 32 == 0 ? "main" : "high"),
      Field("compatibility", hexadecimal(compatibility, digits: 8)), Field("level", "\(level)"),
      Field("bits", "\(depth)"), Field("length size", "\(length)"),
      Field("arrays", "\(try fields.read(UInt8.self))"),
    ]
  }

  /// ES_Descriptor with a DecoderConfigDescriptor inside (ISO/IEC 14496-1 §7.2.6.5 and §7.2.6.6).
  static func elementaryStream(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    guard try fields.read(UInt8.self) == 3 else { return [] }
    try skipDescriptorLength(&fields)
    try fields.skip(2)
    let flags: UInt8 = try fields.read()
    if flags & 0x80 != 0 { try fields.skip(2) }
    if flags & 0x40 != 0 { try fields.skip(Int(try fields.read(UInt8.self))) }
    if flags & 0x20 != 0 { try fields.skip(2) }
    guard try fields.read(UInt8.self) == 4 else { return [] }
    try skipDescriptorLength(&fields)
    let type: UInt8 = try fields.read()
    try fields.skip(1)
    let buffer = UInt32(try fields.read(UInt8.self)) << 16 | UInt32(try fields.read(UInt16.self))
    return [
      Field("object type", hexadecimal(type, digits: 2)), Field("buffer", "\(buffer)"),
      Field("highest", "\(try fields.read(UInt32.self))"),
      Field("mean", "\(try fields.read(UInt32.self))"),
    ]
  }

  /// Up to four bytes, each with a bit that says whether another follows.
  private static func skipDescriptorLength(_ fields: inout BoxFields) throws(ISOBMFFError) {
    for _ in 0..<4 where try fields.read(UInt8.self) & 0x80 == 0 { return }
  }
}
