import HLS
import MediaCore

extension Rule {
  static let variantReference = Rule("variant-reference", "RFC 8216bis §4.4.6.2")
  static let trackNotListed = Rule("track-not-listed", "RFC 8216bis §4.4.6")
  static let codecs = Rule("codecs", "RFC 8216bis §4.4.6.2, RFC 6381 §3.3")
  static let bandwidth = Rule("bandwidth", "RFC 8216bis §4.4.6.2")
  static let averageBandwidth = Rule("average-bandwidth", "RFC 8216bis §4.4.6.2")
  static let resolution = Rule("resolution", "RFC 8216bis §4.4.6.2")
  static let variantFrameRate = Rule("variant-frame-rate", "RFC 8216bis §4.4.6.2")
  static let videoRange = Rule("video-range", "RFC 8216bis §4.4.6.2")
  static let audioGroup = Rule("audio-group", "RFC 8216bis §4.4.6.1.1")
  static let channels = Rule("channels", "RFC 8216bis §4.4.6.1")
  static let renditionLanguage = Rule("rendition-language", "RFC 8216bis §4.4.6.1")
  static let iFrameBandwidth = Rule("i-frame-bandwidth", "RFC 8216bis §4.4.6.3")
}

/// `main.m3u8`.
struct MultivariantRules {
  let playlist: MultivariantPlaylist
  let tracks: [MeasuredTrack]
  /// Seconds.
  private let target: Int
  let lines: PlaylistLines
  var log = FindingLog(file: StaticDocuments.mainName)
  private let tracksByPlaylist: [String: MeasuredTrack]
  private var rates: [String: SegmentRate] = [:]
  private var iFrameRates: [String: SegmentRate] = [:]

  init(_ playlist: MultivariantPlaylist, text: String, tracks: [MeasuredTrack], target: Int) {
    self.playlist = playlist
    self.tracks = tracks
    self.target = target
    lines = PlaylistLines(text)
    tracksByPlaylist = Dictionary(
      tracks.flatMap { [("\($0.name).iframes.m3u8", $0), ("\($0.name).m3u8", $0)] }
    ) { $1 }
    for track in tracks {
      rates[track.name] = SegmentRate(
        track.listedSegments.map { ($0.range.count, $0.duration) }, timescale: track.timescale,
        target: target)
      iFrameRates[track.name] = SegmentRate(
        track.iFrames.map { ($0.firstSampleEnd, $0.duration) }, timescale: track.timescale,
        target: target)
    }
  }

  mutating func check() -> [Finding] {
    checkRenditions()
    for (index, variant) in playlist.variants.enumerated() {
      check(variant, lines.place("#EXT-X-STREAM-INF", index))
    }
    for (index, variant) in playlist.iFrameVariants.enumerated() {
      check(variant, lines.place("#EXT-X-I-FRAME-STREAM-INF", index))
    }
    checkCoverage()
    let timed = tracks.filter(\.isVideo).isEmpty ? tracks : tracks.filter(\.isVideo)
    log.require(
      !playlist.hasIndependentSegments || timed.allSatisfy(\.isIndependent), .independentSegments,
      lines.place("#EXT-X-INDEPENDENT-SEGMENTS"),
      "EXT-X-INDEPENDENT-SEGMENTS stands here, and segments do not all begin with an access point of "
        + "type 1 or 2")
    return log.findings
  }

  /// The track of a reference to a playlist.
  func track(_ uri: String, suffix: String = ".m3u8") -> MeasuredTrack? {
    let name = Reference.plain(uri)
    return tracksByPlaylist[name].flatMap { "\($0.name)\(suffix)" == name ? $0 : nil }
  }

  // MARK: Renditions

