import MediaCore
import NIOCore
import Testing

@testable import Codecs

/// Records and frames of AC-3, E-AC-3, Opus, FLAC and MP3.
struct SoundTests {
  /// First bytes of frames as FFmpeg's encoders write them: 5.1 at 448 kbit/s and 48 kHz, stereo.
  private static let ac3 = hex("0b77 d0f8 1e40 ebf8")

  @Test func `an AC-3 header gives rate, channels and length`() throws {
    let header = try AC3Header(in: Self.ac3, at: 0)
    #expect(header.sampleRate == 48_000)
    #expect(header.channelCount == 6)
    #expect(header.byteCount == 1792)
    // What FFmpeg 5.1 writes into `dac3` of that stream.
    #expect(hex(AC3SpecificBox(header).bytes) == "103de0")
  }

  /// Words of a frame (ETSI TS 102 366 Table 4.13): at 44.1 kHz a frame may have a word more.
  @Test(arguments: [
    (0x00, 128), (0x40, 138), (0x41, 140), (0x80, 192), (0x1e, 1792), (0x5e, 1950), (0x5f, 1952),
    (0x25, 2560), (0x65, 2788),
  ])
  func `frame sizes follow the table`(code: Int, byteCount: Int) throws {
    let bytes = ByteBuffer(bytes: [0x0b, 0x77, 0, 0, UInt8(code), 0x40, 0x40, 0])
    #expect(try AC3Header(in: bytes, at: 0).byteCount == byteCount)
  }

  @Test func `dec3 tells objects and their number`() throws {
    // Of Dolby's own test stream with Atmos, and of one without.
    let atmos = try EAC3SpecificBox(parsing: hex("1400200f000110"))
    #expect(atmos.objectCount == 16)
    #expect(atmos.channelCount == 6)
    #expect(atmos.channelMap == 0xf801)
    #expect(atmos.sampleRate == 48_000)
    #expect(hex(atmos.bytes) == "1400200f000110")
    let plain = try EAC3SpecificBox(parsing: hex("1f40200f00"))
    #expect(plain.objectCount == nil)
    #expect(hex(plain.bytes) == "1f40200f00")
  }

  @Test func `dependent substreams add channels`() throws {
    var box = try EAC3SpecificBox(parsing: hex("1f40200f00"))
    box.substreams[0].dependentCount = 1
    box.substreams[0].addedLocations = 2  // the pair behind
    let read = try EAC3SpecificBox(parsing: box.bytes)
    #expect(read == box)
    #expect(read.channelCount == 8)
    #expect(read.channelMap == 0xfa01)
    #expect(DolbySilence.eac3(read) == nil)
  }

  /// RFC 6716 Table 2 and §3.2.
  @Test(
    arguments: [
      ([0x00], 480), ([0x08], 960), ([0x18], 2880), ([0x60], 480), ([0x68], 960), ([0x80], 120),
      ([0xf8], 960), ([0xf9], 1920), ([0xfa, 0], 1920), ([0xfb, 3], 2880), ([0xe3, 48], 5760),
    ] as [([UInt8], Int)])
  func `an Opus packet tells its length`(bytes: [UInt8], sampleCount: Int) throws {
    let packet = ByteBuffer(bytes: bytes)
    #expect(try OpusPacket(in: packet, at: 0, count: bytes.count).sampleCount == sampleCount)
  }

