import Library
import MediaCore

/// Titles made of numbers: nothing is on disk.
enum Titles {
  static let film = Timescale(literal: 24000)
  static let audio = Timescale(literal: 48000)
  static let pq = ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false)
  static let bt709 = ColourInformation(primaries: 1, transfer: 1, matrix: 1, isFullRange: false)

  /// Segments that follow each other, of these bytes and ticks.
  static func segments(
    after first: Int64, _ parts: [(bytes: Int64, ticks: Int64)], sapType: UInt8 = 1,
    iFrameShare: Int64 = 0
  ) -> [IndexedSegment] {
    var (offset, start): (Int64, Int64) = (first, 0)
    return parts.map { bytes, ticks in
      defer { (offset, start) = (offset + bytes, start + ticks) }
      return IndexedSegment(
        range: ByteRange(offset: offset, count: bytes), start: start, duration: ticks,
        sapType: sapType, firstSampleEnd: iFrameShare == 0 ? 0 : bytes / iFrameShare)
    }
  }

  static func video(
    _ name: String, _ width: Int, _ height: Int, codecs: String = "hvc1.2.4.L150.90",
    colour: ColourInformation = pq, aspect: Rational = .one,
    frameRate: Rational? = Rational(literal: 24000, 1001), sapType: UInt8 = 1,
    timescale: Timescale = film, _ parts: [(bytes: Int64, ticks: Int64)]
  ) -> TitleTrack {
    let displayWidth = (width * Int(aspect.numerator)) / Int(aspect.denominator)
    let index = TrackIndex(
      name: name, version: "0123456789abcdef", byteCount: 1000 + parts.reduce(0) { $0 + $1.bytes },
      header: ByteRange(offset: 0, count: 900), sidx: ByteRange(offset: 900, count: 100),
      timescale: timescale, codecs: codecs,
      format: .video(
        VideoFormat(
          width: width, height: height, sampleAspectRatio: aspect, displayWidth: displayWidth,
          displayHeight: height, frameRate: frameRate, colour: colour)),
      language: "und",
      segments: segments(after: 1000, parts, sapType: sapType, iFrameShare: 8))
    return TitleTrack(index: index, label: "", roles: [], isDefault: false)
  }

  static func audio(
    _ name: String, _ language: String, _ label: String, codecs: String = "mp4a.40.2",
    channels: Int = 2, roles: [String] = [], isDefault: Bool = false,
    _ parts: [(bytes: Int64, ticks: Int64)]
  ) -> TitleTrack {
    let index = TrackIndex(
      name: name, version: "fedcba9876543210", byteCount: 800 + parts.reduce(0) { $0 + $1.bytes },
      header: ByteRange(offset: 0, count: 720), sidx: ByteRange(offset: 720, count: 80),
      timescale: audio, codecs: codecs,
      format: .audio(AudioFormat(channelCount: channels, sampleRate: 48000)), language: language,
      segments: segments(after: 800, parts))
    return TitleTrack(index: index, label: label, roles: roles, isDefault: isDefault)
  }

  /// 48 frames at 24000/1001 are 2.002 s; the last segment is shorter.
  static let filmTicks: [Int64] = [48048, 48048, 48048, 24024]
  static let audioTicks: [Int64] = [96256, 96256, 95232, 48128]

  static func parts(_ bytes: [Int64], _ ticks: [Int64]) -> [(bytes: Int64, ticks: Int64)] {
    zip(bytes, ticks).map { ($0, $1) }
  }

  /// A drama in HDR10 with SDR renditions for older devices, in two languages and a commentary.
  static let drama = Title(
    name: "drama",
    tracks: [
      video(
        "video-2160p", 3840, 2160, parts([5_000_000, 6_200_000, 4_100_000, 1_900_000], filmTicks)),
      video(
        "video-1080p", 1920, 1080, codecs: "hvc1.2.4.L120.90",
        parts([1_400_000, 1_750_000, 1_200_000, 500_000], filmTicks)),
      video(
        "video-1080p-sdr", 1920, 1080, codecs: "avc1.640028", colour: bt709,
        parts([1_300_000, 1_500_000, 1_150_000, 450_000], filmTicks)),
      video(
        "video-540p-sdr", 960, 540, codecs: "avc1.64001f", colour: bt709,
        parts([400_000, 480_000, 350_000, 150_000], filmTicks)),
      audio(
        "audio-de", "de", "Deutsch", isDefault: true,
        parts([32_500, 32_480, 32_100, 16_300], audioTicks)),
      audio(
        "audio-en", "en", "English", parts([32_400, 32_600, 32_200, 16_200], audioTicks)),
      audio(
        "audio-en-commentary", "en", "Commentary", roles: ["commentary"],
        parts([24_400, 24_600, 24_200, 12_200], audioTicks)),
    ])
}
