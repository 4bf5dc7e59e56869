package import MediaCore
package import NIOCore

/// What a sequence header of AV1 says (AV1 §5.5).
///
///     let header = try AV1SequenceHeader(payload: slice)
///     header.width  // 3840
package struct AV1SequenceHeader: Hashable, Sendable {
  /// seq_profile: 0 Main, 1 High, 2 Professional.
  package var profile: Int
  /// Of the first operating point: seq_level_idx, 0 to 31, and seq_tier.
  package var level = 0
  package var isHighTier = false
  package var isStillPicture: Bool
  package var isReducedStillPicture: Bool
  /// max_frame_width_minus_1 + 1 and the same of the height.
  package var width = 0
  package var height = 0
  package var bitDepth = 8
  package var isMonochrome = false
  package var subsamplingX = 1
  package var subsamplingY = 1
  /// chroma_sample_position: 0 unknown, 1 vertical, 2 colocated.
  package var chromaSamplePosition = 0
  package var colour = ColourInformation.unspecified
  /// initial_display_delay_minus_1 of the first operating point; `nil` if it does not say.
  package var initialDisplayDelay: Int?
  package var timing: VideoTiming?
  package var hasFilmGrain = false
  /// What frame headers depend on.
  var frames = AV1FrameParameters()

  /// Parses the payload of the unit, behind its header and size.
  /// - Throws: `CodecsError`
  package init(payload: ByteBuffer) throws {
    var bits = try BitReader(payload, of: "AV1 sequence header")
    profile = try bits.int(3)
    guard profile <= 2 else {
      throw CodecsError(.invalidValue, "AV1 sequence header: seq_profile \(profile) is reserved")
    }
    isStillPicture = try bits.flag()
    isReducedStillPicture = try bits.flag()
    frames.isReducedStillPicture = isReducedStillPicture
    if isReducedStillPicture {
      level = try bits.int(5)
    } else {
      try readOperatingPoints(&bits)
    }
    let widthBits = try bits.int(4) + 1
    let heightBits = try bits.int(4) + 1
    width = try bits.int(widthBits) + 1
    height = try bits.int(heightBits) + 1
    guard width <= PictureLimits.sideLength, height <= PictureLimits.sideLength else {
      throw CodecsError(
        .limitExceeded,
        "AV1 sequence header: the size is \(width)x\(height); sides up to "
          + "\(PictureLimits.sideLength) are read")
    }
    if !isReducedStillPicture, try bits.flag() {
      // delta_frame_id_length_minus_2, additional_frame_id_length_minus_1
      let delta = try bits.int(4) + 2
      frames.frameIDBitCount = try bits.int(3) + delta + 1
    }
    try bits.skip(3)  // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
    if !isReducedStillPicture { try readTools(&bits) }
    try bits.skip(3)  // enable_superres, enable_cdef, enable_restoration
    try readColour(&bits)
    hasFilmGrain = try bits.flag()
  }

  private mutating func readOperatingPoints(_ bits: inout BitReader) throws {
    var delayBitCount = 0
    if try bits.flag() {
      let (units, scale) = (try bits.u(32), try bits.u(32))
      let isEqual = try bits.flag()
      // num_ticks_per_picture_minus_1
      let ticks = isEqual ? Int64(try bits.uvlc()) + 1 : 1
      let (length, isEndless) = Int64(units).multipliedReportingOverflow(by: ticks)
      timing = VideoTiming(
        unitsInTick: units, timeScale: scale, isFixed: isEqual,
        frameRate: isEqual && !isEndless ? Rational(Int64(scale), length) : nil)
      frames.hasEqualPictureInterval = isEqual
      frames.hasDecoderModel = try bits.flag()
      if frames.hasDecoderModel {
        delayBitCount = try bits.int(5) + 1
        try bits.skip(32 + 5)  // num_units_in_decoding_tick, buffer_removal_time_length_minus_1
        frames.presentationTimeBitCount = try bits.int(5) + 1
      }
    }
    let hasDisplayDelay = try bits.flag()
    for point in 0...(try bits.int(5)) {
      try bits.skip(12)  // operating_point_idc
      let pointLevel = try bits.int(5)
      let tier = pointLevel > 7 ? try bits.flag() : false
      if frames.hasDecoderModel, try bits.flag() { try bits.skip(2 * delayBitCount + 1) }
      let delay = hasDisplayDelay ? (try bits.flag() ? try bits.int(4) : nil) : nil
      if point == 0 { (level, isHighTier, initialDisplayDelay) = (pointLevel, tier, delay) }
    }
  }

  private mutating func readTools(_ bits: inout BitReader) throws {
    // enable_interintra_compound, enable_masked_compound, enable_warped_motion, enable_dual_filter
    try bits.skip(4)
    let hasOrderHint = try bits.flag()
    if hasOrderHint { try bits.skip(2) }  // enable_jnt_comp, enable_ref_frame_mvs
    // seq_choose_screen_content_tools: 2 leaves it to each frame.
    frames.screenContentTools = try bits.flag() ? 2 : try bits.int(1)
    frames.integerMotionVectors = 2
    if frames.screenContentTools > 0, try !bits.flag() {
      frames.integerMotionVectors = try bits.int(1)
    }
    if hasOrderHint { frames.orderHintBitCount = try bits.int(3) + 1 }
  }

  /// color_config() (AV1 §5.5.2).
  private mutating func readColour(_ bits: inout BitReader) throws {
    let isHighDepth = try bits.flag()
    if profile == 2, isHighDepth {
      bitDepth = try bits.flag() ? 12 : 10
    } else {
      bitDepth = isHighDepth ? 10 : 8
    }
    isMonochrome = profile == 1 ? false : try bits.flag()
    if try bits.flag() {
      colour.primaries = UInt16(try bits.u(8))
      colour.transfer = UInt16(try bits.u(8))
      colour.matrix = UInt16(try bits.u(8))
    }
    if isMonochrome {
      colour.isFullRange = try bits.flag()
      return
    }
    // sRGB: 4:4:4 of full range.
    if colour.primaries == 1, colour.transfer == 13, colour.matrix == 0 {
      colour.isFullRange = true
      (subsamplingX, subsamplingY) = (0, 0)
    } else {
      colour.isFullRange = try bits.flag()
      switch profile {
      case 0: break
      case 1: (subsamplingX, subsamplingY) = (0, 0)
      default:
        if bitDepth == 12 {
          subsamplingX = try bits.int(1)
          subsamplingY = subsamplingX == 1 ? try bits.int(1) : 0
        } else {
          subsamplingY = 0
        }
      }
      if subsamplingX == 1, subsamplingY == 1 { chromaSamplePosition = try bits.int(2) }
    }
    try bits.skip(1)  // separate_uv_delta_q
  }
}

