import Library
import MediaCore
import NIOCore
import Presentation
import Testing

@testable import Origin

@Suite struct ViewServingTests {
  private let folder: MediaFolder
  private let titles: FakeTitles

  /// A title with pictures of two heights and sound of two languages.
  private static func film(in folder: MediaFolder, label: String = "Deutsch") throws -> ServedTitle
  {
    let plain = try folder.title("film")
    let (video, audio) = (plain.title.tracks[0], plain.title.tracks[1])
    var small = video
    small.index.name = "video-540p"
    small.index.format = .video(
      VideoFormat(
        width: 960, height: 540, sampleAspectRatio: .one, displayWidth: 960, displayHeight: 540,
        frameRate: Rational(25, 1), colour: .unspecified))
    var german = audio
    german.index.name = "audio-de"
    german.index.language = "de"
    german.label = label
    german.isDefault = false
    let title = Title(name: "film", tracks: [video, small, audio, german])
    let files = Dictionary(
      uniqueKeysWithValues: title.tracks.map { track in
        (
          track.index.name,
          plain.tracks[track.index.kind.rawValue]?.file ?? ServedFile(path: "", byteCount: 0)
        )
      })
    return ServedTitle(title, files: files)
  }

  init() throws {
    folder = try MediaFolder()
    titles = FakeTitles([try Self.film(in: folder)])
  }

  @Test func `a view is a document of its own, the same for all who ask for it`() async throws {
    try await withOrigin(titles) { origin in
      for name in ["main.m3u8", "manifest.mpd", "timeline.mpd", "ondemand.mpd"] {
        let whole = try await origin.fetch("/film/\(name)")
        let view = try await origin.fetch("/film/\(name)?max-height=540")
        #expect(view.status == 200 && view.text.contains("video-540p"), "\(name)")
        #expect(view["ETag"] != whole["ETag"], "\(name)")
        #expect(view["Content-Type"] == whole["Content-Type"], "\(name)")
        #expect(view["Cache-Control"] == whole["Cache-Control"], "\(name)")
        let tag = try #require(view["ETag"])
        for query in [
          "max-height=1079", "CMCD=x&max-height=00540", "codecs=mp4a&max-height=540&t=1",
        ] {
          let same = try await origin.fetch("/film/\(name)?\(query)", ["If-None-Match: \(tag)"])
          #expect(same.status == 304, "\(name) \(query)")
        }
        let all = try await origin.fetch("/film/\(name)?max-height=4320&_HLS_skip=YES")
        #expect(all["ETag"] == whole["ETag"], "\(name)")
        let head = try await origin.fetch("/film/\(name)?max-height=540", method: "HEAD")
        #expect(head["ETag"] == tag && head["Content-Length"] == view["Content-Length"], "\(name)")
      }
    }
  }

  @Test func `a filter that cannot be read, and one that leaves nothing, say so`() async throws {
    try await withOrigin(titles) { origin in
      let misspelt = try await origin.fetch("/film/main.m3u8?max_height=540")
      #expect(misspelt.status == 400 && misspelt.text.contains("max-height"))
      let empty = try await origin.fetch("/film/main.m3u8?audio-language=fr")
      #expect(empty.status == 404 && empty.text.contains("none of the title's sounds"))
      // Documents of one track have no filter.
      let media = try await origin.fetch("/film/video-540p.m3u8?max_height=540")
      #expect(media.status == 200)
    }
  }

  @Test func `a view is of the title of now`() async throws {
    try await withOrigin(titles) {
      $0.limits.titleAge = .zero
    } _: { origin in
      let before = try await origin.fetch("/film/main.m3u8?audio-language=de")
      #expect(before.text.contains("Deutsch"))
      titles.publish(try Self.film(in: folder, label: "German"))
      let after = try await origin.fetch("/film/main.m3u8?audio-language=de")
      #expect(after.text.contains("German") && after["ETag"] != before["ETag"])
    }
  }

  @Test func `views that find no room are rendered again`() async throws {
    try await withOrigin(titles) {
      $0.limits.renderedByteCount = 1
    } _: { origin in
      let one = try await origin.fetch("/film/manifest.mpd?max-height=540")
      let two = try await origin.fetch("/film/manifest.mpd?max-height=540")
      #expect(one.status == 200 && one.body == two.body)
    }
  }
}
