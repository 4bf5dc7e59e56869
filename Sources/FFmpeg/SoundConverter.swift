import CFFmpeg
package import NIOCore

/// Conversion of sound to another rate and other loudspeakers by libswresample. Samples are 32-bit
/// floating point in host order, the channels of a sample behind each other.
@safe package struct SoundConverter: ~Copyable {
  /// Rate and loudspeakers of sound.
  package struct Form: Sendable, Hashable {
    package var sampleRate: Int
    package var channelCount: Int
    /// As `DecodedFrame.channelMask`; 0 takes the usual loudspeakers of that many channels.
    package var channelMask: UInt64

    package init(sampleRate: Int, channelCount: Int, channelMask: UInt64 = 0) {
      self.sampleRate = sampleRate
      self.channelCount = channelCount
      self.channelMask = channelMask
    }
  }

  private let context: OpaquePointer
  private let source: Form
  private let target: Form

  /// - Throws: `.unsupported` if libswresample knows no way from one form to the other.
  package static func open(from source: Form, to target: Form) throws(FFmpegError) -> SoundConverter
  {
    var from = try unsafe layout(source)
    var to = try unsafe layout(target)
    var context: OpaquePointer?
    try check(
      unsafe swr_alloc_set_opts2(
        &context, &to, AV_SAMPLE_FMT_FLT, CInt(clamping: target.sampleRate), &from,
        AV_SAMPLE_FMT_FLT, CInt(clamping: source.sampleRate), 0, nil),
      "sound cannot be converted")
    guard let context = unsafe context else {
      throw FFmpegError(.system, "no memory to convert sound")
    }
    let converter = unsafe SoundConverter(context: context, source: source, target: target)
    try check(
      unsafe swr_init(context),
      "sound of \(source.channelCount) channels at \(source.sampleRate) Hz cannot be converted to "
        + "\(target.channelCount) at \(target.sampleRate) Hz")
    return converter
  }

  private init(context: OpaquePointer, source: Form, target: Form) {
    unsafe self.context = context
    self.source = source
    self.target = target
  }

  deinit {
    var context: OpaquePointer? = unsafe context
    unsafe swr_free(&context)
  }

  private static func layout(_ form: Form) throws(FFmpegError) -> AVChannelLayout {
    var layout = unsafe AVChannelLayout()
    if form.channelMask != 0 {
      try check(
        unsafe av_channel_layout_from_mask(&layout, form.channelMask),
        "sound has an impossible channel layout")
    } else {
      unsafe av_channel_layout_default(&layout, CInt(clamping: form.channelCount))
    }
    return unsafe layout
  }

  /// Appends what `samples` become; the converter may hold some back (`swr_convert`).
  package mutating func convert(
    _ samples: ByteBuffer, into bytes: inout ByteBuffer
  ) throws(FFmpegError) {
    try run(samples, into: &bytes)
  }

  /// Appends what was held back.
  package mutating func finish(into bytes: inout ByteBuffer) throws(FFmpegError) {
    try run(nil, into: &bytes)
  }

  private func run(_ samples: ByteBuffer?, into bytes: inout ByteBuffer) throws(FFmpegError) {
    let count = (samples?.readableBytes ?? 0) / (4 * max(source.channelCount, 1))
    let room = unsafe swr_get_out_samples(context, CInt(clamping: count))
    try check(room, "sound cannot be converted")
    var output = [UInt8](repeating: 0, count: Int(room) * target.channelCount * 4)
    let made = unsafe output.withUnsafeMutableBytes { output -> CInt in
      var targets: [UnsafeMutablePointer<UInt8>?] = unsafe [
        output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      ]
      guard let samples else {
        return unsafe swr_convert(context, &targets, room, nil, 0)
      }
      return unsafe samples.withUnsafeReadableBytes { input in
        var sources: [UnsafePointer<UInt8>?] = unsafe [
          input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        ]
        return unsafe swr_convert(context, &targets, room, &sources, CInt(clamping: count))
      }
    }
    try check(made, "sound cannot be converted")
    bytes.writeBytes(output[..<(Int(made) * target.channelCount * 4)])
  }
}
