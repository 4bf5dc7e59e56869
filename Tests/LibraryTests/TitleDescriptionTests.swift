import Foundation
import Library
import MediaCore
import Testing

@Suite struct TitleDescriptionTests {
  private static func track(_ name: String = "video-1080p") -> TitleDescription.Track {
    TitleDescription.Track(
      name: name, digest: "0123456789abcdef", language: "und", label: "1080p", roles: ["main"],
      isDefault: true, frameRate: "24000/1001")
  }

  @Test func `what is written is read again, byte for byte the same`() throws {
    var sound = Self.track("audio-en")
    sound.frameRate = nil
    sound.label = "Commentary / \"原聲\""
    sound.roles = []
    let description = TitleDescription(tracks: [Self.track(), sound])
    let json = try description.json
    let read = try TitleDescription(json: json, path: "title.json")
    #expect(read == description)
    #expect(try read.json == json)
    #expect(json.last == 0x0a)
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "{\"format\":1}", "{\"format\":\"1\",\"tracks\":[]}",
    "{\"format\":1,\"tracks\":[]}", "{\"format\":1,\"tracks\":[{}]}", "\u{0}",
  ])
  func `what is no description is refused with its path`(_ json: String) {
    let error = #expect(throws: LibraryError.self) {
      try TitleDescription(json: Data(json.utf8), path: "some/title.json")
    }
    #expect(error?.message.contains("some/title.json") == true)
  }

  @Test func `another format is refused`() throws {
    var description = TitleDescription(tracks: [Self.track()])
    description.format = 2
    let json = try description.json
    let error = #expect(throws: LibraryError.self) { try TitleDescription(json: json, path: "x") }
    #expect(error?.code == .damaged)
  }

  @Test(arguments: [
    "", "..", ".hidden", "a/b", "../x", "a b", "a\u{0}", "é", "a%2f", "a?b",
    String(repeating: "a", count: 65),
  ])
  func `a track name that is no part of a path and a URL is refused`(_ name: String) throws {
    #expect(!TrackName.isValid(name))
    let json = try TitleDescription(tracks: [Self.track(name)]).json
    #expect(throws: LibraryError.self) { try TitleDescription(json: json, path: "x") }
  }

  @Test(arguments: ["a", "video-2160p", "audio_en.2", "0", String(repeating: "a", count: 64)])
  func `a plain track name is taken`(_ name: String) {
    #expect(TrackName.isValid(name))
  }

  @Test func `two tracks of one name, and too many, are refused`() throws {
    let twice = try TitleDescription(tracks: [Self.track(), Self.track()]).json
    #expect(throws: LibraryError.self) { try TitleDescription(json: twice, path: "x") }
    let most = (0..<TitleDescription.maximumTrackCount).map { Self.track("t\($0)") }
    let full = try TitleDescription(tracks: most).json
    #expect(try TitleDescription(json: full, path: "x").tracks.count == most.count)
    let many = try TitleDescription(tracks: most + [Self.track()]).json
    let error = #expect(throws: LibraryError.self) { try TitleDescription(json: many, path: "x") }
    #expect(error?.code == .limit)
  }

  @Test(
    arguments: [
      ("25", Rational(25, 1)), ("24000/1001", Rational(24000, 1001)), ("50/2", Rational(25, 1)),
      ("", nil), ("0", nil), ("-25", nil), ("25/0", nil), ("1/2/3", nil), ("25.0", nil), ("/", nil),
      ("25/", nil), (" 25", nil), ("9223372036854775808", nil),
    ] as [(String, Rational?)])
  func `frame rates are read as they are written`(_ text: String, _ rate: Rational?) {
    #expect(Rational(text: text) == rate)
  }
}

@Suite struct LanguageTagTests {
  @Test(arguments: [
    ("eng", "en"), ("en", "en"), ("ger", "de"), ("deu", "de"), ("fre", "fr"), ("chi", "zh"),
    ("zho", "zh"), ("cze", "cs"), ("EN", "en"), ("en-US", "en-US"), ("zh_Hant", "zh-Hant"),
    ("yue", "yue"), ("und", "und"), ("", "und"), ("e", "und"), ("english", "und"),
    ("en-", "en"), ("-", "und"), ("e n", "und"), ("\u{e9}n", "und"), ("en\n", "und"),
    ("en-toolongsubtag", "und"), ("en\"x", "und"),
  ])
  func `container codes become tags`(_ code: String, _ tag: String) {
    #expect(LanguageTag.bcp47(code) == tag)
  }

  @Test(arguments: [
    ("en", "eng"), ("de", "deu"), ("zh", "zho"), ("en-US", "eng"), ("yue", "yue"), ("ger", "deu"),
    ("und", "und"), ("", "und"), ("x", "und"),
  ])
  func `tags become the three letters of a box`(_ tag: String, _ code: String) {
    #expect(LanguageTag.iso639(tag) == code)
  }

  @Test func `languages name themselves`() {
    #expect(LanguageTag.ownName("en") == "English")
    #expect(LanguageTag.ownName("de") == "Deutsch")
    #expect(LanguageTag.ownName("und") == nil)
  }
}

@Suite struct TrackDigestTests {
  @Test(
    arguments: [(0, "0000000000000000"), (0xabc, "0000000000000abc"), (.max, "ffffffffffffffff")]
      as [(UInt64, String)])
  func `digests are sixteen digits`(_ value: UInt64, _ text: String) {
    #expect(TrackDigest.text(value) == text)
  }
}
