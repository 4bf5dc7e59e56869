/// Values of the `codecs` parameter (RFC 6381 §3.3, ISO/IEC 14496-15 Annex E).
///
///     CodecString.avc(record)          // "avc1.640028"
///     CodecString.hevc(record)         // "hvc1.2.4.L153.90"
///     CodecString.mpeg4Audio(config)   // "mp4a.40.2"
package enum CodecString {
  /// Sample entry, then profile, compatibility and level in hexadecimal: `avc1.640028`.
  package static func avc(
    _ record: AVCDecoderConfigurationRecord, sampleEntry: String = "avc1"
  ) -> String {
    let bytes = [record.profileIndication, record.profileCompatibility, record.levelIndication]
    return "\(sampleEntry)." + bytes.map(twoDigits).joined()
  }

  /// Sample entry, profile, compatibility flags in reverse bit order, tier and level, constraint
  /// bytes without the zeros at the end: `hvc1.1.6.L93.90`.
  package static func hevc(
    _ record: HEVCDecoderConfigurationRecord, sampleEntry: String = "hvc1"
  ) -> String {
    hevc(record.profileTierLevel, sampleEntry: sampleEntry)
  }

  /// The same from the profile, tier and level alone.
  package static func hevc(
    _ profile: HEVCProfileTierLevel, sampleEntry: String = "hvc1"
  ) -> String {
    let space = ["", "A", "B", "C"][Int(profile.profileSpace & 3)]
    var flags: UInt32 = 0
    for bit in 0..<32 where profile.compatibilityFlags >> UInt32(bit) & 1 == 1 {
      flags |= 1 << UInt32(31 - bit)
    }
    var constraints = profile.constraintBytes
    while constraints.last == 0 { constraints.removeLast() }
    let parts =
      [
        sampleEntry, "\(space)\(profile.profileIDC)", hexadecimal(flags),
        "\(profile.isHighTier ? "H" : "L")\(profile.levelIDC)",
      ] + constraints.map { hexadecimal($0) }
    return parts.joined(separator: ".")
  }

  /// `mp4a.40.` and the object type signalled first: 2, 5, 29, 42.
  package static func mpeg4Audio(
    _ config: AudioSpecificConfig, sampleEntry: String = "mp4a"
  ) -> String {
    "\(sampleEntry).\(twoDigits(ESDescriptor.mpeg4Audio)).\(config.signalledObjectType)"
  }

  /// From an `esds`: `mp4a.40.2`, or the object type indication alone, as `mp4a.6B` for MP3.
  ///
  /// - Throws: `CodecsError` for MPEG-4 audio whose AudioSpecificConfig is missing or unreadable.
  package static func audio(
    _ descriptor: ESDescriptor, sampleEntry: String = "mp4a"
  ) throws -> String {
    guard descriptor.objectTypeIndication == ESDescriptor.mpeg4Audio else {
      return "\(sampleEntry).\(twoDigits(descriptor.objectTypeIndication).uppercased())"
    }
    guard let info = descriptor.decoderSpecificInfo else {
      throw CodecsError(.invalidValue, "esds: MPEG-4 audio without an AudioSpecificConfig")
    }
    return mpeg4Audio(try AudioSpecificConfig(parsing: info), sampleEntry: sampleEntry)
  }

  private static func twoDigits(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  /// Upper case without leading zeros, as ISO/IEC 14496-15 writes its examples.
  private static func hexadecimal(_ value: some BinaryInteger) -> String {
    String(value, radix: 16, uppercase: true)
  }
}
