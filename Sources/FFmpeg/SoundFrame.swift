import CFFmpeg
import NIOCore

/// Samples of sound between FFmpeg's frames and plain bytes: 32-bit floating point in host order,
/// the channels of a sample behind each other.
enum SoundFrame {
  /// Appends the samples of a decoded frame.
  static func interleave(
    _ frame: UnsafeMutablePointer<AVFrame>, into bytes: inout ByteBuffer, name: String
  ) throws(FFmpegError) {
    let count = unsafe Int(frame.pointee.nb_samples)
    let channels = unsafe Int(frame.pointee.ch_layout.nb_channels)
    guard count > 0, channels > 0 else { return }
    let format = AVSampleFormat(rawValue: unsafe frame.pointee.format)
    let isPlanar = av_sample_fmt_is_planar(format) != 0
    bytes.reserveCapacity(minimumWritableBytes: count * channels * 4)
    var planes: [UnsafeRawPointer] = unsafe []
    for index in 0..<(isPlanar ? channels : 1) {
      guard let plane = unsafe frame.pointee.extended_data[index] else {
        throw FFmpegError(.damaged, "\(name): a frame of sound lacks a channel")
      }
      unsafe planes.append(UnsafeRawPointer(plane))
    }
    let packed = av_get_packed_sample_fmt(format)
    let read: (UnsafeRawPointer, Int) -> Float
    switch packed {
    case AV_SAMPLE_FMT_FLT:
      unsafe read = { unsafe $0.loadUnaligned(fromByteOffset: $1 * 4, as: Float.self) }
    case AV_SAMPLE_FMT_DBL:
      unsafe read = { unsafe Float($0.loadUnaligned(fromByteOffset: $1 * 8, as: Double.self)) }
    case AV_SAMPLE_FMT_S16:
      unsafe read = {
        unsafe Float($0.loadUnaligned(fromByteOffset: $1 * 2, as: Int16.self)) / 32_768
      }
    case AV_SAMPLE_FMT_S32:
      unsafe read = {
        unsafe Float(
          Double($0.loadUnaligned(fromByteOffset: $1 * 4, as: Int32.self)) / 2_147_483_648)
      }
    case AV_SAMPLE_FMT_U8:
      unsafe read = { unsafe (Float($0.load(fromByteOffset: $1, as: UInt8.self)) - 128) / 128 }
    default:
      throw FFmpegError(.unsupported, "\(name): samples of the form \(format.rawValue)")
    }
    for sample in 0..<count {
      for channel in 0..<channels {
        let value =
          isPlanar
          ? unsafe read(planes[channel], sample)
          : unsafe read(planes[0], sample * channels + channel)
        bytes.writeInteger(value.bitPattern, endianness: .host)
      }
    }
  }

  /// Fills the planes of a frame, whose format is one of `encodable`.
  static func fill(_ frame: UnsafeMutablePointer<AVFrame>, with samples: ByteBuffer, channels: Int)
  {
    let format = AVSampleFormat(rawValue: unsafe frame.pointee.format)
    let count = unsafe Int(frame.pointee.nb_samples)
    let isPlanar = av_sample_fmt_is_planar(format) != 0
    let is16 = av_get_packed_sample_fmt(format) == AV_SAMPLE_FMT_S16
    var bytes = samples
    for sample in 0..<count {
      for channel in 0..<channels {
        let pattern = bytes.readInteger(endianness: .host, as: UInt32.self) ?? 0
        guard let plane = unsafe frame.pointee.extended_data[isPlanar ? channel : 0] else { return }
        let at = isPlanar ? sample : sample * channels + channel
        if is16 {
          let value = Float(bitPattern: pattern) * 32_768
          let rounded = Int16(max(-32_768, min(32_767, value.isNaN ? 0 : value.rounded())))
          unsafe UnsafeMutableRawPointer(plane).storeBytes(
            of: rounded, toByteOffset: 2 * at, as: Int16.self)
        } else {
          unsafe UnsafeMutableRawPointer(plane).storeBytes(
            of: pattern, toByteOffset: 4 * at, as: UInt32.self)
        }
      }
    }
  }

  /// The best of an encoder's sample formats that `fill` knows.
  static func encodable(_ codec: UnsafePointer<AVCodec>) -> AVSampleFormat? {
    let known = [
      AV_SAMPLE_FMT_FLTP, AV_SAMPLE_FMT_FLT, AV_SAMPLE_FMT_S16P, AV_SAMPLE_FMT_S16,
    ]
    guard var next = unsafe codec.pointee.sample_fmts else { return nil }
    var offered: [AVSampleFormat] = []
    while unsafe next.pointee != AV_SAMPLE_FMT_NONE {
      unsafe offered.append(next.pointee)
      unsafe next += 1
    }
    return known.first(where: offered.contains)
  }
}
