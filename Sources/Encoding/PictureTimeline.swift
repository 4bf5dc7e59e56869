package import FFmpeg
package import Ladder
package import MediaCore

/// The grid that all rungs of a title take their pictures from.
///
/// Picture n is shown from `start` + n frames on; a source with uneven times shows on each place of
/// the grid what it shows at that moment.
package struct PictureTimeline: Hashable, Sendable {
  /// Time of the first picture, in the source's ticks.
  package let start: MediaTime
  package let grid: FrameGrid
  /// Pictures of the grid.
  package let count: Int
  package let isVariable: Bool

  /// Pictures in a second, at most: the rate of a grid for uneven times.
  private static let highestRate = 240.0

  /// - Throws: `EncodingError` if the times make no grid.
  package init(_ scan: PictureScan, place: String) throws {
    guard let first = scan.times.first, let last = scan.times.last else {
      throw EncodingError(.unsuitable, "\(place): it has no pictures")
    }
    start = MediaTime(first, scan.timescale)
    let ticks = Int64(scan.timescale.ticksPerSecond)
    let fitting = FrameGrid.fitting(
      scan.times[...], timescale: scan.timescale, lastDuration: scan.lastDuration,
      hint: scan.frameRate)
    // Holes in an even grid are pictures that are shown longer.
    guard let grid = fitting ?? Self.grid(uneven: scan) else {
      throw EncodingError(
        .unsuitable,
        "\(place): the times of its pictures lie on no grid of up to \(Int(Self.highestRate)) a "
          + "second; give it a constant rate first, as with ffmpeg -r RATE")
    }
    self.grid = grid
    let steps = grid.index(last, first: first, ticks: ticks)
    guard steps < SampleTable.maximumCount else {
      throw EncodingError(
        .limit,
        "\(place): \(steps) pictures; at most \(SampleTable.maximumCount) are encoded: cut it first"
      )
    }
    count = Int(steps) + 1
    isVariable = fitting == nil
  }

  /// A grid of an even rate; `nil` if no timescale holds its pictures.
  package init?(start: MediaTime, rate: Rational, count: Int) {
    guard let grid = FrameGrid(rate: rate) else { return nil }
    self.start = start
    self.grid = grid
    self.count = count
    isVariable = false
  }

  /// A grid as fine as the shortest distance that is usual in the source: a twentieth are shorter.
  private static func grid(uneven scan: PictureScan) -> FrameGrid? {
    let steps = zip(scan.times, scan.times.dropFirst()).map { $1 - $0 }.filter { $0 > 0 }.sorted()
    guard !steps.isEmpty else { return FrameGrid(rate: Rational(literal: 25, 1)) }
    let step = steps[steps.count / 20]
    let rate = min(Double(scan.timescale.ticksPerSecond) / Double(step), highestRate)
    let standard: [Rational] = [
      .init(literal: 1, 1), .init(literal: 5, 1), .init(literal: 10, 1), .init(literal: 12, 1),
      .init(literal: 15, 1), .init(literal: 24000, 1001), .init(literal: 24, 1),
      .init(literal: 25, 1), .init(literal: 30000, 1001), .init(literal: 30, 1),
      .init(literal: 48, 1), .init(literal: 50, 1), .init(literal: 60000, 1001),
      .init(literal: 60, 1), .init(literal: 100, 1), .init(literal: 120, 1),
      .init(literal: 240, 1),
    ]
    let nearest = standard.min { abs($0.value - rate) < abs($1.value - rate) }
    return nearest.flatMap { FrameGrid(rate: $0) }
  }

  /// Time of a picture of the grid, ticks of the grid's timescale, on the source's timeline.
  package func time(_ picture: Int) -> Int64 {
    start.rescaled(to: grid.timescale).value + Int64(picture) * grid.frameDuration
  }

  /// The picture nearest to a time of the source.
  package func picture(at time: MediaTime) -> Int {
    let ticks = time.rescaled(to: grid.timescale).value - self.time(0)
    return Int((ticks + grid.frameDuration / 2).quotientFloored(by: grid.frameDuration))
  }
}

extension Int64 {
  fileprivate func quotientFloored(by divisor: Int64) -> Int64 {
    let (quotient, rest) = quotientAndRemainder(dividingBy: divisor)
    return rest < 0 ? quotient - 1 : quotient
  }
}

extension SourcePicture {
  /// What the packets of a source say of its pictures.
  package init(_ scan: PictureScan, timeline: PictureTimeline) {
    self.init(
      width: scan.width, height: scan.height, aspectRatio: scan.sampleAspectRatio ?? .one,
      frameRate: timeline.grid.rate, isVariableRate: timeline.isVariable, bitDepth: scan.bitDepth,
      colour: scan.colour, masteringDisplay: scan.masteringDisplay,
      contentLight: scan.contentLight, isInterlaced: scan.isInterlaced)
  }

  /// What the first decoded picture says of all, where the container says less.
  package mutating func take(_ first: LivePicture) {
    let form = first.picture.form
    (width, height) = (form.width, form.height)
    if form.aspectRatio != .one { aspectRatio = form.aspectRatio }
    bitDepth = form.bitDepth
    isSubsampled = form.isSubsampled
    isInterlaced = isInterlaced || form.isInterlaced
    masteringDisplay = first.masteringDisplay ?? masteringDisplay
    contentLight = first.contentLight ?? contentLight
    var known = form.colour
    if known.primaries == 2 { known.primaries = colour?.primaries ?? 2 }
    if known.transfer == 2 { known.transfer = colour?.transfer ?? 2 }
    if known.matrix == 2 { known.matrix = colour?.matrix ?? 2 }
    colour = known
  }
}