  @Test(arguments: [[], [0xfb], [0xfb, 0], [0xfb, 7]] as [[UInt8]])
  func `an Opus packet of no or too many frames is refused`(bytes: [UInt8]) {
    #expect(throws: CodecsError.self) {
      try OpusPacket(in: ByteBuffer(bytes: bytes), at: 0, count: bytes.count)
    }
  }

  @Test func `OpusHead becomes dOps in network order`() throws {
    let head = hex("4f70757348656164 01 02 3801 80bb0000 0000 00")
    let box = try OpusSpecificBox(identificationHeader: head)
    #expect(box.preSkip == 312)
    #expect(hex(box.bytes) == "00020138" + "0000bb80" + "000000")
    let surround = hex("00 06 0138 0000bb80 0000 01 04 02 000401020305")
    let read = try OpusSpecificBox(parsing: surround)
    #expect(read.streamCount == 4 && read.coupledCount == 2)
    #expect(read.bytes == surround)
  }

  @Test func `an MP3 header gives rate, channels and length`() throws {
    let header = try MPEGAudioHeader(in: hex("fffb9064"), at: 0)
    #expect(header.isMPEG1 && header.sampleRate == 44_100 && header.channelCount == 2)
    #expect(header.frameByteCount == 417 && header.samplesPerFrame == 1152)
    // The reservoir of 511 bytes reaches over two frames, and one overlaps.
    #expect(header.reach == 3)
    let low = try MPEGAudioHeader(sampleRate: 22_050, channelCount: 1)
    #expect(!low.isMPEG1 && low.samplesPerFrame == 576 && low.objectTypeIndication == 0x69)
  }

  private static let flac = hex(
    "00000000 80000022 1000 1000 00000e 002a5b 0ac442f0 00020478 00000000000000000000000000000000")

  private static let records: [SampleCoding] = [
    .ac3(hex("103de0")), .eac3(hex("1400200f000110")), .flac(flac),
    .opus(hex("00 06 0138 0000bb80 0000 01 04 02 000401020305")), .mp3(hex("fffb9064")),
    .aac(hex("1190")),
  ]

  @Test(arguments: records)
  func `a record is read again from what it writes, and refused when cut`(
    coding: SampleCoding
  ) throws {
    let record = try #require(try SoundRecord(coding))
    #expect(try SoundRecord(record.sampleCoding) == record)
    #expect(record.channelCount > 0 && record.sampleRate > 0 && !record.codecs.isEmpty)
    let bytes: ByteBuffer
    switch record.sampleCoding {
    case .ac3(let own), .eac3(let own), .opus(let own), .flac(let own), .mp3(let own),
      .aac(let own):
      bytes = own
    default: return
    }
    let type = ["ac3": "dac3", "eac3": "dec3", "opus": "dOps", "flac": "dfLa"][record.family]
    guard let type else { return }
    for count in 0..<bytes.readableBytes where !(type == "dec3" && count >= 5) {
      #expect(throws: CodecsError.self) {
        try SoundRecord(
          configurationType: type, configuration: bytes.prefix(count), channelCount: 2,
          sampleRate: 48_000)
      }
    }
    survivesDamage(bytes) {
      _ = try SoundRecord(
        configurationType: type, configuration: $0, channelCount: 2, sampleRate: 48_000)
    }
  }

  @Test(arguments: records)
  func `a silent frame is a frame of its track`(coding: SampleCoding) throws {
    let record = try #require(try SoundRecord(coding))
    let length = record.samplesPerFrame ?? 960
    for made in [
      record.silence(samplesPerFrame: length), record.leadingSilence(samplesPerFrame: length),
    ] {
      let frame = try #require(made)
      let count = frame.readableBytes
      try record.check(frameIn: frame, at: frame.readerIndex, count: count)
      let own = try record.sampleCount(ofFrameIn: frame, at: frame.readerIndex, count: count)
      #expect(own ?? length == length)
      survivesDamage(frame, rounds: 500) {
        try record.check(frameIn: $0, at: $0.readerIndex, count: $0.readableBytes)
        _ = try record.sampleCount(ofFrameIn: $0, at: $0.readerIndex, count: $0.readableBytes)
      }
    }
  }

  @Test func `a FLAC header is held against its checksum`() throws {
    let box = try FLACSpecificBox(parsing: Self.flac)
    #expect(box.sampleRate == 44_100 && box.channelCount == 2 && box.bitsPerSample == 16)
    var frame = try #require(SilentFrame.flac(box, sampleCount: 4096))
    #expect(try FLACFrameHeader(in: frame, at: 0, count: frame.readableBytes).blockSize == 4096)
    frame.setInteger(UInt8(0x80), at: 2)
    #expect(throws: CodecsError.self) {
      try FLACFrameHeader(in: frame, at: 0, count: frame.readableBytes)
    }
  }

  @Test func `spectral band replication is stated first where a stream only implies it`() throws {
    let core = try AudioSpecificConfig(samplingFrequency: 24_000, channelConfiguration: 1)
    let stated = try AudioSpecificConfig(replicating: core, hasPS: true)
    #expect(CodecString.mpeg4Audio(stated) == "mp4a.40.29")
    #expect(stated.outputSampleRate == 48_000 && stated.channelCount == 2)
    #expect(stated.samplesPerFrame == 2048)
    // FFmpeg's encoder says that there is none.
    #expect(try AudioSpecificConfig(parsing: hex("119056e500")).deniesSBR)
  }

  @Test func `roll distances cover what decoders need`() throws {
    let opus = try #require(try SoundRecord(Self.records[3]))
    #expect(opus.rollDistance(samplesPerFrame: 960) == -4)
    #expect(opus.rollDistance(samplesPerFrame: 120) == -32)
    #expect(try SoundRecord(Self.records[5])?.rollDistance(samplesPerFrame: 1024) == -1)
    #expect(try SoundRecord(Self.records[0])?.rollDistance(samplesPerFrame: 1536) == 0)
  }
}
