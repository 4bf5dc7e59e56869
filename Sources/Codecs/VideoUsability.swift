package import MediaCore

/// Pictures per second as a stream declares it in its parameter sets.
package struct VideoTiming: Hashable, Sendable {
  /// num_units_in_tick: ticks of `timeScale` in one clock tick; may be 0 in bad streams.
  package var unitsInTick: UInt32
  /// time_scale: ticks in a second; may be 0 in bad streams.
  package var timeScale: UInt32
  /// Whether the stream promises constant distances (fixed_frame_rate_flag of H.264).
  package var isFixed: Bool
  /// Frames in a second; `nil` when a part is zero.
  package var frameRate: Rational?
}

/// The head that the VUI of H.264 (Annex E.1.1) and of HEVC (Annex E.2.1) share.
struct VideoUsability: Hashable, Sendable {
  var sampleAspectRatio: Rational?
  var isFullRange: Bool?
  var colour: ColourInformation?

  init() {}

  /// aspect_ratio_info_present_flag to chroma_sample_loc_type_bottom_field.
  init(from bits: inout BitReader) throws {
    if try bits.flag() {
      let code = try bits.u(8)
      if code == 255 {
        let (width, height) = (Int64(try bits.u(16)), Int64(try bits.u(16)))
        // Zero in either part means unspecified.
        sampleAspectRatio = Rational(width, height)
      } else if Self.sampleAspectRatios.indices.contains(Int(code)) {
        sampleAspectRatio = Self.sampleAspectRatios[Int(code)]
      }
    }
    if try bits.flag() { try bits.skip(1) }  // overscan_appropriate_flag
    if try bits.flag() {
      try bits.skip(3)  // video_format
      let full = try bits.flag()
      isFullRange = full
      if try bits.flag() {
        colour = ColourInformation(
          primaries: UInt16(try bits.u(8)), transfer: UInt16(try bits.u(8)),
          matrix: UInt16(try bits.u(8)), isFullRange: full)
      }
    }
    if try bits.flag() { try bits.skipGolomb(2) }  // chroma sample location
  }

  /// Table E-1 by aspect_ratio_idc; `nil` is unspecified.
  static let sampleAspectRatios: [Rational?] = [
    nil, .one, Rational(literal: 12, 11), Rational(literal: 10, 11), Rational(literal: 16, 11),
    Rational(literal: 40, 33), Rational(literal: 24, 11), Rational(literal: 20, 11),
    Rational(literal: 32, 11), Rational(literal: 80, 33), Rational(literal: 18, 11),
    Rational(literal: 15, 11), Rational(literal: 64, 33), Rational(literal: 160, 99),
    Rational(literal: 4, 3), Rational(literal: 3, 2), Rational(literal: 2, 1),
  ]
}

/// Limits on pictures that both SPS parsers obey.
package enum PictureLimits {
  /// Largest width and height, in luma samples, before cropping.
  package static let sideLength = 16384

  /// A coded side cut by its window, in luma samples.
  ///
  /// - Throws: `.limitExceeded` above `sideLength`, `.invalidValue` when the crop leaves nothing.
  static func cropped(
    _ side: Int, by start: Int, _ end: Int, unit: Int, _ name: String, of subject: String
  ) throws -> Int {
    guard (1...sideLength).contains(side) else {
      throw CodecsError(
        .limitExceeded,
        "\(subject): coded \(name) is \(side), expected 1 to \(sideLength) luma samples")
    }
    // start, end < 2³², unit ≤ 4: no overflow.
    let left = side - (start + end) * unit
    guard left > 0 else {
      throw CodecsError(
        .invalidValue,
        "\(subject): the crop takes \((start + end) * unit) of \(side) samples of \(name)")
    }
    return left
  }
}
