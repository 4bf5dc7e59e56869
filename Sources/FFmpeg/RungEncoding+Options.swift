import CFFmpeg
import Codecs
import MediaCore

/// What a rung is in the words of its encoder.
extension RungEncoding {
  /// What all encoders of libavcodec are told.
  func configure(_ context: borrowing EncoderContext) {
    let pointer = unsafe context.pointer
    unsafe pointer.pointee.width = CInt(clamping: width)
    unsafe pointer.pointee.height = CInt(clamping: height)
    unsafe pointer.pointee.pix_fmt = bitDepth > 8 ? AV_PIX_FMT_YUV420P10LE : AV_PIX_FMT_YUV420P
    unsafe pointer.pointee.time_base = AVRational(
      num: CInt(clamping: frameRate.denominator), den: CInt(clamping: frameRate.numerator))
    unsafe pointer.pointee.framerate = AVRational(
      num: CInt(clamping: frameRate.numerator), den: CInt(clamping: frameRate.denominator))
    unsafe pointer.pointee.color_range = AVCOL_RANGE_MPEG
    unsafe pointer.pointee.color_primaries = AVColorPrimaries(UInt32(colour.primaries))
    unsafe pointer.pointee.color_trc = AVColorTransferCharacteristic(UInt32(colour.transfer))
    unsafe pointer.pointee.colorspace = AVColorSpace(UInt32(colour.matrix))
    unsafe pointer.pointee.gop_size = CInt(clamping: keyFrameDistance)
    unsafe pointer.pointee.max_b_frames = CInt(clamping: bidirectionalFrames)
    unsafe pointer.pointee.thread_count = CInt(clamping: threadCount)
    unsafe pointer.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
    unsafe pointer.pointee.flags |= CInt(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
    if case .average(let bits) = rate { unsafe pointer.pointee.bit_rate = bits }
    if let level { unsafe pointer.pointee.level = CInt(level) }
    guard usesBufferModel, Self.hasBufferModel(codec) else { return }
    unsafe pointer.pointee.rc_max_rate = maximumBitsPerSecond
    unsafe pointer.pointee.rc_buffer_size = CInt(clamping: bufferBits)
  }

  /// The encoder's own options.
  var options: [(String, String)] {
    switch codec {
    case .h264: h264Options
    case .hevc: hevcOptions
    case .av1: av1Options
    case .vp9: []
    }
  }

  private var quality: [(String, String)] {
    if case .constantQuality(let factor) = rate { [("crf", "\(factor)")] } else { [] }
  }

  private static func joined(_ parameters: [(String, String)]) -> String {
    parameters.map { "\($0.0)=\($0.1)" }.joined(separator: ":")
  }

  private var h264Options: [(String, String)] {
    var own = [
      ("scenecut", "0"), ("open-gop", "0"), ("force-cfr", "1"), ("keyint", "\(keyFrameDistance)"),
      ("min-keyint", "1"), ("sliced-threads", "0"), ("stitchable", "1"),
      ("bframes", "\(bidirectionalFrames)"),
      // Pictures that wait for the look ahead, which has a thread of its own where there are several. Each takes memory.
      ("sync-lookahead", lookahead == nil ? "1" : "0"),
    ]
    // Its look ahead shares a picture among threads, whatever machine it is, and comes to the same.
    if width * height >= Self.sharedSampleCount, !isLowDelay {
      own.append(("lookahead-threads", "2"))
    }
    if (width + 15) / 16 % Self.weighedAtOnce != 0 { own.append(("cpu-independent", "1")) }
    if let lookahead {
      own.append(("rc-lookahead", "\(lookahead)"))
      if lookahead == 0 { own.append(("mbtree", "0")) }
    }
    return [
      ("preset", preset), ("profile", "high"), ("forced-idr", "1"),
      ("x264-params", Self.joined(own)),
    ] + quality
  }

  /// Samples of pictures whose look ahead is worth a second thread.
  private static let sharedSampleCount = 1920 * 1080
  /// Macroblocks that x264 weighs at once with AVX-512. Where a row is no multiple of them, the bytes would be those of processors
  /// that have it, and of what memory held behind the last row before: then it is told to do without.
  private static let weighedAtOnce = 8

  private var hevcOptions: [(String, String)] {
    var own = [
      ("scenecut", "0"), ("open-gop", "0"), ("keyint", "\(keyFrameDistance)"), ("min-keyint", "1"),
      ("bframes", "\(bidirectionalFrames)"), ("frame-threads", "1"), ("info", "0"),
      ("repeat-headers", "0"), ("log-level", "none"),
      ("pools", threadCount > 1 ? "\(threadCount)" : "none"), ("wpp", threadCount > 1 ? "1" : "0"),
    ]
    if let lookahead { own.append(("rc-lookahead", "\(max(lookahead, bidirectionalFrames))")) }
    if isLowDelay { own.append(("b-adapt", "0")) }
    if range == .pq { own += [("hdr10", "1"), ("hdr10-opt", "1")] }
    if let display = masteringDisplay {
      let points = display.coordinates.map(Int.init)
      own.append(
        (
          "master-display",
          "G(\(points[0]),\(points[1]))B(\(points[2]),\(points[3]))R(\(points[4]),\(points[5]))"
            + "WP(\(points[6]),\(points[7]))L(\(display.maximumLuminance),"
            + "\(display.minimumLuminance))"
        ))
    }
    if let light = contentLight {
      own.append(("max-cll", "\(light.maximum),\(light.maximumFrameAverage)"))
    }
    return [("preset", preset), ("forced-idr", "1"), ("x265-params", Self.joined(own))] + quality
  }

  private var av1Options: [(String, String)] {
    var own = [("scd", "0"), ("lp", "\(threadCount)")]
    switch rate {
    // Without delay its constant rate alone keeps to a rate.
    case .average: own += isLowDelay ? [("rc", "2"), ("pred-struct", "1")] : [("rc", "1")]
    case .constantQuality: own.append(("mbr", "\(maximumBitsPerSecond / 1000)"))
    }
    if let lookahead, !isLowDelay { own.append(("lookahead", "\(lookahead)")) }
    return [("preset", preset), ("svtav1-params", Self.joined(own))] + quality
  }

  /// A key frame is only where the encoder itself has one: it begins anew at any other.
  var canForceKeyFrames: Bool { codec != .av1 }
}