  private mutating func checkRenditions() {
    var names: Set<[String]> = []
    var defaults: Set<String> = []
    for (index, rendition) in playlist.renditions.enumerated() {
      let place = lines.place("#EXT-X-MEDIA", index)
      log.require(
        names.insert([rendition.groupID, rendition.name]).inserted, .audioGroup, place,
        "a second '\(rendition.name)' in the group '\(rendition.groupID)'")
      if rendition.isDefault {
        log.require(
          defaults.insert(rendition.groupID).inserted, .audioGroup, place,
          "a second default in the group '\(rendition.groupID)'")
      }
      if rendition.kind == .subtitles || rendition.kind == .closedCaptions {
        checkText(rendition, place)
        continue
      }
      guard rendition.kind == .audio, let uri = rendition.uri, let track = track(uri), track.isAudio
      else {
        log.add(
          .variantReference, place, "\(rendition.uri ?? "no URI") is the playlist of no audio track"
        )
        continue
      }
      log.require(
        rendition.channels == track.channels, .channels, place,
        "CHANNELS is \(rendition.channels ?? "absent"); \(track.name) has \(track.channels)"
      )
      log.require(
        rendition.language ?? "und" == track.language, .renditionLanguage, place,
        "LANGUAGE is \(rendition.language ?? "absent"); \(track.name) is '\(track.language)'")
    }
  }

  // MARK: Variants

  private mutating func check(_ variant: VariantStream, _ place: String) {
    guard let track = track(variant.uri) else {
      log.add(.variantReference, place, "\(variant.uri) is the playlist of no track")
      return
    }
    let audio = group(variant.audio)
    log.require(
      variant.audio == nil || !audio.isEmpty, .audioGroup, place,
      "AUDIO names the group '\(variant.audio ?? "")', which has no member")
    let isAudioOnly = track.isAudio
    let text = subtitles(of: variant, place)
    let formats =
      (isAudioOnly && !audio.isEmpty ? audio : [track] + audio).compactMap(\.header.codecs)
      + text.filter { $0.webVTT == nil }.compactMap(\.header.codecs)
    check(variant.codecs, formats, place)
    let sound = isAudioOnly ? [] : audio
    let best = isAudioOnly && !audio.isEmpty ? audio : [track]
    check(
      variant.bandwidth, peak(best) + peak(sound) + peak(text), .bandwidth, "BANDWIDTH", place)
    if let declared = variant.averageBandwidth {
      let average = mean(best) + mean(sound) + mean(text)
      log.require(
        abs(Double(declared) - average) <= 0.01 * average + 1, .averageBandwidth, place,
        "AVERAGE-BANDWIDTH is \(declared); \(Int(average.rounded(.up))) was measured")
    } else {
      log.add(.averageBandwidth, place, "AVERAGE-BANDWIDTH is missing")
    }
    guard track.isVideo else { return }
    checkCaptions(variant, track, place)
    checkPicture(variant.resolution, variant.videoRange, track, place)
    checkExtensions(
      supplements: variant.supplementalCodecs, layout: variant.videoLayout, track, place)
    checkRate(variant.frameRate, track, place)
  }

  private func peak(_ tracks: [MeasuredTrack]) -> Double {
    tracks.compactMap { rates[$0.name]?.peak }.max() ?? 0
  }

  private func mean(_ tracks: [MeasuredTrack]) -> Double {
    tracks.compactMap { rates[$0.name]?.average }.max() ?? 0
  }

  /// Never under, and over by no more than a bit or a thousandth.
  private mutating func check(
    _ declared: Int64, _ measured: Double, _ rule: Rule, _ name: String, _ place: String
  ) {
    let isClose = Double(declared) <= measured * 1.001 + 2
    log.require(
      Double(declared) >= measured - 1e-3 && isClose, rule, place,
      "\(name) is \(declared); a peak of \(Int(min(measured, 1e18).rounded(.up))) was measured")
  }

  private mutating func check(_ declared: [String], _ expected: [String], _ place: String) {
    let found = Set(declared.map { $0.lowercased() })
    log.require(
      found == Set(expected.map { $0.lowercased() }), .codecs, place,
      "CODECS is \"\(declared.joined(separator: ","))\"; the tracks are "
        + "\"\(expected.joined(separator: ","))\"")
  }

