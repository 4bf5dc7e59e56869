import MediaCore
import Testing

@Suite struct SampleStatisticsTests {
  private func track(
    _ times: [Int64], ticks: UInt32, access: [RandomAccess]? = nil, lastDuration: Int64 = 0
  ) -> SourceTrack {
    var table = SampleTable()
    for (index, time) in times.enumerated() {
      table.append(
        presentationTime: time, size: 1000,
        randomAccess: access?[index] ?? (index == 0 ? .closed : .none))
    }
    table.lastDuration = lastDuration
    return SourceTrack(
      number: 0, kind: .video, coding: .unsupported("test"), timescale: Timescale(literal: ticks),
      samples: table, presentationStart: times.min() ?? 0)
  }

  @Test func `reordered samples at one distance have an exact rate`() {
    let track = track([0, 3003, 1001, 2002], ticks: 24000, lastDuration: 1001)
    let statistics = SampleStatistics(track)
    #expect(statistics.frameRate == Rational(24000, 1001))
    #expect(statistics.isConstantRate)
    #expect(statistics.duration == MediaTime(4004, Timescale(literal: 24000)))
    #expect(statistics.byteCount == 4000)
    #expect(statistics.bitsPerSecond == 191_808)
  }

  @Test func `times rounded to milliseconds take the rate that the container says`() {
    var track = track([0, 42, 83, 125, 167], ticks: 1000, lastDuration: 42)
    #expect(SampleStatistics(track).isConstantRate)
    track.frameRateHint = Rational(24000, 1001)
    #expect(SampleStatistics(track).frameRate == Rational(24000, 1001))
    track.frameRateHint = Rational(25, 1)
    #expect(SampleStatistics(track).frameRate == Rational(4000, 167))
  }

  @Test func `uneven distances give the mean`() {
    let statistics = SampleStatistics(track([0, 10, 100], ticks: 100, lastDuration: 10))
    #expect(statistics.frameRate == Rational(2, 1))
    #expect(!statistics.isConstantRate)
  }

  @Test func `the longest distance reaches to the end`() {
    let access: [RandomAccess] = [.closed, .none, .open, .none, .none]
    let statistics = SampleStatistics(
      track([0, 1, 2, 3, 4], ticks: 1, access: access, lastDuration: 1))
    #expect(statistics.closedCount == 1)
    #expect(statistics.openCount == 1)
    #expect(statistics.longestDistance?.value == 3)
  }

  @Test func `an edit bounds what is presented`() {
    var track = track([0, 1, 2, 3, 4], ticks: 1, lastDuration: 1)
    track.presentationStart = 1
    track.presentationEnd = 4
    let statistics = SampleStatistics(track)
    #expect(statistics.start.value == 1)
    #expect(statistics.duration.value == 3)
  }

  @Test func `no samples and impossible times trap nothing`() {
    let empty = SampleStatistics(track([], ticks: 1))
    #expect(empty.duration.value == 0)
    #expect(empty.frameRate == nil)
    #expect(empty.longestDistance == nil)
    let wild = SampleStatistics(track([.min, 0, .max], ticks: .max, lastDuration: .max))
    #expect(wild.sampleCount == 3)
    #expect(SampleStatistics(track([5, 5], ticks: 1)).frameRate == nil)
  }
}

@Suite struct TextTests {
  @Test func `a plot has a bar for each value, the highest whole`() {
    #expect(Sparkline([0, 1, 2, 4, 8]).description == "▁▂▃▅█")
    #expect(Sparkline([]).description == "")
    #expect(Sparkline([0, 0]).description == "▁▁")
    #expect(Sparkline([-5, .max]).description == "▁█")
  }

  @Test func `more values than bars share them`() {
    let plot = Sparkline(Array(0..<1000), limit: 8)
    #expect(plot.description == "▁▂▃▄▅▆▇█")
    var peaks = [Int64](repeating: 1, count: 1000)
    peaks[500] = 8
    #expect(Sparkline(peaks, limit: 10).description == "▂▂▂▂▂█▂▂▂▂")
  }

  @Test func `text from a file cannot move the cursor`() {
    #expect(SafeText.quoted("English") == "\"English\"")
    #expect(SafeText.quoted("a\u{1b}[2J\"b\u{202e}\n") == "\"a?[2J?b??\"")
    #expect(SafeText.quoted(String(repeating: "x", count: 999)).count == 66)
  }
}
