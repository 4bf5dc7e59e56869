import HLS
import Library
import MediaCore
import Presentation
import Testing

@Suite struct VariantTests {
  private static let heights = [2160, 1440, 1080, 720, 360]

  private static func pictures(_ count: Int) -> [TitleTrack] {
    heights.prefix(count).map { height in
      Titles.video(
        "video-\(height)p", height * 16 / 9, height,
        Titles.parts([Int64(height) * 1000], [48048]))
    }
  }

  private static func sound(
    _ name: String, _ codecs: String, language: String = "en", label: String = "English",
    channels: Int = 2, roles: [String] = [], kilobytes: Int64
  ) -> TitleTrack {
    Titles.audio(
      name, language, label, codecs: codecs, channels: channels, roles: roles,
      Titles.parts([kilobytes * 1000], [96096]))
  }

  private func variants(_ tracks: [TitleTrack]) -> [VariantStream] {
    HLSPresentation(Title(name: "t", tracks: tracks), addressing: .segments)
      .multivariantPlaylist().variants
  }

  @Test func `every picture is a variant with every coding family`() {
    let found = variants(
      Self.pictures(5) + [
        Self.sound("a", "mp4a.40.2", kilobytes: 32), Self.sound("b", "ac-3", kilobytes: 96),
        Self.sound("c", "ec-3", kilobytes: 64),
      ])
    #expect(found.count == 15)
    #expect(Set(found.compactMap(\.stableID)).count == 15)
  }

  @Test func `every picture is a variant with each coding and each count of channels`() {
    let title = Title(
      name: "t",
      tracks: Self.pictures(2) + [
        Self.sound("a", "mp4a.40.2", kilobytes: 32),
        Self.sound("b", "mp4a.40.2", channels: 6, kilobytes: 96),
        Self.sound("c", "ec-3", channels: 6, kilobytes: 64),
        Self.sound("d", "mp4a.40.2", language: "de", label: "Deutsch", kilobytes: 32),
      ])
    let main = HLSPresentation(title, addressing: .segments).multivariantPlaylist()
    let groups = ["audio-aac-2ch", "audio-aac-6ch", "audio-eac3"]
    for picture in ["video-2160p.m3u8", "video-1440p.m3u8"] {
      #expect(
        main.variants.filter { $0.uri == picture }.compactMap(\.audio).sorted() == groups)
    }
    let sounds = main.renditions.map {
      "\($0.groupID) \($0.name) \($0.channels ?? "") \($0.uri ?? "")"
    }
    #expect(
      sounds == [
        "audio-aac-2ch English 2 a.m3u8", "audio-aac-2ch Deutsch 2 d.m3u8",
        "audio-aac-6ch English 6 b.m3u8", "audio-aac-6ch Deutsch 2 d.m3u8",
        "audio-eac3 English 6 c.m3u8", "audio-eac3 Deutsch 2 d.m3u8",
      ])
  }

  @Test func `sounds that differ in more than their channels share a group`() {
    let found = variants(
      Self.pictures(1) + [
        Self.sound("a", "mp4a.40.2", channels: 6, kilobytes: 96),
        Self.sound("b", "mp4a.40.2", label: "Talk", roles: ["commentary"], kilobytes: 32),
      ])
    #expect(found.compactMap(\.audio) == ["audio-aac"])
  }

  @Test func `bit rates of one sound are tied to the pictures they suit`() {
    let found = variants(
      Self.pictures(4) + [
        Self.sound("low", "mp4a.40.2", kilobytes: 16),
        Self.sound("high", "mp4a.40.2", kilobytes: 48),
        Self.sound("dolby", "ec-3", kilobytes: 96),
      ])
    let pairs = Set(found.filter { $0.audio != "audio-eac3" }.map { "\($0.uri) \($0.audio ?? "")" })
    #expect(
      pairs == [
        "video-2160p.m3u8 audio-aac-1", "video-1440p.m3u8 audio-aac-1",
        "video-1080p.m3u8 audio-aac-2", "video-720p.m3u8 audio-aac-2",
      ])
    #expect(found.count == 8)
  }

  @Test func `fewer pictures than bit rates go with all of them`() {
    let found = variants(
      Self.pictures(1) + [
        Self.sound("low", "mp4a.40.2", kilobytes: 16),
        Self.sound("high", "mp4a.40.2", kilobytes: 48),
      ])
    #expect(Set(found.compactMap(\.audio)) == ["audio-aac-1", "audio-aac-2"])
  }

  @Test func `the order does not depend on the order of the tracks' bit rates`() {
    let sounds = (1...6).map { Self.sound("a\($0)", "mp4a.40.2", kilobytes: Int64($0) * 8) }
    let one = variants(Self.pictures(5) + sounds)
    for _ in 0..<5 { #expect(variants(Self.pictures(5) + sounds) == one) }
  }
}
