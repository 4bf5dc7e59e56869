package import DASH
import HLS
package import Library
import MediaCore

/// The MPD of a title at rest.
///
///     DASHPresentation(title, addressing: .wholeTracks).mpd().render()
package struct DASHPresentation: Sendable {
  package let title: Title
  package let addressing: Addressing
  /// Seconds: the target duration of the title's playlists.
  package let minBufferTime: Int
  /// Segments are named by their start (`$Time$`), not by their number.
  package let usesTimes: Bool
  let place: MediaPlace
  let rates: DeclaredRates

  /// - Parameter usesTimes: at the origin alone, where a segment has both names.
  package init(_ title: Title, addressing: Addressing, usesTimes: Bool = false) {
    self.init(
      title, addressing: addressing, usesTimes: usesTimes, rates: DeclaredRates(measuring: title))
  }

  init(
    _ title: Title, addressing: Addressing, usesTimes: Bool = false,
    place: MediaPlace = MediaPlace(), rates: DeclaredRates
  ) {
    self.usesTimes = usesTimes
    self.title = title
    self.addressing = addressing
    self.place = place
    self.rates = rates
    minBufferTime = rates.targetDuration
  }

  package func mpd() -> MPD {
    let tracks = [.video, .audio, .text].flatMap(title.tracks(of:))
    let longest = (tracks + title.trickTracks).flatMap { track in
      track.index.segments.map {
        ISODuration(MediaTime($0.duration, track.index.timescale), rounding: .up)
      }
    }.max()
    let ends = tracks.compactMap { track in
      track.index.segments.map { segment in
        let (end, overflow) = segment.start.addingReportingOverflow(segment.duration)
        return MediaTime(overflow ? .max : end, track.index.timescale)
      }.max()
    }
    // A switching set of CMAF begins each fragment with a closed group of pictures.
    let isCMAF = title.tracks(of: .video).allSatisfy(\.index.hasIndependentSegments)
    let profile = addressing == .wholeTracks ? MPD.onDemandProfile : MPD.liveProfile
    return MPD(
      profiles: [profile] + (isCMAF ? [MPD.cmafProfile] : []),
      mediaPresentationDuration: ends.max().map { ISODuration($0, rounding: .nearest) },
      minBufferTime: ISODuration(
        MediaTime(Int64(minBufferTime), Timescale(literal: 1)), rounding: .up),
      maxSegmentDuration: addressing.hasSegments
        ? [longest, sheetDuration].compactMap { $0 }.max() : nil,
      maxSubsegmentDuration: addressing == .wholeTracks ? longest : nil,
      periods: [
        Period(
          id: "1", start: ISODuration(microseconds: 0),
          eventStreams: TitleEventDocuments(title: title).eventStreams,
          adaptationSets: adaptationSets)
      ])
  }

  /// Of the title's Period.
  var adaptationSets: [AdaptationSet] {
    let tracks = [.video, .audio, .text].flatMap(title.tracks(of:))
    var made = SwitchingSet.sets(of: tracks).enumerated().map {
      adaptationSet($1, id: Int64($0 + 1))
    }
    made += trickSets(
      after: made.filter { $0.contentType == "video" }, firstID: Int64(made.count + 1))
    if let images = imageSet(id: Int64(made.count + 1)) { made.append(images) }
    return made
  }

  func adaptationSet(_ set: SwitchingSet, id: Int64) -> AdaptationSet {
    var made = set.isVideo ? videoSet(set, id) : set.isText ? textSet(set, id) : audioSet(set, id)
    switch addressing {
    case .wholeTracks: made.isSubsegmentAligned = set.isAligned
    case .segmentFiles, .segments: made.isSegmentAligned = set.isAligned
    }
    if set.sapType > 0 {
      made.startWithSAP = Int64(set.sapType)
      if addressing == .wholeTracks { made.subsegmentStartsWithSAP = Int64(set.sapType) }
    }
    made.accessibilities = AudioRole.accessibilities(set.roles) + captions(of: set)
    made.roles = set.roles.map(Descriptor.role)
    made.representations = set.tracks.map {
      representation($0.index, sharesTimeline: set.isOneTimeline && place.headers.isEmpty)
    }
    // Headers that lie elsewhere have names of their own, which no common template has.
    if addressing.hasSegments, set.isOneTimeline, place.headers.isEmpty {
      made.segmentTemplate = template(set.tracks[0].index)
    }
    return made
  }

  private func videoSet(_ set: SwitchingSet, _ id: Int64) -> AdaptationSet {
    let formats = set.tracks.compactMap(\.index.video)
    let largest = formats.max { $0.height < $1.height }
    let language = set.tracks[0].index.language
    var made = AdaptationSet(
      id: id, contentType: "video", mimeType: "video/mp4",
      language: language == "und" ? nil : language,
      pictureAspectRatio: largest.flatMap {
        Rational(Int64($0.displayWidth), Int64($0.displayHeight)).map(Ratio.init)
      },
      sampleAspectRatio: largest.map { Ratio($0.sampleAspectRatio) },
      maxWidth: formats.map { Int64($0.width) }.max(),
      maxHeight: formats.map { Int64($0.height) }.max(),
      maxFrameRate: formats.compactMap(\.frameRate).max { $0.value < $1.value })
    made.inbandEventStreams = TitleEventDocuments(title: title).inbandEventStreams
    // A player that does not know PQ must not show it; SDR and HLG look tolerable anyway.
    if let largest {
      if largest.range == .pq {
        made.essentialProperties = Descriptor.colour(largest.colour)
      } else {
        made.supplementalProperties = Descriptor.colour(largest.colour)
      }
      made.essentialProperties += largest.dashProjection
      made.framePackings = largest.dashPacking
      if largest.isInterlaced { made.scanType = "interlaced" }
    }
    return made
  }

  private func audioSet(_ set: SwitchingSet, _ id: Int64) -> AdaptationSet {
    let track = set.tracks[0]
    return AdaptationSet(
      id: id, contentType: "audio", mimeType: "audio/mp4", language: track.index.language,
      labels: track.label.isEmpty ? [] : [Label(track.label)])
  }

  private func representation(_ index: TrackIndex, sharesTimeline: Bool) -> Representation {
    var made = Representation(
      id: Reference.encoded(index.name),
      bandwidth: rates.representations[index.name]
        ?? LeakyBucket.bandwidth(
          of: index.segments.lazy.map { ($0.range.count, $0.start) }, timescale: index.timescale,
          minBufferTime: minBufferTime),
      codecs: Codec(index.codecs).dash)
    if let video = index.video {
      made.width = Int64(video.width)
      made.height = Int64(video.height)
      made.frameRate = video.frameRate
      made.supplementalCodecs = video.supplement?.codecs
      made.supplementalProfiles = video.supplement?.brand
    }
    if let audio = index.audio {
      made.audioSamplingRate = Int64(audio.sampleRate)
      made.audioChannelConfigurations = [audio.dashChannels]
      made.supplementalProperties = audio.dashObjects
    }
    switch addressing {
    case .wholeTracks:
      made.baseURL = place.base + Reference.trackFile(index.name)
      made.segmentBase = SegmentBase(
        timescale: index.timescale, indexRange: index.sidx, initialization: index.header)
    case .segmentFiles, .segments:
      // The folder is the base of the template's names, so one template serves the whole set.
      if addressing == .segments {
        made.baseURL = place.base + Reference.folder(index.name, version: index.version)
      }
      if !sharesTimeline { made.segmentTemplate = template(index) }
    }
    return made
  }

  private func template(_ index: TrackIndex) -> SegmentTemplate {
    // At rest the id of a representation is the name of its folder.
    let folder = addressing == .segmentFiles ? place.base + "$RepresentationID$/" : ""
    return SegmentTemplate(
      timescale: index.timescale, startNumber: 1,
      initialization: place.headers[index.name]?.uri ?? folder + Reference.header,
      media: folder + (usesTimes ? Reference.timedSegment : "$Number$.m4s"),
      timeline: SegmentTimeline(index.segments.lazy.map { ($0.start, $0.duration) }))
  }
}
