package import NIOCore

/// The front of a frame header of AV1: what tells how a frame is coded (AV1 §5.9.2).
package struct AV1FrameHeader: Hashable, Sendable {
  package enum Kind: Int, Hashable, Sendable {
    case key = 0
    case inter = 1
    case intraOnly = 2
    case `switch` = 3
  }

  /// A frame that was decoded before is shown again; nothing else is known then.
  package var showsExistingFrame = false
  package var kind = Kind.key
  package var isShown = true
  /// refresh_frame_flags: the frames of the pool that this one replaces; `nil` where a decoder model
  /// stands before them.
  package var refreshFlags: UInt8?

  /// - Parameter payload: of the unit of type frame or frame header.
  /// - Throws: `.truncated`
  package init(payload: ByteBuffer, sequence: AV1SequenceHeader) throws {
    // The front has less than 24 bytes.
    let head =
      payload.getSlice(at: payload.readerIndex, length: min(payload.readableBytes, 64)) ?? payload
    var bits = try BitReader(head, of: "AV1 frame header")
    let frames = sequence.frames
    guard !frames.isReducedStillPicture else {
      refreshFlags = 0xff
      return
    }
    showsExistingFrame = try bits.flag()
    if showsExistingFrame { return }
    kind = Kind(rawValue: try bits.int(2)) ?? .key
    isShown = try bits.flag()
    if isShown, frames.hasDecoderModel, !frames.hasEqualPictureInterval {
      try bits.skip(frames.presentationTimeBitCount)
    }
    if !isShown { try bits.skip(1) }  // showable_frame
    let replacesAll = kind == .switch || kind == .key && isShown
    let isErrorResilient = replacesAll ? true : try bits.flag()
    try bits.skip(1)  // disable_cdf_update
    let allowsTools =
      frames.screenContentTools == 2 ? try bits.flag() : frames.screenContentTools == 1
    if allowsTools, frames.integerMotionVectors == 2 { try bits.skip(1) }
    try bits.skip(frames.frameIDBitCount)
    if kind != .switch { try bits.skip(1) }  // frame_size_override_flag
    try bits.skip(frames.orderHintBitCount)
    let isIntra = kind == .key || kind == .intraOnly
    if !isIntra, !isErrorResilient { try bits.skip(3) }  // primary_ref_frame
    if replacesAll {
      refreshFlags = 0xff
    } else if !frames.hasDecoderModel {
      refreshFlags = UInt8(try bits.u(8))
    }
  }
}

/// The frames of a temporal unit, seen as one picture.
struct AV1Pictures {
  private var count = 0
  private var isKey = false
  private var isIntra = true
  private var isReferred = false
  private var hasSequenceHeader = false

  mutating func takeSequenceHeader() { if count == 0 { hasSequenceHeader = true } }

  mutating func take(_ frame: AV1FrameHeader) {
    defer { count += 1 }
    // What is shown again may be referred to by whatever follows.
    guard !frame.showsExistingFrame else {
      isIntra = false
      isReferred = true
      return
    }
    // Decoding starts at a key frame that is shown, with a sequence header before it
    // (AV1-ISOBMFF §2.5); a forward key frame is a delayed random access point, and none here.
    if count == 0 { isKey = frame.kind == .key && frame.isShown && hasSequenceHeader }
    if frame.kind != .key, frame.kind != .intraOnly { isIntra = false }
    if frame.refreshFlags != 0 { isReferred = true }
  }

  var picture: AccessUnit.Picture {
    if count == 0 { return .none }
    if isKey { return .key }
    return isIntra ? .intra : .inter
  }

  var isDisposable: Bool { count > 0 && !isReferred }
}
