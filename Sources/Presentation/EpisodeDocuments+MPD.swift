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
  var mpd: MPD {
    let whole = DASHPresentation(
      episode.whole,
      addressing: references.addressing(of: episode.scenes[references.first] ?? episode.whole),
      place: MediaPlace(), rates: episode.rates
    ).mpd()
    return MPD(
      profiles: whole.profiles, minBufferTime: whole.minBufferTime,
      maxSegmentDuration: whole.maxSegmentDuration,
      maxSubsegmentDuration: whole.maxSubsegmentDuration,
      periods: placed.indices.map(period))
  }

  private func id(_ position: Int) -> String {
    "\(position + 1)-\(placed[position].step.scene.id)"
  }

  private func period(_ position: Int) -> Period {
    let scene = placed[position]
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
      eventStreams: eventStreams(scene), adaptationSets: sets)
  }

  /// All choices of a scene, also those behind the first open one: which there are does not hang on
  /// what is chosen.
  private func eventStreams(_ scene: Placed) -> [EventStream] {
    var events: [Event] = []
    for (number, choice) in scene.step.scene.choices.enumerated() {
      events.append(
        Event(
          presentationTime: Int64(choice.at), duration: Int64(choice.length),
          id: Int64(scene.step.met + number + 1),
          message: .text("\(choice.id).\(scene.occurrences[number])")))
    }
    guard !events.isEmpty else { return [] }
    return [
      EventStream(
        scheme: Descriptor(schemeIdUri: Self.choiceScheme, value: "1"),
        timescale: Timescale(literal: 1000), events: events)
    ]
  }
}
