import Compression
import FileIO
import Foundation
import Library
import MediaCore
import NIOCore
import Testing

@testable import Origin

@Suite struct WebVTTServingTests {
  private static let segments = [
    "WEBVTT\n\n", "WEBVTT\n\n00:00:02.000 --> 00:00:03.000\n字幕\n\n", "WEBVTT\n\n",
  ]
  private static let immutable = "public, max-age=31536000, immutable"

  /// A title with one text track.
  private func title(in folder: MediaFolder, byteCount: Int64? = nil) throws -> ServedTitle {
    var title = try folder.title("film").title
    var index = title.tracks[1].index
    index.name = "text-de"
    index.format = .text(.webVTT)
    var track = TitleTrack(
      index: index, label: "Deutsch", roles: ["subtitle"], isDefault: false)
    var at: Int64 = 0
    let ranges = Self.segments.map { text in
      defer { at += Int64(text.utf8.count) }
      return ByteRange(offset: at, count: Int64(text.utf8.count))
    }
    track.webVTT = WebVTTIndex(version: "beef02", byteCount: at, segments: ranges)
    title.tracks.append(track)
    let path = "\(folder.path)/text-de.vtt"
    try Data(Self.segments.joined().utf8).write(to: URL(fileURLWithPath: path))
    return ServedTitle(
      title: title, documents: [:], files: [:],
      webVTTFiles: ["text-de": ServedFile(path: path, byteCount: byteCount ?? at)])
  }

  @Test func `segments and the whole file have their type and cache policy`() async throws {
    let folder = try MediaFolder()
    let titles = FakeTitles([try title(in: folder)])
    try await withOrigin(titles) { origin in
      for (number, text) in Self.segments.enumerated() {
        let reply = try await origin.fetch("/film/text-de/beef02/\(number + 1).vtt")
        #expect(reply.status == 200)
        #expect(reply["Content-Type"] == "text/vtt; charset=utf-8")
        #expect(reply["Cache-Control"] == Self.immutable)
        #expect(reply["Access-Control-Allow-Origin"] == "*")
        #expect(reply.body == Array(text.utf8))
        let again = try await origin.fetch(
          "/film/text-de/beef02/\(number + 1).vtt", ["If-None-Match: \(reply["ETag"] ?? "")"])
        #expect(again.status == 304)
      }
      let whole = try await origin.fetch("/film/text-de.vtt")
      #expect(whole.status == 200)
      #expect(whole["Content-Type"] == "text/vtt; charset=utf-8")
      #expect(whole["Cache-Control"] == "public, max-age=60")
      #expect(whole.body == Array(Self.segments.joined().utf8))
      let part = try await origin.fetch("/film/text-de/beef02/2.vtt", ["Range: bytes=0-5"])
      #expect(part.status == 206)
      #expect(part.body == Array("WEBVTT".utf8))
    }
  }

  @Test func `what is long enough is sent in the coding that the client wants`() async throws {
    let folder = try MediaFolder()
    var title = try title(in: folder)
    let path = "\(folder.path)/text-de.vtt"
    let cues = (0..<100).map {
      "00:\($0 / 60 + 10):\($0 % 60 + 10).000 --> 01:00:00.000\n字幕 \($0)\n\n"
    }
    let texts = [Self.segments[0], "WEBVTT\n\n" + cues.joined()]
    let counts = texts.map { Int64($0.utf8.count) }
    try Data(texts.joined().utf8).write(to: URL(fileURLWithPath: path))
    var track = try #require(title.title.tracks.last)
    track.webVTT = WebVTTIndex(
      version: "beef03", byteCount: counts[0] + counts[1],
      segments: [
        ByteRange(offset: 0, count: counts[0]), ByteRange(offset: counts[0], count: counts[1]),
      ])
    var changed = title.title
    changed.tracks[changed.tracks.count - 1] = track
    title = ServedTitle(
      title: changed, documents: [:],
      webVTTFiles: [
        "text-de": ServedFile(
          path: path, byteCount: counts[0] + counts[1],
          identity: try ReadableFile(path: path).stamp)
      ])
    try await withOrigin(FakeTitles([title])) { origin in
      for (target, text) in [
        ("/film/text-de/beef03/2.vtt", texts[1]), ("/film/text-de.vtt", texts.joined()),
      ] {
        let plain = try await origin.fetch(target)
        #expect(plain.body == Array(text.utf8))
        #expect(plain["Vary"] == "Accept-Encoding")
        #expect(plain["Content-Encoding"] == nil)
        let coded = CodedBytes.all(of: ByteBuffer(string: text))
        #expect(coded.count == 2)
        for one in coded {
          // The second is remembered.
          for _ in 0..<2 {
            let reply = try await origin.fetch(target, ["Accept-Encoding: \(one.coding.rawValue)"])
            #expect(reply["Content-Encoding"] == one.coding.rawValue)
            #expect(reply["Vary"] == "Accept-Encoding")
            #expect(reply["ETag"] == one.entityTag.description)
            #expect(reply.body == Array(one.bytes.readableBytesView))
          }
        }
      }
      let short = try await origin.fetch(
        "/film/text-de/beef03/1.vtt", ["Accept-Encoding: gzip, br"])
      #expect(short.body == Array(texts[0].utf8) && short["Content-Encoding"] == nil)
    }
  }

  @Test(arguments: [
    "/film/text-de/beef02/4.vtt", "/film/text-de/cafe01/1.vtt", "/film/video/cafe01/1.vtt",
    "/film/video.vtt", "/film/text-fr.vtt", "/other/text-de.vtt",
  ])
  func `what is not there is not found`(target: String) async throws {
    let folder = try MediaFolder()
    let titles = FakeTitles([try title(in: folder)])
    try await withOrigin(titles) { origin in
      let reply = try await origin.fetch(target)
      #expect(reply.status == 404)
    }
  }
}
