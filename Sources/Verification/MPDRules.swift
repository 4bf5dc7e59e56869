import DASH
import Library
import MediaCore

extension Rule {
  static let mpdProfile = Rule("mpd-profile", "ISO/IEC 23009-1 §8.3")
  static let mpdDuration = Rule("mpd-duration", "ISO/IEC 23009-1 §5.3.1.2")
  static let subsegmentDuration = Rule("max-subsegment-duration", "ISO/IEC 23009-1 §5.3.1.2")
  static let period = Rule("mpd-period", "ISO/IEC 23009-1 §5.3.2")
  static let representation = Rule("representation", "ISO/IEC 23009-1 §5.3.5")
  static let mpdCodecs = Rule("mpd-codecs", "ISO/IEC 23009-1 §5.3.7.2")
  static let mpdSize = Rule("mpd-size", "ISO/IEC 23009-1 §5.3.7.2")
  static let mpdAspectRatio = Rule("mpd-sar", "ISO/IEC 23009-1 §5.3.7.2")
  static let mpdFrameRate = Rule("mpd-frame-rate", "ISO/IEC 23009-1 §5.3.7.2")
  static let mpdAudio = Rule("mpd-audio", "ISO/IEC 23009-1 §5.3.7.2")
  static let mpdLanguage = Rule("mpd-language", "ISO/IEC 23009-1 §5.3.3.2")
  static let mpdMimeType = Rule("mpd-mime-type", "ISO/IEC 23009-1 §5.3.7.2")
  static let indexRange = Rule("index-range", "ISO/IEC 23009-1 §5.3.9.2")
  static let initializationRange = Rule("initialization-range", "ISO/IEC 23009-1 §5.3.9.2")
  static let mpdTimescale = Rule("mpd-timescale", "ISO/IEC 23009-1 §5.3.9.2")
  static let mpdBandwidth = Rule("mpd-bandwidth", "ISO/IEC 23009-1 §5.3.5.2")
  static let mpdAccessPoints = Rule("mpd-starts-with-sap", "ISO/IEC 23009-1 §5.3.3.2")
  static let mpdAlignment = Rule("mpd-alignment", "ISO/IEC 23009-1 §5.3.3.2")
}

/// `manifest.mpd`.
struct MPDRules {
  private let mpd: MPD
  private let tracks: [MeasuredTrack]
  var log = FindingLog(file: StaticDocuments.mpdName)

  private let layout: TitleLayout

  init(_ mpd: MPD, tracks: [MeasuredTrack], layout: TitleLayout) {
    self.layout = layout
    self.mpd = mpd
    self.tracks = tracks
  }

  mutating func check() -> [Finding] {
    checkPresentation()
    guard mpd.periods.count == 1, let period = mpd.periods.first else {
      log.add(.period, "", "has \(mpd.periods.count) periods; one is expected")
      return log.findings
    }
    log.require(
      period.start?.microseconds ?? 0 == 0, .period, "Period",
      "the period is expected to start at 0")
    var seen: [String: Int] = [:]
    let suffix = layout == .tracks ? ".mp4" : ""
    let files = Dictionary(tracks.map { ("\($0.name)\(suffix)", $0) }) { first, _ in first }
    var ids: Set<String> = []
    for set in period.adaptationSets where set.contentType != "image" {
      var members: [MeasuredTrack] = []
      for found in set.representations {
        let place = "Representation \(found.id)"
        log.require(
          ids.insert(found.id).inserted && !found.id.contains(" "), .representation, place,
          "its id is not unique, or has white space")
        let file = Reference.plain((layout == .tracks ? found.baseURL : found.id) ?? "")
        guard let track = files[file] else {
          log.add(.representation, place, "BaseURL '\(file)' is no track file of the title")
          continue
        }
        seen[track.name, default: 0] += 1
        if seen[track.name] == 1 { members.append(track) }
        check(found, set, track, place)
      }
      check(set, members)
      if members.contains(where: \.isTrick) {
        TrickRules.check(set, in: period.adaptationSets, &log)
      }
    }
    for track in tracks where track.isVideo || track.isAudio || track.isText {
      let count = seen[track.name] ?? 0
      log.require(
        count == 1, .representation, "",
        "\(track.name) has \(count) representations; one is expected")
    }
    return log.findings
  }

