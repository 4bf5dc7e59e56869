import Codecs
import Ladder
import MediaCore
import Testing

@Suite struct `Rungs for a source` {
  private let hd = SourcePicture(
    width: 1920, height: 1080, frameRate: Rational(literal: 25, 1), colour: .bt709)

  private func uhd(_ transfer: UInt16) -> SourcePicture {
    SourcePicture(
      width: 3840, height: 2160, frameRate: Rational(literal: 50, 1), bitDepth: 10,
      colour: ColourInformation(primaries: 9, transfer: transfer, matrix: 9, isFullRange: false),
      contentLight: ContentLight(maximum: 1000, maximumFrameAverage: 400))
  }

  @Test func `nothing is made larger than the source`() throws {
    let suited = try Ladder.uhd.suited(to: hd)
    #expect(
      suited.rungs.map(\.name) == [
        "1080p-h264", "720p-h264", "540p-h264", "432p-h264", "360p-h264",
      ])
    #expect(suited.notes.isEmpty)
  }

  @Test(arguments: [
    // source, size of the largest rung, number of rungs
    (1918, 1078, "1918x1078", 5), (1600, 900, "1600x900", 5), (1300, 731, "1280x720", 4),
    (320, 180, "320x180", 1), (1919, 1079, "1918x1078", 5), (3840, 1608, "3840x1608", 7),
    (1080, 1920, "1080x1920", 5), (1440, 1080, "1440x1080", 5),
  ])
  func `the source's own size is the top where it lies between rungs`(
    width: Int, height: Int, top: String, count: Int
  ) throws {
    var source = hd
    (source.width, source.height) = (width, height)
    let rungs = try Ladder.uhd.suited(to: source).rungs
    #expect(rungs.first.map { "\($0.width)x\($0.height)" } == top)
    #expect(rungs.count == count)
    for rung in rungs {
      #expect(rung.width % 2 == 0 && rung.height % 2 == 0)
      let aspect = Double(width) / Double(height)
      #expect(abs(Double(rung.width) - Double(rung.height) * aspect) <= 2 + aspect)
    }
  }

  @Test func `odd sides are scaled and said, never cropped`() throws {
    var source = hd
    (source.width, source.height) = (853, 479)
    let suited = try Ladder.mobile.suited(to: source)
    #expect(suited.rungs.first?.width == 852)
    #expect(suited.notes.first?.contains("853x479 are scaled to even sides") == true)
  }

  @Test func `samples become square`() throws {
    var source = hd
    (source.width, source.height) = (1440, 1080)
    source.aspectRatio = Rational(literal: 4, 3)
    let suited = try Ladder.hd.suited(to: source)
    #expect(suited.rungs.first.map { [$0.width, $0.height] } == [1920, 1080])
    #expect(suited.notes.contains { $0.contains("4:3 become square") })
  }

  @Test(arguments: [
    (Rational(literal: 50, 1), [1, 1, 2, 2, 2], "25"),
    (Rational(literal: 60000, 1001), [1, 1, 2, 2, 2], "30000/1001"),
    (Rational(literal: 30, 1), [1, 1, 1, 1, 1], "30"),
    (Rational(literal: 240, 1), [4, 4, 8, 8, 8], "30"),
    (Rational(literal: 1, 1), [1, 1, 1, 1, 1], "1"),
  ])
  func `fast sources lose pictures on small rungs`(
    rate: Rational, divisors: [Int], smallest: String
  ) throws {
    var source = hd
    source.frameRate = rate
    let suited = try Ladder.hd.suited(to: source)
    #expect(suited.rungs.map(\.divisor) == divisors)
    #expect(suited.rungs.last?.frameRate.description == smallest)
  }

  @Test func `more than thirty pictures a second cost half as much again`() throws {
    var source = hd
    source.frameRate = Rational(literal: 50, 1)
    let fast = try Ladder.hd.suited(to: source).rungs
    let slow = try Ladder.hd.suited(to: hd).rungs
    #expect(fast[0].rates.average == slow[0].rates.average * 3 / 2)
    #expect(fast[4].rates == slow[4].rates)
  }

  @Test(arguments: [(UInt16(16), "pq"), (18, "hlg")])
  func `HDR stays beside a set in SDR`(transfer: UInt16, range: String) throws {
    let suited = try Ladder.uhd.suited(to: uhd(transfer), codecs: [.h264, .hevc])
    let names = suited.rungs.map(\.name)
    #expect(names.first == "2160p-hevc-\(range)")
    #expect(names.filter { $0.hasSuffix(range) }.count == 7)
    #expect(names.last == "360p-h264")
    let kept = try #require(suited.rungs.first)
    #expect(kept.bitDepth == 10 && kept.colour.transfer == transfer)
    #expect(kept.contentLight?.maximum == 1000)
    let mapped = try #require(suited.rungs.last)
    #expect(mapped.bitDepth == 8 && mapped.colour == .bt709 && mapped.contentLight == nil)
  }

  @Test func `H.264 ends at 1080 lines beside other codecs`() throws {
    var source = hd
    (source.width, source.height) = (3840, 2160)
    let alone = try Ladder.uhd.suited(to: source, codecs: [.h264]).rungs
    #expect(alone.first?.height == 2160)
    let beside = try Ladder.uhd.suited(to: source, codecs: [.hevc, .h264]).rungs
    #expect(beside.filter { $0.codec == .h264 }.first?.height == 1080)
  }

  @Test func `HDR in H.264 alone becomes SDR, and that is said`() throws {
    let suited = try Ladder.uhd.suited(to: uhd(16), codecs: [.h264])
    #expect(suited.rungs.allSatisfy { $0.range == .sdr && $0.bitDepth == 8 })
    #expect(suited.notes.contains { $0.contains("PQ becomes SDR by tone mapping") })
  }

  @Test func `what the source does not say of its colour is told`() throws {
    var source = hd
    source.colour = nil
    let suited = try Ladder.hd.suited(to: source)
    #expect(suited.rungs.first?.colour == .bt709)
    #expect(suited.notes.contains { $0.contains("does not say all of its colour") })
  }

  @Test(arguments: [0, 1, 10_000])
  func `pictures of impossible size are refused`(side: Int) {
    var source = hd
    source.width = side
    #expect(throws: LadderError.self) { try Ladder.hd.suited(to: source) }
  }

  @Test func `no segment can exceed the peak by the encoder's buffer model`() throws {
    for rung in try Ladder.uhd.suited(to: uhd(16), codecs: [.hevc, .av1, .h264]).rungs {
      let buffer = rung.buffer(segment: 2)
      #expect(buffer.bitsPerSecond >= rung.rates.average)
      #expect(buffer.bitsPerSecond * 2 + buffer.bits <= rung.rates.peak * 2)
    }
  }

  @Test func `ladders are known by name`() throws {
    #expect(try Ladder(named: "mobile").rungs.count == 4)
    #expect(throws: LadderError.self) { try Ladder(named: "giant") }
  }
}
