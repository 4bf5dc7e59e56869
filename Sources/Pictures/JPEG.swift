import FFmpeg
import FileIO
import NIOCore

/// Pictures as JPEG files.
enum JPEG {
  /// - Parameter quantiser: from 2 (best) to 31.
  static func bytes(of picture: RGBPicture, quantiser: Int) throws -> ByteBuffer {
    var encoder = try PictureEncoder.open(
      PictureEncoding(.jpeg(quantiser: quantiser), width: picture.width, height: picture.height))
    try encoder.send(picture, presentationTime: 0)
    if let sample = try encoder.receive() { return sample.payload }
    try encoder.finish()
    guard let sample = try encoder.receive() else {
      throw FFmpegError(.unsupported, "the JPEG encoder gives no picture")
    }
    return sample.payload
  }

  /// Writes a new file.
  static func write(_ bytes: ByteBuffer, to path: String) throws {
    let file = try WritableFile(creating: path)
    try file.write(bytes, at: 0)
    try file.synchronize()
  }
}
