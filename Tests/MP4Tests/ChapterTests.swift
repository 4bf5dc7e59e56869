import FFmpeg
import FileIO
import Foundation
import MP4
import MediaCore
import TestSupport
import Testing

@Suite(.enabled(if: SourceFiles.canMake, "ffmpeg makes the sources of these tests"))
struct ChapterTests {
  private static let metadata = """
    ;FFMETADATA1
    [CHAPTER]
    TIMEBASE=1/1000
    START=0
    END=500
    title=Öffnung
    [CHAPTER]
    TIMEBASE=1/1000
    START=500
    END=1800
    title=Two\\=2
    """

  private func make(_ folder: String, _ options: [String], to name: String) throws -> String {
    let path = "\(folder)/\(name)"
    try Self.metadata.write(toFile: "\(folder)/chapters", atomically: false, encoding: .utf8)
    try SourceFiles.make("\(folder)/plain.mp4", SourceFiles.h264)
    try SourceFiles.run(
      ["-v", "error", "-nostdin", "-y", "-i", "\(folder)/plain.mp4", "-i", "\(folder)/chapters"]
        + ["-map", "0", "-map_chapters", "1", "-c", "copy"] + options + [path])
    return path
  }

  @Test func `chapters are those that FFmpeg reads, and their track is no subtitle`() throws {
    let folder = try TemporaryFolder()
    let path = try make(folder.path, [], to: "chapters.mp4")
    let direct = try MP4Source(try ReadableFile(path: path), name: "direct")
    let general = try FFmpegSource(path: path, name: "general")
    #expect(direct.chapters.map(\.title) == ["Öffnung", "Two=2"])
    #expect(direct.chapters.map(\.title) == general.chapters.map(\.title))
    #expect(direct.chapters.map(\.start.milliseconds) == [0, 500])
    #expect(general.chapters.map(\.start.milliseconds) == [0, 500])
    #expect(!direct.tracks.contains { $0.kind == .text })
  }

  @Test func `a Matroska file's chapters are read`() throws {
    let folder = try TemporaryFolder()
    let path = try make(folder.path, [], to: "chapters.mkv")
    let source = try FFmpegSource(path: path, name: "general")
    #expect(source.chapters.map(\.title) == ["Öffnung", "Two=2"])
    #expect(source.chapters.map { $0.end?.milliseconds } == [500, 1800])
  }

  @Test func `damaged chapters are left out, and the media is read`() throws {
    let folder = try TemporaryFolder()
    let path = try make(folder.path, [], to: "chapters.mp4")
    let good = try Data(contentsOf: URL(fileURLWithPath: path))
    // A list of chapters, and a reference to one track.
    for (type, count) in [("chpl", 24), ("chap", 4)] {
      let range = try #require(good.range(of: Data(type.utf8)))
      for at in range.upperBound..<range.upperBound + count {
        var bad = good
        bad[at] = 0xff
        try bad.write(to: URL(fileURLWithPath: path))
        let source = try MP4Source(try ReadableFile(path: path), name: "bad")
        #expect(source.tracks.contains { $0.kind == .video })
      }
    }
  }
}
