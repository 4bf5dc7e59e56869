import Codecs
import FFmpeg
import MediaCore
import NIOCore
import Testing

@Suite struct PictureCodingTests {
  /// A picture of four quarters: red, green, blue, white.
  private func quarters(width: Int, height: Int) -> RGBPicture {
    var bytes = ByteBuffer()
    for y in 0..<height {
      for x in 0..<width {
        switch (x < width / 2, y < height / 2) {
        case (true, true): bytes.writeBytes([255, 0, 0])
        case (false, true): bytes.writeBytes([0, 255, 0])
        case (true, false): bytes.writeBytes([0, 0, 255])
        case (false, false): bytes.writeBytes([255, 255, 255])
        }
      }
    }
    return RGBPicture(width: width, height: height, depth: .eight, bytes: bytes)
  }

  private func encoded(_ encoding: PictureEncoding, _ count: Int) throws -> (
    samples: [EncodedPicture], parameterSets: ByteBuffer
  ) {
    var encoder = try PictureEncoder.open(encoding)
    var samples: [EncodedPicture] = []
    for index in 0..<count {
      try encoder.send(
        quarters(width: encoding.width, height: encoding.height), presentationTime: Int64(index))
      while let sample = try encoder.receive() { samples.append(sample) }
    }
    try encoder.finish()
    while let sample = try encoder.receive() { samples.append(sample) }
    return (samples, encoder.parameterSets)
  }

  @Test(arguments: [(64, 48), (65, 33), (2, 2), (1, 1)])
  func `a JPEG has its markers, and the same bytes each time`(_ width: Int, _ height: Int) throws {
    let encoding = PictureEncoding(.jpeg(quantiser: 2), width: width, height: height)
    let samples = try encoded(encoding, 1).samples
    #expect(samples.count == 1)
    let bytes = Array(samples[0].payload.readableBytesView)
    #expect(bytes.starts(with: [0xff, 0xd8]))
    #expect(bytes.suffix(2) == [0xff, 0xd9])
    #expect(try encoded(encoding, 1).samples == samples)
  }

  @Test func `H.264 of key frames alone decodes to as many pictures of the same colours`() throws {
    let result = try encoded(PictureEncoding(.h264(rateFactor: 16), width: 64, height: 48), 5)
    #expect(result.samples.map(\.isKey) == [true, true, true, true, true])
    // A decoder takes start codes too.
    var decoder = try PictureDecoder.open(.h264(result.parameterSets), name: "a test")
    var times: [Int64?] = []
    var corners: [[Int]] = []
    func take(_ frame: DecodedFrame, _ picture: RGBPicture) {
      times.append(frame.presentationTime)
      guard corners.isEmpty else { return }
      for (x, y) in [(2, 2), (61, 2), (2, 45), (61, 45)] {
        let at = (y * picture.width + x) * 3
        corners.append(
          (0..<3).map { Int(picture.bytes.getInteger(at: at + $0, as: UInt8.self) ?? 0) })
      }
    }
    for sample in result.samples {
      try decoder.send(sample.payload, presentationTime: sample.presentationTime)
      while let frame = try decoder.receive() {
        take(frame, try decoder.picture(width: 64, height: 48, depth: .eight))
      }
    }
    try decoder.finish()
    while let frame = try decoder.receive() {
      take(frame, try decoder.picture(width: 64, height: 48, depth: .eight))
      let deep = try decoder.picture(width: 32, height: 24, depth: .sixteen)
      #expect(deep.bytes.readableBytes == 32 * 24 * 6)
    }
    #expect(times == [0, 1, 2, 3, 4])
    let expected = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]
    for (found, wanted) in zip(corners, expected) {
      for (one, other) in zip(found, wanted) { #expect(abs(one - other) < 12) }
    }
  }

  @Test func `what cannot be decoded or encoded is told in a sentence`() throws {
    #expect(throws: FFmpegError.self) {
      _ = try PictureDecoder.open(.unsupported("VVC"), name: "a test")
    }
    #expect(throws: FFmpegError.self) {
      _ = try PictureEncoder.open(PictureEncoding(.jpeg(quantiser: 4), width: 0, height: 2))
    }
    var decoder = try PictureDecoder.open(.vp9(ByteBuffer()), name: "a test")
    var failed = false
    do {
      try decoder.send(ByteBuffer(string: "no picture"), presentationTime: 0)
      _ = try decoder.receive()
    } catch {
      failed = true
      #expect(error.code == .damaged)
    }
    #expect(failed)
  }
}
