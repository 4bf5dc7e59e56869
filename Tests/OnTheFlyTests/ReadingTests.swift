import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import OnTheFly
import Synchronization
import TestSupport
import Testing

/// What is read of a file before anything of it is served, and what is refused.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct ReadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Counts the bytes that are read.
  private final class CountingFile: StoredFile {
    private let file: ReadableFile
    let readByteCount = Mutex<Int64>(0)

    init(_ path: String) throws { file = try ReadableFile(path: path) }

    var path: String { file.path }
    var byteCount: Int64 { file.byteCount }
    var stamp: FileStamp { file.stamp }

    func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws(FileIOError) {
      readByteCount.withLock { $0 += Int64(count) }
      try file.read(at: offset, count: count, into: &buffer)
    }
  }

  @Test(arguments: [[], ["-movflags", "+frag_keyframe+empty_moov"]])
  func `a small part of the file is read`(_ structure: [String]) throws {
    let path = "\(folder.path)/film.mp4"
    try SourceFiles.run(
      [
        "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
        "testsrc2=size=640x360:rate=25:duration=40", "-f", "lavfi", "-i",
        "sine=sample_rate=48000:duration=40", "-c:v", "libx264", "-preset", "ultrafast", "-qp", "4",
        "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac",
      ] + structure + [path])
    let file = try CountingFile(path)
    _ = try FileTitle(file, name: "film.mp4")
    #expect(file.readByteCount.withLock { $0 } < file.byteCount / 20)
  }

  @Test func `HEVC that repeats its parameter sets says so`() throws {
    let path = "\(folder.path)/film.mp4"
    try SourceFiles.run([
      "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i",
      "testsrc2=size=192x108:rate=25:duration=4", "-c:v", "libx265", "-preset", "ultrafast",
      "-pix_fmt", "yuv420p", "-tag:v", "hvc1", "-x265-params",
      "log-level=none:pools=none:frame-threads=1:keyint=25:open-gop=0:repeat-headers=1", path,
    ])
    let file = try FileTitle(try ReadableFile(path: path), name: "film.mp4")
    #expect(file.title.tracks[0].index.codecs.hasPrefix("hev1.1."))
    #expect(file.title.tracks[0].index.segments.count == 2)
  }

  @Test(arguments: ["libopus", "flac"])
  func `sound that lasts no time by its tables is refused`(_ coding: String) throws {
    let path = "\(folder.path)/sound.mp4"
    try SourceFiles.run([
      "-v", "error", "-nostdin", "-y", "-f", "lavfi", "-i", "sine=sample_rate=48000:duration=1",
      "-c:a", coding, "-strict", "-2", path,
    ])
    var bytes = try Data(contentsOf: URL(filePath: path))
    let stts = try #require(bytes.firstRange(of: Data("stts".utf8))).upperBound
    // Version and flags, the count of entries, the count of samples; then their duration.
    bytes.replaceSubrange(stts + 12..<stts + 16, with: Data(count: 4))
    try bytes.write(to: URL(filePath: path))
    let error = #expect(throws: OnTheFlyError.self) {
      _ = try FileTitle(try ReadableFile(path: path), name: "sound.mp4")
    }
    #expect(error?.message.contains("last no time") == true, "\(error?.message ?? "")")
  }

  struct Refusal: Sendable, CustomTestStringConvertible {
    var options: [String]
    var reason: String
    var testDescription: String { reason }
  }

  private static let picture = [
    "-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25:duration=2", "-c:v", "libx264", "-preset",
    "ultrafast", "-pix_fmt", "yuv420p",
  ]
  private static let key = "00112233445566778899aabbccddeeff"

  @Test(arguments: [
    Refusal(
      options: picture + [
        "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key,
      ], reason: "encrypted"),
    Refusal(
      options: [
        "-f", "lavfi", "-i", "sine=duration=1", "-c:a", "pcm_s16be", "-f", "mov",
      ], reason: "PCM"),
    Refusal(
      options: ["-f", "lavfi", "-i", "testsrc2=size=64x64:duration=1", "-c:v", "mpeg4"],
      reason: "MPEG-4 Visual"),
  ])
  func `what is not packaged so is refused in a sentence`(_ refusal: Refusal) throws {
    let path = "\(folder.path)/film.mp4"
    try SourceFiles.run(["-v", "error", "-nostdin", "-y"] + refusal.options + [path])
    let error = #expect(throws: OnTheFlyError.self) {
      _ = try FileTitle(try ReadableFile(path: path), name: "a/film.mp4")
    }
    #expect(error?.message.contains(refusal.reason) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("a/film.mp4") == true)
    #expect(error?.message.contains(folder.path) == false)
  }
}
