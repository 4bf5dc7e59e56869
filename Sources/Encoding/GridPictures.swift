import FFmpeg
import MediaCore

/// The pictures that a source shows at each place of a plan's grid.
///
///     let pictures = GridPictures(plan, name: "film.mov")
///     try pictures.show(0..<200) { picture, number in … }
///
/// Where none begins, the one before is still shown. Going on behind the last range needs no new start.
final class GridPictures {
  private let plan: LadderPlan
  /// How messages call the source.
  private let name: String
  private var file: FilePictures?
  /// The grid's number of the picture that comes next.
  private var position: Int?
  /// A picture that was decoded and lies behind the last range.
  private var ahead: (picture: Picture, number: Int)?
  /// The picture that is shown where none begins.
  private var shown: Picture?
  /// Samples that the open file has lost.
  private var lostCount = 0

  init(_ plan: LadderPlan, name: String) {
    self.plan = plan
    self.name = name
  }

  /// Samples of the source that could not be decoded, and pictures with parts that were filled in.
  private(set) var damagedCount = 0

  /// Gives each picture of a range, in order.
  /// - Throws: what `take` throws, and `.failed` if not one picture of the range can be decoded.
  func show(_ range: Range<Int>, _ take: (Picture, Int) throws -> Void) throws {
    if position != range.lowerBound { try start(at: range.lowerBound) }
    position = nil
    var next = range.lowerBound
    func show(_ picture: Picture, until end: Int) throws {
      while next < min(end, range.upperBound) {
        try take(picture, next)
        next += 1
      }
    }
    while next < range.upperBound {
      guard let (picture, number) = try following() else {
        guard let last = shown else {
          throw EncodingError(
            .failed,
            "\(name): no picture from \(plan.time(range.lowerBound).seconds) s on could be decoded; "
              + "the source is damaged")
        }
        try show(last, until: range.upperBound)
        break
      }
      // Until the next begins, the one before is shown; before the first there is none.
      try show(shown ?? picture, until: number)
      if number >= range.upperBound {
        ahead = (picture, number)
      } else {
        shown = picture
      }
    }
    position = range.upperBound
    damagedCount += (file?.lostCount ?? 0) - lostCount
    lostCount = file?.lostCount ?? 0
  }

  private func start(at picture: Int) throws {
    (ahead, shown, lostCount) = (nil, nil, 0)
    file = try FilePictures(
      path: plan.source.path, name: name, track: plan.source.stream,
      from: picture == 0 ? nil : plan.time(picture))
  }

  /// The next decoded picture, and its place on the grid.
  private func following() throws -> (Picture, Int)? {
    if let known = ahead {
      ahead = nil
      return known
    }
    guard let next = try file?.next() else { return nil }
    if next.picture.isDamaged { damagedCount += 1 }
    let ticks = Int64(plan.start.timescale.ticksPerSecond)
    return (
      next.picture, Int(plan.grid.index(next.time.value, first: plan.start.value, ticks: ticks))
    )
  }
}
