import FileIO
import Foundation
import Library
import Pictures
import TestSupport
import Testing
import Verification

/// A change to a good title with pictures, and the code of the finding that it must bring.
struct PictureFault: Sendable, CustomTestStringConvertible {
  let code: String
  let name: String
  let change: @Sendable (String) throws -> Void

  var testDescription: String { "\(code): \(name)" }

  struct NothingToChange: Error {}

  static func text(_ code: String, _ file: String, _ old: String, _ new: String) -> PictureFault {
    PictureFault(code: code, name: "\(file): \(old) → \(new)") { folder in
      let path = "\(folder)/\(file)"
      let text = try String(contentsOfFile: path, encoding: .utf8)
      guard let range = text.range(of: old, options: .regularExpression) else {
        throw NothingToChange()
      }
      try text.replacingOccurrences(of: old, with: new, options: .regularExpression, range: range)
        .write(toFile: path, atomically: false, encoding: .utf8)
    }
  }

  static func bytes(
    _ code: String, _ name: String, _ file: String,
    _ change: @escaping @Sendable (inout Data) -> Void
  ) -> PictureFault {
    PictureFault(code: code, name: name) { folder in
      let path = "\(folder)/\(file)"
      var data = try Data(contentsOf: URL(filePath: path))
      change(&data)
      try data.write(to: URL(filePath: path))
    }
  }

  private static let sheet = "thumbnails-256x144/1.jpg"
  private static let playlist = "thumbnails-256x144.m3u8"
  private static let map = "thumbnails.vtt"
  private static let mpd = "manifest.mpd"

  static let all: [PictureFault] = [
    PictureFault(code: "image-missing", name: "no sheet") {
      try FileManager.default.removeItem(atPath: "\($0)/\(sheet)")
    },
    PictureFault(code: "image-missing", name: "no poster") {
      try FileManager.default.removeItem(atPath: "\($0)/poster.jpg")
    },
    PictureFault(code: "document-missing", name: "no sprite map") {
      try FileManager.default.removeItem(atPath: "\($0)/\(map)")
    },
    PictureFault(code: "image-unlisted", name: "one sheet more") {
      try FileManager.default.copyItem(
        atPath: "\($0)/\(sheet)", toPath: "\($0)/thumbnails-256x144/9.jpg")
    },
    .bytes("image-format", "cut short", sheet) { $0.removeLast(100) },
    .bytes("image-format", "no JPEG", "poster.jpg") { $0[0] = 0 },
    .bytes("image-digest", "a changed byte", sheet) { $0[$0.count - 40] ^= 1 },
    .bytes("image-digest", "a changed poster", "poster.jpg") { $0[$0.count - 40] ^= 1 },
    .text("image-size", "title.json", "\"tileWidth\" : 256", "\"tileWidth\" : 254"),
    .text("image-size", "title.json", "\"width\" : 320", "\"width\" : 322"),
    .text("image-count", "title.json", "\"count\" : 9", "\"count\" : 8"),
    .text("image-count", "title.json", "\"time\" : 6000", "\"time\" : 60000"),
    .text("description", "title.json", "\"columns\" : 4", "\"columns\" : 400"),
    .text("image-playlist", playlist, "#EXT-X-IMAGES-ONLY\n", ""),
    .text("image-playlist", playlist, "1.jpg", "2.jpg"),
    .text("image-tiles", playlist, "LAYOUT=4x3", "LAYOUT=3x4"),
    .text("image-tiles", playlist, "#EXT-X-TILES.*\n", ""),
    .text("extinf", playlist, "#EXTINF:9.000000", "#EXTINF:8.000000"),
    .text("target-duration", playlist, "TARGETDURATION:9", "TARGETDURATION:2"),
    .text("playlist-syntax", playlist, "LAYOUT=4x3", "LAYOUT=four"),
    .text("image-bandwidth", "main.m3u8", "(IMAGE-STREAM-INF:BANDWIDTH=)[0-9]+", "$1900"),
    .text("image-playlist", "main.m3u8", "#EXT-X-IMAGE-STREAM-INF.*\n", ""),
    .text("image-playlist", "main.m3u8", "RESOLUTION=256x144", "RESOLUTION=1024x432"),
    .text("image-set", mpd, "value=\"4x3\"", "value=\"3x4\""),
    .text("image-set", mpd, "duration=\"12000\"", "duration=\"1000\""),
    .text("image-set", mpd, "image/jpeg", "image/png"),
    .text("image-set", mpd, "width=\"1024\"", "width=\"256\""),
    .text("image-bandwidth", mpd, "(thumbnails-256x144\" bandwidth=)\"[0-9]+\"", "$1\"100\""),
    .text("sprite-map", map, "WEBVTT", "WEBSRT"),
    .text("sprite-map", map, "xywh=256,0", "xywh=0,256"),
    .text("sprite-map", map, "00:00:01.000 --> 00:00:02.000", "00:00:01.000 --> 00:00:02.500"),
    .text("sprite-map", map, "\n00:00:08.000(.|\n)*", ""),
    .text(
      "trick-set", mpd, "guidelines/trickmode\" value=\"1\"", "guidelines/trickmode\" value=\"7\""),
    .text("trick-set", mpd, "codingDependency=\"false\"", "codingDependency=\"true\""),
    .text("trick-set", mpd, " maxPlayoutRate=\"[0-9]+\"", ""),
    .text("track-not-listed", "main.m3u8", "#EXT-X-I-FRAME-STREAM-INF.*trick.*\n", ""),
    .text(
      "trick-set", "main.m3u8", "video-180p.m3u8\n",
      "video-180p.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=1\ntrick-180p.m3u8\n"),
    .text("i-frame-range", "trick-180p.iframes.m3u8", "(BYTERANGE:)[0-9]+@", "$177@"),
    // The ordinary video, said to be for trick play: groups of pictures, and cuts passed over.
    .text("trick-pictures", "title.json", "\"main\"", "\"trick\""),
  ]
}

