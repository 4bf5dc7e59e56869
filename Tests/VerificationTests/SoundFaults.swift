import FFmpeg
import FileIO
import Foundation
import MediaCore
import TestSupport
import Testing
import Verification

/// A title of one picture track, and sound in AC-3, Opus, FLAC, E-AC-3 and AAC.
private enum SoundTitle {
  static let languages = ["en": "ac3", "de": "libopus", "fr": "flac", "es": "eac3", "it": "aac"]

  static let made = Result { () throws -> String in
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/source.mkv"
    var options = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "24"]
    for (number, (language, codec)) in languages.sorted(by: { $0.key < $1.key }).enumerated() {
      options += [
        "-c:a:\(number)", codec, "-ac:a:\(number)", "2", "-metadata:s:a:\(number)",
        "language=\(language)",
      ]
    }
    try SourceFiles.make(path, audio: languages.count, options)
    return try SampleTitle.package(
      [try FFmpegSource(path: path, name: "source")], into: "\(folder)/title")
  }

  static func copy() throws -> String {
    let folder = SampleTitle.temporaryFolder()
    try FileManager.default.copyItem(atPath: try made.get(), toPath: folder)
    return folder
  }
}

extension Fault {
  private static func entry(_ type: String) -> String { "moov/trak/mdia/minf/stbl/stsd/\(type)" }

  /// Of a title with sound in many codings.
  static let sound: [Fault] = [
    .track("audio-format", "AC-3: channels", "audio-en") {
      try $0.set(entry("ac-3"), 16, half: 6)
    },
    .track("audio-record", "AC-3: mono by the record", "audio-en") {
      // acmod in the second byte: 2 becomes 1.
      try $0.set("\(entry("ac-3"))/dac3", 1, byte: 0x08)
    },
    .track("audio-record", "AC-3: a frame without its syncword", "audio-en") {
      try $0.set("mdat", 0, byte: 0)
    },
    .track("audio-frame-duration", "AC-3: a frame too long", "audio-en") {
      try $0.add("moof/traf/tfhd", 8, 400)
    },
    .track("audio-timescale", "Opus", "audio-de") {
      try $0.set("moov/trak/mdia/mdhd", 12, word: 44_100)
    },
    .track("opus-pre-skip", "Opus: none", "audio-de") {
      try $0.set("\(entry("Opus"))/dOps", 2, half: 0)
    },
    .track("roll-group", "Opus: one packet", "audio-de") {
      try $0.set("moov/trak/mdia/minf/stbl/sgpd", 16, half: 0xffff)
    },
    .track("audio-configuration", "Opus: no channels", "audio-de") {
      try $0.set("\(entry("Opus"))/dOps", 1, byte: 0)
    },
    .track("audio-format", "FLAC: bits", "audio-fr") { try $0.set(entry("fLaC"), 18, half: 24) },
    .track("audio-record", "FLAC: a damaged header", "audio-fr") {
      try $0.set("mdat", 2, byte: try $0.byte("mdat", 2) ^ 0x10)
    },
    .track("audio-record", "E-AC-3: less than six blocks", "audio-es") {
      // numblkscod: 3 becomes 0.
      try $0.set("mdat", 4, byte: try $0.byte("mdat", 4) & 0xcf)
    },
    .track("channels", "E-AC-3: objects by the record", "audio-es") {
      try $0.insert("free", at: entry("ec-3"), isInside: true)
      try $0.set("\(entry("ec-3"))/dec3", 3, byte: 0x0e)
    },
    .text("codecs", "main.m3u8", "ac-3", "mp4a.40.2"),
    .text(
      "sound-not-reached", "main.m3u8",
      "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio-eac3\"[^\n]*LANGUAGE=\"fr\"[^\n]*\n", ""),
    .text(
      "sound-not-reached", "main.m3u8",
      "#EXT-X-(MEDIA|STREAM-INF)[^\n]*\"audio-aac\"[^\n]*\n([^#\n][^\n]*\n)?", "", all: true),
    .text("audio-group", "main.m3u8", "\"audio-opus\"(,NAME=\"Deutsch\")", "\"audio-aac\"$1"),
    .text("channels", "main.m3u8", "CHANNELS=\"2\"", "CHANNELS=\"16/JOC\""),
    .text("mpd-audio", "manifest.mpd", "value=\"A000\"", "value=\"F801\""),
    .text(
      "mpd-audio", "manifest.mpd", "<BaseURL>audio-es",
      "<SupplementalProperty schemeIdUri=\"tag:dolby.com,2018:dash:"
        + "EC3_ExtensionComplexityIndex:2018\" value=\"16\"/>$0"),
  ]
}

@Suite(.enabled(if: SourceFiles.canMake, "ffmpeg makes the source of these tests"))
struct SoundVerificationTests {
  @Test func `a title of many codings has no finding`() throws {
    let folder = try SoundTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let report = try TitleVerification.verify(folder: folder)
    #expect(report.findings.map { "\($0.code) \($0.place): \($0.message)" } == [])
    #expect(report.trackCount == 6)
  }

  @Test(arguments: Fault.sound)
  func `a planted fault is found`(fault: Fault) throws {
    let folder = try SoundTitle.copy()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try fault.plant(in: folder)
    let codes = try TitleVerification.verify(folder: folder).findings.map(\.code)
    #expect(codes.contains(fault.code), "found \(codes)")
  }
}
