import FileIO
import Foundation
import MP4
import Packaging
import Testing
import Text

@testable import Verification

/// A title with subtitles: WebVTT in German, shown unasked, and captions in English with TTML too.
enum TextTitle {
  static let wvtt = "text-de"
  static let stpp = "text-en.ttml"

  private static let made = Result { () throws -> String in
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/source.mp4"
    try SampleTitle.generate("160x90", hasAudio: false, into: path)
    let source = try MP4Source(try ReadableFile(path: path), name: "text", isCancelled: { false })
    var options = PackagingOptions()
    options.text.sidecars = [
      SidecarText(name: "de.srt", cues: german, language: "de", isDefault: true),
      SidecarText(
        name: "en.ttml", cues: english, language: "en", role: .caption, isTTML: true),
    ]
    return try SampleTitle.package([source], options: options, into: "\(folder)/title")
  }

  /// Over a cut, together, past the end.
  static let german = CueList(cues: [
    Cue(start: 500, end: 2500, text: "Eins"), Cue(start: 2300, end: 3000, text: "Zwei"),
    Cue(start: 5500, end: 9000, text: "Drei"),
  ])
  static let english = CueList(cues: [
    Cue(start: 100, end: 1900, text: "One"), Cue(start: 4000, end: 4500, text: "Two"),
  ])

  static func copy() throws -> String {
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.copyItem(atPath: try made.get(), toPath: folder)
    return folder
  }
}

extension Fault {
  private static let stsd = "moov/trak/mdia/minf/stbl/stsd"

  static let textFaults: [Fault] = [
    .track("handler", "no text", TextTitle.wvtt) {
      try $0.set("moov/trak/mdia/hdlr", 8, word: 0x6d65_7461)
    },
    .track("text-handler", "subt beside wvtt", TextTitle.wvtt) {
      try $0.set("moov/trak/mdia/hdlr", 8, word: 0x7375_6274)
    },
    .track("text-handler", "text beside stpp", TextTitle.stpp) {
      try $0.set("moov/trak/mdia/hdlr", 8, word: 0x7465_7874)
    },
    .track("box-missing", "no nmhd", TextTitle.wvtt) {
      try $0.rename("moov/trak/mdia/minf/nmhd", to: "free")
    },
    .track("box-missing", "no sthd", TextTitle.stpp) {
      try $0.rename("moov/trak/mdia/minf/sthd", to: "free")
    },
    .bytes("text-configuration", "\(TextTitle.wvtt).mp4", "vttCWEBVTT", "vttCWEBVTX"),
    .bytes("text-configuration", "\(TextTitle.stpp).mp4", "/ns/ttml", "/ns/htmx"),
    .bytes("text-profile", "\(TextTitle.stpp).mp4", "application/ttml", "application/html"),
    .bytes("text-brand", "\(TextTitle.wvtt).mp4", "cwvt", "cwvx"),
    .bytes("text-brand", "\(TextTitle.stpp).mp4", "dashim1t", "dashim2t"),
    .bytes("text-sample", "\(TextTitle.wvtt).mp4", "vttc", "vttx"),
    .bytes("text-sample", "\(TextTitle.wvtt).mp4", "vtte", "vtta"),
    .bytes("box-missing", "\(TextTitle.wvtt).mp4", "payl", "free"),
    .bytes("text-document", "\(TextTitle.stpp).mp4", "</tt>", "</tx>"),
    .bytes("track-digest", "\(TextTitle.wvtt).mp4", "Zwei", "Drei"),
    .bytes("webvtt-differs", "\(TextTitle.wvtt).vtt", "Zwei", "Drei"),
    .text("webvtt-differs", "\(TextTitle.wvtt).vtt", "00:00:03.000", "00:00:02.900", all: true),
    .bytes("webvtt-placement", "\(TextTitle.wvtt).vtt", "00:00:00.500 -->", "00:00:02.300 -->"),
    .bytes("webvtt-digest", "\(TextTitle.wvtt).vtt", "Eins", "Ains"),
    .bytes("webvtt-segments", "\(TextTitle.wvtt).vtt", "\n\nWEBVTT\n", "\n\nWEBVTX\n"),
    .bytes("webvtt-syntax", "\(TextTitle.wvtt).vtt", "00:00:00.500 -->", "00:00:00,500 -->"),
    .folder("webvtt-missing", "no WebVTT file") {
      try FileManager.default.removeItem(atPath: "\($0)/\(TextTitle.wvtt).vtt")
    },
    .folder("document-unlisted", "another WebVTT file") {
      try Data("WEBVTT\n".utf8).write(to: URL(fileURLWithPath: "\($0)/other.vtt"))
    },
    .text("byte-range", "\(TextTitle.wvtt).m3u8", "BYTERANGE:[0-9]+@0", "BYTERANGE:7@0"),
    .text("extinf", "\(TextTitle.wvtt).m3u8", "EXTINF:2.0", "EXTINF:1.9"),
    .text(
      "map", "\(TextTitle.wvtt).m3u8", "VERSION:4\n", "VERSION:6\n#EXT-X-MAP:URI=\"text-de.mp4\"\n"),
    .text("playlist-segments", "\(TextTitle.wvtt).m3u8", "text-de.vtt", "text-en.vtt"),
    .text("variant-reference", "main.m3u8", "URI=\"text-de.m3u8\"", "URI=\"video-90p.m3u8\""),
    .text("subtitle-group", "main.m3u8", ",SUBTITLES=\"subtitles\"", ""),
    .text("subtitle-group", "main.m3u8", ",SUBTITLES=\"subtitles\"", ",SUBTITLES=\"none\""),
    .text("codecs", "main.m3u8", "CODECS=\"", "CODECS=\"stpp.ttml.im1t,"),
    .text(
      "subtitle-group", "main.m3u8", "(#EXT-X-MEDIA:[^\n]*NAME=\")(English[^\n]*)text-en.m3u8\"",
      "$0\n$1TTML $2text-en.ttml.m3u8\""),
    .text(
      "forced-subtitles", "main.m3u8", "DEFAULT=YES,AUTOSELECT=YES,URI=\"text-de",
      "DEFAULT=YES,AUTOSELECT=YES,FORCED=YES,URI=\"text-de"),
    .text("caption-characteristics", "main.m3u8", "CHARACTERISTICS=\"[^\"]*\",", ""),
    .text("rendition-language", "main.m3u8", "LANGUAGE=\"de\"", "LANGUAGE=\"fr\""),
    .text("closed-captions", "main.m3u8", "CLOSED-CAPTIONS=NONE", "CLOSED-CAPTIONS=\"cc\""),
    .text("mpd-text", "manifest.mpd", "contentType=\"text\"", "contentType=\"audio\""),
    .text("mpd-text", "manifest.mpd", "value=\"caption\"", "value=\"subtitle\""),
    .text("mpd-language", "manifest.mpd", "lang=\"de\"", "lang=\"fr\""),
    .text("mpd-codecs", "manifest.mpd", "codecs=\"wvtt\"", "codecs=\"stpp\""),
    .text("mpd-mime-type", "manifest.mpd", "application/mp4", "text/vtt"),
    .text("default-track", "title.json", "\"default\" : false", "\"default\" : true", all: true),
    .text(
      "captions", "title.json", "\"default\" : true,",
      "\"default\" : true, \"captions\": [{\"channel\": \"CC1\", \"language\": \"en\"}],"),
  ]