  private mutating func checkPicture(
    _ resolution: Resolution?, _ range: VideoRange?, _ track: MeasuredTrack, _ place: String
  ) {
    let header = track.header
    log.require(
      resolution == Resolution(width: header.displayWidth, height: header.displayHeight),
      .resolution,
      place,
      "RESOLUTION is \(resolution.map { "\($0)" } ?? "absent"); \(track.name) is shown at "
        + "\(header.displayWidth)x\(header.displayHeight)")
    let hasHighRange = tracks.contains { $0.isVideo && $0.header.range != .sdr }
    log.require(
      range == header.range || (range == nil && !hasHighRange), .videoRange, place,
      "VIDEO-RANGE is \(range?.rawValue ?? "absent"); the transfer of \(track.name) is "
        + header.range.rawValue)
  }

  private mutating func checkRate(_ rate: Rational?, _ track: MeasuredTrack, _ place: String) {
    guard let rate else {
      log.add(
        .variantFrameRate, place, "FRAME-RATE is missing, without which no high dynamic range plays"
      )
      return
    }
    log.require(
      track.frames.matches(rate, timescale: track.timescale, duration: track.duration)
        || rate.value < 1, .variantFrameRate, place,
      "FRAME-RATE is \(rate.value); \(track.frames.count) pictures of \(track.name) last "
        + "\(track.time(track.duration).seconds) s")
  }

  private mutating func check(_ variant: IFrameVariantStream, _ place: String) {
    guard let track = track(variant.uri, suffix: ".iframes.m3u8"), track.isVideo else {
      log.add(.variantReference, place, "\(variant.uri) is the I-frame playlist of no video track")
      return
    }
    check(variant.codecs, [track.header.codecs].compactMap { $0 }, place)
    checkPicture(variant.resolution, variant.videoRange, track, place)
    checkExtensions(
      supplements: variant.supplementalCodecs, layout: variant.videoLayout, track, place)
    let rate = iFrameRates[track.name]?.peak ?? 0
    check(variant.bandwidth, rate, .iFrameBandwidth, "BANDWIDTH", place)
  }

  // MARK: Coverage

  private mutating func checkCoverage() {
    let variants = Set(playlist.variants.map { Reference.plain($0.uri) })
    let iFrames = playlist.iFrameVariants.map { Reference.plain($0.uri) }
    let renditions = Set(playlist.renditions.compactMap { $0.uri.map(Reference.plain) })
    let groups = Set(playlist.renditions.filter { $0.kind == .audio }.map { Optional($0.groupID) })
    for group in groups {
      log.require(
        playlist.variants.contains { $0.audio == group }, .audioGroup, "",
        "the group '\(group ?? "")' is named by no variant stream")
    }
    check(groups: groups.compactMap { $0 })
    for track in tracks {
      let name = "\(track.name).m3u8"
      if track.isTrick {
        log.require(
          !variants.contains(name), .trickSet, "",
          "\(track.name) is for trick play, and stands as a variant stream")
        log.require(
          iFrames.contains("\(track.name).iframes.m3u8"), .trackNotListed, "",
          "\(track.name) has no I-frame variant stream")
      } else if track.isVideo {
        log.require(
          variants.contains(name), .trackNotListed, "", "\(track.name) is no variant stream")
        let used = playlist.variants.filter { Reference.plain($0.uri) == name }.map(\.audio)
        // Groups of one coding and the same channels are rungs of one sound: a picture has one of them.
        let forms = Set(groups.map(forms))
        log.require(
          groups.isEmpty && used.count <= 1
            || Set(used).isSubset(of: groups) && Set(used.map(self.forms)) == forms
              && used.count == forms.count,
          .audioGroup, "", "\(track.name) is expected once with the audio groups of each coding")
        let count = iFrames.count { $0 == "\(track.name).iframes.m3u8" }
        let expected = track.hasIFrames ? 1 : 0
        log.require(
          count == expected, .trackNotListed, "",
          "\(track.name) has \(count) I-frame variant streams; \(expected) is expected")
      } else if track.isAudio || namedSubtitles.contains(where: { $0.name == track.name }) {
        log.require(
          variants.contains(name) || renditions.contains(name), .trackNotListed, "",
          "\(track.name) is no rendition")
      }
    }
  }
}
