import Testing
import Text

struct CueTests {
  @Test func `a cue without settings says so`() {
    #expect(Cue(start: 0, end: 1, text: "a").settings.isEmpty)
  }
}
