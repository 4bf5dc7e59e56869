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

  // AV1-ISOBMFF §5, and what browsers ask for.
  @Test(
    arguments: [
      // Its chroma samples lie vertically between those of luma.
      ("810d0d00 0a0c0000006aefbfe1bc02f80240", "av01.0.13M.08.0.111.02.02.02.0"),
      ("81000c00 0a0a00000002aff79b5f2008", "av01.0.00M.08"),
      ("81004c00 0a0d00000002aff79b5f2a12201208", "av01.0.00M.10.0.110.09.16.09.0"),
      ("81044d00 0a0e00000024cf7f0d805f0a12201248", "av01.0.04M.10.0.111.09.16.09.0"),
    ])
  func `AV1 by its record, with all optional fields or none`(bytes: String, string: String) throws {
    let record = try AV1CodecConfigurationRecord(parsing: hex(bytes))
    #expect(CodecString.av1(record) == string)
    #expect(CodecString.av1(record, sampleEntry: "dav1") == "dav1" + string.dropFirst(4))
  }

  @Test(
    arguments: [
      // Tier, depth, monochrome, subsampling, position; colour: primaries, transfer, matrix, range
      ("81 0d8c 00", "0 0 0 0 00 0", "av01.0.13H.08"),
      ("81 0d1c 00", "0 1 0 0", "av01.0.13M.08.1.110.02.02.02.0"),
      ("81 0d0c 00", "0 0 0 1 00 0", "av01.0.13M.08.0.110.02.02.02.1"),
      ("81 0d0e 00", "0 0 0 0 10 0", "av01.0.13M.08.0.112.02.02.02.0"),
      ("81 0d4c 00", "1 0 1 00001001 00010010 00001001 0 00 0", "av01.0.13M.10.0.110.09.18.09.0"),
      // Only the primaries are known.
      ("81 0d0c 00", "0 0 1 00001001 00000010 00000010 0 00 0", "av01.0.13M.08.0.110.09.02.02.0"),
      ("81 0d0c 00", "0 0 1 00000001 00000001 00000001 0 00 0", "av01.0.13M.08"),
      ("81 4d68 00", "1 1 0 0 0 1 0 0", "av01.2.13M.12.0.100.02.02.02.0"),
    ])
  func `AV1 by its sequence header`(head: String, colour: String, string: String) throws {
    let profile = head.contains("4d") && head.contains("68") ? "010" : "000"
    let payload = bits("\(profile) 1 1 01101 0101 0101 101111 100011 000 000 \(colour) 0 1")
    var bytes = hex(head)
    bytes.writeBytes([0x0a, UInt8(payload.readableBytes)])
    bytes.writeImmutableBuffer(payload)
    #expect(CodecString.av1(try AV1CodecConfigurationRecord(parsing: bytes)) == string)
  }

  // VP-codec-ISOBMFF §2.4: every field, since parsers differ in what they take for granted.
  @Test(
    arguments: [
      ("01000000020aa20912090000", "vp09.02.10.10.01.09.18.09.00"),
      ("0100000002 33 a3 0910090000", "vp09.02.51.10.01.09.16.09.01"),
      ("0100000000 1f 82 0101010000", "vp09.00.31.08.01.01.01.01.00"),
      ("0100000001 0a 86 0202020000", "vp09.01.10.08.03.02.02.02.00"),
    ])
  func `VP9 by its record`(bytes: String, string: String) throws {
    #expect(CodecString.vp9(try VPCodecConfigurationRecord(parsing: hex(bytes))) == string)
  }
}
