import MediaCore
import NIOCore
import Testing

@testable import Packaging

@Suite struct SoundTwinTests {
  private static let ac3 = SampleCoding.ac3(ByteBuffer())

  private func sound(
    _ number: Int, _ language: String, _ coding: SampleCoding? = nil, roles: [String] = []
  ) -> SourceTrack {
    var track = SyntheticSource.audio(number: number, count: 1, language: language)
    if let coding { track.coding = coding }
    track.roles = roles
    return track
  }

  private func wanted(_ sources: [[SourceTrack]]) -> [Set<Int>] {
    SoundTwins.wanted(in: sources.map { SyntheticSource($0) })
  }

  @Test func `a language that there is in another coding alone gets a twin`() {
    #expect(wanted([[sound(1, "eng"), sound(2, "fra", Self.ac3)]]) == [[2]])
  }

  @Test func `a language that is in AAC somewhere gets none, whatever the spelling of its tag`() {
    #expect(wanted([[sound(1, "eng"), sound(2, "en", Self.ac3)]]) == [[]])
    #expect(wanted([[sound(1, "fra", Self.ac3)], [sound(0, "fre")]]) == [[], []])
  }

  @Test func `a role of its own is a sound of its own, and one of two alike gets the twin`() {
    let talk = sound(2, "eng", Self.ac3, roles: ["commentary"])
    #expect(wanted([[sound(1, "eng"), talk, sound(3, "fra", Self.ac3)]]) == [[2, 3]])
    #expect(
      wanted([
        [sound(1, "eng"), sound(2, "fra", Self.ac3), sound(3, "fra", .opus(ByteBuffer()))]
      ]) == [[2]])
  }

  @Test func `without AAC nothing is encoded, and what is not packaged gets no twin`() {
    #expect(wanted([[sound(1, "eng", Self.ac3), sound(2, "fra", .opus(ByteBuffer()))]]) == [[]])
    #expect(wanted([[sound(1, "eng"), sound(2, "fra", .unsupported("AC-4"))]]) == [[]])
  }
}
