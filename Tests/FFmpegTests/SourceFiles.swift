import Foundation
import Testing

/// Media files made by the `ffmpeg` program when a test asks for them: the same bytes each time.
enum SourceFiles {
  static let ffmpeg = ["/usr/bin/ffmpeg", "/usr/local/bin/ffmpeg", "/opt/homebrew/bin/ffmpeg"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  static var canMake: Bool { ffmpeg != nil }

  /// Two seconds of a moving picture with a tone.
  private static let picture = [
    "-f", "lavfi", "-i", "testsrc2=size=192x108:rate=24000/1001:duration=2",
  ]
  private static let tone = [
    "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=2",
  ]

  static let h264 = [
    "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "12", "-bf", "2",
    "-c:a", "aac", "-b:a", "64k",
  ]
  static let hevc = [
    "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-tag:v", "hvc1",
    "-x265-params", "log-level=none:pools=none:frame-threads=1:keyint=12:open-gop=1:bframes=2",
    "-c:a", "aac", "-b:a", "64k",
  ]

  /// Makes a file of the picture, and of as many tones as `audio`.
  static func make(_ path: String, audio: Int = 1, _ options: [String]) throws {
    var arguments = ["-v", "error", "-nostdin", "-y"] + picture
    for _ in 0..<audio { arguments += tone }
    for input in 0...audio { arguments += ["-map", "\(input)"] }
    arguments +=
      ["-threads", "1"] + options + ["-fflags", "+bitexact", "-flags", "+bitexact", path]
    try run(arguments)
  }

  static func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: try #require(ffmpeg))
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(String(decoding: text, as: UTF8.self))")
  }
}
