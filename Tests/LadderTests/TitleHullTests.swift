import Codecs
import Ladder
import MediaCore
import Testing

@Suite struct `Rungs chosen by trial` {
  private func curve(_ points: [(Double, Double)]) throws -> RateQuality {
    try #require(
      RateQuality(points.map { RateQuality.Point(bitsPerSecond: $0.0, quality: $0.1) }))
  }

  @Test func `quality rises with the rate, and ends at what was tried`() throws {
    let curve = try curve([(4_000_000, 16), (1_000_000, 12), (2_000_000, 14)])
    #expect(curve.quality(at: 1_000_000) == 12)
    #expect(curve.quality(at: 2_000_000) == 14)
    #expect(curve.quality(at: 9_000_000) == 16)
    #expect(curve.quality(at: 3_000_000) > 14 && curve.quality(at: 3_000_000) < 16)
    #expect(curve.quality(at: 500_000) < 12)
  }

  @Test func `each rate goes to the size that looks best at it`() throws {
    let averages = TitleHull.averages(
      [6_000_000, 3_000_000, 1_000_000],
      curves: [
        try curve([(2_000_000, 11), (4_000_000, 14), (8_000_000, 17)]),
        try curve([(1_000_000, 10), (2_000_000, 12), (4_000_000, 13)]),
        try curve([(300_000, 7), (600_000, 9), (1_200_000, 9.5)]),
      ])
    #expect(averages[0] == 6_000_000)
    #expect(averages[1].map { (1_000_000...3_000_000).contains($0) } == true)
    #expect(averages[2].map { (400_000...1_000_000).contains($0) } == true)
  }

  @Test func `plain pictures get less, and sizes that are best nowhere nothing`() throws {
    let averages = TitleHull.averages(
      [6_000_000, 3_000_000, 600_000],
      curves: [
        try curve([(100_000, 18), (200_000, 20), (400_000, 22)]),
        try curve([(90_000, 14), (150_000, 15), (300_000, 16)]),
        try curve([(60_000, 10), (100_000, 11), (150_000, 12)]),
      ])
    #expect(averages == [400_000, nil, nil])
  }

  @Test func `gaps of more than twice the rate are filled with what looks best there`() throws {
    // The largest size is best at all rates: it alone would be chosen.
    let curves = try [20.0, 18, 17.5, 16, 12].map { best in
      try curve([(100_000, best - 8), (1_000_000, best - 3), (8_000_000, best)])
    }
    let averages: [Int64] = [8_000_000, 4_000_000, 2_000_000, 1_000_000, 500_000]
    let chosen = TitleHull.averages(averages, curves: curves)
    #expect(chosen.allSatisfy { $0 != nil })
    let rates = chosen.compactMap { $0 }
    #expect(rates.first == 8_000_000 && rates.last == 500_000)
    for (high, low) in zip(rates, rates.dropFirst()) {
      #expect(high > low && Double(high) <= Double(low) * 2.2)
    }
    #expect(TitleHull.averages(averages, curves: curves) == chosen)
  }

  @Test func `where no size lies in a gap, smaller ones move up`() throws {
    // The largest size is best down to a half megabit.
    let chosen = TitleHull.averages(
      [12_000_000, 7_000_000, 5_000_000, 3_000_000, 300_000],
      curves: [
        try curve([(400_000, 10), (4_000_000, 20)]),
        try curve([(300_000, 11), (1_000_000, 12), (3_000_000, 13)]),
        try curve([(200_000, 8), (1_000_000, 10), (2_000_000, 11)]),
        try curve([(200_000, 8), (1_000_000, 9), (2_000_000, 10)]),
        try curve([(200_000, 7), (1_000_000, 8), (2_000_000, 9)]),
      ])
    let rates = chosen.compactMap { $0 }
    #expect(rates.count >= 4 && rates.first == 4_000_000 && chosen[1] == 2_000_000)
    #expect((rates.last ?? .max) <= 600_000)
    for (high, low) in zip(rates, rates.dropFirst()) {
      #expect(high > low && Double(high) <= Double(low) * 2.2)
    }
  }

  @Test func `of more sizes than a gap needs those that look best are taken`() throws {
    let curves = try [20.0, 10, 18, 9, 12].map { best in
      try curve([(100_000, best - 8), (1_000_000, best - 3), (2_000_000, best)])
    }
    let chosen = TitleHull.averages(
      [2_000_000, 1_900_000, 1_800_000, 1_700_000, 600_000], curves: curves)
    #expect(chosen.map { $0 != nil } == [true, false, true, false, true])
  }

  @Test func `what is chosen holds for all codecs`() throws {
    let source = SourcePicture(
      width: 1920, height: 1080, frameRate: Rational(literal: 25, 1), colour: .bt709)
    let suited = try Ladder.hd.suited(to: source, codecs: [.hevc, .h264])
    #expect(suited.tried.rungs.count == 5)
    let refined = suited.refined([2_100_000, nil, 575_000, nil, 190_000])
    #expect(
      refined.rungs.map(\.name) == [
        "1080p-hevc", "540p-hevc", "360p-hevc", "1080p-h264", "540p-h264", "360p-h264",
      ])
    #expect(refined.rungs[3].rates.average == 3_250_000)
    #expect(refined.rungs[3].rates.peak == 4_875_000)
  }
}
