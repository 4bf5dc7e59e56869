import FFmpeg
import FileIO
import Foundation
import Library
import MP4
import MediaCore
import NIOCore
import Packaging
import Presentation

/// A small title, packaged once: two video tracks of H.264 with B-frames, one AAC track.
enum SampleTitle {
  static let video = "video-180p"
  static let small = "video-90p"
  static let audio = "audio-en"

  static let hasFFmpeg = (try? run(["ffmpeg", "-version"])) == 0

  private static let made = Result { try make() }

  /// A copy in a folder of its own, which the caller removes.
  static func copy() throws -> String {
    let folder = temporaryFolder()
    try FileManager.default.copyItem(atPath: try made.get(), toPath: folder)
    return folder
  }

  static func temporaryFolder() -> String {
    NSTemporaryDirectory() + "dougong-verify-\(UUID().uuidString)"
  }

  static let hasHEVCEncoder: Bool = {
    let path = temporaryFolder() + ".mp4"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return (try? run(hevcArguments(seconds: 1, path))) == 0
  }()

  /// One HEVC track with open groups of pictures, colour and oblong samples.
  private static let madeHEVC = Result { () throws -> String in
    let folder = temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = "\(folder)/source.mp4"
    guard try run(hevcArguments(seconds: 6, path)) == 0 else {
      throw FileIOError(.other, "ffmpeg with libx265 is needed")
    }
    let source = try MP4Source(try ReadableFile(path: path), name: "hevc", isCancelled: { false })
    return try package([source], into: "\(folder)/title")
  }

  /// A copy of the HEVC title, which the caller removes.
  static func copyHEVC() throws -> String {
    let folder = temporaryFolder()
    try FileManager.default.copyItem(atPath: try madeHEVC.get(), toPath: folder)
    return folder
  }

  private static func hevcArguments(seconds: Int, _ path: String) -> [String] {
    [
      "ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-fflags", "+bitexact", "-f", "lavfi", "-i",
      "testsrc2=size=320x180:rate=25:duration=\(seconds)", "-vf", "setsar=4/3", "-c:v", "libx265",
      "-preset", "ultrafast", "-tag:v", "hvc1", "-pix_fmt", "yuv420p", "-x265-params",
      "keyint=25:min-keyint=25:scenecut=0:open-gop=1:bframes=4:b-adapt=0:pools=1:frame-threads=1"
        + ":log-level=none:colorprim=bt709:transfer=bt709:colormatrix=bt709",
      "-flags:v", "+bitexact", path,
    ]
  }

  private static func make() throws -> String {
    let folder = temporaryFolder()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let sources = try [("320x180", true), ("160x90", false)].map { size, hasAudio in
      let path = "\(folder)/\(size).mp4"
      try generate(size, hasAudio: hasAudio, into: path)
      return try MP4Source(try ReadableFile(path: path), name: size, isCancelled: { false })
    }
    return try package(sources, into: "\(folder)/title")
  }

  /// As the `package` command does it.
  static func package(
    _ sources: [any MediaSource], options: PackagingOptions = PackagingOptions(),
    into path: String
  ) throws -> String {
    let publication = try TitlePublication(path: path, replacesTitle: false)
    let job = try PackagingJob(sources, options: options)
    try job.run(into: publication.folder, progress: WorkProgress())
    let stored = try TitleStore.open(folder: publication.folder, name: "title")
    let documents = TitleDocuments(stored.title, addressing: .atRest(stored.title))
    for name in documents.names {
      try publication.write(ByteBuffer(string: documents.document(named: name) ?? ""), to: name)
    }
    try publication.publish()
    return path
  }

  static func generate(_ size: String, hasAudio: Bool, into path: String) throws {
    var arguments = [
      "ffmpeg", "-nostdin", "-loglevel", "error", "-y", "-fflags", "+bitexact", "-f", "lavfi", "-i",
      "testsrc2=size=\(size):rate=25:duration=6",
    ]
    if hasAudio {
      arguments += ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=6"]
      arguments += ["-c:a", "aac", "-b:a", "64k", "-ac", "2", "-metadata:s:a:0", "language=eng"]
    }
    arguments += [
      "-c:v", "libx264", "-preset", "ultrafast", "-threads", "1", "-g", "25", "-keyint_min", "25",
      "-sc_threshold", "0", "-bf", "2", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-fflags",
      "+bitexact", path,
    ]
    let status = try run(arguments)
    guard status == 0 else {
      throw FileIOError(.other, "ffmpeg ended with \(status); it is needed with libx264 and aac")
    }
  }

  private static func run(_ arguments: [String]) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}
