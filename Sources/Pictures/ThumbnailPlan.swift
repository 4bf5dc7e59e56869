import Library
package import MediaCore

/// How often a title is pictured, and how its sheets are laid out.
package struct ThumbnailPlan: Hashable, Sendable {
  /// Milliseconds.
  package let interval: Int64
  package let count: Int
  package let columns: Int
  package let rows: Int
  /// `nil` unless the wanted interval gave more pictures than a title may have.
  package let note: String?

  /// A tile of a landscape picture, at most: both sides are whole blocks of a JPEG, so that tiles
  /// do not bleed into each other.
  package static let boxWidth = 256
  package static let boxHeight = 144
  /// Tiles in a row of landscape pictures, and rows: a sheet of 1024 × 720 is decoded at once by
  /// devices of any size, and is a hundred kilobytes or so.
  private static let columnCount = 4
  private static let rowCount = 5
  /// Pictures that an interval of our own choice gives, at most: one in ten seconds of two hours.
  private static let usualCount: Int64 = 720
  /// Milliseconds.
  private static let usualIntervals: [Int64] = [
    1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000,
    1_800_000, 3_600_000,
  ]

  /// - Parameters:
  ///   - end: of the title.
  ///   - wanted: milliseconds; `nil` chooses by the length.
  ///   - least: milliseconds that an interval of our own choice does not go below.
  ///   - isUpright: pictures are higher than wide.
  package init(end: MediaTime, wanted: Int64?, least: Int64 = 0, isUpright: Bool) {
    // Rounded up: what is shown for a part of a millisecond is shown.
    let exact = end.rescaled(to: Timescale(literal: 1000))
    let length = max(1, exact >= end ? exact.value : exact.value + 1)
    let usual =
      Self.usualIntervals.first { length <= $0 * Self.usualCount && $0 >= least }
      ?? TitleImages.maximumInterval
    var interval = wanted ?? usual
    let fewest =
      (length + Int64(TitleImages.maximumPictureCount) - 1)
      / Int64(TitleImages.maximumPictureCount)
    if interval < fewest {
      interval = fewest
      note =
        "a thumbnail each \(wanted ?? usual) ms would be more than \(TitleImages.maximumPictureCount); "
        + "there is one each \(fewest) ms"
    } else {
      note = nil
    }
    self.interval = interval
    count = Int((length + interval - 1) / interval)
    let grid = isUpright ? (Self.rowCount, Self.columnCount) : (Self.columnCount, Self.rowCount)
    columns = min(grid.0, count)
    rows = min(grid.1, (count + columns - 1) / columns)
  }

  /// When a picture's time begins, in the ticks of a track.
  package func start(of picture: Int, in timescale: Timescale) -> Int64 {
    rescale(interval * Int64(picture), from: Timescale(literal: 1000), to: timescale)
  }
}
