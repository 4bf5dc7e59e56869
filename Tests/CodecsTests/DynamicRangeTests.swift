import Codecs
import MediaCore
import NIOCore
import Testing

struct DolbyVisionConfigurationRecordTests {
  // dovi_tool's profile 8.1 and a profile 5, as FFmpeg 5.1 writes them.
  @Test(
    arguments: [
      ("01000a0d00", 5, 1, true, false, true, 0, "dvcC", "dvh1.05.01"),
      ("0100100d10", 8, 1, true, false, true, 1, "dvvC", "dvh1.08.01"),
      ("0100103540", 8, 6, true, false, true, 4, "dvvC", "dvh1.08.06"),
      ("01000e3760", 7, 6, true, true, true, 6, "dvcC", "dvh1.07.06"),
      ("010014554a", 10, 10, true, false, true, 4, "dvvC", "dav1.10.10"),
      ("0100281d00", 20, 3, true, false, true, 0, "dvwC", "dvh1.20.03"),
    ])
  func `records`(
    head: String, profile: Int, level: Int, hasMetadata: Bool, hasEnhancement: Bool, hasBase: Bool,
    compatibility: Int, box: String, codecs: String
  ) throws {
    let bytes = hex(String((head + String(repeating: "0", count: 48)).prefix(48)))
    let record = try DolbyVisionConfigurationRecord(parsing: bytes)
    #expect((record.profile, record.level) == (profile, level))
    #expect(record.hasMetadata == hasMetadata)
    #expect(record.hasEnhancementLayer == hasEnhancement)
    #expect(record.hasBaseLayer == hasBase)
    #expect(record.isSingleLayer == !hasEnhancement)
    #expect(record.compatibility == compatibility)
    #expect(record.isCompatible == (compatibility != 0))
    #expect(record.boxType == box)
    #expect(record.codecs == codecs)
    // Reserved bits are written as zeros.
    #expect(record.bytes.readableBytes == DolbyVisionConfigurationRecord.byteCount)
    #expect(hex(record.bytes).hasPrefix(head.dropLast()))
    #expect(try DolbyVisionConfigurationRecord(parsing: record.bytes) == record)
  }

  // MP4 Registration Authority: brands of Dolby Vision.
  @Test(
    arguments: [
      (0, 16, nil), (1, 16, "db1p"), (2, 1, "db2g"), (4, 18, "db4h"), (4, 14, "db4g"),
      (6, 16, "db1p"),
    ] as [(Int, UInt16, String?)])
  func `brands of the base layer`(compatibility: Int, transfer: UInt16, brand: String?) {
    let record = DolbyVisionConfigurationRecord(
      profile: 8, level: 6, compatibility: compatibility)
    #expect(record.brand(transfer: transfer) == brand)
  }

  @Test func `a cut before the compatibility throws`() {
    for count in 0..<5 {
      #expect(throws: CodecsError.self) {
        try DolbyVisionConfigurationRecord(parsing: hex("0100100d10").prefix(count))
      }
    }
  }
}

struct HDRMetadataTests {
  /// The display of the HDR10 examples of x265: P3 in BT.2020, 1000 and 0.0001 cd/m².
  static let display = MasteringDisplay(
    coordinates: [13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450],
    maximumLuminance: 10_000_000, minimumLuminance: 1)
  static let light = ContentLight(maximum: 1000, maximumFrameAverage: 400)

  private static let displayMessage = "33c2 86c4 1d4c 0bb8 84d0 3e80 3d13 4042 00989680 00000001"
  private static let lightMessage = "03e8 0190"

  private func metadata(
    _ codec: VideoCodec, _ sample: ByteBuffer, _ framing: NALUnitFraming = .lengthPrefixed(.four)
  ) -> HDRMetadata {
    var metadata = HDRMetadata()
    metadata.take(
      sample, at: sample.readerIndex, count: sample.readableBytes, codec: codec, framing: framing)
    return metadata
  }

