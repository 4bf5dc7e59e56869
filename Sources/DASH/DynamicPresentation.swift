package import MediaCore

/// What an MPD says of a presentation that goes on: `MPD@type="dynamic"` (ISO/IEC 23009-1 §5.3.1).
package struct DynamicPresentation: Hashable, Sendable {
  /// The moment that the times of Periods count from.
  package var availabilityStartTime: UTCTime
  /// When the MPD was made, as it is.
  package var publishTime: UTCTime
  /// How soon another MPD may say something new; `nil`: it never will.
  package var minimumUpdatePeriod: ISODuration?
  /// How long segments may be fetched.
  package var timeShiftBufferDepth: ISODuration?
  package var suggestedPresentationDelay: ISODuration?
  /// Where later versions are had, if not where this one was.
  package var location: String?
  /// Where what has changed is had by itself (§5.15).
  package var patchLocation: PatchLocation?
  package var serviceDescriptions: [ServiceDescription]
  /// Clocks that players set theirs by, the best first (§5.8.4.11).
  package var utcTimings: [Descriptor]

  package init(
    availabilityStartTime: UTCTime, publishTime: UTCTime,
    minimumUpdatePeriod: ISODuration? = nil, timeShiftBufferDepth: ISODuration? = nil,
    suggestedPresentationDelay: ISODuration? = nil, patchLocation: PatchLocation? = nil,
    serviceDescriptions: [ServiceDescription] = [], utcTimings: [Descriptor] = []
  ) {
    self.availabilityStartTime = availabilityStartTime
    self.publishTime = publishTime
    self.minimumUpdatePeriod = minimumUpdatePeriod
    self.timeShiftBufferDepth = timeShiftBufferDepth
    self.suggestedPresentationDelay = suggestedPresentationDelay
    self.patchLocation = patchLocation
    self.serviceDescriptions = serviceDescriptions
    self.utcTimings = utcTimings
  }

  init(_ root: XMLElement) throws(DASHError) {
    availabilityStartTime = try root.required(
      "availabilityStartTime", root.time("availabilityStartTime"))
    publishTime = try root.required("publishTime", root.time("publishTime"))
    minimumUpdatePeriod = try root.duration("minimumUpdatePeriod")
    timeShiftBufferDepth = try root.duration("timeShiftBufferDepth")
    suggestedPresentationDelay = try root.duration("suggestedPresentationDelay")
    location = root.child("Location")?.text
    if let child = root.child("PatchLocation") { patchLocation = try PatchLocation(child) }
    serviceDescriptions = []
    for child in root.children("ServiceDescription") {
      serviceDescriptions.append(try ServiceDescription(child))
    }
    utcTimings = try root.descriptors("UTCTiming")
  }

  func setAttributes(of root: inout XMLElement) {
    root.set("availabilityStartTime", availabilityStartTime)
    root.set("publishTime", publishTime)
    root.set("minimumUpdatePeriod", minimumUpdatePeriod)
    root.set("timeShiftBufferDepth", timeShiftBufferDepth)
    root.set("suggestedPresentationDelay", suggestedPresentationDelay)
  }
}

/// PatchLocation (§5.15.2).
package struct PatchLocation: Hashable, Sendable {
  package var url: String
  /// Seconds since the MPD's publication for which the patch is to be had.
  package var timeToLive: Int64

  package init(url: String, timeToLive: Int64) {
    self.url = url
    self.timeToLive = timeToLive
  }

  init(_ element: XMLElement) throws(DASHError) {
    url = element.text
    timeToLive = try element.wholeNumber("ttl") ?? 0
  }

  var element: XMLElement {
    var element = XMLElement("PatchLocation")
    element.set("ttl", timeToLive)
    element.text = url
    return element
  }
}
