package import DASH
package import HLS
package import Library
package import MediaCore

/// The documents of a live title that stay as they are while its window moves.
///
///     let documents = try LiveDocuments(description)
///     documents.multivariantPlaylist(stretches, tracks: nil).render()
///     documents.mpd(stretches, end: nil, tracks: nil).render()
package struct LiveDocuments: Sendable {
  /// From one change of the timeline, or of a header, to the next.
  package struct Stretch: Sendable {
    /// The number of its first segment.
    package var number: Int64
    /// Since 1970, of that segment.
    package var start: MediaTime
    /// What the title is from there on: the headers of its tracks may be others than before.
    package var description: LiveTitleDescription

    package init(number: Int64, start: MediaTime, description: LiveTitleDescription) {
      self.number = number
      self.start = start
      self.description = description
    }
  }

  package let description: LiveTitleDescription
  /// Its tracks have no segments.
  package let title: Title
  private let rates: DeclaredRates

  /// - Throws: `LibraryError` for a header that is none.
  package init(_ description: LiveTitleDescription) throws {
    self.description = description
    title = try description.title()
    var rates = DeclaredRates(
      targetDuration: description.targetDuration, iFrameTargetDuration: description.targetDuration)
    for track in description.tracks {
      rates.playlists[track.name] = PeakBitrate(
        peak: track.peakBitrate, average: track.averageBitrate)
      rates.representations[track.name] = track.peakBitrate
      // No I-frame is more than all of its segment.
      if track.frameRate != nil { rates.iFrames[track.name] = rates.playlists[track.name] }
    }
    self.rates = rates
  }

  /// What no segment lasts longer than. A target duration is rounded: segments of 60 pictures at 29.97 a second last
  /// 2.002 s; and sound is cut at the frames nearest to the pictures' cuts, so that it may last a frame more, which is at
  /// most a part.
  private var longestSegment: MediaTime {
    let target = MediaTime(Int64(description.targetDuration), Timescale(literal: 1))
    return description.tracks.filter { $0.frameRate == nil }.reduce(
      max(target, description.segmentDuration)
    ) { longest, sound in
      let ticks = description.segmentDuration.rescaled(to: sound.partTarget.timescale).value
      return max(longest, MediaTime(ticks + sound.partTarget.value, sound.partTarget.timescale))
    }
  }

  /// Names of the tracks that a filter leaves; `nil` if it leaves them all.
  package func trackNames(_ filter: ViewFilter) throws(ViewError) -> [String]? {
    let names = try filter.trackNames(of: title) { rates.playlists[$0.index.name]?.peak ?? 0 }
    return names.count == title.tracks.count ? nil : names
  }

  /// What may be played as it is now; formats of all that viewers can go back to.
  ///
  /// - Parameters:
  ///   - stretches: in order; none before the stream begins.
  ///   - tracks: those that are named; `nil`: all.
  package func multivariantPlaylist(
    _ stretches: [Stretch] = [], tracks: [String]?
  ) -> MultivariantPlaylist {
    var playlist = multivariantPlaylist(
      of: stretches.last.map { title($0, tracks: tracks) } ?? title.keeping(tracks))
    for stretch in stretches.dropLast() {
      let former = multivariantPlaylist(of: title(stretch, tracks: tracks)).variants
      for index in playlist.variants.indices {
        let variant = playlist.variants[index]
        let codecs = former.first { $0.uri == variant.uri && $0.audio == variant.audio }?.codecs
        playlist.variants[index].codecs += (codecs ?? []).filter { !variant.codecs.contains($0) }
      }
    }
    playlist.hasIndependentSegments = description.tracks.allSatisfy(\.hasIndependentSegments)
    return playlist
  }

  private func multivariantPlaylist(of title: Title) -> MultivariantPlaylist {
    var playlist = HLSPresentation(title, addressing: .segments, rates: rates)
      .multivariantPlaylist()
    // Subtitles are WebVTT there.
    for index in playlist.renditions.indices where playlist.renditions[index].kind == .subtitles {
      let suffix = LiveTitleDescription.Track.fragmentedTextSuffix
      playlist.renditions[index].uri = playlist.renditions[index].uri?
        .replacing("\(suffix).m3u8", with: ".m3u8")
    }
    return playlist
  }

  /// - Parameters:
  ///   - query: behind the names of media playlists; empty for none.
  ///   - clip: `nil`: all the time.
  package func multivariantText(
    _ stretches: [Stretch], tracks: [String]?, query: String = "", clip: ClipRange? = nil
  ) -> String {
    var playlist = multivariantPlaylist(stretches, tracks: tracks)
    if !query.isEmpty {
      for index in playlist.variants.indices { playlist.variants[index].uri += "?\(query)" }
      for index in playlist.renditions.indices {
        playlist.renditions[index].uri = playlist.renditions[index].uri.map { "\($0)?\(query)" }
      }
    }
    return (clip?.clipped(playlist) ?? playlist).render()
  }

  /// As its headers describe it from a stretch on; where one cannot be read, as it was at first.
  private func title(_ stretch: Stretch, tracks: [String]?) -> Title {
    ((try? stretch.description.title()) ?? title).keeping(tracks)
  }

  // MARK: DASH

  package func mpdText(
    _ stretches: [Stretch], events: [SpliceEvent] = [], toldAt told: MediaTime? = nil,
    end: MediaTime?, tracks: [String]?
  ) -> String {
    mpd(stretches, events: events, toldAt: told, end: end, tracks: tracks).render()
  }

  /// The MPD names segments by number alone: it says something new only when the timeline changes.
  ///
  /// - Parameters:
  ///   - stretches: at least one, in order.
  ///   - told: since 1970, when the events became these; another time for each change.
  ///   - end: since 1970, of what has been ended.
  package func mpd(
    _ stretches: [Stretch], events: [SpliceEvent] = [], toldAt told: MediaTime? = nil,
    end: MediaTime?, tracks: [String]?
  ) -> MPD {
    let last = stretches.last?.start ?? MediaTime(0, Self.millisecond)
    var mpd = mpd(
      periods: periods(stretches, events: events, end: end, tracks: tracks) {
        set, offset, stretch in
        number(&set, offset: offset, from: stretch)
      }, publishTime: end ?? max(last, told ?? last), isEnded: end != nil, latency: targetLatency)
    mpd.profiles.append(MPD.lowLatencyProfile)
    mpd.dynamic?.serviceDescriptions[0].scopes = [Descriptor.lowLatencyScope]
    return mpd
  }

  /// - Parameter latency: milliseconds.
  func mpd(
    periods: [Period], publishTime: MediaTime, isEnded: Bool, latency: Int64
  ) -> MPD {
    var mpd = MPD(
      profiles: [MPD.liveProfile, MPD.cmafProfile],
      minBufferTime: ISODuration(description.segmentDuration, rounding: .up),
      maxSegmentDuration: ISODuration(longestSegment, rounding: .up),
      periods: periods)
    mpd.dynamic = DynamicPresentation(
      availabilityStartTime: UTCTime(millisecondsSince1970: 0),
      publishTime: UTCTime(millisecondsSince1970: publishTime.milliseconds),
      minimumUpdatePeriod: isEnded
        ? nil : ISODuration(description.segmentDuration, rounding: .up),
      timeShiftBufferDepth: ISODuration(description.window, rounding: .nearest),
      suggestedPresentationDelay: ISODuration(
        MediaTime(latency, Self.millisecond), rounding: .nearest),
      serviceDescriptions: [
        ServiceDescription(
          id: 0, latency: .init(referenceID: 1, target: latency),
          playbackRate: .init(min: 960, max: 1040))
      ],
      utcTimings: Descriptor.clocks)
    return mpd
  }

  static let millisecond = Timescale(literal: 1000)

  /// Milliseconds from the camera to the viewer: ten parts, and no less than two seconds.
  package var targetLatency: Int64 {
    max(2000, 10 * (description.tracks.map(\.partTarget.milliseconds).max() ?? 0))
  }

  /// - Parameter complete: tells a set of a stretch where its segments are; gets the Period's start in ticks of the
  ///   segment duration.
  func periods(
    _ stretches: [Stretch], events: [SpliceEvent], end: MediaTime?, tracks: [String]?,
    complete: (inout AdaptationSet, Int64, Stretch) -> Void
  ) -> [Period] {
    let ends = stretches.dropFirst().map { Optional($0.start) } + [end]
    return zip(stretches, ends).map { stretch, end in
      // Presentation times are those of the media, so that a packager that began at another time says the
      // same of what both have.
      let segment = description.segmentDuration
      let origin = stretch.start.rescaled(to: segment.timescale).value
      let from = ISODuration(MediaTime(origin, segment.timescale), rounding: .nearest)
      var sets = DASHPresentation(
        title(stretch, tracks: tracks), addressing: .segments, rates: rates
      ).adaptationSets
      for index in sets.indices {
        complete(&sets[index], origin, stretch)
        describe(&sets[index])
      }
      return Period(
        id: "\(stretch.number)", start: from,
        duration: end.map {
          ISODuration(
            microseconds: ISODuration($0, rounding: .nearest).microseconds - from.microseconds)
        },
        eventStreams: eventStreams(events, from: stretch.start, to: end),
        adaptationSets: sets)
    }
  }

  /// What is true of a live set however its segments are named.
  private func describe(_ set: inout AdaptationSet) {
    set.isSegmentAligned = true
    if tracks(of: set).allSatisfy(\.hasIndependentSegments) { set.startWithSAP = 1 }
    guard let template = set.segmentTemplate ?? set.representations.first?.segmentTemplate else {
      return
    }
    let start = MediaTime(template.presentationTimeOffset, template.timescale)
    set.producerReferenceTimes = [
      ProducerReferenceTime(
        id: set.id, isInband: true, type: .encoder,
        wallClockTime: UTCTime(millisecondsSince1970: start.milliseconds),
        presentationTime: start.value, utcTiming: Descriptor.clocks[0])
    ]
  }

  func tracks(of set: AdaptationSet) -> [LiveTitleDescription.Track] {
    let named = Set(set.representations.map(\.id))
    return description.tracks.filter { named.contains(Reference.encoded($0.name)) }
  }

  /// - Parameters:
  ///   - offset: ticks of the segment duration at the Period's start.
  ///   - stretch: its first segment is there.
  private func number(_ set: inout AdaptationSet, offset: Int64, from stretch: Stretch) {
    let segment = description.segmentDuration
    let longest = tracks(of: set).map { ISODuration($0.partTarget, rounding: .up) }.max()
    var template = SegmentTemplate(
      timescale: segment.timescale, presentationTimeOffset: offset, startNumber: stretch.number,
      duration: segment.value, initialization: Reference.header, media: "$Number$.m4s")
    // A segment may be fetched when its first chunk is there.
    template.availabilityTimeOffset = longest.map {
      ISODuration(
        microseconds: ISODuration(segment, rounding: .nearest).microseconds - $0.microseconds)
    }
    template.availabilityTimeComplete = false
    set.segmentTemplate = template
    set.supplementalProperties.append(.lowLatencyCritical)
    for index in set.representations.indices {
      set.representations[index].segmentTemplate = nil
      let ticks = longest.map {
        MediaTime($0.microseconds, Timescale(literal: 1_000_000)).rescaled(to: segment.timescale)
      }
      set.representations[index].resyncs = [
        Resync(type: 0, maximumTime: ticks?.value, hasMarker: true)
      ]
    }
  }
}

extension Title {
  /// - Parameter tracks: `nil`: all.
  fileprivate func keeping(_ tracks: [String]?) -> Title {
    tracks.map { keeping(Set($0)) } ?? self
  }
}

extension Descriptor {
  /// What a service description is of, and the sets by which it may be met (ETSI TS 103 285 §10.20).
  fileprivate static let lowLatencyScope = Descriptor(
    schemeIdUri: "urn:dvb:dash:lowlatency:scope:2019")
  fileprivate static let lowLatencyCritical = Descriptor(
    schemeIdUri: "urn:dvb:dash:lowlatency:critical:2019", value: "true")

  /// The origin's clock: as a text, and in the field `Date`.
  static let clocks = [
    Descriptor(schemeIdUri: "urn:mpeg:dash:utc:http-xsdate:2014", value: "/time"),
    Descriptor(schemeIdUri: "urn:mpeg:dash:utc:http-iso:2014", value: "/time"),
    Descriptor(schemeIdUri: "urn:mpeg:dash:utc:http-head:2014", value: "/time"),
  ]
}
