import FileIO
import Foundation
import Library
import MediaCore
import TestSupport
import Testing

/// Folders of tracks that FFmpeg packaged.
@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct ForeignTitleTests {
  private let folder: TemporaryFolder
  private let source: String

  init() throws {
    folder = try TemporaryFolder()
    source = "\(folder.path)/source.mp4"
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/film", withIntermediateDirectories: false)
    try SourceFiles.run(
      Self.quiet + [
        "-f", "lavfi", "-i", "testsrc2=size=192x108:rate=25:duration=8", "-f", "lavfi", "-i",
        "sine=sample_rate=48000:duration=8", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2",
        "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", source,
      ])
  }

  private static let quiet = ["-v", "error", "-nostdin", "-y"]

  private func open() throws -> StoredTitle {
    try #require(try TitleStore(root: folder.path).open("film"))
  }

  /// Arguments of FFmpeg; `@` stands for the folder.
  private func make(_ arguments: [String]) throws {
    try SourceFiles.run(
      Self.quiet + ["-i", source]
        + arguments.map { $0.replacing("@", with: "\(folder.path)/film") })
  }

  private static let cmaf = ["-c", "copy", "-movflags", "+cmaf+global_sidx+frag_keyframe"]

  @Test(arguments: [
    ["-map", "0:v"] + cmaf + ["@/video.mp4", "-map", "0:a", "-frag_duration", "2000000"] + cmaf
      + ["@/sound.mp4"],
    ["-map", "0:v"] + cmaf + ["-f", "mp4", "@/video.cmfv", "-map", "0:a"] + cmaf
      + ["-frag_duration", "2000000", "-f", "mp4", "@/sound.cmfa"],
    // A `sidx` in front of each segment.
    [
      "-map", "0", "-c", "copy", "-f", "dash", "-seg_duration", "2", "-single_file", "1", "@/m.mpd",
    ],
  ])
  func `all segments are there, when their fragments say`(_ arguments: [String]) throws {
    try make(arguments)
    let stored = try open()
    #expect(stored.title.tracks.map(\.index.kind) == [.video, .audio])
    for track in stored.title.tracks {
      let index = track.index
      #expect(index.segments.count == 4 || index.kind == .audio && index.segments.count == 5)
      #expect(abs(MediaTime(index.duration, index.timescale).seconds - 8) < 0.05)
      #expect(index.segments.map(\.sapType).allSatisfy { $0 == 1 || index.kind == .audio })
      for (one, two) in zip(index.segments, index.segments.dropFirst()) {
        #expect(one.start + one.duration == two.start)
      }
    }
    let video = stored.title.tracks[0]
    let storage = try #require(stored.files[video.index.name])
    let opened = try StoredVideo(video, in: storage)
    for number in video.index.segments.indices {
      let first = try #require(opened.samples(ofSegment: number).first)
      #expect(first.isSync && first.time == video.index.segments[number].start)
    }
  }

  private static let key = "00112233445566778899aabbccddeeff"

  @Test(arguments: [
    (["-map", "0:v", "-c", "copy", "-movflags", "+frag_keyframe+empty_moov", "@/a.mp4"], "'sidx'"),
    (["-c", "copy", "@/a.mp4"], "on the fly"),
    (["-c", "copy", "-movflags", "+cmaf+global_sidx+frag_keyframe", "@/a.mp4"], "has 2 tracks"),
    (
      ["-map", "0:v"] + cmaf + [
        "-encryption_scheme", "cenc-aes-ctr", "-encryption_key", key, "-encryption_kid", key,
        "@/a.mp4",
      ], "encrypted"
    ),
    (
      ["-map", "0:v"] + cmaf + ["@/a.mp4", "-map", "0:v"] + cmaf + ["-f", "mp4", "@/a.cmfv"], "two"
    ),
  ])
  func `what is missing is told in a sentence`(_ arguments: [String], _ reason: String) throws {
    try make(arguments)
    let error = #expect(throws: LibraryError.self) { _ = try open() }
    #expect(error?.code == .notATitle)
    #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
  }

  @Test func `a file that is written anew in its place changes the title's stamp`() throws {
    try make(["-map", "0:v"] + Self.cmaf + ["@/a.mp4"])
    let store = try TitleStore(root: folder.path)
    let before = try store.stamp(of: "film")
    #expect(try store.stamp(of: "film") == before)
    let handle = try #require(FileHandle(forWritingAtPath: "\(folder.path)/film/a.mp4"))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0]))
    try handle.close()
    #expect(try store.stamp(of: "film") != before)
  }
}
