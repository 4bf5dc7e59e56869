import DASH
import Foundation
import HLS
import Library
import MediaCore
import Pictures
import TestSupport
import Testing
import Verification

@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct PictureJobTests {
  let parent: TemporaryFolder

  init() throws { parent = try TemporaryFolder() }

  private func title(_ layout: TitleLayout = .tracks, _ name: String = "title") throws
    -> PicturedTitle
  {
    try PicturedTitle.make(
      name, in: parent.path, source: PicturedTitle.blackThenPicture,
      options: PicturedTitle.all(), layout: layout)
  }

  @Test func `a title with all pictures passes verification`() throws {
    let title = try title()
    #expect(title.notes == [])
    let report = try TitleVerification.verify(folder: title.folder)
    #expect(report.findings.map { "\($0.code) \($0.place): \($0.message)" } == [])
    let images = try #require(try TitleDescription(folder: title.folder).images)
    #expect(images.thumbnails?.count == 9)
    #expect(images.thumbnails?.name == "thumbnails-256x144")
    #expect(images.poster?.width == 320)
  }

  @Test func `the poster is the first picture that is neither black nor flat`() throws {
    let images = try TitleDescription(folder: try title().folder).images
    #expect(images?.poster?.time == 6000)
  }

  @Test func `the same source gives the same bytes`() throws {
    let one = try title(.tracks, "one").contents()
    let other = try title(.tracks, "other").contents()
    #expect(one.keys.sorted() == other.keys.sorted())
    for (name, data) in one { #expect(other[name] == data, "\(name)") }
  }

  @Test func `segments in files of their own are pictured alike`() throws {
    let whole = try TitleDescription(folder: try title(.tracks, "whole").folder)
    let files = try TitleDescription(folder: try title(.files, "files").folder)
    #expect(whole.images == files.images)
    #expect(whole.tracks.map(\.digest) == files.tracks.map(\.digest))
    #expect(
      FileManager.default.fileExists(atPath: "\(parent.path)/files/trick-180p/1.m4s"))
  }

  @Test func `a trick track lists a picture for each half second, and is no variant`() throws {
    let title = try title()
    let main = try MultivariantPlaylist(parsing: try title.text("main.m3u8"))
    #expect(main.variants.map(\.uri) == ["video-180p.m3u8"])
    #expect(
      main.iFrameVariants.map(\.uri) == ["video-180p.iframes.m3u8", "trick-180p.iframes.m3u8"])
    let playlist = try MediaPlaylist(parsing: try title.text("trick-180p.iframes.m3u8"))
    #expect(playlist.isIFramesOnly)
    #expect(playlist.segments.map(\.duration.seconds) == [Double](repeating: 0.5, count: 18))
    let mpd = try MPD(parsing: try title.text("manifest.mpd"))
    let sets = try #require(mpd.periods.first?.adaptationSets)
    #expect(sets.map(\.contentType) == ["video", "video", "image"])
    #expect(sets[1].essentialProperties.first?.value == "1")
    #expect(sets[1].codingDependency == false)
    // Ten frames a second beside two pictures a second.
    #expect(sets[1].maxPlayoutRate == 5)
    #expect(sets[2].representations[0].essentialProperties[0].value == "4x3")
  }

  @Test func `sheets, image playlist and sprite map say the same`() throws {
    let title = try title()
    let playlist = try MediaPlaylist(parsing: try title.text("thumbnails-256x144.m3u8"))
    #expect(playlist.isImagesOnly)
    #expect(playlist.segments.map(\.uri) == ["thumbnails-256x144/1.jpg"])
    #expect(playlist.segments[0].tiles?.columns == 4)
    let map = try title.text("thumbnails.vtt")
    #expect(
      map.hasPrefix("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\nthumbnails-256x144/1.jpg#xywh=0,0"))
    #expect(
      map.hasSuffix("00:00:08.000 --> 00:00:09.000\nthumbnails-256x144/1.jpg#xywh=0,288,256,144\n"))
  }

  @Test func `an asked moment is the poster's, and behind the end the last picture`() throws {
    var options = PictureOptions()
    options.poster = .milliseconds(4500)
    let title = try PicturedTitle.make(
      "asked", in: parent.path, source: PicturedTitle.blackThenPicture, options: options)
    #expect(try TitleDescription(folder: title.folder).images?.poster?.time == 4500)
    options.poster = .milliseconds(99_000)
    let late = try PicturedTitle.package(
      "\(parent.path)/asked.mp4", as: "late", in: parent.path, options: options)
    #expect(try TitleDescription(folder: late.folder).images?.poster?.time == 9000)
    #expect(late.notes.count == 1)
  }

  @Test func `a turned source gives upright pictures`() throws {
    var options = PictureOptions()
    options.thumbnails = .automatic
    options.poster = .automatic
    _ = try PicturedTitle.make(
      "flat", in: parent.path,
      source: [
        "-f", "lavfi", "-i", "testsrc2=size=320x180:rate=10:duration=1", "-c:v", "libx264",
        "-pix_fmt", "yuv420p", "-preset", "ultrafast",
      ], options: options)
    let turned = "\(parent.path)/turned-source.mp4"
    try SourceFiles.run(
      [
        "-v", "error", "-nostdin", "-y", "-i", "\(parent.path)/flat.mp4", "-c", "copy",
        "-metadata:s:v", "rotate=90", turned,
      ])
    let title = try PicturedTitle.package(
      turned, as: "turned", in: parent.path, options: options)
    let images = try #require(try TitleDescription(folder: title.folder).images)
    #expect(images.poster.map { [$0.width, $0.height] } == [180, 320])
    #expect(images.thumbnails?.name == "thumbnails-144x256")
    #expect(try TitleVerification.verify(folder: title.folder).passes)
  }
}
