import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite struct WebVTTIndexTests {
  private func lengths(_ text: String) -> [Int64] {
    WebVTTIndex.segments(in: ByteBuffer(string: text)).map(\.count)
  }

  @Test(
    arguments: [
      ("WEBVTT\n\n", [8]),
      ("WEBVTT\n\nWEBVTT\n\n", [8, 8]),
      ("WEBVTT\n\n00:00.000 --> 00:01.000\nWEBVTT\n\nWEBVTT\n\n", [40, 8]),
      ("WEBVTT - title\n\nWEBVTT\tmore\n\n", [16, 13]),
      // A line that only begins with the word, and one in the middle of a cue, part nothing.
      ("WEBVTT\n\nWEBVTTX\n00:00.000 --> 00:01.000\na\nWEBVTT\nb\n\n", [52]),
      ("", []), ("NOTE\n\nWEBVTT\n", [7]),
    ] as [(String, [Int64])])
  func `segments begin at each signature behind an empty line`(text: String, counts: [Int64]) {
    #expect(lengths(text) == counts)
  }

  @Test func `segments follow each other to the file's end`() {
    let text = (0..<50).map { "WEBVTT\n\n\($0)\n00:00.000 --> 00:01.000\ntext\n\n" }.joined()
    let segments = WebVTTIndex.segments(in: ByteBuffer(string: text))
    #expect(segments.count == 50)
    #expect(segments.first?.offset == 0)
    #expect(zip(segments, segments.dropFirst()).allSatisfy { $0.end == $1.offset })
    #expect(segments.last?.end == Int64(text.utf8.count))
  }

  // MARK: In a title

  /// A title of a video track and of subtitles in as many segments.
  private func title(_ webVTT: String?, digest: String? = "00112233445566778899") throws
    -> TemporaryFolder
  {
    let folder = try TemporaryFolder()
    _ = try folder.write(TrackFiles.video(segments: 3).readableBytesView, to: "video.mp4")
    _ = try folder.write(TrackFiles.webVTT(segments: 3).readableBytesView, to: "text-de.mp4")
    if let webVTT { _ = try folder.write(webVTT.utf8, to: "text-de.vtt") }
    var tracks = ["video", "text-de"].map {
      TitleDescription.Track(
        name: $0, digest: "0123456789abcdef", language: "de", label: "Deutsch",
        roles: ["subtitle"], isDefault: false, frameRate: nil)
    }
    tracks[0].captions = [CaptionService(channel: "CC1", language: "en")]
    tracks[1].webVTT = digest
    _ = try folder.write(TitleDescription(tracks: tracks).json, to: TitleDescription.fileName)
    return folder
  }

  @Test func `a title is opened with its WebVTT file`() throws {
    let folder = try title(String(repeating: "WEBVTT\n\n", count: 3))
    let stored = try TitleStore.open(folder: folder.path, name: "title")
    let text = try #require(stored.title[track: "text-de"])
    #expect(text.index.kind == .text)
    #expect(text.index.format == .text(.webVTT))
    #expect(text.index.codecs == "wvtt")
    #expect(text.webVTT?.version == "0011223344")
    #expect(text.webVTT?.segments.map(\.offset) == [0, 8, 16])
    #expect(stored.webVTTFiles.keys.sorted() == ["text-de"])
    #expect(
      stored.title[track: "video"]?.captions == [CaptionService(channel: "CC1", language: "en")])
  }

  @Test func `subtitles without a WebVTT file are a track as others`() throws {
    let folder = try title(nil, digest: nil)
    let stored = try TitleStore.open(folder: folder.path, name: "title")
    #expect(stored.title[track: "text-de"]?.webVTT == nil)
    #expect(stored.webVTTFiles.isEmpty)
  }

  @Test(arguments: [
    nil, "", "WEBVTT\n\n", "NOTE\n\nWEBVTT\n\nWEBVTT\n\nWEBVTT\n\n",
    "WEBVTT\n\nWEBVTT\n\nWEBVTT\n\nWEBVTT\n\n",
  ])
  func `a WebVTT file that does not go with its track is refused`(text: String?) throws {
    let folder = try title(text)
    let error = #expect(throws: LibraryError.self) {
      try TitleStore.open(folder: folder.path, name: "title")
    }
    #expect(error?.message.contains("text-de.vtt") == true)
  }

  @Test func `track files of others that hold subtitles stand behind sound`() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(TrackFiles.webVTT(segments: 2).readableBytesView, to: "a.mp4")
    _ = try folder.write(TrackFiles.ttml(segments: 2).readableBytesView, to: "b.mp4")
    _ = try folder.write(TrackFiles.audio().readableBytesView, to: "c.mp4")
    _ = try folder.write(TrackFiles.video().readableBytesView, to: "d.mp4")
    let title = try TitleStore.open(folder: folder.path, name: "title").title
    #expect(title.tracks.map(\.index.name) == ["d", "c", "a", "b"])
    #expect(title.tracks.map(\.index.codecs).suffix(2) == ["wvtt", "stpp.ttml.im1t"])
    #expect(title.tracks.map(\.roles).suffix(2) == [["subtitle"], ["subtitle"]])
    #expect(title.tracks.suffix(2).allSatisfy { !$0.isDefault })
  }

  @Test(
    arguments: [
      ("CC1", nil), ("CC4", nil), ("SERVICE1", 1), ("SERVICE63", 63),
    ] as [(String, Int?)])
  func `caption channels have the names of the standard`(channel: String, number: Int?) {
    let service = CaptionService(channel: channel, language: "en")
    #expect(service.isValid)
    #expect(service.serviceNumber == number)
  }

  @Test(arguments: ["", "CC0", "CC5", "cc1", "SERVICE0", "SERVICE64", "SERVICE01", "SERVICE"])
  func `other names of caption channels are refused`(channel: String) throws {
    #expect(!CaptionService(channel: channel, language: "en").isValid)
    var track = TitleDescription.Track(
      name: "video", digest: "0123456789abcdef", language: "und", label: "", roles: [],
      isDefault: true, frameRate: nil)
    track.captions = [CaptionService(channel: channel, language: "en")]
    let json = try TitleDescription(tracks: [track]).json
    let error = #expect(throws: LibraryError.self) {
      try TitleDescription(json: json, path: "title.json")
    }
    #expect(error?.code == .damaged)
  }
}
