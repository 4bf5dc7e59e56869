/// The ladders that the program knows by name.
///
/// Bit rates are averages in kilobits a second at up to 30 pictures a second; with more pictures
/// they are one and a half times as high, and peaks are one and a half times the average. Rungs that
/// end at 30 pictures a second are what small screens and slow networks get.
extension Ladder {
  package static let uhd = Ladder(
    "uhd",
    [
      //   box         at most     H.264    HEVC     AV1
      .row(3840, 2160, 60, kilobits: 24_000, 14_000, 11_000),
      .row(2560, 1440, 60, kilobits: 12_000, 7_500, 6_000),
      .row(1920, 1080, 60, kilobits: 6_500, 4_200, 3_300),
      .row(1280, 720, 60, kilobits: 3_200, 2_100, 1_650),
      .row(960, 540, 30, kilobits: 1_800, 1_150, 900),
      .row(768, 432, 30, kilobits: 1_000, 650, 500),
      .row(640, 360, 30, kilobits: 600, 380, 300),
    ])

  package static let hd = Ladder(
    "hd",
    [
      .row(1920, 1080, 60, kilobits: 6_500, 4_200, 3_300),
      .row(1280, 720, 60, kilobits: 3_200, 2_100, 1_650),
      .row(960, 540, 30, kilobits: 1_800, 1_150, 900),
      .row(768, 432, 30, kilobits: 1_000, 650, 500),
      .row(640, 360, 30, kilobits: 600, 380, 300),
    ])

  package static let mobile = Ladder(
    "mobile",
    [
      .row(1280, 720, 30, kilobits: 2_600, 1_700, 1_300),
      .row(960, 540, 30, kilobits: 1_500, 950, 750),
      .row(640, 360, 30, kilobits: 600, 380, 300),
      .row(416, 234, 30, kilobits: 240, 150, 120),
    ])

  package static let named = [uhd, hd, mobile]

  /// - Throws: `.unknownName` with the names there are.
  package init(named name: String) throws(LadderError) {
    guard let found = Self.named.first(where: { $0.name == name }) else {
      throw LadderError(
        .unknownName,
        "there is no ladder called '\(name)': name one of "
          + "\(Self.named.map(\.name).joined(separator: ", ")), or a file that ends in .yaml")
    }
    self = found
  }
}

extension Rung {
  fileprivate static func row(
    _ width: Int, _ height: Int, _ frameRate: Int, kilobits h264: Int64, _ hevc: Int64,
    _ av1: Int64
  ) -> Rung {
    Rung(
      width: width, height: height, highestFrameRate: frameRate,
      h264: BitRates(average: h264 * 1000), hevc: BitRates(average: hevc * 1000),
      av1: BitRates(average: av1 * 1000))
  }
}
