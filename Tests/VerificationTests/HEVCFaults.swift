import Foundation
import Testing
import Verification

extension Fault {
  private static let entry = "moov/trak/mdia/minf/stbl/stsd/hvc1"
  private static let playlist = "video-180p.m3u8"

  /// Of a title of HEVC with open groups of pictures.
  static let hevc: [Fault] = [
    .track("array-completeness", "SPS") {
      // The head of the first array stands behind 23 bytes.
      try $0.set("\(entry)/hvcC", 23, byte: try $0.byte("\(entry)/hvcC", 23) & 0x7f)
    },
    .track("record", "no VPS") { try $0.set("\(entry)/hvcC", 23, byte: 0xa3) },
    .track("record-profile", "level") { try $0.set("\(entry)/hvcC", 12, byte: 186) },
    .track("record-profile", "bit depth") { try $0.set("\(entry)/hvcC", 17, byte: 0xfa) },
    .track("codecs", "level") { try $0.set("\(entry)/hvcC", 12, byte: 186) },
    .track("colour-missing", "no colr") { try $0.rename("\(entry)/colr", to: "free") },
    .track("colour", "BT.2020") { try $0.set("\(entry)/colr", 4, half: 9) },
    .track("pixel-aspect-ratio", "square") { try $0.rename("\(entry)/pasp", to: "free") },
    .track("video-range", "PQ") { try $0.set("\(entry)/colr", 6, half: 16) },
    .track("sap-type", "closed") { try $0.set("sidx", 32 + 12 + 8, word: 0x9000_0000) },
    .track("sap-delta", "0") { try $0.set("sidx", 32 + 12 + 8, word: 0xb000_0000) },
    .track("disposable", "a reference picture") {
      try $0.set("moof/traf/trun", try $0.runField(sample: 1, field: 1), word: 0x181_0000)
    },
    .text("independent-segments", playlist, "#EXTINF", "#EXT-X-INDEPENDENT-SEGMENTS\n#EXTINF"),
    .text(
      "independent-segments", "main.m3u8", "#EXT-X-STREAM-INF",
      "#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-STREAM-INF"),
    .text("mpd-starts-with-sap", "manifest.mpd", "tartWithSAP=\"3\"", "tartWithSAP=\"1\""),
    .text(
      "mpd-profile", "manifest.mpd", "isoff-on-demand:2011", "$0,urn:mpeg:dash:profile:cmaf:2019"),
    .text("mpd-sar", "manifest.mpd", "sar=\"4:3\"", "sar=\"1:1\""),
    .text("resolution", "main.m3u8", "RESOLUTION=427x180", "RESOLUTION=320x180"),
  ]
}

@Suite(
  .enabled(if: SampleTitle.hasHEVCEncoder, "ffmpeg with libx265 makes the source of these tests"))
struct HEVCVerificationTests {
  @Test func `a title of open groups has no finding`() throws {
    let folder = try SampleTitle.copyHEVC()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = try TitleVerification.verify(folder: folder)
    #expect(report.findings.map { "\($0.code) \($0.place): \($0.message)" } == [])
    #expect(report.segmentCount > 1)
  }

  @Test(arguments: Fault.hevc)
  func `a planted fault is found`(fault: Fault) throws {
    let folder = try SampleTitle.copyHEVC()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try fault.plant(in: folder)
    let codes = try TitleVerification.verify(folder: folder).findings.map(\.code)
    #expect(codes.contains(fault.code), "found \(codes)")
  }
}
