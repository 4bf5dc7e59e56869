import Foundation

/// Media files made by the `ffmpeg` program when a test asks for them: the same bytes each time.
package enum SourceFiles {
  /// What FFmpeg said when it failed.
  package struct Failure: Error {
    package var message: String
  }

  /// The program, where the search path has it.
  private static let ffmpeg = (ProcessInfo.processInfo.environment["PATH"] ?? "")
    .split(separator: ":").map { "\($0)/ffmpeg" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  package static var canMake: Bool { ffmpeg != nil }

  /// Two seconds of a moving picture with a tone.
  private static let picture = [
    "-f", "lavfi", "-i", "testsrc2=size=192x108:rate=24000/1001:duration=2",
  ]
  private static let tone = [
    "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2",
  ]

  package static let h264 = [
    "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "12", "-bf", "2",
    "-c:a", "aac", "-b:a", "64k",
  ]
  package static let hevc = [
    "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-tag:v", "hvc1",
    "-x265-params", "log-level=none:pools=none:frame-threads=1:keyint=12:open-gop=1:bframes=2",
    "-c:a", "aac", "-b:a", "64k",
  ]

  /// Ten bits of BT.2020 with a transfer: `smpte2084` is PQ, `arib-std-b67` HLG.
  private static func wide(_ transfer: String) -> [String] {
    [
      "-pix_fmt", "yuv420p10le", "-color_primaries", "bt2020", "-color_trc", transfer,
      "-colorspace", "bt2020nc",
    ]
  }

  /// Without sound: which of it a container takes is the test's concern.
  package static let av1 = [
    "-an", "-c:v", "libaom-av1", "-usage", "realtime", "-cpu-used", "8", "-g", "12", "-pix_fmt",
    "yuv420p",
  ]
  /// PQ of ten bits.
  package static let av1PQ: [String] = av1.dropLast(2) + wide("smpte2084")
  package static let vp9 = [
    "-an", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "12", "-pix_fmt",
    "yuv420p",
  ]
  /// Profile 2, with hidden frames.
  package static let vp9HLG: [String] =
    [
      "-an", "-c:v", "libvpx-vp9", "-deadline", "good", "-cpu-used", "5", "-g", "12",
      "-lag-in-frames", "10", "-auto-alt-ref", "1",
    ] + wide("arib-std-b67")
  /// Main 10 in PQ, with the messages of a mastering display and of light levels.
  package static let hdr10 = [
    "-an", "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1",
    "-x265-params",
    "log-level=none:pools=none:frame-threads=1:keyint=12:min-keyint=12:open-gop=0:bframes=2:hdr10=1"
      + ":colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400"
      + ":master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)",
  ]
  /// Pictures of two fields.
  package static let interlaced = [
    "-an", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "12", "-flags",
    "+ildct+ilme", "-x264-params", "tff=1",
  ]

  /// Makes a file of the picture, and of as many tones as `audio`.
  package static func make(_ path: String, audio: Int = 1, _ options: [String]) throws {
    var arguments = ["-v", "error", "-nostdin", "-y"] + picture
    for _ in 0..<audio { arguments += tone }
    for input in 0...audio { arguments += ["-map", "\(input)"] }
    arguments +=
      ["-threads", "1"] + options + ["-fflags", "+bitexact", "-flags", "+bitexact", path]
    try run(arguments)
  }

  package static func run(_ arguments: [String]) throws {
    guard let ffmpeg else { throw Failure(message: "ffmpeg is not on the PATH") }
    let process = Process()
    process.executableURL = URL(filePath: ffmpeg)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(message: String(decoding: text, as: UTF8.self))
    }
  }
}
