import Foundation
import TestSupport
import Testing
import Verification

extension Fault {
  private static let stsd = "moov/trak/mdia/minf/stbl/stsd"
  private static let main = "main.m3u8"
  private static let mpd = "manifest.mpd"

  private static func picture(
    _ code: String, _ name: String, _ edit: @escaping @Sendable (inout BoxEditor) throws -> Void
  ) -> Fault { .track(code, name, PictureTitle.video, edit) }

  /// Replaces a brand of `ftyp` by one that says nothing.
  private static func withoutBrand(_ brand: String, _ editor: inout BoxEditor) throws {
    let word = brand.utf8.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    let size = Int(try editor.word("ftyp", -8)) - 8
    for offset in stride(from: 8, to: size, by: 4) where try editor.word("ftyp", offset) == word {
      return try editor.set("ftyp", offset, word: 0x6d70_3431)
    }
    throw BoxEditor.Missing(path: brand)
  }

  /// Offset in `mdat` of the second sample.
  private static func second(_ editor: BoxEditor) throws -> Int {
    Int(try editor.word("moof/traf/trun", try editor.runField(sample: 0, field: 0)))
  }

  static func faults(of title: PictureTitle) -> [Fault] {
    switch title {
    case .av1: av1 + samples
    case .vp9: vp9 + samples
    case .hdr10: dynamicRange + dolbyVision + spheres
    case .profile5: profile5
    case .interlaced: [.text("mpd-scan-type", mpd, " scanType=\"interlaced\"", "")]
    }
  }

