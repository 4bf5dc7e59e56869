import CFFmpeg
package import MediaCore

/// A decoded picture, shared by all who scale or encode it, and changed by none: owns a frame of libavutil.
@safe package final class Picture: @unchecked Sendable {
  // Nobody writes to it once it is made.
  let frame: UnsafeMutablePointer<AVFrame>
  /// What it is, its samples apart.
  package let form: PictureForm

  /// Takes over what a frame holds (`av_frame_move_ref`), which is empty afterwards.
  init(taking other: UnsafeMutablePointer<AVFrame>) throws(FFmpegError) {
    guard let frame = unsafe av_frame_alloc() else {
      throw FFmpegError(.system, "no memory for a picture")
    }
    unsafe av_frame_move_ref(frame, other)
    unsafe self.frame = frame
    form = unsafe PictureForm(frame)
  }

  deinit {
    var frame: UnsafeMutablePointer<AVFrame>? = unsafe frame
    unsafe av_frame_free(&frame)
  }

  /// Parts were lost, and filled in by the decoder.
  package var isDamaged: Bool {
    unsafe frame.pointee.decode_error_flags != 0
      || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
  }

  /// Ticks of the stream; `nil` if nothing tells.
  package var presentationTime: Int64? {
    let time = unsafe frame.pointee.best_effort_timestamp
    return time == dougong_av_nopts ? nil : time
  }

  /// Ticks of the stream; 0 if it does not say.
  package var duration: Int64 { unsafe frame.pointee.pkt_duration }

  /// Bytes that its samples take.
  package var byteCount: Int {
    max(
      0,
      unsafe Int(
        av_image_get_buffer_size(
          AVPixelFormat(rawValue: frame.pointee.format), frame.pointee.width,
          frame.pointee.height, 1)))
  }

  /// What the stream says of the display and light levels that it was made for.
  package var masteringDisplay: MasteringDisplay? {
    guard
      let display = value(
        AV_FRAME_DATA_MASTERING_DISPLAY_METADATA, AVMasteringDisplayMetadata.self)
    else { return nil }
    return MasteringDisplay(display)
  }

  package var contentLight: ContentLight? {
    guard
      let light = value(
        AV_FRAME_DATA_CONTENT_LIGHT_LEVEL, AVContentLightMetadata.self)
    else { return nil }
    return ContentLight(light)
  }

  private func value<T>(_ type: AVFrameSideDataType, _: T.Type) -> T? {
    guard let side = unsafe av_frame_get_side_data(frame, type),
      unsafe side.pointee.size >= MemoryLayout<T>.size, let data = unsafe side.pointee.data
    else { return nil }
    return unsafe UnsafeRawPointer(data).loadUnaligned(as: T.self)
  }
}

/// What filters and encoders must know of a picture before it comes.
package struct PictureForm: Hashable, Sendable {
  /// In samples, after cropping.
  package var width: Int
  package var height: Int
  /// Of one sample.
  package var aspectRatio: Rational
  /// As the stream says it: 2 is unknown (ISO/IEC 23091-2).
  package var colour: ColourInformation
  package var bitDepth: Int
  /// Two fields, of two moments.
  package var isInterlaced: Bool
  /// Chroma has half the columns and half the rows of luma.
  package var isSubsampled: Bool
  /// libavutil's number of the pixel format.
  var pixelFormat: CInt

  init(_ frame: UnsafeMutablePointer<AVFrame>) {
    width = unsafe Int(frame.pointee.width)
    height = unsafe Int(frame.pointee.height)
    aspectRatio =
      unsafe Rational(
        Int64(frame.pointee.sample_aspect_ratio.num), Int64(frame.pointee.sample_aspect_ratio.den))
      ?? .one
    pixelFormat = unsafe frame.pointee.format
    let description = unsafe av_pix_fmt_desc_get(AVPixelFormat(rawValue: pixelFormat))
    bitDepth = unsafe description.map { unsafe Int($0.pointee.comp.0.depth) } ?? 8
    isSubsampled =
      unsafe description.map {
        unsafe $0.pointee.log2_chroma_w == 1 && $0.pointee.log2_chroma_h == 1
      } ?? true
    isInterlaced = unsafe frame.pointee.interlaced_frame != 0
    // The formats of JPEG are full range whatever the frame says.
    let full = [AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUVJ444P].map(\.rawValue)
    let isRGB =
      unsafe description.map { unsafe $0.pointee.flags & UInt64(AV_PIX_FMT_FLAG_RGB) != 0 } ?? false
    colour = unsafe ColourInformation(
      primaries: UInt16(clamping: frame.pointee.color_primaries.rawValue),
      transfer: UInt16(clamping: frame.pointee.color_trc.rawValue),
      matrix: isRGB ? 0 : UInt16(clamping: frame.pointee.colorspace.rawValue),
      isFullRange: isRGB || frame.pointee.color_range == AVCOL_RANGE_JPEG
        || full.contains(pixelFormat))
  }

  package var range: VideoRange { VideoRange(colour) }
}