  /// A NAL unit behind its length, emulation prevented.
  private func unit(_ header: [UInt8], _ body: String) -> ByteBuffer {
    let bytes = header + EmulationPrevention.inserted(into: hex(body).array)
    var sample = ByteBuffer(integer: UInt32(bytes.count))
    sample.writeBytes(bytes)
    return sample
  }

  @Test(arguments: [(VideoCodec.hevc, [0x4e, 1] as [UInt8]), (.h264, [6])])
  func `messages of supplemental enhancement information`(
    codec: VideoCodec, header: [UInt8]
  ) {
    // Both in one unit, behind a user message of 300 bytes.
    let user = "05 ff 2d" + String(repeating: "00", count: 300)
    let both = metadata(
      codec,
      unit(header, user + "89 18" + Self.displayMessage + "90 04" + Self.lightMessage + "80"))
    #expect(both.masteringDisplay == Self.display)
    #expect(both.contentLight == Self.light)
    #expect(both.isComplete)
    let one = metadata(codec, unit(header, "90 04" + Self.lightMessage + "80"))
    #expect(one.masteringDisplay == nil)
    #expect(one.contentLight == Self.light)
    #expect(!one.isComplete)
  }

  @Test func `messages of other units say nothing`() {
    // A suffix SEI, a slice.
    for header in [[0x50, 1], [0x02, 1]] as [[UInt8]] {
      let found = metadata(.hevc, unit(header, "90 04" + Self.lightMessage + "80"))
      #expect(found == HDRMetadata())
    }
  }

  @Test func `a message that is cut is passed over`() {
    let whole = hex("89 18" + Self.displayMessage)
    for count in 0..<whole.readableBytes {
      let found = metadata(.hevc, unit([0x4e, 1], hex(whole.prefix(count))))
      #expect(found.masteringDisplay == nil)
    }
  }

  @Test func `the record of a track has messages too`() {
    var metadata = HDRMetadata()
    metadata.take(nalUnit: hex("4e01 90 04 03e80190 80"), codec: .hevc)
    #expect(metadata.contentLight == Self.light)
  }

  /// AV1 §6.7.3: red, green, blue, white in 0.16 fixed point; luminances in 24.8 and 18.14.
  @Test func `metadata units of AV1`() {
    let values = [34000, 16000, 13250, 34500, 7500, 3000, 15635, 16450].map {
      UInt16((Double($0) * 65536 / 50000).rounded())
    }
    var display = ByteBuffer(bytes: [0x2a, 26, 2])
    for value in values { display.writeInteger(value) }
    display.writeInteger(UInt32(1000 << 8))
    display.writeInteger(UInt32(2))  // 2/16384: 0.00012 cd/m²
    display.writeInteger(UInt8(0x80))
    var sample = hex("1200 2a 06 01 03e8 0190 80")
    sample.writeImmutableBuffer(display)
    let found = metadata(.av1, sample, .annexB)
    #expect(found.contentLight == Self.light)
    #expect(found.masteringDisplay?.coordinates == Self.display.coordinates)
    #expect(found.masteringDisplay?.maximumLuminance == 10_000_000)
    #expect(found.masteringDisplay?.minimumLuminance == 1)
    // Metadata of another type, and of a layer above, says nothing.
    #expect(metadata(.av1, hex("2a 06 04 03e8 0190 80"), .annexB) == HDRMetadata())
  }

  @Test func `VP9 has none`() {
    #expect(metadata(.vp9, hex("824983424027f016760c"), .annexB) == HDRMetadata())
  }

  @Test func `damage never traps`() {
    let message = unit(
      [0x4e, 1], "89 18" + Self.displayMessage + "90 04" + Self.lightMessage + "80")
    survivesDamage(message) { _ = metadata(.hevc, $0) }
    survivesDamage(hex("1200 2a 06 01 03e8 0190 80 2a 03 02 0000")) {
      _ = metadata(.av1, $0, .annexB)
    }
  }
}
