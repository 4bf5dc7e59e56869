import NIOCore
import Testing

@testable import Text

/// Work grows with what is written, not with what is skipped.
struct ManyCuesTests {
  @Test func `a long file is read and cut into segments`() throws {
    var text = ""
    for number in 0..<20_000 {
      let time = CueTime.rendered(Int64(number) * 1000, separator: ",")
      let end = CueTime.rendered(Int64(number) * 1000 + 900, separator: ",")
      text += "\(number)\n\(time) --> \(end)\ncue \(number)\n\n"
    }
    let list = try read(text)
    #expect(list.cues.count == 20_000)
    let index = CueIndex(list)
    var count = 0
    for from in stride(from: Int64(0), to: 20_000_000, by: 4000) {
      count += WebVTTSegment.render(index, from: from, to: from + 4000).utf8.count
      count += WVTT.samples(index, from: from, to: from + 4000).count
    }
    #expect(count > 800_000)
  }

  @Test func `a thousand cues at a time beside many others`() {
    var cues = (0..<1000).map { Cue(start: Int64($0), end: 50_000_000, text: "long") }
    cues += (0..<50_000).map {
      Cue(start: 2000 + Int64($0) * 1000, end: 2900 + Int64($0) * 1000, text: "a")
    }
    let index = CueIndex(CueList(cues: cues))
    #expect(index.numbers(from: 40_000_000, to: 40_006_000).count == 1006)
    var lines = 0
    for from in stride(from: Int64(0), to: 600_000, by: 6000) {
      lines += index.numbers(from: from, to: from + 6000).count
    }
    #expect(lines > 100_000)
    #expect(WVTT.samples(index, from: 40_000_000, to: 40_006_000).count > 10)
  }
}
