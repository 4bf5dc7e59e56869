import ISOBMFF
import MediaCore
import NIOCore
import Testing

/// Boxes of video sample entries beside the decoder configuration.
@Suite struct VideoBoxTests {
  private static let display = MasteringDisplay(
    coordinates: [13250, 34500, 7500, 3000, 34000, 16000, 15635, 16450],
    maximumLuminance: 10_000_000, minimumLuminance: 1)

  /// `sv3d` of googlearchive/vrview's 360 degree camera, as Google's injector writes it.
  private static let sphere: [UInt8] =
    [0, 0, 0, 19] + Array("svhd".utf8) + [0, 0, 0, 0] + Array("corpus\0".utf8)
    + [0, 0, 0, 60] + Array("proj".utf8)
    + [0, 0, 0, 24] + Array("prhd".utf8) + [UInt8](repeating: 0, count: 16)
    + [0, 0, 0, 28] + Array("equi".utf8) + [UInt8](repeating: 0, count: 20)

  private static func entry(_ profile: UInt8 = 8) -> VisualSampleEntry {
    var entry = VisualSampleEntry(
      type: "hvc1", width: 3840, height: 2160, configurationType: "hvcC",
      configuration: ByteBuffer(bytes: [1, 2, 3]),
      colour: ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false),
      pixelAspectRatio: nil)
    entry.masteringDisplay = display
    entry.contentLight = ContentLight(maximum: 1000, maximumFrameAverage: 400)
    entry.dolbyVision = ByteBuffer(
      bytes: [1, 0, profile << 1, 0x35, 0x10] + [UInt8](repeating: 0, count: 19))
    entry.stereoscopic = ByteBuffer(bytes: [0, 0, 0, 0, 1])
    entry.spherical = ByteBuffer(bytes: sphere)
    return entry
  }

  @Test(
    arguments: [(5, "dvcC"), (7, "dvcC"), (8, "dvvC"), (10, "dvvC"), (20, "dvwC")]
      as [(UInt8, FourCC)])
  func `a sample entry with all of them`(profile: UInt8, type: FourCC) throws {
    let value = Self.entry(profile)
    let box = try onlyBox(ByteBuffer { value.write(into: &$0) })
    #expect(try VisualSampleEntry(box, configurationTypes: ["hvcC"]) == value)
    let types = try box.children(after: 78).map(\.type)
    #expect(types == ["hvcC", "colr", "mdcv", "clli", type, "st3d", "sv3d"])
    let sizes = try box.children(after: 78).map(\.payload.readableBytes)
    // ISO/IEC 14496-12 §12.1.6: 24 and 4 bytes, no version and flags; Dolby's record has 24.
    #expect(sizes[2...4] == [24, 4, 24])
  }

  @Test func `cuts of any of them throw or leave it out`() throws {
    let payload = try onlyBox(ByteBuffer { Self.entry().write(into: &$0) }).payload.array
    for count in 0..<payload.count {
      let cut = box("hvc1", Array(payload.prefix(count)))
      _ = try? VisualSampleEntry(cut, configurationTypes: ["hvcC"])
    }
    for type in ["mdcv", "clli"] as [FourCC] {
      let bytes = ByteBuffer { bytes in
        bytes.writeBox("hvc1") {
          $0.writeRepeatingByte(0, count: 78)
          $0.writeBox("hvcC") { $0.writeInteger(UInt8(1)) }
          $0.writeBox(type) { $0.writeInteger(UInt16(1)) }
        }
      }
      #expect(throws: ISOBMFFError.self) {
        try VisualSampleEntry(onlyBox(bytes), configurationTypes: ["hvcC"])
      }
    }
  }

  // MARK: Spheres

  private func video(_ mode: UInt8?, _ sphere: [UInt8]?) throws -> SphericalVideo? {
    try SphericalVideo(
      stereoscopic: mode.map { ByteBuffer(bytes: [0, 0, 0, 0, $0]) },
      spherical: sphere.map { ByteBuffer(bytes: $0) })
  }

  @Test func `a camera's sphere`() throws {
    #expect(try video(0, Self.sphere)?.projection == .equirectangular)
    #expect(try video(0, Self.sphere)?.stereoMode == .mono)
    #expect(try video(0, Self.sphere)?.isHalf == false)
    #expect(try video(0, nil) == nil)
    #expect(try video(nil, nil) == nil)
  }

  @Test(
    arguments: [
      (1, .topBottom), (2, .leftRight), (3, .custom), (4, .rightLeft),
    ] as [(UInt8, SphericalVideo.StereoMode)])
  func `two views`(mode: UInt8, expected: SphericalVideo.StereoMode) throws {
    #expect(try video(mode, nil)?.stereoMode == expected)
    #expect(try video(mode, nil)?.projection == nil)
    #expect(try video(mode, Self.sphere)?.projection == .equirectangular)
  }

  @Test func `half a sphere, cubes and meshes`() throws {
    var half = Self.sphere
    // Bounds of left and right: a quarter each.
    half[half.count - 8] = 0x40
    half[half.count - 4] = 0x40
    #expect(try video(0, half)?.isHalf == true)
    for (type, projection) in [("cbmp", SphericalVideo.Projection.cubemap), ("mshp", .mesh)] {
      var other = Self.sphere
      other.replaceSubrange(other.count - 24..<other.count - 20, with: Array(type.utf8))
      #expect(try video(0, other)?.projection == projection)
    }
  }

  @Test func `boxes that are cut name no projection`() {
    for count in 0..<Self.sphere.count {
      let found = try? video(0, Array(Self.sphere.prefix(count)))
      #expect(found?.projection == nil, "\(count) bytes")
    }
  }

  @Test(
    arguments: [
      SphericalVideo(projection: .equirectangular, stereoMode: .mono),
      SphericalVideo(projection: .equirectangular, stereoMode: .leftRight, isHalf: true),
      SphericalVideo(projection: .cubemap, stereoMode: .topBottom),
      SphericalVideo(projection: nil, stereoMode: .rightLeft),
    ])
  func `what is written of a sphere is read`(value: SphericalVideo) throws {
    #expect(
      try SphericalVideo(
        stereoscopic: value.stereoscopicBoxPayload, spherical: value.sphericalBoxPayload) == value)
  }

  // MARK: As text

  private func text(_ type: FourCC, _ payload: [UInt8]) throws -> String {
    let bytes = ByteBuffer { $0.writeBox(type) { $0.writeBytes(payload) } }
    let line = try BoxTree(bytes).text.split(separator: "\n").first ?? ""
    // Behind the type, the place and the size.
    return line.split(separator: "  ").dropFirst(2).joined(separator: "  ")
  }

  @Test(
    arguments: [
      (
        "av1C", [0x81, 0x0d, 0x4d, 0, 0x0a, 0x00],
        "profile 0, level 13, tier main, bits 10, unit bytes 2"
      ),
      ("av1C", [0x81, 0x5f, 0xe9, 0x19], "profile 2, level 31, tier high, bits 12, unit bytes 0"),
      (
        "vpcC", [1, 0, 0, 0, 2, 51, 0xa2, 9, 18, 9, 0, 0],
        "profile 2, level 51, bits 10, subsampling 1, primaries 9, transfer 18, matrix 9, "
          + "range limited"
      ),
      (
        "mdcv",
        [
          0x33, 0xc2, 0x86, 0xc4, 0x1d, 0x4c, 0x0b, 0xb8, 0x84, 0xd0, 0x3e, 0x80, 0x3d, 0x13, 0x40,
          0x42, 0x00, 0x98, 0x96, 0x80, 0, 0, 0, 1,
        ],
        "green 13250x34500, blue 7500x3000, red 34000x16000, white 15635x16450, highest 10000000, "
          + "lowest 1"
      ),
      ("clli", [0x03, 0xe8, 0x01, 0x90], "highest 1000, frame average 400"),
      (
        "dvvC", [1, 0, 0x10, 0x35, 0x40],
        "version 1.0, profile 8, level 6, layers metadata base, compatibility 4"
      ),
      (
        "dvcC", [1, 0, 0x0e, 0x37, 0x60],
        "version 1.0, profile 7, level 6, layers metadata enhancement base, compatibility 6"
      ),
      ("st3d", [0, 0, 0, 0, 2], "mode left-right"), ("st3d", [0, 0, 0, 0, 9], "mode 9"),
      (
        "prhd", [0, 0, 0, 0, 0, 90, 0, 0, 0xff, 0xd3, 0x80, 0, 0, 0, 0, 0],
        "yaw 90, pitch -44.5, roll 0"
      ),
      (
        "equi", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0x40, 0, 0, 0],
        "top 0.0, bottom 0.0, left 0.25, right 0.25"
      ),
      ("cbmp", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2], "layout 0, padding 2"),
    ] as [(FourCC, [UInt8], String)])
  func `a row of the tree`(type: FourCC, payload: [UInt8], row: String) throws {
    #expect(try text(type, payload) == row)
    for count in 0..<min(payload.count, 4) {
      let bytes = ByteBuffer { $0.writeBox(type) { $0.writeBytes(payload.prefix(count)) } }
      #expect(try BoxTree(bytes).text.contains("! "))
    }
  }

  @Test func `the boxes of a sphere stand inside each other`() throws {
    let bytes = ByteBuffer { bytes in
      bytes.writeFullBox("stsd") {
        $0.writeInteger(UInt32(1))
        Self.entry().write(into: &$0)
      }
    }
    let text = try BoxTree(bytes).text
    for line in ["    sv3d ", "      svhd ", "      proj ", "        prhd ", "        equi "] {
      #expect(text.contains("\n\(line)"), "\(text)")
    }
  }
}
