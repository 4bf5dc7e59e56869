import FFmpeg
import Library
import MediaCore
import NIOCore
import Pictures
import Testing

@Suite struct PlanTests {
  private let millisecond = Timescale(literal: 1000)

  @Test(arguments: [
    (40, 1000, 1, 1, 1), (9000, 1000, 9, 4, 3), (60_000, 1000, 60, 4, 5),
    (3_600_000, 5000, 720, 4, 5), (7_200_000, 10_000, 720, 4, 5),
    (97_200_000, 300_000, 324, 4, 5),
  ])
  func `the interval follows from the length`(
    _ length: Int64, _ interval: Int64, _ count: Int, _ columns: Int, _ rows: Int
  ) {
    let plan = ThumbnailPlan(end: MediaTime(length, millisecond), wanted: nil, isUpright: false)
    #expect(plan.interval == interval)
    #expect(plan.count == count)
    #expect((plan.columns, plan.rows) == (columns, rows))
    #expect(plan.note == nil)
  }

  @Test func `what takes long to decode has no more thumbnails than segments`() {
    let plan = ThumbnailPlan(
      end: MediaTime(362_000, millisecond), wanted: nil, least: 8333, isUpright: false)
    #expect(plan.interval == 10_000)
    let asked = ThumbnailPlan(
      end: MediaTime(362_000, millisecond), wanted: 1000, least: 8333, isUpright: false)
    #expect(asked.interval == 1000)
  }

  @Test func `more pictures than a title may have are not made`() {
    let plan = ThumbnailPlan(
      end: MediaTime(1_000_000_000, millisecond), wanted: 100, isUpright: true)
    #expect(plan.count == TitleImages.maximumPictureCount)
    #expect(plan.note != nil)
    #expect((plan.columns, plan.rows) == (5, 4))
  }

  @Test func `part of a millisecond is a picture's time too`() {
    let end = MediaTime(30_001, Timescale(literal: 30_000))
    let plan = ThumbnailPlan(end: end, wanted: 1000, isUpright: false)
    #expect(plan.count == 2)
  }

  private func segments(_ durations: [Int64]) -> [IndexedSegment] {
    var start: Int64 = 0
    return durations.map { duration in
      defer { start += duration }
      return IndexedSegment(
        range: ByteRange(offset: 0, count: 1), start: start, duration: duration, sapType: 1)
    }
  }

  private static let trickTimes: [(Int64, [Int64])] = [
    (500, [0, 500, 1000, 1500, 2000, 2500, 3000, 3500]), (1000, [0, 1000, 2000, 3000]),
    (2000, [0, 2000]), (4000, [0]), (700, [0, 700, 1300, 2000, 2700, 3300]),
  ]

  @Test(arguments: trickTimes)
  func `trick pictures begin at cuts, and at frames between`(
    _ interval: Int64, _ times: [Int64]
  ) {
    let plan = TrickPlan(segments: segments([2000, 2000]), interval: interval, maximumCount: 1000) {
      segment in
      // Ten frames a second.
      (0..<20).map { frame in Int64(100 * frame + 2000 * segment) }
    }
    #expect(plan.times == times)
    #expect(plan.end == 4000)
  }

  @Test func `a frame a minute gives a picture a minute`() {
    let plan = TrickPlan(segments: segments([60, 60, 60]), interval: 1, maximumCount: 1000) {
      segment in [Int64(60 * segment)]
    }
    #expect(plan.times == [0, 60, 120])
  }

  @Test func `a sidx sets how many pictures there are`() {
    let plan = TrickPlan(segments: segments([10_000]), interval: 1, maximumCount: 100) { _ in
      (0..<10_000).map { Int64($0) }
    }
    #expect(plan.times.count <= 100)
    #expect(plan.times.count >= 90)
  }

  private func format(_ width: Int, _ height: Int) -> VideoFormat {
    VideoFormat(
      width: width, height: height, sampleAspectRatio: .one, displayWidth: width,
      displayHeight: height, frameRate: nil, colour: .unspecified)
  }

  @Test(arguments: [
    (3840, 2160, 256, 144), (1440, 1080, 192, 144), (1920, 800, 256, 108), (1080, 1920, 144, 256),
    (1, 1, 2, 2), (161, 121, 162, 122), (10_000, 1, 256, 2),
  ])
  func `pictures keep their shape in a box, and are not enlarged`(
    _ width: Int, _ height: Int, _ across: Int, _ down: Int
  ) {
    let geometry = PictureGeometry(
      format(width, height), orientation: .upright, boxWidth: 256, boxHeight: 144)
    #expect((geometry.width, geometry.height) == (across, down))
  }

  @Test func `a matrix of a quarter turn stands a picture up`() {
    let quarter = PictureOrientation(
      matrix: [0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x4000_0000])
    #expect(quarter.isTransposed)
    #expect(quarter.isFlippedHorizontally)
    #expect(!quarter.isFlippedVertically)
    let geometry = PictureGeometry(
      format(1920, 1080), orientation: quarter, boxWidth: 256, boxHeight: 144)
    #expect((geometry.width, geometry.height) == (144, 256))
    #expect(
      PictureOrientation(matrix: [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000]) == .upright)
  }

  /// Code values of ITU-R BT.2408 table 1 and BT.2100.
  @Test(arguments: [
    // 203 cd/m² is 58 % of PQ and 75 % of HLG; black is black; the peak is white.
    (VideoRange.pq, 0.58, 190...230), (.hlg, 0.75, 190...230), (.pq, 0, 0...0), (.hlg, 0, 0...0),
    (.pq, 0.7518, 250...255), (.hlg, 1, 250...255),
  ])
  func `greys keep their place in standard dynamic range`(
    _ range: VideoRange, _ signal: Double, _ expected: ClosedRange<Int>
  ) throws {
    let value = UInt16((signal * 65_535).rounded())
    var bytes = ByteBuffer()
    for _ in 0..<3 { bytes.writeInteger(value, endianness: .little) }
    let map = try #require(ToneMap(range))
    let grey = map.applied(to: RGBPicture(width: 1, height: 1, depth: .sixteen, bytes: bytes)).bytes
    for byte in grey.readableBytesView { #expect(expected.contains(Int(byte)), "\(byte)") }
  }

  @Test func `standard dynamic range is left alone`() { #expect(ToneMap(.sdr) == nil) }
}
