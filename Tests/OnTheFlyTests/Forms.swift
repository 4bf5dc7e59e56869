import TestSupport
import Testing

/// Files as people have them: one coding and one container structure each.
struct Form: Sendable, CustomTestStringConvertible {
  var name: String
  var suffix = "mp4"
  /// What FFmpeg's command codes and how it muxes; nine seconds of picture and of two tones.
  var options: [String]
  var testDescription: String { name }

  init(_ name: String, suffix: String = "mp4", _ options: [String]) {
    self.name = name
    self.suffix = suffix
    self.options = options
  }

  func make(_ path: String) throws {
    try SourceFiles.run(
      [
        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
        "testsrc2=size=192x108:rate=24000/1001:duration=9", "-f", "lavfi", "-i",
        "sine=frequency=440:sample_rate=48000:duration=9", "-f", "lavfi", "-i",
        "sine=frequency=880:sample_rate=48000:duration=8.5", "-threads", "1",
      ] + options + ["-fflags", "+bitexact", "-flags", "+bitexact", path])
  }

  private static let both = ["-map", "0", "-map", "1"]
  private static let picture = ["-map", "0"]
  private static let sound = ["-map", "1"]
  private static let brief = [
    "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "24", "-c:a", "aac",
  ]
  private static let reordered = brief + ["-bf", "2"]

  static let all = [
    Form("moov at the end, B-frames, edit list", both + reordered),
    Form("moov first", both + reordered + ["-movflags", "+faststart"]),
    Form("negative offsets", both + reordered + ["-movflags", "+negative_cts_offsets"]),
    Form("fragments", both + reordered + ["-movflags", "+frag_keyframe+empty_moov"]),
    Form(
      "fragments with sidx",
      both + reordered + ["-movflags", "+cmaf+dash+global_sidx+frag_keyframe"]),
    Form(
      "a fragment for each sample",
      picture + reordered + ["-movflags", "+frag_every_frame+empty_moov+default_base_moof"]),
    Form("a first fragment in moov", both + reordered + ["-movflags", "+frag_keyframe"]),
    Form("two sounds", ["-map", "0", "-map", "1", "-map", "2"] + brief),
    Form("no sound", picture + brief),
    Form("sound alone", suffix: "m4a", sound + ["-c:a", "aac"]),
    Form("QuickTime", suffix: "mov", both + reordered),
    Form("key frames at odd places", both + reordered.map { $0 == "24" ? "37" : $0 }),
    Form(
      "picture that starts late", ["-map", "0", "-map", "1", "-output_ts_offset", "3"] + reordered),
    Form(
      "HEVC, closed groups",
      picture + [
        "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-tag:v", "hvc1",
      ]
        + [
          "-x265-params",
          "log-level=none:pools=none:frame-threads=1:keyint=24:min-keyint=24:open-gop=0",
        ]),
    Form(
      "HEVC, hev1",
      picture + [
        "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-tag:v", "hev1",
      ]
        + [
          "-x265-params",
          "log-level=none:pools=none:frame-threads=1:keyint=24:min-keyint=24:open-gop=0",
        ]),
    Form("AV1", picture + Array(SourceFiles.av1.dropFirst())),
    Form("VP9", picture + Array(SourceFiles.vp9.dropFirst())),
    Form("AC-3", both + brief + ["-c:a", "ac3"]),
    Form("E-AC-3", sound + ["-c:a", "eac3"]),
    Form("Opus", both + brief + ["-c:a", "libopus"]),
    Form("FLAC", both + brief + ["-c:a", "flac", "-strict", "-2"]),
    Form("MP3", both + brief + ["-c:a", "libmp3lame"]),
  ]
}