extension AV1SequenceHeader {
  /// `nil` where the stream leaves its colour to the container.
  package var specifiedColour: ColourInformation? {
    [colour.primaries, colour.transfer, colour.matrix] == [2, 2, 2] ? nil : colour
  }

  /// Whether a decoder must start anew: another profile, size, depth or colour.
  func differs(from other: AV1SequenceHeader) -> Bool {
    profile != other.profile || width != other.width || height != other.height
      || bitDepth != other.bitDepth || colour != other.colour
      || subsamplingX != other.subsamplingX || subsamplingY != other.subsamplingY
  }
}

/// What of a sequence header the front of a frame header depends on.
struct AV1FrameParameters: Hashable, Sendable {
  var isReducedStillPicture = false
  /// idLen; 0 without frame identifiers.
  var frameIDBitCount = 0
  var hasDecoderModel = false
  var hasEqualPictureInterval = false
  var presentationTimeBitCount = 0
  /// seq_force_screen_content_tools and seq_force_integer_mv; 2 leaves it to each frame.
  var screenContentTools = 2
  var integerMotionVectors = 2
  var orderHintBitCount = 0
}

extension BitReader {
  /// uvlc() (AV1 §4.10.3).
  mutating func uvlc() throws -> UInt32 {
    var zeros = 0
    while try !flag() {
      zeros += 1
      // 32 zeros say 2³²−1, and nothing follows.
      if zeros == 32 { return .max }
    }
    return (UInt32(1) << UInt32(zeros)) - 1 + (try u(zeros))
  }
}