  /// Flags of the second sample: a frame that others refer to, and no key frame.
  private static let samples: [Fault] = [
    .picture("sync-flag", "an inter frame") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 1, field: 1), word: 0x200_0000)
    },
    .picture("sync-flag", "a key frame") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 0, field: 1), word: 0x201_0000)
    },
    .picture("depends-on", "unknown") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 1, field: 1), word: 0x1_0000)
    },
    .picture("disposable", "a frame that is referred to") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 1, field: 1), word: 0x181_0000)
    },
    .text("mpd-scan-type", mpd, "<AdaptationSet ", "<AdaptationSet scanType=\"interlaced\" "),
    .text("resolution", main, "RESOLUTION=192x108", "RESOLUTION=192x110"),
  ]

  private static let av1: [Fault] = [
    .picture("sample-entry", "av02") { try $0.rename("\(stsd)/av01", to: "av02") },
    .picture("av1-record", "level") { try $0.set("\(stsd)/av01/av1C", 1, byte: 13) },
    .picture("codecs", "level") { try $0.set("\(stsd)/av01/av1C", 1, byte: 13) },
    .picture("mpd-codecs", "level") { try $0.set("\(stsd)/av01/av1C", 1, byte: 13) },
    .picture("av1-record", "bit depth") { try $0.set("\(stsd)/av01/av1C", 2, byte: 0x0c) },
    .picture("av1-record", "version") { try $0.set("\(stsd)/av01/av1C", 0, byte: 0x82) },
    .picture("av1-record", "no sequence header") {
      try $0.set("\(stsd)/av01/av1C", 4, byte: 0x2a)
    },
    .picture("av1-configuration-units", "padding") {
      try $0.set("\(stsd)/av01/av1C", 4, byte: 0x7a)
    },
    .picture("picture-size", "height") { try $0.set("\(stsd)/av01", 26, half: 90) },
    .picture("colour", "BT.709") { try $0.set("\(stsd)/av01/colr", 4, half: 1) },
    .picture("colour", "full range") { try $0.set("\(stsd)/av01/colr", 10, byte: 0x80) },
    .picture("mpd-colour", "HLG") { try $0.set("\(stsd)/av01/colr", 6, half: 18) },
    .picture("av1-unit", "forbidden bit") { try $0.set("mdat", 0, byte: 0x8a) },
    .picture("av1-unit", "a size past the sample") { try $0.set("mdat", 1, byte: 0x7f) },
    .picture("av1-unit-needless", "padding") { try $0.set("mdat", 0, byte: 0x7a) },
    .picture("sync-flag", "no sequence header") { try $0.set("mdat", 0, byte: 0x7a) },
    .picture("av1-unit-forbidden", "a tile list") { try $0.set("mdat", 0, byte: 0x42) },
    // The level's five bits stand in the fourth byte of the header.
    .picture("av1-sequence-header", "a higher level") {
      try $0.set("mdat", 5, byte: try $0.byte("mdat", 5) & 7 | 0x38)
    },
    .picture("no-picture", "a reserved unit") {
      try $0.set("mdat", try second($0), byte: 0x4a)
    },
    .text("codecs", main, "\\.0\\.110\\.09\\.16\\.09\\.0", "", all: true),
    .text("video-range", main, "VIDEO-RANGE=PQ", "VIDEO-RANGE=HLG"),
    .text("mpd-colour", mpd, "EssentialProperty", "SupplementalProperty", all: true),
    .text(
      "mpd-colour", mpd, "(cicp:TransferCharacteristics\" value=)\"16\"", "$1\"18\""),
  ]

  private static let vp9: [Fault] = [
    .picture("vp9-record", "level 0") { try $0.set("\(stsd)/vp09/vpcC", 5, byte: 0) },
    .picture("vp9-record", "profile 0 of ten bits") {
      try $0.set("\(stsd)/vp09/vpcC", 4, byte: 0)
    },
    .picture("vp9-record", "4:4:4 of an even profile") {
      try $0.set("\(stsd)/vp09/vpcC", 6, byte: 0xa6)
    },
    .picture("vp9-record", "version 0") { try $0.set("\(stsd)/vp09/vpcC", 0, byte: 0) },
    .picture("vp9-level", "a wide picture") { try $0.set("\(stsd)/vp09", 24, half: 1000) },
    .picture("vp9-level", "more pictures in a second") {
      try $0.set("moov/trak/mdia/mdhd", 12, word: 50_000)
    },
    .picture("vp9-format", "twelve bits") { try $0.set("\(stsd)/vp09/vpcC", 6, byte: 0xc2) },
    .picture("vp9-format", "full range") {
      try $0.set("\(stsd)/vp09/vpcC", 6, byte: try $0.byte("\(stsd)/vp09/vpcC", 6) | 1)
    },
    .picture("codecs", "level") { try $0.set("\(stsd)/vp09/vpcC", 5, byte: 51) },
    .picture("colour", "BT.709") { try $0.set("\(stsd)/vp09/colr", 4, half: 1) },
    .picture("picture-size", "height") { try $0.set("\(stsd)/vp09", 26, half: 90) },
    .picture("vp9-frame", "no marker") { try $0.set("mdat", 0, byte: 0) },
    .picture("vp9-frame", "no sync code") { try $0.set("mdat", 1, byte: 0) },
    .text("video-range", main, "VIDEO-RANGE=HLG", "VIDEO-RANGE=SDR"),
    .text("supplemental-codecs", main, "VIDEO-RANGE", "SUPPLEMENTAL-CODECS=\"dvh1.08.01/db4h\",$0"),
  ]

  private static let dynamicRange: [Fault] = [
    .picture("mastering-display", "another white point") {
      try $0.set("\(stsd)/hvc1/mdcv", 12, half: 1)
    },
    .picture("mastering-display", "no mdcv") { try $0.rename("\(stsd)/hvc1/mdcv", to: "free") },
    .picture("content-light", "brighter") { try $0.set("\(stsd)/hvc1/clli", 0, half: 4000) },
    .picture("content-light", "no clli") { try $0.rename("\(stsd)/hvc1/clli", to: "free") },
    .picture("sample-entry", "hev1") { try $0.rename("\(stsd)/hvc1", to: "hev1") },
  ]

  private static let dolbyVision: [Fault] = [
    .picture("dolby-vision-box", "dvcC") { try $0.rename("\(stsd)/hvc1/dvvC", to: "dvcC") },
    .picture("dolby-vision-box", "two of them") {
      try $0.insert("dvwC", at: "\(stsd)/hvc1", isInside: true)
    },
    .picture("dolby-vision-entry", "compatible with nothing") {
      try $0.set("\(stsd)/hvc1/dvvC", 4, byte: 0)
    },
    .picture("dolby-vision-entry", "dvh1") { try $0.rename("\(stsd)/hvc1", to: "dvh1") },
    .picture("dolby-vision-profile", "9") { try $0.set("\(stsd)/hvc1/dvvC", 2, byte: 0x12) },
    .picture("dolby-vision-profile", "two layers") {
      try $0.set("\(stsd)/hvc1/dvvC", 3, byte: 0x0f)
    },
    .picture("dolby-vision-profile", "HLG") { try $0.set("\(stsd)/hvc1/dvvC", 4, byte: 0x40) },
    .picture("dolby-vision-brand", "no dby1") { try withoutBrand("dby1", &$0) },
    .picture("dolby-vision-brand", "no db1p") { try withoutBrand("db1p", &$0) },
    .picture("dolby-vision-brand", "no record") {
      try $0.rename("\(stsd)/hvc1/dvvC", to: "free")
    },
    .picture("dolby-vision-metadata", "none by the record") {
      try $0.set("\(stsd)/hvc1/dvvC", 3, byte: 0x09)
    },
    .picture("dolby-vision-metadata", "a picture of the second segment without") {
      // The last unit of the first sample: its type becomes 63.
      let size = Int(try $0.word("moof[1]/traf/trun", try $0.runField(sample: 0, field: 0)))
      try $0.set("mdat[1]", size - 6, byte: 0x7e)
    },
    .picture("supplemental-codecs", "level 6") { try $0.set("\(stsd)/hvc1/dvvC", 3, byte: 0x35) },
    .text("supplemental-codecs", main, "SUPPLEMENTAL-CODECS=\"[^\"]*\",", ""),
    .text("supplemental-codecs", main, "/db1p\"", "/db4h\""),
    .text("mpd-supplemental-codecs", mpd, " scte214:supplementalCodecs=\"[^\"]*\"", ""),
    .text("mpd-supplemental-codecs", mpd, "Profiles=\"db1p\"", "Profiles=\"db2g\""),
  ]

  private static let spheres: [Fault] = [
    .picture("spherical-box", "no projection") {
      try $0.rename("\(stsd)/hvc1/sv3d/proj", to: "free")
    },
    .picture("video-layout", "one view") { try $0.set("\(stsd)/hvc1/st3d", 4, byte: 0) },
    .picture("mpd-frame-packing", "side by side") { try $0.set("\(stsd)/hvc1/st3d", 4, byte: 2) },
    .picture("video-layout", "flat") { try $0.rename("\(stsd)/hvc1/sv3d", to: "free") },
    .picture("mpd-projection", "flat") { try $0.rename("\(stsd)/hvc1/sv3d", to: "free") },
    .text("video-layout", main, "PROJ-EQUI", "PROJ-HEQU"),
    .text("video-layout", main, "REQ-VIDEO-LAYOUT=\"[^\"]*\"", "REQ-VIDEO-LAYOUT=\"CH-STEREO\""),
    .text("mpd-projection", mpd, "projection_type=\"0\"", "projection_type=\"1\""),
    .text("mpd-frame-packing", mpd, "<FramePacking [^>]*/>", ""),
  ]

  private static let profile5: [Fault] = [
    .picture("dolby-vision-entry", "hvc1") { try $0.rename("\(stsd)/dvh1", to: "hvc1") },
    .picture("dolby-vision-entry", "no record") { try $0.rename("\(stsd)/dvh1/dvcC", to: "free") },
    .picture("dolby-vision-brand", "no dby1") { try withoutBrand("dby1", &$0) },
    .picture("dolby-vision-profile", "10") { try $0.set("\(stsd)/dvh1/dvcC", 2, byte: 0x14) },
    .picture("codecs", "level 3") { try $0.set("\(stsd)/dvh1/dvcC", 3, byte: 0x1d) },
    .picture("dolby-vision-metadata", "none by the record") {
      try $0.set("\(stsd)/dvh1/dvcC", 3, byte: 0x09)
    },
    .text("codecs", main, "dvh1\\.05\\.01", "hvc1.2.4.L60.90"),
    .text("mpd-codecs", mpd, "dvh1\\.05\\.01", "hvc1.2.4.L60.90"),
    .text("video-range", main, "VIDEO-RANGE=PQ", "VIDEO-RANGE=SDR"),
  ]
}

