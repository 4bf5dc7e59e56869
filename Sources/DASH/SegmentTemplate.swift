package import MediaCore

/// Segments by a pattern of their names (ISO/IEC 23009-1 §5.3.9.4).
package struct SegmentTemplate: Hashable, Sendable {
  package var timescale: Timescale
  /// Ticks of the track at the Period's start.
  package var presentationTimeOffset: Int64
  /// The number of the first segment.
  package var startNumber: Int64
  /// Ticks of each segment, the last apart, if there is no timeline: `@duration`.
  package var duration: Int64?
  /// With `$Number$`, `$Time$`, `$RepresentationID$`, `$Bandwidth$`; `$$` is a dollar sign.
  package var initialization: String?
  package var media: String?
  package var timeline: SegmentTimeline?
  /// How long before all of a segment is there it may be asked for.
  package var availabilityTimeOffset: ISODuration?
  /// `false`: what is asked for then comes as it is made.
  package var availabilityTimeComplete: Bool?

  package init(
    timescale: Timescale, presentationTimeOffset: Int64 = 0, startNumber: Int64 = 1,
    duration: Int64? = nil, initialization: String? = nil, media: String? = nil,
    timeline: SegmentTimeline? = nil
  ) {
    self.timescale = timescale
    self.presentationTimeOffset = presentationTimeOffset
    self.startNumber = startNumber
    self.duration = duration
    self.initialization = initialization
    self.media = media
    self.timeline = timeline
  }

  init(_ element: XMLElement) throws(DASHError) {
    timescale = try element.timescale("timescale") ?? Timescale(literal: 1)
    presentationTimeOffset = try element.integer("presentationTimeOffset") ?? 0
    startNumber = try element.integer("startNumber") ?? 1
    duration = try element.integer("duration", 1...Int64.max)
    initialization = element["initialization"]
    media = element["media"]
    availabilityTimeOffset = try element.seconds("availabilityTimeOffset")
    availabilityTimeComplete = try element.optionalFlag("availabilityTimeComplete")
    if let child = element.child("SegmentTimeline") { timeline = try SegmentTimeline(child) }
  }

  var element: XMLElement {
    var element = XMLElement("SegmentTemplate")
    element.set("timescale", timescale)
    if presentationTimeOffset != 0 { element.set("presentationTimeOffset", presentationTimeOffset) }
    element.set("availabilityTimeOffset", availabilityTimeOffset?.decimal)
    element.set("availabilityTimeComplete", availabilityTimeComplete)
    element.set("startNumber", startNumber)
    element.set("duration", duration)
    element.set("media", media)
    element.set("initialization", initialization)
    if let timeline { element.children.append(timeline.element) }
    return element
  }
}
