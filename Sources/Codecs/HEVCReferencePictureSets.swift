/// The reference picture sets of an SPS, read only to reach the VUI behind them
/// (ISO/IEC 23008-2 §7.3.7, §7.4.8).
enum HEVCReferencePictureSets {
  /// num_short_term_ref_pic_sets, at most.
  static let shortTermCountLimit = 64
  /// num_long_term_ref_pics_sps, at most.
  static let longTermCountLimit = 32
  /// Pictures in one set: sps_max_dec_pic_buffering_minus1, at most.
  static let pictureCountLimit = 16

  /// num_short_term_ref_pic_sets to the last used_by_curr_pic_lt_sps_flag.
  static func skip(_ bits: inout BitReader, log2MaxPictureOrder: Int) throws {
    let count = try bits.ue("num_short_term_ref_pic_sets", atMost: shortTermCountLimit)
    var previous: [Int] = []
    for index in 0..<count {
      previous = try shortTerm(&bits, index: index, previous: previous)
    }
    if try bits.flag() {
      let count = try bits.ue("num_long_term_ref_pics_sps", atMost: longTermCountLimit)
      try bits.skip(count * (log2MaxPictureOrder + 1))
    }
  }

  /// st_ref_pic_set(index) as its DeltaPocs: the negative ones from −1 down, then the positive.
  private static func shortTerm(
    _ bits: inout BitReader, index: Int, previous: [Int]
  ) throws -> [Int] {
    if index > 0, try bits.flag() {
      return try predicted(&bits, from: previous)
    }
    let negativeCount = try bits.ue("num_negative_pics", atMost: pictureCountLimit)
    let positiveCount = try bits.ue(
      "num_positive_pics", atMost: pictureCountLimit - negativeCount)
    var deltas: [Int] = []
    for (count, sign) in [(negativeCount, -1), (positiveCount, 1)] {
      var delta = 0
      for _ in 0..<count {
        delta += sign * (1 + (try bits.ue("delta_poc_minus1", atMost: 1 << 15 - 1)))
        try bits.skip(1)  // used_by_curr_pic_flag
        deltas.append(delta)
      }
    }
    return deltas
  }

  /// A set predicted from the one before it (equations 7-61 and 7-62).
  private static func predicted(_ bits: inout BitReader, from previous: [Int]) throws -> [Int] {
    let isNegative = try bits.flag()
    let magnitude = 1 + (try bits.ue("abs_delta_rps_minus1", atMost: 1 << 15 - 1))
    let shift = isNegative ? -magnitude : magnitude
    var deltas: [Int] = []
    // The last candidate is the picture that the set is predicted for.
    for candidate in previous + [0] {
      let isUsed = try bits.flag()
      let isKept = isUsed ? true : try bits.flag()  // use_delta_flag
      if isKept, candidate + shift != 0 { deltas.append(candidate + shift) }
    }
    guard deltas.count <= pictureCountLimit else {
      throw CodecsError(
        .invalidValue,
        "\(bits.subject): \(deltas.count) pictures in a reference picture set, at most "
          + "\(pictureCountLimit) are allowed")
    }
    // Order does not change how many bits follow, but which candidate a bit belongs to.
    return deltas.filter { $0 < 0 }.sorted(by: >) + deltas.filter { $0 > 0 }.sorted()
  }
}
