package import MediaCore

/// Segments whose names have no pattern: each by its URL (ISO/IEC 23009-1 §5.3.9.3).
package struct SegmentList: Hashable, Sendable {
  package var timescale: Timescale
  /// URL of the header.
  package var initialization: String?
  /// One entry for each of `media`.
  package var timeline: SegmentTimeline
  /// URLs of the segments, in order.
  package var media: [String]

  package init(
    timescale: Timescale, initialization: String? = nil, timeline: SegmentTimeline, media: [String]
  ) {
    self.timescale = timescale
    self.initialization = initialization
    self.timeline = timeline
    self.media = media
  }

  init(_ element: XMLElement) throws(DASHError) {
    timescale = try element.timescale("timescale") ?? Timescale(literal: 1)
    initialization = element.child("Initialization")?["sourceURL"]
    guard let child = element.child("SegmentTimeline") else {
      throw DASHError(
        .unsupported, line: element.line, "SegmentList without SegmentTimeline is not read")
    }
    timeline = try SegmentTimeline(child)
    media = []
    for child in element.children("SegmentURL") { media.append(try child.required("media")) }
  }

  var element: XMLElement {
    var element = XMLElement("SegmentList")
    element.set("timescale", timescale)
    if let initialization {
      var child = XMLElement("Initialization")
      child.set("sourceURL", initialization)
      element.children.append(child)
    }
    element.children.append(timeline.element)
    for url in media {
      var child = XMLElement("SegmentURL")
      child.set("media", url)
      element.children.append(child)
    }
    return element
  }
}
