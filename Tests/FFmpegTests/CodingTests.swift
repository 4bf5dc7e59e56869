import FFmpeg
import MediaCore
import NIOCore
import TestSupport
import Testing

@Suite struct CodingTests {
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

  private func sample(_ picture: RGBPicture, _ x: Int, _ y: Int) -> [Int] {
    let at = (y * picture.width + x) * 3
    return (0..<3).map { Int(picture.bytes.getInteger(at: at + $0, as: UInt8.self) ?? 0) }
  }

  private func encoded(_ options: EncoderOptions, _ pictures: [RGBPicture]) throws -> (
    packets: [EncodedPacket], extradata: ByteBuffer
  ) {
    var encoder = try Encoder.open(options)
    var packets: [EncodedPacket] = []
    for (index, picture) in pictures.enumerated() {
      try encoder.send(picture, presentationTime: Int64(index))
      while let packet = try encoder.receive() { packets.append(packet) }
    }
    try encoder.finish()
    while let packet = try encoder.receive() { packets.append(packet) }
    return (packets, encoder.extradata)
  }

  @Test(arguments: [(64, 48), (65, 33), (2, 2)])
  func `a JPEG decodes to the picture it was made of`(_ width: Int, _ height: Int) throws {
    var video = EncoderOptions.Video(width: width, height: height)
    video.isJPEG = true
    var options = EncoderOptions("mjpeg", .video(video), timescale: Timescale(literal: 1))
    options.quantiser = 2
    let picture = quarters(width: width, height: height)
    let packets = try encoded(options, [picture]).packets
    #expect(packets.count == 1)
    #expect(try encoded(options, [picture]).packets == packets)
    var decoder = try Decoder.open(CodecParameters(codecName: "mjpeg"), name: "a test")
    try decoder.send(packets[0].payload, presentationTime: 7)
    let received = try decoder.receive()
    let frame = try #require(received)
    #expect(frame.presentationTime == 7)
    #expect((frame.width, frame.height) == (width, height))
    let back = try decoder.picture(width: width, height: height, depth: .eight)
    for (x, y) in [(0, 0), (width - 1, 0), (0, height - 1), (width - 1, height - 1)]
    where width > 2 {
      for (one, other) in zip(sample(back, x, y), sample(picture, x, y)) {
        #expect(abs(one - other) < 24, "at \(x), \(y)")
      }
    }
  }

  @Test func `H.264 with a key frame on request decodes to as many pictures`() throws {
    var options = EncoderOptions(
      "libx264", .video(EncoderOptions.Video(width: 64, height: 48)),
      timescale: Timescale(literal: 1))
    options.options = [("preset", "veryfast"), ("crf", "20"), ("g", "1")]
    let result = try encoded(
      options, [RGBPicture](repeating: quarters(width: 64, height: 48), count: 5))
    #expect(result.packets.map(\.isKey) == [true, true, true, true, true])
    #expect(result.extradata.readableBytes > 0)
    var parameters = CodecParameters(codecName: "h264")
    parameters.extradata = result.extradata
    var decoder = try Decoder.open(parameters, name: "a test")
    var times: [Int64?] = []
    for packet in result.packets {
      try decoder.send(packet.payload, presentationTime: packet.presentationTime)
      while let frame = try decoder.receive() { times.append(frame.presentationTime) }
    }
    try decoder.finish()
    while let frame = try decoder.receive() {
      times.append(frame.presentationTime)
      let back = try decoder.picture(width: 32, height: 24, depth: .sixteen)
      #expect(back.bytes.readableBytes == 32 * 24 * 6)
    }
    #expect(times == [0, 1, 2, 3, 4])
  }

  @Test(arguments: ["aac", "libopus", "eac3"])
  func `sound comes back as long and as loud as it was`(_ name: String) throws {
    var audio = EncoderOptions.Audio(sampleRate: 48_000, channelCount: 2)
    audio.channelMask = 3
    var options = EncoderOptions(name, .audio(audio), timescale: Timescale(literal: 48_000))
    options.bitsPerSecond = 192_000
    var encoder = try Encoder.open(options)
    let step = encoder.frameSampleCount
    #expect(step > 0)
    var packets: [EncodedPacket] = []
    let count = 40
    for frame in 0..<count {
      var sound = ByteBuffer()
      for index in 0..<step {
        // A square wave of 375 Hz is whole in 128 samples.
        let value: Float = (frame * step + index) % 128 < 64 ? 0.25 : -0.25
        for _ in 0..<2 { sound.writeInteger(value.bitPattern, endianness: .host) }
      }
      try encoder.send(sound: sound, presentationTime: Int64(frame * step))
      while let packet = try encoder.receive() { packets.append(packet) }
    }
    try encoder.finish()
    while let packet = try encoder.receive() { packets.append(packet) }
    var parameters = CodecParameters(codecName: name == "libopus" ? "opus" : name)
    parameters.extradata = encoder.extradata
    var decoder = try Decoder.open(parameters, name: "a test")
    var sound = ByteBuffer()
    for packet in packets {
      try decoder.send(packet.payload, presentationTime: packet.presentationTime)
      while let frame = try decoder.receive() {
        #expect(frame.sampleRate == 48_000)
        #expect(frame.channelMask == 3)
        try decoder.copySound(into: &sound)
      }
    }
    try decoder.finish()
    while try decoder.receive() != nil { try decoder.copySound(into: &sound) }
    let samples = sound.readableBytes / 8
    #expect(samples >= count * step)
    #expect(samples <= (count + 4) * step)
    var power: Double = 0
    while let pattern = sound.readInteger(endianness: .host, as: UInt32.self) {
      power += Double(Float(bitPattern: pattern)) * Double(Float(bitPattern: pattern))
    }
    let level = (power / Double(2 * count * step)).squareRoot()
    #expect((0.2...0.3).contains(level))
  }

  @Test func `a converter changes rate and loudspeakers, and holds nothing back at the end`() throws
  {
    var converter = try SoundConverter.open(
      from: SoundConverter.Form(sampleRate: 8000, channelCount: 1),
      to: SoundConverter.Form(sampleRate: 48_000, channelCount: 2))
    var source = ByteBuffer()
    for _ in 0..<8000 { source.writeInteger(Float(0.5).bitPattern, endianness: .host) }
    var target = ByteBuffer()
    try converter.convert(source, into: &target)
    try converter.finish(into: &target)
    #expect(abs(target.readableBytes / 8 - 48_000) <= 64)
  }

  @Test func `what no decoder takes is told in a sentence`() throws {
    #expect(throws: FFmpegError.self) {
      _ = try Decoder.open(CodecParameters(codecName: "no-such-coding"), name: "a test")
    }
    #expect(throws: FFmpegError.self) {
      _ = try Encoder.open(
        EncoderOptions(
          "no-such-encoder", .video(EncoderOptions.Video(width: 2, height: 2)),
          timescale: Timescale(literal: 1)))
    }
    var decoder = try Decoder.open(CodecParameters(codecName: "mjpeg"), name: "a test")
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