  private mutating func checkPresentation() {
    let profile = layout == .tracks ? MPD.onDemandProfile : MPD.liveProfile
    log.require(
      mpd.profiles.contains(profile), .mpdProfile, "MPD",
      "\(profile) is expected among the profiles")
    if mpd.profiles.contains(MPD.cmafProfile) {
      log.require(
        tracks.filter(\.isVideo).allSatisfy(\.isIndependent), .mpdProfile, "MPD",
        "the CMAF profile needs every segment to begin with an access point of type 1 or 2")
    }
    let end = tracks.map { $0.time($0.end).seconds }.max() ?? 0
    let declared = mpd.mediaPresentationDuration.map { Double($0.microseconds) / 1e6 }
    log.require(
      declared.map { abs($0 - end) <= 1.5e-6 } ?? false, .mpdDuration, "MPD",
      "mediaPresentationDuration is \(declared.map { "\($0)" } ?? "absent"); the media ends at \(end) s"
    )
    let longest = tracks.flatMap { track in track.segments.map { track.time($0.duration).seconds } }
      .max()
    if let declared = mpd.maxSegmentDuration {
      log.require(
        Double(declared.microseconds) / 1e6 >= (longest ?? 0) - 1e-9, .segmentDurations, "MPD",
        "maxSegmentDuration is \(declared); the longest segment lasts \(longest ?? 0) s")
    }
    if let declared = mpd.maxSubsegmentDuration {
      log.require(
        Double(declared.microseconds) / 1e6 >= (longest ?? 0) - 1e-9, .subsegmentDuration, "MPD",
        "maxSubsegmentDuration is \(declared); the longest segment lasts \(longest ?? 0) s")
    }
    log.require(
      mpd.minBufferTime.microseconds > 0, .mpdBandwidth, "MPD", "minBufferTime is 0")
  }

  // MARK: Representations

  private mutating func check(
    _ found: Representation, _ set: AdaptationSet, _ track: MeasuredTrack, _ place: String
  ) {
    let header = track.header
    if let codecs = header.codecs {
      log.require(
        found.codecs?.lowercased() == codecs.lowercased(), .mpdCodecs, place,
        "codecs is '\(found.codecs ?? "")'; the track is '\(codecs)'")
    }
    log.require(
      set.mimeType == "\(track.isText ? "application" : header.kind.rawValue)/mp4", .mpdMimeType,
      place,
      "mimeType is '\(set.mimeType ?? "")', and the track is \(header.kind.rawValue)")
    if track.isVideo {
      checkVideo(found, set, track, place)
      checkExtensions(found, set, track, place)
      checkCaptions(set, track, place)
    } else if track.isText {
      checkText(set, track, place)
    } else {
      checkAudio(found, set, track, place)
    }
    if layout == .tracks {
      checkBase(found.segmentBase, track, place)
    } else {
      checkTemplate(found.segmentTemplate ?? set.segmentTemplate, found, track, place)
    }
    if let buffer = track.buffer {
      log.require(
        buffer.lateCount == 0, .mpdBandwidth, place,
        "at \(found.bandwidth) bits a second \(buffer.lateCount) samples come late, the first at "
          + "\(track.time(buffer.firstLate ?? 0).seconds) s, with \(mpd.minBufferTime) of buffer")
    }
  }

  private mutating func checkBase(_ base: SegmentBase?, _ track: MeasuredTrack, _ place: String) {
    log.require(
      base?.indexRange == track.sidxRange && base?.indexRange != nil, .indexRange, place,
      "indexRange is \(Self.text(base?.indexRange)); 'sidx' is \(Self.text(track.sidxRange))")
    log.require(
      base?.initialization == track.headerRange, .initializationRange, place,
      "Initialization is \(Self.text(base?.initialization)); 'ftyp' and 'moov' are "
        + Self.text(track.headerRange))
    log.require(
      base?.timescale == track.timescale, .mpdTimescale, place,
      "timescale is \(base.map { "\($0.timescale)" } ?? "absent"); the track's is \(track.timescale)"
    )
    log.require(
      base?.presentationTimeOffset ?? 0 == 0, .mpdTimescale, place,
      "presentationTimeOffset is \(base?.presentationTimeOffset ?? 0); 0 is expected")
  }

  private static func text(_ range: ByteRange?) -> String {
    range.map { "\($0.offset)-\($0.end - 1)" } ?? "absent"
  }