@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the sources of these tests"))
struct PictureVerificationTests {
  @Test(arguments: PictureTitle.allCases)
  func `a good title has no finding`(title: PictureTitle) throws {
    let folder = try title.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = try TitleVerification.verify(folder: folder)
    #expect(report.findings.map { "\($0.code) \($0.place): \($0.message)" } == [])
    #expect(report.trackCount == 1)
  }

  @Test(arguments: PictureTitle.allCases)
  func `planted faults are found`(title: PictureTitle) throws {
    for fault in Fault.faults(of: title) {
      let folder = try title.copy()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try fault.plant(in: folder)
      let findings = try TitleVerification.verify(folder: folder).findings
      #expect(
        findings.contains { $0.code == fault.code },
        "\(title) \(fault.testDescription): found \(findings.map(\.code))")
      #expect(findings.allSatisfy { !$0.place.isEmpty && !$0.clause.isEmpty })
    }
  }

  @Test(
    arguments: [
      (.av1, "CODECS=\"av01\\.0\\.\\d\\d[MH]\\.10\\.0\\.110\\.09\\.16\\.09\\.0\""),
      (.vp9, "CODECS=\"vp09\\.02\\.\\d\\d\\.10\\.01\\.09\\.18\\.09\\.00\""),
      (.hdr10, "CODECS=\"hvc1\\.2\\.4\\.[^\"]*\".*SUPPLEMENTAL-CODECS=\"dvh1\\.08\\.01/db1p\""),
      (.hdr10, "VERSION:12"), (.hdr10, "REQ-VIDEO-LAYOUT=\"CH-STEREO/PROJ-EQUI\""),
      (.profile5, "CODECS=\"dvh1\\.05\\.01\".*VIDEO-RANGE=PQ"),
      (.interlaced, "CODECS=\"avc1\\."),
    ] as [(PictureTitle, String)])
  func `the playlist names what the track is`(title: PictureTitle, pattern: String) throws {
    let folder = try title.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let text = try String(contentsOfFile: "\(folder)/main.m3u8", encoding: .utf8)
    #expect(text.range(of: pattern, options: .regularExpression) != nil, "\(text)")
  }
}
