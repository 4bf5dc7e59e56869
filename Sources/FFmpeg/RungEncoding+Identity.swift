import CFFmpeg
package import Codecs

extension RungEncoding {
  /// Which encoder of which FFmpeg makes pictures of a codec: what their bytes depend on beside the
  /// settings.
  /// - Throws: `.unsupported`, with the Debian package, if the encoder is not there.
  package static func identity(_ codec: VideoCodec) throws(FFmpegError) -> String {
    guard let (name, package) = encoder(codec) else {
      throw FFmpegError(
        .unsupported, "pictures are not encoded in \(codec.rawValue); choose h264, hevc or av1")
    }
    guard unsafe avcodec_find_encoder_by_name(name) != nil else {
      throw FFmpegError(
        .unsupported,
        "this FFmpeg has no encoder called \(name); it comes with the Debian package \(package), "
          + "which libavcodec loads")
    }
    let version = unsafe av_version_info().map { unsafe String(cString: $0) } ?? ""
    return "\(name) \(version)"
  }
}