  private mutating func checkVideo(
    _ found: Representation, _ set: AdaptationSet, _ track: MeasuredTrack, _ place: String
  ) {
    let header = track.header
    log.require(
      found.width == Int64(header.codedWidth) && found.height == Int64(header.codedHeight),
      .mpdSize,
      place,
      "width and height are \(found.width ?? 0)x\(found.height ?? 0); the pictures are "
        + "\(header.codedWidth)x\(header.codedHeight)")
    let largest = (set.maxWidth ?? .max, set.maxHeight ?? .max)
    log.require(
      Int64(header.codedWidth) <= largest.0 && Int64(header.codedHeight) <= largest.1, .mpdSize,
      place,
      "is larger than maxWidth and maxHeight of its set")
    let ratio = found.sampleAspectRatio ?? set.sampleAspectRatio ?? Ratio(.one)
    log.require(
      ratio == Ratio(header.sampleAspectRatio), .mpdAspectRatio, place,
      "sar is \(ratio); the samples are \(Ratio(header.sampleAspectRatio))")
    guard let rate = found.frameRate else {
      log.add(.mpdFrameRate, place, "frameRate is missing")
      return
    }
    log.require(
      track.frames.matches(rate, timescale: track.timescale, duration: track.duration),
      .mpdFrameRate,
      place,
      "frameRate is \(rate); \(track.frames.count) pictures last \(track.time(track.duration).seconds) s"
    )
    if let most = set.maxFrameRate {
      log.require(
        most.value >= rate.value, .mpdFrameRate, place, "frameRate is above maxFrameRate of its set"
      )
    }
  }

  private mutating func checkAudio(
    _ found: Representation, _ set: AdaptationSet, _ track: MeasuredTrack, _ place: String
  ) {
    log.require(
      found.audioSamplingRate == Int64(track.header.sampleRate), .mpdAudio, place,
      "audioSamplingRate is \(found.audioSamplingRate ?? 0); the track has \(track.header.sampleRate)"
    )
    let descriptors = found.audioChannelConfigurations + set.audioChannelConfigurations
    let expected = track.channelConfiguration
    let stated = descriptors.first { $0.schemeIdUri == expected.scheme }?.value
    log.require(
      stated?.uppercased() == expected.value, .mpdAudio, place,
      "AudioChannelConfiguration of \(expected.scheme) is \(stated ?? "absent"); the track's is "
        + expected.value)
    let objects = (found.supplementalProperties + set.supplementalProperties).first {
      $0.schemeIdUri == "tag:dolby.com,2018:dash:EC3_ExtensionComplexityIndex:2018"
    }
    log.require(
      objects?.value == track.header.objectCount.map { "\($0)" }, .mpdAudio, place,
      "the complexity index of joint object coding is \(objects?.value ?? "absent"); the track's is "
        + (track.header.objectCount.map { "\($0)" } ?? "absent"))
    log.require(
      set.language ?? "und" == track.language, .mpdLanguage, place,
      "lang is '\(set.language ?? "")'; \(track.name) is '\(track.language)'")
  }

  // MARK: Adaptation sets

  private mutating func check(_ set: AdaptationSet, _ members: [MeasuredTrack]) {
    let place = "AdaptationSet \(set.id)"
    let worst = members.flatMap { $0.segments.map { $0.sapType } }
    let highest = worst.contains(0) ? nil : worst.max().map(Int64.init)
    for (name, claimed) in [
      ("startWithSAP", set.startWithSAP), ("subsegmentStartsWithSAP", set.subsegmentStartsWithSAP),
    ] {
      guard let claimed, claimed > 0 else { continue }
      log.require(
        highest.map { $0 <= claimed } ?? false, .mpdAccessPoints, place,
        "\(name) is \(claimed); segments begin with access points of type "
          + "\(highest.map { "\($0)" } ?? "none")")
    }
    guard let first = members.first else { return }
    let kinds = Set(members.map(\.header.kind))
    let entries = Set(members.map(\.header.entryType))
    log.require(
      kinds.count == 1 && entries.count == 1, .representation, place,
      "tracks of different kinds or codecs cannot be switched")
    let ranges = Set(members.map { $0.isVideo ? $0.header.range : .sdr })
    let brands = Set(members.map { $0.header.supplement?.brand })
    let layouts = Set(members.map(\.header.layout))
    log.require(
      ranges.count == 1 && brands.count == 1 && layouts.count == 1, .representation, place,
      "tracks of different ranges, Dolby Vision or projections cannot be switched")
    guard set.isSubsegmentAligned || set.isSegmentAligned else { return }
    for other in members.dropFirst() {
      let isAligned =
        other.segments.count == first.segments.count
        && zip(other.segments, first.segments).allSatisfy {
          // No subsegment overlaps another one's neighbours.
          abs(other.time($0.start).seconds - first.time($1.start).seconds) < 1e-6
        }
      log.require(
        isAligned, .mpdAlignment, place,
        "alignment is claimed; the segments of \(other.name) and \(first.name) differ")
    }
  }
}
