import Codecs
import Library
import MediaCore

/// One track of a source.
struct TrackReport: Encodable {
  var number: Int
  var kind: String
  var codecs: String
  var language: String
  var label: String?
  var roles: [String]
  var isDefault: Bool
  var width: Int?
  var height: Int?
  var sampleAspectRatio: String?
  var bitDepth: Int?
  /// Measured: `25`, `24000/1001`; the mean if the distances differ.
  var frameRate: String?
  var isConstantFrameRate: Bool?
  var range: String?
  /// Primaries, transfer, matrix (ISO/IEC 23091-2); 2 is "unspecified".
  var colour: [UInt16]?
  var isFullRange: Bool?
  var channels: Int?
  /// Objects of joint object coding.
  var objects: Int?
  var sampleRate: Int?
  var timescale: UInt32
  var samples: Int
  var bytes: Int64
  var start: Double
  var duration: Double
  var closedKeyFrames: Int
  var openKeyFrames: Int
  /// Seconds.
  var longestKeyFrameDistance: Double?
  var bitsPerSecond: Int64
  var note: String?

  init(_ track: SourceTrack) {
    let statistics = SampleStatistics(track)
    number = track.number
    kind = track.kind.rawValue
    language = LanguageTag.bcp47(track.language)
    label = track.label
    roles = track.roles
    isDefault = track.isDefault
    timescale = track.timescale.ticksPerSecond
    samples = statistics.sampleCount
    bytes = statistics.byteCount
    start = statistics.start.seconds
    duration = statistics.duration.seconds
    closedKeyFrames = statistics.closedCount
    openKeyFrames = statistics.openCount
    longestKeyFrameDistance = statistics.longestDistance?.seconds
    bitsPerSecond = statistics.bitsPerSecond
    codecs = ""
    do {
      let summary = try CodingSummary(track)
      codecs = summary.codecs
      take(summary)
    } catch { note = "its decoder configuration cannot be read: \(error)" }
    if track.kind == .video {
      frameRate = (statistics.frameRate ?? track.frameRateHint)?.description
      isConstantFrameRate = statistics.frameRate == nil ? nil : statistics.isConstantRate
    }
  }

  private mutating func take(_ summary: CodingSummary) {
    if let picture = summary.picture {
      width = picture.width
      height = picture.height
      let ratio = picture.sampleAspectRatio ?? .one
      sampleAspectRatio = "\(ratio.numerator):\(ratio.denominator)"
      bitDepth = picture.bitDepth
      range = VideoRange(picture.colour).rawValue
      colour = [picture.colour.primaries, picture.colour.transfer, picture.colour.matrix]
      isFullRange = picture.colour.isFullRange
    }
    channels = summary.sound?.channelCount
    objects = summary.sound?.objectCount
    sampleRate = summary.sound?.sampleRate
  }
}
