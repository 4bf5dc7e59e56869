import Codecs
import NIOCore
import Testing

struct CodecStringTests {
  // RFC 6381 §3.3 and the HLS authoring specification name these.
  @Test(arguments: [
    ("640028", "avc1.640028"), ("42e01e", "avc1.42e01e"), ("4d401f", "avc1.4d401f"),
    ("640033", "avc1.640033"),
  ])
  func `AVC by three bytes of the record`(bytes: String, string: String) throws {
    let record = try AVCDecoderConfigurationRecord(
      parsing: hex("01" + bytes + "ffe0 00"))
    #expect(CodecString.avc(record) == string)
    #expect(CodecString.avc(record, sampleEntry: "avc3") == "avc3" + string.dropFirst(4))
  }

  // ISO/IEC 14496-15 Annex E.3, and what x265 and HDR10 streams carry.
  @Test(
    arguments: [
      (1, false, 0x6000_0000, 0xb000_0000_0000, 93, 0, "hvc1.1.6.L93.B0"),
      (1, false, 0x6000_0000, 0x9000_0000_0000, 93, 0, "hvc1.1.6.L93.90"),
      (2, false, 0x2000_0000, 0x9000_0000_0000, 153, 0, "hvc1.2.4.L153.90"),
      (2, true, 0x2000_0000, 0xb000_0000_0000, 120, 1, "hvc1.A2.4.H120.B0"),
      (4, false, 0x0800_0000, 0x9d08_0000_0000, 153, 0, "hvc1.4.10.L153.9D.8"),
      (1, false, 0x6000_0000, 0, 30, 3, "hvc1.C1.6.L30"),
      (1, false, 1, 0x9000_0000_0001, 30, 0, "hvc1.1.80000000.L30.90.0.0.0.0.1"),
    ] as [(UInt8, Bool, UInt32, UInt64, UInt8, UInt8, String)])
  func `HEVC by profile, tier and level`(
    profile: UInt8, isHigh: Bool, flags: UInt32, constraints: UInt64, level: UInt8, space: UInt8,
    string: String
  ) {
    let value = HEVCProfileTierLevel(
      profileSpace: space, isHighTier: isHigh, profileIDC: profile, compatibilityFlags: flags,
      constraintFlags: constraints, levelIDC: level)
    #expect(CodecString.hevc(value) == string)
  }

  @Test(arguments: [
    ("1190", "mp4a.40.2"), ("2b118800", "mp4a.40.5"), ("eb098800", "mp4a.40.29"),
    ("131056e598", "mp4a.40.2"),
  ])
  func `AAC by its first object type`(bytes: String, string: String) throws {
    let config = try AudioSpecificConfig(parsing: hex(bytes))
    #expect(CodecString.mpeg4Audio(config) == string)
    let descriptor = ESDescriptor(decoderSpecificInfo: hex(bytes))
    #expect(try CodecString.audio(descriptor) == string)
  }

  @Test func `other audio by its object type indication`() throws {
    let mp3 = ESDescriptor(objectTypeIndication: 0x6b, decoderSpecificInfo: nil)
    #expect(try CodecString.audio(mp3) == "mp4a.6B")
    let none = ESDescriptor(decoderSpecificInfo: nil)
    #expect(throws: CodecsError.self) { try CodecString.audio(none) }
  }
}
