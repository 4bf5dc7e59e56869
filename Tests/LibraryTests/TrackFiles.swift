import CMAF
import ISOBMFF
import MediaCore
import NIOCore

/// Small track files: true boxes around payloads of no picture and no sound.
enum TrackFiles {
  /// High profile at level 3.1: of 1280x720, whatever the sample entry says.
  private static let avcC: [UInt8] = [
    1, 0x64, 0, 0x1f, 0xff, 0xe1, 0, 25, 0x67, 0x64, 0x00, 0x1f, 0xac, 0xd9, 0x40, 0x50, 0x05, 0xbb,
    0x01, 0x6c, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80, 0x00, 0x00, 0x1e, 0x07, 0x8c, 0x18, 0xcb, 1, 0,
    6, 0x68, 0xeb, 0xe3, 0xcb, 0x22, 0xc0,
  ]
  private static let esds: [UInt8] = [
    0, 0, 0, 0, 3, 25, 0, 1, 0, 4, 17, 0x40, 0x15, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0xf4, 0, 5, 2, 0x11,
    0x90, 6, 1, 2,
  ]

  static func video(segments: Int = 3, samples: Int = 4) -> ByteBuffer {
    let entry = VisualSampleEntry(
      type: "avc1", width: 64, height: 36, configurationType: "avcC",
      configuration: ByteBuffer(bytes: avcC),
      colour: ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false),
      pixelAspectRatio: Rational(4, 3))
    let header = CMAFHeader(
      timescale: Timescale(literal: 24000), language: "und", entry: .video(entry),
      displayWidth: 85, displayHeight: 36, hasNonSyncSamples: true)
    return file(header, segments: segments, samples: samples, duration: 1001)
  }

  static func audio(language: String = "deu") -> ByteBuffer {
    let entry = AudioSampleEntry(
      type: "mp4a", channelCount: 2, sampleRate: 48000, configurationType: "esds",
      configuration: ByteBuffer(bytes: esds))
    let header = CMAFHeader(
      timescale: Timescale(literal: 48000), language: language, entry: .audio(entry),
      mediaStart: 1024, hasNonSyncSamples: false, rollDistance: -1)
    return file(header, segments: 2, samples: 5, duration: 1024)
  }

  static func webVTT(segments: Int) -> ByteBuffer {
    let header = CMAFHeader(
      timescale: Timescale(literal: 24000), language: "deu",
      entry: .text(.webVTT(configuration: ByteBuffer(string: "WEBVTT"))), hasNonSyncSamples: false)
    return file(header, segments: segments, samples: 1, duration: 4004)
  }

  static func ttml(segments: Int) -> ByteBuffer {
    let header = CMAFHeader(
      timescale: Timescale(literal: 24000), language: "deu", entry: .text(.ttml(.imsc1Text)),
      hasNonSyncSamples: false)
    return file(header, segments: segments, samples: 1, duration: 4004)
  }

  private static func file(
    _ header: CMAFHeader, segments: Int, samples: Int, duration: UInt32
  ) -> ByteBuffer {
    var media = ByteBuffer()
    var references: [SegmentIndexBox.Reference] = []
    for number in 0..<segments {
      let start = media.writerIndex
      let fragment = Fragment(
        sequenceNumber: UInt32(number + 1),
        baseMediaDecodeTime: UInt64(number * samples) * UInt64(duration),
        durations: [UInt32](repeating: duration, count: samples),
        compositionOffsets: [Int32](repeating: 0, count: samples),
        sizes: (0..<samples).map { UInt32(100 - $0) }[...],
        flags: header.hasNonSyncSamples
          ? (0..<samples).map { $0 == 0 ? Fragment.syncFlags : 0x0101_0000 } : [],
        isRolling: header.rollDistance != 0)
      fragment.writeHeaders(into: &media)
      media.writeRepeatingByte(UInt8(number), count: Int(fragment.shape.payloadByteCount))
      references.append(
        .init(
          byteCount: UInt32(media.writerIndex - start), duration: UInt32(samples) * duration,
          startsWithSAP: true, sapType: 1))
    }
    var bytes = header.bytes
    SegmentIndexBox(
      referenceID: 1, timescale: header.timescale, earliestPresentationTime: 0,
      references: references
    ).write(into: &bytes)
    bytes.writeBuffer(&media)
    return bytes
  }
}
