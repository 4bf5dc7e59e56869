import NIOCore
import Testing

@testable import Text

struct CueTests {
  @Test func `a cue without settings says so`() {
    #expect(Cue(start: 0, end: 1, text: "a").settings.isEmpty)
  }

  @Test func `an index finds the cues of a time, long ones too`() {
    let cues = [(0, 100), (10, 20), (30, 40), (30, 31), (50, 60)].map {
      Cue(start: $0.0, end: $0.1, text: "a")
    }
    let index = CueIndex(CueList(cues: cues))
    #expect(index.numbers(from: 20, to: 30) == [0])
    #expect(index.numbers(from: 19, to: 31) == [0, 1, 2, 3])
    #expect(index.numbers(from: 60, to: 100) == [0])
    #expect(index.numbers(from: 100, to: 200) == [])
    #expect(index.numbers(from: 5, to: 5) == [])
    #expect(CueIndex(CueList()).numbers(from: 0, to: 10) == [])
  }

  @Test func `an index agrees with looking at each cue`() {
    var state: UInt64 = 7
    func random(_ bound: Int64) -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64(state >> 33) % bound
    }
    let cues = (0..<300).map { _ in
      let start = random(1000)
      return Cue(start: start, end: start + 1 + random(80), text: "a")
    }
    let index = CueIndex(CueList(cues: cues))
    for from in stride(from: Int64(0), to: 1100, by: 37) {
      let expected = index.list.cues.indices.filter {
        index.list.cues[$0].start < from + 50 && index.list.cues[$0].end > from
      }
      #expect(index.numbers(from: from, to: from + 50) == expected, "seed 7, from \(from)")
    }
  }

  @Test func `a shifted list starts no earlier than zero and moves inner times`() {
    let list = CueList(cues: [
      Cue(start: 0, end: 1000, text: "gone"),
      Cue(start: 1000, end: 3000, text: "a<00:02.000>b"),
    ])
    let shifted = list.shifted(by: -1500)
    #expect(shifted.cues == [Cue(start: 0, end: 1500, text: "a<00:00:00.500>b")])
    #expect(list.shifted(by: .max).cues.isEmpty)
  }

  @Test(arguments: [
    ("a", "a"), ("a\n\nb", "a\nb"), ("\na\n", "a"), ("a --> b", "a --&gt; b"),
    ("a ----> b", "a ----&gt; b"), ("a\r\nb\rc", "a\nb\nc"), ("a\u{0}\u{7}b\u{85}c", "abc"),
    ("a\u{2028}b", "a\nb"), ("\u{A8}x¨", "\u{A8}x¨"), ("", ""), ("-->", "--&gt;"),
  ])
  func `text never ends its cue`(text: String, clean: String) {
    #expect(CueText.cleaned(text) == clean)
  }

  @Test func `more cues at a time than are shown are left out, and said`() throws {
    var collector = CueCollector()
    for number in 0..<200 {
      try collector.append(Cue(start: Int64(number), end: 10_000, text: "\(number)"))
    }
    try collector.append(Cue(start: 10_000, end: 10_001, text: "later"))
    let list = collector.finish()
    #expect(list.cues.count == CueCollector.maximumShownCount + 1)
    #expect(list.cues.last?.text == "later")
    #expect(list.notes.first?.hasPrefix("72 cues are left out") == true)
  }

  @Test func `identifiers that begin another block are dropped`() throws {
    var collector = CueCollector()
    for id in ["NOTE x", "STYLE", "a --> b", "a\nb", "", "good"] {
      try collector.append(Cue(start: 0, end: 1, id: id, text: "a"))
    }
    #expect(collector.finish().cues.compactMap(\.id) == ["good"])
  }

  @Test(arguments: [
    "line:0", "line:-1 position:10% align:start", "vertical:rl line:50%,center",
    "region:a size:33.33%", "position:12.5%,line-left align:right",
  ])
  func `settings are written as they are read`(text: String) {
    let settings = CueSettings(text)
    #expect(Set(settings.rendered.split(separator: " ")) == Set(text.split(separator: " ")))
  }

  @Test(arguments: ["line:x", "position:101%", "size:-1%", "align:up", "a:b:c", ":", "line:", "%"])
  func `settings that mean nothing are passed over`(text: String) {
    #expect(CueSettings(text) == CueSettings())
  }
}