@Suite(.enabled(if: SourceFiles.canMake, "the ffmpeg program makes the files"))
struct PictureFaultTests {
  /// Made once, and copied for each fault.
  private static let made = Result { () throws -> (TemporaryFolder, String) in
    let parent = try TemporaryFolder()
    let title = try PicturedTitle.make(
      "title", in: parent.path, source: PicturedTitle.blackThenPicture,
      options: PicturedTitle.all())
    return (parent, title.folder)
  }

  @Test(arguments: PictureFault.all)
  func `a planted fault is found`(_ fault: PictureFault) throws {
    let parent = try TemporaryFolder()
    let folder = "\(parent.path)/title"
    try FileManager.default.copyItem(atPath: try Self.made.get().1, toPath: folder)
    try fault.change(folder)
    let report = try TitleVerification.verify(folder: folder)
    let codes = report.findings.map(\.code)
    #expect(codes.contains(fault.code), "found \(codes)")
    #expect(report.findings.allSatisfy { !$0.place.isEmpty && !$0.clause.isEmpty })
  }

  @Test func `a description of impossible pictures does not open a title`() throws {
    let parent = try TemporaryFolder()
    let folder = "\(parent.path)/title"
    try FileManager.default.copyItem(atPath: try Self.made.get().1, toPath: folder)
    try PictureFault.text("", "title.json", "\"count\" : 9", "\"count\" : 2000000000").change(
      folder)
    #expect(throws: LibraryError.self) { try TitleStore.open(folder: folder, name: "title") }
  }

  @Test func `a sheet that is missing does not open a title`() throws {
    let parent = try TemporaryFolder()
    let folder = "\(parent.path)/title"
    try FileManager.default.copyItem(atPath: try Self.made.get().1, toPath: folder)
    try FileManager.default.removeItem(atPath: "\(folder)/thumbnails-256x144/1.jpg")
    #expect(throws: LibraryError.self) { try TitleStore.open(folder: folder, name: "title") }
  }
}
