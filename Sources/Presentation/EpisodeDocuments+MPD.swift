import DASH
import Episodes
import HLS
import Library
import MediaCore

extension EpisodeDocuments {
  /// Of the events that tell of choices.
  static let choiceScheme = "urn:dougong:choice:2026"
  private static let connectivityScheme = "urn:mpeg:dash:period-connectivity:2015"

  /// A Period for each scene. The length of the whole is that of the last Period's end: said at the
  /// top it would have to change with every choice (ISO/IEC 23009-1 §5.3.1.2 asks for one of both).
  ///
  /// On one timeline it is one Period, whose segments are listed: the names of those of several scenes
  /// have no common pattern.
  var mpd: MPD {
    let whole = DASHPresentation(
      whole,
      addressing: references.addressing(of: episode.scenes[references.first] ?? episode.whole),
      place: MediaPlace(), rates: episode.rates
    ).mpd()
    if isContinuous { return continuous(whole) }
    return MPD(
      profiles: whole.profiles, minBufferTime: whole.minBufferTime,
      maxSegmentDuration: whole.maxSegmentDuration,
      maxSubsegmentDuration: whole.maxSubsegmentDuration,
      periods: placed.indices.map { period($0) })
  }

  private func continuous(_ whole: MPD) -> MPD {
    var made = whole
    let end = placed.last.map { ISODuration($0.end, rounding: .nearest) }
    made.mediaPresentationDuration = end
    for set in made.periods[0].adaptationSets.indices {
      made.periods[0].adaptationSets[set].segmentTemplate = nil
      let count = made.periods[0].adaptationSets[set].representations.count
      for number in 0..<count {
        let id = made.periods[0].adaptationSets[set].representations[number].id
        made.periods[0].adaptationSets[set].representations[number].baseURL = nil
        made.periods[0].adaptationSets[set].representations[number].segmentTemplate = nil
        made.periods[0].adaptationSets[set].representations[number].segmentList = list(id)
      }
    }
    made.periods[0].duration = end
    made.periods[0].eventStreams = eventStreams(placed, since: MediaTime(0, Timescale(literal: 1)))
    return made
  }

  /// - Parameter id: of a representation: the encoded name of its track.
  private func list(_ id: String) -> SegmentList? {
    guard
      let number = episode.whole.tracks.firstIndex(where: { Reference.encoded($0.index.name) == id }
      )
    else { return nil }
    let whole = episode.whole.tracks[number].index
    var timeline = ContinuousTrack()
    var (times, urls): ([(start: Int64, duration: Int64)], [String]) = ([], [])
    for scene in placed {
      let index = scene.title.tracks[number].index
      let place = references.place(of: scene.step.scene.id)
      for segment in timeline.segments(of: index) {
        times.append((segment.start, segment.duration))
        urls.append(
          Reference.moved(
            place.base + Reference.folder(index.name, version: index.version)
              + Reference.segment(segment.number), by: segment.move))
      }
      timeline.append(index, until: scene.end)
    }
    return SegmentList(
      timescale: whole.timescale,
      initialization: references.place(of: references.first).headers[whole.name]?.uri,
      timeline: SegmentTimeline(times), media: urls)
  }

  private func id(_ position: Int) -> String {
    "\(position + 1)-\(placed[position].step.scene.id)"
  }

  /// - Parameter counts: by the track's name, of the segments that are named; `nil`: all are.
  func period(_ position: Int, keeping counts: [String: Int]? = nil) -> Period {
    var scene = placed[position]
    if let counts {
      for index in scene.title.tracks.indices {
        let track = scene.title.tracks[index].index
        scene.title.tracks[index].index.segments = Array(
          track.segments.prefix(counts[track.name] ?? 0))
      }
    }
    let start = ISODuration(scene.start, rounding: .nearest)
    let end = ISODuration(scene.end, rounding: .nearest)
    let addressing = references.addressing(of: scene.title)
    // In the on-demand profile each file has its own header.
    let place = references.place(of: scene.step.scene.id)
    var sets = DASHPresentation(
      scene.title, addressing: addressing,
      place: addressing == .wholeTracks ? MediaPlace(base: place.base) : place,
      rates: episode.rates
    ).adaptationSets
    if position > 0 {
      // Only the header is common: times begin again.
      for index in sets.indices {
        sets[index].supplementalProperties.append(
          Descriptor(schemeIdUri: Self.connectivityScheme, value: id(position - 1)))
      }
    }
    return Period(
      id: id(position), start: start,
      duration: ISODuration(microseconds: end.microseconds - start.microseconds),
      eventStreams: eventStreams([scene], since: scene.start), adaptationSets: sets)
  }

  /// All choices of a scene, also those behind the first open one: which there are does not hang on
  /// what is chosen.
  ///
  /// - Parameter start: of the Period.
  private func eventStreams(_ scenes: [Placed], since start: MediaTime) -> [EventStream] {
    var events: [Event] = []
    for scene in scenes {
      let before = scene.start.milliseconds - start.milliseconds
      for (number, choice) in scene.step.scene.choices.enumerated() {
        let window = screening?.window(
          at: Int64(choice.at), length: Int64(choice.length),
          sceneEnd: scene.end.milliseconds - scene.start.milliseconds)
        events.append(
          Event(
            presentationTime: before + max(0, window?.start ?? Int64(choice.at)),
            duration: Int64(choice.length),
            id: Int64(scene.step.met + number + 1),
            message: .text("\(choice.id).\(scene.occurrences[number])")))
      }
    }
    guard !events.isEmpty else { return [] }
    return [
      EventStream(
        scheme: Descriptor(schemeIdUri: Self.choiceScheme, value: "1"),
        timescale: Timescale(literal: 1000), events: events)
    ]
  }
}
