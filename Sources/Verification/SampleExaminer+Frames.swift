import Codecs
import MediaCore
import NIOCore

extension Rule {
  static let av1Unit = Rule("av1-unit", "AV1-ISOBMFF §2.4")
  static let av1UnitForbidden = Rule("av1-unit-forbidden", "AV1-ISOBMFF §2.4")
  static let av1UnitNeedless = Rule("av1-unit-needless", "AV1-ISOBMFF §2.4", .warning)
  static let av1SequenceHeader = Rule("av1-sequence-header", "AV1-ISOBMFF §2.3.4")
  static let vp9Frame = Rule("vp9-frame", "VP-codec-ISOBMFF §2.3")
  static let vp9Format = Rule("vp9-format", "VP-codec-ISOBMFF §2.2")
}

/// Samples of AV1 and VP9: frames, of which the last is shown.
extension SampleExaminer {
  /// What the frames of a sample add up to, taken one by one.
  private struct Frames {
    var pictures = Pictures()
    var isIntra = true
    var shownCount = 0

    /// - Parameters:
    ///   - isEntry: decoding can start at the frame, if it is the first.
    ///   - isReference: it stays in the pool of frames, or this is not known.
    mutating func take(isEntry: Bool, isIntra: Bool, isShown: Bool, isReference: Bool) {
      if pictures.count == 0 { pictures.isIRAP = isEntry }
      pictures.count += 1
      if !isIntra { self.isIntra = false }
      if isShown { shownCount += 1 }
      if isReference { pictures.isReference = true }
    }
  }

  private func contents(
    _ frames: Frames, _ sample: FragmentSample, _ place: () -> String, _ log: inout FindingLog
  ) -> SampleContents? {
    guard frames.shownCount > 0 else {
      log.add(
        .noPicture, place(),
        frames.pictures.count == 0 ? "holds no picture" : "holds no frame that is shown")
      return nil
    }
    checkFlags(
      sample.flags, frames.pictures, isIntra: frames.pictures.isIRAP || frames.isIntra, place, &log)
    return SampleContents(entry: frames.pictures.isIRAP ? .random : .none)
  }

  // MARK: AV1

  func examineAV1(
    _ sample: FragmentSample, in buffer: ByteBuffer, at start: Int, _ first: AV1SequenceHeader,
    _ place: () -> String, _ log: inout FindingLog
  ) -> SampleContents? {
    var units = AV1OBUs(in: buffer, at: start, count: sample.size)
    var frames = Frames()
    var sequence = first
    var hasSequenceHeader = false
    do {
      while let unit = try units.next() {
        let payload =
          buffer.getSlice(at: unit.payloadOffset, length: unit.payloadCount) ?? ByteBuffer()
        switch unit.kind {
        case .sequenceHeader:
          hasSequenceHeader = true
          sequence = try AV1SequenceHeader(payload: payload)
          check(sequence, against: first, place, &log)
        case .frame, .frameHeader:
          guard unit.spatialID == 0 else { break }
          let frame = try AV1FrameHeader(payload: payload, sequence: sequence)
          take(frame, hasSequenceHeader: hasSequenceHeader, &frames)
        case .tileList:
          log.add(.av1UnitForbidden, place(), "holds a tile list")
        case .temporalDelimiter, .padding:
          log.add(
            .av1UnitNeedless, place(),
            "holds a \(unit.kind == .padding ? "padding unit" : "temporal delimiter")")
        default: break
        }
      }
    } catch {
      log.add(.av1Unit, place(), "\(error)")
      return nil
    }
    return contents(frames, sample, place, &log)
  }

  /// A key frame that is shown, and its sequence header stands before it (AV1-ISOBMFF §2.5); a
  /// forward key frame, shown later, is none, and an S-frame neither.
  private func take(_ frame: AV1FrameHeader, hasSequenceHeader: Bool, _ frames: inout Frames) {
    guard !frame.showsExistingFrame else {
      // Which frame that is, is not known here: it may be a key frame, which renews the pool.
      frames.take(isEntry: false, isIntra: false, isShown: true, isReference: true)
      return
    }
    frames.take(
      isEntry: frame.kind == .key && frame.isShown && hasSequenceHeader,
      isIntra: frame.kind == .key || frame.kind == .intraOnly, isShown: frame.isShown,
      isReference: frame.refreshFlags != 0)
  }

  /// What decoders are set up by may not change behind the sample entry's back.
  private func check(
    _ found: AV1SequenceHeader, against first: AV1SequenceHeader, _ place: () -> String,
    _ log: inout FindingLog
  ) {
    log.require(
      found.profile == first.profile && found.bitDepth == first.bitDepth
        && found.isMonochrome == first.isMonochrome && found.subsamplingX == first.subsamplingX
        && found.subsamplingY == first.subsamplingY && found.colour == first.colour
        && found.width == first.width && found.height == first.height, .av1SequenceHeader, place(),
      "its sequence header says another profile, size, depth or colour than that of the sample entry"
    )
    log.require(
      found.level <= first.level && (first.isHighTier || !found.isHighTier), .av1SequenceHeader,
      place(), "its sequence header says a higher level or tier than that of the sample entry")
  }

  // MARK: VP9

  func examineVP9(
    _ sample: FragmentSample, in buffer: ByteBuffer, at start: Int,
    _ record: VPCodecConfigurationRecord, _ place: () -> String, _ log: inout FindingLog
  ) -> SampleContents? {
    var frames = Frames()
    do {
      for range in try VP9Superframe(in: buffer, at: start, count: sample.size).frames {
        let frame = try VP9FrameHeader(in: buffer, at: range.offset, count: range.count)
        log.require(
          frame.profile == record.profile, .vp9Format, place(),
          "is of profile \(frame.profile); the sample entry says \(record.profile)")
        if frame.isKey, let format = frame.format { check(format, record, place, &log) }
        frames.take(
          isEntry: frame.isKey, isIntra: frame.isKey || frame.isIntraOnly,
          isShown: frame.isShown || frame.showsExistingFrame,
          isReference: frame.refreshFlags != 0 || frame.showsExistingFrame)
      }
    } catch {
      log.add(.vp9Frame, place(), "\(error)")
      return nil
    }
    return contents(frames, sample, place, &log)
  }

  private func check(
    _ format: VP9Format, _ record: VPCodecConfigurationRecord, _ place: () -> String,
    _ log: inout FindingLog
  ) {
    log.require(
      format.bitDepth == record.bitDepth, .vp9Format, place(),
      "has \(format.bitDepth) bits; the sample entry says \(record.bitDepth)")
    let is420 = format.subsamplingX == 1 && format.subsamplingY == 1
    let expected: [Int] = is420 ? [0, 1] : format.subsamplingX == 1 ? [2] : [3, 4]
    log.require(
      expected.contains(record.chromaSubsampling), .vp9Format, place(),
      "its subsampling is \(format.subsamplingX), \(format.subsamplingY); the sample entry says "
        + "chromaSubsampling \(record.chromaSubsampling)")
    log.require(
      format.isFullRange == record.colour.isFullRange, .vp9Format, place(),
      format.isFullRange
        ? "is of full range; the sample entry says limited range"
        : "is of limited range; the sample entry says full range")
    // Containers may cut off what fills the last blocks.
    log.require(
      (0..<16).contains(format.width - width) && (0..<16).contains(format.height - height),
      .pictureSize, place(),
      "the key frame is \(format.width)x\(format.height), the sample entry says \(width)x\(height)")
  }
}
