import CFFmpeg
import NIOCore

/// Conversions between sizes and colour models by libswscale: the same bytes on every machine.
@safe struct PictureScaler: ~Copyable {
  private var context: OpaquePointer?

  /// Averages when a picture becomes smaller; every rounding is exact.
  private static let flags =
    SWS_AREA | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP | SWS_BITEXACT
  /// Bytes that libswscale may write behind a row.
  private static let slack = 64

  init() { unsafe context = nil }

  deinit { unsafe sws_freeContext(context) }

  /// A decoded picture as RGB, its full range of values, in the source's primaries and transfer.
  mutating func rgb(
    of frame: UnsafeMutablePointer<AVFrame>, width: Int, height: Int, depth: RGBPicture.Depth
  ) throws(FFmpegError) -> RGBPicture {
    let format = AVPixelFormat(rawValue: unsafe frame.pointee.format)
    let target = depth == .eight ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_RGB48LE
    try unsafe prepare(
      from: (frame.pointee.width, frame.pointee.height, format),
      to: (CInt(clamping: width), CInt(clamping: height), target))
    let isFull = unsafe frame.pointee.color_range == AVCOL_RANGE_JPEG
    unsafe setColours(
      matrix: Self.matrix(frame.pointee.colorspace, height: Int(frame.pointee.height)),
      sourceIsFull: isFull, targetIsFull: true)
    let stride = width * 3 * depth.byteCount
    var rows = [UInt8](repeating: 0, count: stride * height + Self.slack)
    let code = unsafe rows.withUnsafeMutableBytes { bytes -> CInt in
      var target: [UnsafeMutablePointer<UInt8>?] = unsafe [
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil, nil,
      ]
      let strides: [CInt] = [CInt(clamping: stride), 0, 0, 0]
      return unsafe withUnsafePointer(to: frame.pointee.data) { planes in
        unsafe planes.withMemoryRebound(to: UnsafePointer<UInt8>?.self, capacity: 8) { planes in
          unsafe withUnsafePointer(to: frame.pointee.linesize) { lines in
            unsafe lines.withMemoryRebound(to: CInt.self, capacity: 8) { lines in
              unsafe sws_scale(
                context, planes, lines, 0, frame.pointee.height, &target, strides)
            }
          }
        }
      }
    }
    try check(code, "a picture cannot be scaled")
    return RGBPicture(
      width: width, height: height, depth: depth,
      bytes: ByteBuffer(bytes: rows[..<(stride * height)]))
  }

  /// An RGB picture of eight bits into the planes of a frame of the same size.
  mutating func fill(
    _ frame: UnsafeMutablePointer<AVFrame>, with picture: RGBPicture
  ) throws(FFmpegError) {
    let format = AVPixelFormat(rawValue: unsafe frame.pointee.format)
    let size = (CInt(clamping: picture.width), CInt(clamping: picture.height))
    try prepare(from: (size.0, size.1, AV_PIX_FMT_RGB24), to: (size.0, size.1, format))
    unsafe setColours(
      matrix: Self.matrix(frame.pointee.colorspace, height: picture.height), sourceIsFull: true,
      targetIsFull: frame.pointee.color_range == AVCOL_RANGE_JPEG)
    // libswscale reads rows in steps of registers.
    var padded = picture.bytes
    padded.writeRepeatingByte(0, count: Self.slack)
    let code = unsafe padded.withUnsafeReadableBytes { bytes -> CInt in
      let source: [UnsafePointer<UInt8>?] = unsafe [
        bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), nil, nil, nil,
      ]
      let strides: [CInt] = [CInt(clamping: picture.width * 3), 0, 0, 0]
      return unsafe withUnsafePointer(to: frame.pointee.data) { planes in
        unsafe planes.withMemoryRebound(to: UnsafeMutablePointer<UInt8>?.self, capacity: 8) {
          planes in
          unsafe withUnsafePointer(to: frame.pointee.linesize) { lines in
            unsafe lines.withMemoryRebound(to: CInt.self, capacity: 8) { lines in
              unsafe sws_scale(
                context, source, strides, 0, size.1, planes, lines)
            }
          }
        }
      }
    }
    try check(code, "a picture cannot be converted")
  }

  private mutating func prepare(
    from source: (CInt, CInt, AVPixelFormat), to target: (CInt, CInt, AVPixelFormat)
  ) throws(FFmpegError) {
    unsafe context = unsafe sws_getCachedContext(
      context, source.0, source.1, source.2, target.0, target.1, target.2, Self.flags, nil, nil,
      nil)
    guard unsafe context != nil else {
      throw FFmpegError(
        .unsupported,
        "pictures of \(source.0)x\(source.1) in the pixel format \(source.2.rawValue) cannot be "
          + "scaled to \(target.0)x\(target.1)")
    }
  }

  private mutating func setColours(matrix: CInt, sourceIsFull: Bool, targetIsFull: Bool) {
    let table = unsafe sws_getCoefficients(matrix)
    unsafe _ = sws_setColorspaceDetails(
      context, table, sourceIsFull ? 1 : 0, table, targetIsFull ? 1 : 0, 0, 1 << 16, 1 << 16)
  }

  /// libswscale's number of a matrix; what does not say is taken by its size, as players do.
  private static func matrix(_ space: AVColorSpace, height: Int) -> CInt {
    switch space {
    case AVCOL_SPC_BT709: SWS_CS_ITU709
    case AVCOL_SPC_BT2020_NCL, AVCOL_SPC_BT2020_CL: SWS_CS_BT2020
    case AVCOL_SPC_FCC: SWS_CS_FCC
    case AVCOL_SPC_SMPTE240M: SWS_CS_SMPTE240M
    case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: SWS_CS_ITU601
    default: height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601
    }
  }
}
