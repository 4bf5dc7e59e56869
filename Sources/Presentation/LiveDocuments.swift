package import DASH
package import HLS
package import Library
package import MediaCore

/// The documents of a live title that stay as they are while its window moves.
///
///     let documents = try LiveDocuments(description)
///     documents.multivariantPlaylist(tracks: nil).render()
///     documents.mpd(periods, end: nil, tracks: nil).render()
package struct LiveDocuments: Sendable {
  /// From one change of the timeline, or of a header, to the next.
  package struct Stretch: Hashable, Sendable {
    /// The number of its first segment.
    package var number: Int64
    /// Since 1970, of that segment.
    package var start: MediaTime
    /// Versions of the headers, by the name of the track.
    package var headers: [String: String]

    package init(number: Int64, start: MediaTime, headers: [String: String]) {
      self.number = number
      self.start = start
      self.headers = headers
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
    }
    self.rates = rates
  }

  /// Names of the tracks that a filter leaves; `nil` if it leaves them all.
  package func trackNames(_ filter: ViewFilter) throws(ViewError) -> [String]? {
    let names = try filter.trackNames(of: title) { rates.playlists[$0.index.name]?.peak ?? 0 }
    return names.count == title.tracks.count ? nil : names
  }

  /// - Parameter tracks: those that are named; `nil`: all.
  package func multivariantPlaylist(tracks: [String]?) -> MultivariantPlaylist {
    let shown = tracks.map { title.keeping(Set($0)) } ?? title
    var playlist = HLSPresentation(shown, addressing: .segments, rates: rates)
      .multivariantPlaylist()
    playlist.hasIndependentSegments = description.tracks.allSatisfy(\.hasIndependentSegments)
    return playlist
  }

  package func multivariantText(tracks: [String]?) -> String {
    multivariantPlaylist(tracks: tracks).render()
  }

  // MARK: DASH

  package func mpdText(_ stretches: [Stretch], end: MediaTime?, tracks: [String]?) -> String {
    mpd(stretches, end: end, tracks: tracks).render()
  }

  /// The MPD names segments by number alone: it says something new only when the timeline changes.
  ///
  /// - Parameters:
  ///   - stretches: at least one, in order.
  ///   - end: since 1970, of what has been ended.
  package func mpd(_ stretches: [Stretch], end: MediaTime?, tracks: [String]?) -> MPD {
    let shown = tracks.map { title.keeping(Set($0)) } ?? title
    let ends = stretches.dropFirst().map { Optional($0.start) } + [end]
    let periods = zip(stretches, ends).map { period($0, end: $1, of: shown) }
    let last = stretches.last?.start ?? MediaTime(0, Self.millisecond)
    var mpd = MPD(
      profiles: [MPD.liveProfile, MPD.cmafProfile, MPD.lowLatencyProfile],
      minBufferTime: ISODuration(description.segmentDuration, rounding: .up),
      maxSegmentDuration: ISODuration(
        MediaTime(Int64(description.targetDuration), Timescale(literal: 1)), rounding: .up),
      periods: periods)
    mpd.dynamic = DynamicPresentation(
      availabilityStartTime: UTCTime(millisecondsSince1970: 0),
      publishTime: UTCTime(millisecondsSince1970: (end ?? last).milliseconds),
      minimumUpdatePeriod: end == nil
        ? ISODuration(description.segmentDuration, rounding: .up) : nil,
      timeShiftBufferDepth: ISODuration(description.window, rounding: .nearest),
      suggestedPresentationDelay: ISODuration(
        MediaTime(targetLatency, Self.millisecond), rounding: .nearest),
      serviceDescriptions: [
        ServiceDescription(
          id: 0, latency: .init(referenceID: 1, target: targetLatency),
          playbackRate: .init(min: 960, max: 1040))
      ],
      utcTimings: Descriptor.clocks)
    return mpd
  }

  private static let millisecond = Timescale(literal: 1000)

  /// Milliseconds from the camera to the viewer: ten parts, and no less than two seconds.
  package var targetLatency: Int64 {
    max(2000, 10 * (description.tracks.map(\.partTarget.milliseconds).max() ?? 0))
  }

  private func period(
    _ stretch: Stretch, end: MediaTime?, of title: Title
  ) -> Period {
    // Presentation times are those of the media, so that a packager that began at another time says the
    // same of what both have.
    let segment = description.segmentDuration
    let origin = stretch.start.rescaled(to: segment.timescale).value
    let number = stretch.number
    let from = ISODuration(MediaTime(origin, segment.timescale), rounding: .nearest)
    var sets = DASHPresentation(
      title.having(headers: stretch.headers), addressing: .segments, rates: rates
    ).adaptationSets
    for index in sets.indices {
      complete(&sets[index], offset: origin, number: number, from: stretch)
    }
    return Period(
      id: "\(number)", start: from,
      duration: end.map {
        ISODuration(
          microseconds: ISODuration($0, rounding: .nearest).microseconds - from.microseconds)
      },
      adaptationSets: sets)
  }

  /// - Parameters:
  ///   - offset: ticks of the segment duration at the Period's start.
  ///   - number: of the segment there.
  private func complete(
    _ set: inout AdaptationSet, offset: Int64, number: Int64, from stretch: Stretch
  ) {
    let segment = description.segmentDuration
    let named = Set(set.representations.map(\.id))
    let tracks = description.tracks.filter { named.contains(Reference.encoded($0.name)) }
    let longest = tracks.map { ISODuration($0.partTarget, rounding: .up) }.max()
    var template = SegmentTemplate(
      timescale: segment.timescale, presentationTimeOffset: offset, startNumber: number,
      duration: segment.value, initialization: Reference.header, media: "$Number$.m4s")
    // A segment may be fetched when its first chunk is there.
    template.availabilityTimeOffset = longest.map {
      ISODuration(
        microseconds: ISODuration(segment, rounding: .nearest).microseconds - $0.microseconds)
    }
    template.availabilityTimeComplete = false
    set.segmentTemplate = template
    set.isSegmentAligned = true
    if tracks.allSatisfy(\.hasIndependentSegments) { set.startWithSAP = 1 }
    set.producerReferenceTimes = [
      ProducerReferenceTime(
        id: set.id, isInband: true, type: .encoder,
        wallClockTime: UTCTime(
          millisecondsSince1970: MediaTime(offset, segment.timescale).milliseconds),
        presentationTime: offset, utcTiming: Descriptor.clocks[0])
    ]
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
  /// The same with its headers under other versions.
  fileprivate func having(headers: [String: String]) -> Title {
    var made = self
    for index in made.tracks.indices {
      let name = made.tracks[index].index.name
      made.tracks[index].index.version = headers[name] ?? made.tracks[index].index.version
    }
    return made
  }
}

extension Descriptor {
  /// The origin's clock: as a text, and in the field `Date`.
  static let clocks = [
    Descriptor(schemeIdUri: "urn:mpeg:dash:utc:http-xsdate:2014", value: "/time"),
    Descriptor(schemeIdUri: "urn:mpeg:dash:utc:http-iso:2014", value: "/time"),
    Descriptor(schemeIdUri: "urn:mpeg:dash:utc:http-head:2014", value: "/time"),
  ]
}
