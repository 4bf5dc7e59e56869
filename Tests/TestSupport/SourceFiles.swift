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
