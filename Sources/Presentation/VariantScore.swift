import HLS
import MediaCore

/// The order of variant streams by quality, for `SCORE` (draft-pantos-hls-rfc8216bis §4.4.6.2).
///
/// Without it players take bit rate for quality, and prefer an old codec that needs more of it.
enum VariantScore {
  /// Gives every variant its place, from 1 for the poorest; equals share one.
  static func rank(_ playlist: inout MultivariantPlaylist) {
    guard playlist.variants.count > 1 else { return }
    let qualities = playlist.variants.map { quality($0.codecs, $0.resolution, $0.videoRange, $0) }
    for (index, place) in places(qualities).enumerated() {
      playlist.variants[index].score = Rational(place, 1)
    }
    let frames = playlist.iFrameVariants.map {
      quality($0.codecs, $0.resolution, $0.videoRange, nil)
        + [Int64(clamping: $0.bandwidth)]
    }
    for (index, place) in places(frames).enumerated() {
      playlist.iFrameVariants[index].score = Rational(place, 1)
    }
  }

  private static func places(_ all: [[Int64]]) -> [Int64] {
    let sorted = Set(all).sorted { $0.lexicographicallyPrecedes($1) }
    return all.map { fields in Int64((sorted.firstIndex(of: fields) ?? 0) + 1) }
  }

  private static func quality(
    _ codecs: [String], _ resolution: Resolution?, _ range: VideoRange?, _ variant: VariantStream?
  ) -> [Int64] {
    let video = codecs.first.map { Codec($0) }
    let sound = codecs.dropFirst().map { efficiency(of: Codec($0)) }.max() ?? 0
    var fields: [Int64] = [
      Int64((resolution?.width ?? 0) * (resolution?.height ?? 0)),
      (range ?? .sdr) == .sdr ? 0 : 1,
      (variant?.frameRate?.value ?? 0) > 45 ? 1 : 0,
      video.map { efficiency(of: $0) } ?? 0,
    ]
    if let variant { fields += [sound, variant.averageBandwidth ?? variant.bandwidth] }
    return fields
  }

  /// What a codec makes of the same bits, roughly.
  private static func efficiency(of codec: Codec) -> Int64 {
    switch codec.sampleEntry {
    case "av01": 4
    case "hvc1", "hev1", "dvh1", "dvhe": 3
    case "vp09": 2
    case "ec-3": 4
    case "ac-3": 3
    case "Opus", "fLaC": 2
    default: 1
    }
  }
}
