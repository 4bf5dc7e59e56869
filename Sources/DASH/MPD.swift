/// A stretch of the presentation with one set of encodings (ISO/IEC 23009-1 §5.3.2).
package struct Period: Hashable, Sendable {
  package var id: String?
  package var start: ISODuration?
  package var duration: ISODuration?
  package var eventStreams: [EventStream]
  package var adaptationSets: [AdaptationSet]

  package init(
    id: String? = nil, start: ISODuration? = nil, duration: ISODuration? = nil,
    eventStreams: [EventStream] = [], adaptationSets: [AdaptationSet] = []
  ) {
    self.id = id
    self.start = start
    self.duration = duration
    self.eventStreams = eventStreams
    self.adaptationSets = adaptationSets
  }

  init(_ element: XMLElement) throws(DASHError) {
    id = element["id"]
    start = try element.duration("start")
    duration = try element.duration("duration")
    eventStreams = []
    for child in element.children("EventStream") { eventStreams.append(try EventStream(child)) }
    adaptationSets = []
    for child in element.children("AdaptationSet") {
      adaptationSets.append(try AdaptationSet(child))
    }
  }

  var element: XMLElement {
    var element = XMLElement("Period")
    element.set("id", id)
    element.set("start", start)
    element.set("duration", duration)
    element.children = eventStreams.map(\.element) + adaptationSets.map(\.element)
    return element
  }
}

/// A Media Presentation Description (ISO/IEC 23009-1 §5.3.1).
///
///     let mpd = try MPD(parsing: text)
///     mpd.render()
///
/// To add an element: a value of its own with `init(_: XMLElement)` and `element`, a property of
/// its parent, and a line at its place in the parent's `element`, in the order of the schema.
package struct MPD: Hashable, Sendable {
  package static let namespace = "urn:mpeg:dash:schema:mpd:2011"
  /// Of `scte214:supplementalCodecs` (SCTE 214-1 §6.2).
  package static let extensionNamespace = "urn:scte:dash:scte214-extensions"
  /// On-demand profile (§8.3).
  package static let onDemandProfile = "urn:mpeg:dash:profile:isoff-on-demand:2011"
  /// Live profile (§8.4), which serves what is recorded too.
  package static let liveProfile = "urn:mpeg:dash:profile:isoff-live:2011"
  /// CMAF profile (§8.12).
  package static let cmafProfile = "urn:mpeg:dash:profile:cmaf:2019"

  /// Low latency (DASH-IF Low-Latency CR 9.X.4.1).
  package static let lowLatencyProfile = "http://www.dashif.org/guidelines/low-latency-live-v5"

  /// The same in all versions of a presentation.
  package var id: String?
  package var profiles: [String]
  /// `nil`: all of it is there.
  package var dynamic: DynamicPresentation?
  package var baseURLs: [BaseURL] = []
  package var contentSteering: ContentSteering?
  package var mediaPresentationDuration: ISODuration?
  package var minBufferTime: ISODuration
  package var maxSegmentDuration: ISODuration?
  package var maxSubsegmentDuration: ISODuration?
  package var periods: [Period]

  package init(
    profiles: [String], mediaPresentationDuration: ISODuration? = nil, minBufferTime: ISODuration,
    maxSegmentDuration: ISODuration? = nil, maxSubsegmentDuration: ISODuration? = nil,
    periods: [Period] = []
  ) {
    self.profiles = profiles
    self.mediaPresentationDuration = mediaPresentationDuration
    self.minBufferTime = minBufferTime
    self.maxSegmentDuration = maxSegmentDuration
    self.maxSubsegmentDuration = maxSubsegmentDuration
    self.periods = periods
  }

  package func render() -> String {
    var document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    element.render(into: &document)
    return document
  }

  var element: XMLElement {
    var element = XMLElement("MPD")
    element.set("xmlns", Self.namespace)
    let hasExtensions = periods.flatMap(\.adaptationSets).flatMap(\.representations).contains {
      $0.supplementalCodecs != nil || $0.supplementalProfiles != nil
    }
    if hasExtensions { element.set("xmlns:scte214", Self.extensionNamespace) }
    let isProjected = periods.flatMap(\.adaptationSets).flatMap(\.essentialProperties).contains {
      $0.projectionType != nil
    }
    if isProjected { element.set("xmlns:omaf", "urn:mpeg:mpegI:omaf:2017") }
    element.set("id", id)
    element.set("profiles", profiles.joined(separator: ","))
    element.set("type", dynamic == nil ? "static" : "dynamic")
    dynamic?.setAttributes(of: &element)
    element.set("mediaPresentationDuration", mediaPresentationDuration)
    element.set("minBufferTime", minBufferTime)
    element.set("maxSegmentDuration", maxSegmentDuration)
    element.set("maxSubsegmentDuration", maxSubsegmentDuration)
    element.children = baseURLs.map(\.element)
    if let contentSteering { element.children.append(contentSteering.element) }
    if let dynamic {
      if let patch = dynamic.patchLocation { element.children.append(patch.element) }
      element.children += dynamic.serviceDescriptions.map(\.element)
    }
    element.children += periods.map(\.element)
    if let dynamic { element.append("UTCTiming", dynamic.utcTimings) }
    return element
  }

  /// Reads an MPD whose elements have no prefix, and refuses protection
  /// and open timelines. Other elements and attributes are ignored.
  package init(parsing text: String) throws(DASHError) {
    let root = try XMLReader.read(text)
    guard root.name == "MPD", root["xmlns"] == Self.namespace else {
      throw DASHError(
        .notAnMPD, line: root.line, "the root is \(root.name), expected MPD of \(Self.namespace)")
    }
    let type = root["type"] ?? "static"
    guard ["static", "dynamic"].contains(type) else {
      throw DASHError(
        .syntax, line: root.line, "MPD@type=\"\(type)\" is neither static nor dynamic")
    }
    self.init(
      profiles: try root.required("profiles").split(separator: ",").map { String($0) },
      mediaPresentationDuration: try root.duration("mediaPresentationDuration"),
      minBufferTime: try root.required("minBufferTime", root.duration("minBufferTime")),
      maxSegmentDuration: try root.duration("maxSegmentDuration"),
      maxSubsegmentDuration: try root.duration("maxSubsegmentDuration"))
    id = root["id"]
    if type == "dynamic" { dynamic = try DynamicPresentation(root) }
    baseURLs = root.children("BaseURL").map(BaseURL.init)
    contentSteering = root.child("ContentSteering").map(ContentSteering.init)
    for child in root.children("Period") { periods.append(try Period(child)) }
    guard !periods.isEmpty else {
      throw DASHError(.missing, line: root.line, "MPD without a Period")
    }
  }
}
