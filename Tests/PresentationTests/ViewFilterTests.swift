import DASH
import HLS
import Library
import MediaCore
import Testing

@testable import Presentation

@Suite struct ViewFilterTests {
  private let documents = TitleDocuments(Titles.drama, addressing: .segments)

  private func names(_ query: String) throws -> [String]? {
    try documents.trackNames(ViewFilter(query: query))
  }

  private static let pictures = ["video-2160p", "video-1080p", "video-1080p-sdr", "video-540p-sdr"]
  private static let sounds = ["audio-de", "audio-en", "audio-en-commentary"]

  private static let passing: [(query: String, names: [String]?)] = [
    ("max-height=1080", Array(pictures[1...]) + sounds),
    ("min-height=1080&max-height=1080", Array(pictures[1...2]) + sounds),
    ("range=SDR", Array(pictures[2...]) + sounds),
    ("range=pq", Array(pictures[..<2]) + sounds),
    ("codecs=avc1", Array(pictures[2...]) + sounds),
    ("codecs=avc1.64001f,mp4a", [pictures[3]] + sounds),
    ("codecs=hvc1.2.4,avc1.6400", nil), ("codecs=mp4a.40.2", nil), ("codecs=avc1%2Chvc1", nil),
    ("max-bandwidth=3000000", [pictures[3]] + sounds),
    ("min-bandwidth=5000000&range=PQ", Array(pictures[..<2]) + sounds),
    ("audio-language=de", pictures + ["audio-de"]),
    ("audio-language=EN", pictures + ["audio-en", "audio-en-commentary"]),
    ("max-frame-rate=23.98", nil), ("max-channels=2", nil), ("text-language=fr", nil),
    ("", nil), ("&&", nil), ("_HLS_skip=YES&CMCD=bl%3D21300&token=a=b", nil),
  ]

  @Test(arguments: passing)
  func `a filter leaves what passes it`(query: String, expected: [String]?) throws {
    #expect(try names(query) == expected)
  }

  private static let refused: [(query: String, reason: String)] = [
    ("max-height=", "max-height wants a whole number"), ("max-height", "whole number"),
    ("max-height=-1", "whole number"), ("max-height=1080p", "whole number"),
    ("max-height=1234567890123", "12 digits"), ("max-frame-rate=fast", "29.97"),
    ("max-frame-rate=0", "29.97"), ("max-frame-rate=1e9", "29.97"), ("range=HDR", "SDR, PQ or HLG"),
    ("codecs=", "sample entries"), ("codecs=h264", "sample entries"), ("codecs=avc1,,", "sample"),
    ("audio-language=", "languages"), ("audio-language=*", "languages"),
    ("audio-language=%ff", "languages"), ("audio-language=%4", "languages"),
    ("audio-language=\(Array(repeating: "de", count: 33).joined(separator: ","))", "languages"),
    ("max-height=720&max-height=1080", "stands there twice"),
    ("maxHeight=720", "max-height is one"),
    ("max_height=720", "max-height is one"), ("max-hieght=720", "max-height is one"),
    ("codec=avc1", "codecs is one"), ("ranges=SDR", "range is one"),
    ("audio-langauge=de", "audio-language is one"), ("max-bandwith=1", "max-bandwidth is one"),
  ]

  @Test(arguments: refused)
  func `what cannot be meant is told`(query: String, expected: String) {
    #expect {
      try ViewFilter(query: query)
    } throws: { error in
      (error as? ViewError)?.code == .malformed && "\(error)".contains(expected)
    }
  }

  private static let emptying: [(query: String, reason: String)] = [
    ("max-height=100", "none of the title's pictures: video-2160p, "),
    ("range=HLG", "title's pictures"),
    ("audio-language=fr", "none of the title's sounds: audio-de, "),
    ("codecs=ec-3", "title's sounds"), ("max-bandwidth=1", "title's pictures"),
    ("max-channels=1", "title's sounds"),
  ]

  @Test(arguments: emptying)
  func `nothing to play is an error with a reason`(query: String, expected: String) {
    #expect {
      try names(query)
    } throws: { error in
      (error as? ViewError)?.code == .empty && "\(error)".contains(expected)
    }
  }

  @Test func `what a view says of a rendition is what the whole says of it`() throws {
    let whole = HLSPresentation(Titles.drama, addressing: .segments).multivariantPlaylist()
    let names = try #require(try names("max-height=1080&audio-language=en"))
    let title = Titles.drama.keeping(Set(names))
    let view = HLSPresentation(
      title, addressing: .segments, rates: DeclaredRates(measuring: Titles.drama)
    ).multivariantPlaylist()
    #expect(view.variants.count == 3)
    for variant in view.variants {
      let twin = try #require(whole.variants.first { $0.uri == variant.uri })
      // The heaviest sound is gone.
      #expect(variant.bandwidth <= twin.bandwidth)
      #expect(variant.codecs == twin.codecs && variant.audio == twin.audio)
    }
    // The default was German: the first that is left is taken instead.
    #expect(view.renditions.map(\.isDefault) == [true, false])
    #expect(view.renditions.first?.language == "en")
    let text = try #require(documents.document(named: "main.m3u8", tracks: names))
    #expect(text == view.render())
    for name in ["manifest.mpd", "timeline.mpd", "ondemand.mpd"] {
      let mpd = try #require(documents.document(named: name, tracks: names))
      let all = try #require(documents.document(named: name))
      #expect(!mpd.contains("2160") && !mpd.contains("lang=\"de\""), "\(name)")
      for line in mpd.split(separator: "\n") where line.contains("<Representation") {
        #expect(all.contains(line), "\(name)")
      }
    }
  }

  @Test func `a rate that depends on other tracks stays`() throws {
    // One track has long segments: the target duration is the title's, not the view's.
    let long = Titles.video("long", 640, 360, Titles.parts([900_000], [240_240]))
    let short = Titles.video(
      "short", 320, 180, Titles.parts([100_000, 900_000, 100_000, 100_000], Titles.filmTicks))
    let title = Title(name: "t", tracks: [long, short])
    let documents = TitleDocuments(title, addressing: .segments)
    let view = try #require(documents.document(named: "main.m3u8", tracks: ["short"]))
    let whole = try #require(documents.document(named: "main.m3u8"))
    let attribute = "BANDWIDTH=\(DeclaredRates(measuring: title).playlists["short"]?.peak ?? 0)"
    #expect(view.contains(attribute) && whole.contains(attribute))
  }

  @Test func `trick tracks obey what a device can do, and do not stand in for pictures`() throws {
    var trick = Titles.video(
      "trick-360p", 640, 360, codecs: "avc1.64001e", colour: Titles.bt709,
      Titles.parts([1000], [48048]))
    trick.roles = [TitleTrack.trickRole]
    var title = Titles.drama
    title.tracks.append(trick)
    let documents = TitleDocuments(title, addressing: .segments)
    func keeps(_ query: String) throws -> Bool {
      try documents.trackNames(ViewFilter(query: query))?.contains("trick-360p") ?? true
    }
    #expect(try keeps("min-height=2160") && keeps("codecs=avc1") && keeps("min-bandwidth=5000000"))
    #expect(try !keeps("codecs=hvc1") && !keeps("range=PQ"))
    #expect(throws: ViewError.self) { try keeps("max-height=360") }
  }
}