  /// A change to bytes of a file, as many as before.
  static func bytes(_ code: String, _ file: String, _ old: String, _ new: String) -> Fault {
    .folder(code, "\(file): \(old) → \(new)") { folder in
      let url = URL(fileURLWithPath: "\(folder)/\(file)")
      var data = try Data(contentsOf: url)
      // The boxes of a type stand behind their sizes: what is between two strings is skipped.
      guard let range = data.firstRange(of: Data(old.utf8)) else {
        throw BoxEditor.Missing(path: "\(file): \(old)")
      }
      data.replaceSubrange(range, with: Data(new.utf8))
      try data.write(to: url)
    }
  }
}

@Suite(.enabled(if: SampleTitle.hasFFmpeg, "ffmpeg makes the sources of these tests"))
struct TextVerificationTests {
  @Test func `a good title with subtitles has no finding`() throws {
    let folder = try TextTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = try TitleVerification.verify(folder: folder)
    #expect(report.findings.map { "\($0.code) \($0.place): \($0.message)" } == [])
    #expect(report.trackCount == 4)
    let total = try FileManager.default.contentsOfDirectory(atPath: folder).reduce(Int64(0)) {
      $0 + (try ReadableFile(path: "\(folder)/\($1)").byteCount)
    }
    #expect(report.byteCount == total)
  }

  @Test(arguments: Fault.textFaults)
  func `a planted fault in subtitles is found`(fault: Fault) throws {
    let folder = try TextTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try fault.plant(in: folder)
    let codes = try TitleVerification.verify(folder: folder).findings.map(\.code)
    #expect(codes.contains(fault.code), "found \(codes)")
  }
}
