package import MediaCore

/// One encoding (ISO/IEC 23009-1 §5.3.5).
package struct Representation: Hashable, Sendable {
  /// Unique in the Period, without white space.
  package var id: String
  /// Bits in a second; see `LeakyBucket`.
  package var bandwidth: Int64
  /// Where the AdaptationSet does not say it.
  package var mimeType: String?
  package var codecs: String?
  /// A codec that a richer player may use instead, as `dvh1.08.07` (SCTE 214-1 §6.2).
  package var supplementalCodecs: String?
  /// The brands of `supplementalCodecs`, as `db1p`.
  package var supplementalProfiles: String?
  /// Coded size in samples.
  package var width: Int64?
  package var height: Int64?
  package var sampleAspectRatio: Ratio?
  package var frameRate: Rational?
  package var audioSamplingRate: Int64?
  /// As of `AdaptationSet`, and so the following.
  package var scanType: String?
  package var selectionPriority: Int64?
  package var codingDependency: Bool?
  package var maxPlayoutRate: Int64?
  package var audioChannelConfigurations: [Descriptor]
  package var essentialProperties: [Descriptor] = []
  package var supplementalProperties: [Descriptor] = []
  package var inbandEventStreams: [Descriptor] = []
  package var resyncs: [Resync] = []
  package var baseURL: String?
  package var segmentBase: SegmentBase?
  package var segmentList: SegmentList?
  package var segmentTemplate: SegmentTemplate?

  package init(
    id: String, bandwidth: Int64, codecs: String? = nil, width: Int64? = nil,
    height: Int64? = nil, sampleAspectRatio: Ratio? = nil, frameRate: Rational? = nil,
    audioSamplingRate: Int64? = nil, audioChannelConfigurations: [Descriptor] = [],
    baseURL: String? = nil, segmentBase: SegmentBase? = nil,
    segmentTemplate: SegmentTemplate? = nil
  ) {
    self.id = id
    self.bandwidth = bandwidth
    self.codecs = codecs
    self.width = width
    self.height = height
    self.sampleAspectRatio = sampleAspectRatio
    self.frameRate = frameRate
    self.audioSamplingRate = audioSamplingRate
    self.audioChannelConfigurations = audioChannelConfigurations
    self.baseURL = baseURL
    self.segmentBase = segmentBase
    self.segmentTemplate = segmentTemplate
  }

  init(_ element: XMLElement) throws(DASHError) {
    id = try element.required("id")
    bandwidth = try element.required("bandwidth", element.integer("bandwidth"))
    codecs = element["codecs"]
    width = try element.integer("width")
    height = try element.integer("height")
    sampleAspectRatio = try element.ratio("sar")
    frameRate = try element.frameRate("frameRate")
    audioSamplingRate = try element.integer("audioSamplingRate")
    mimeType = element["mimeType"]
    supplementalCodecs = element["scte214:supplementalCodecs"]
    supplementalProfiles = element["scte214:supplementalProfiles"]
    scanType = element["scanType"]
    selectionPriority = try element.integer("selectionPriority", 0...Int64(UInt32.max))
    codingDependency = try element.optionalFlag("codingDependency")
    maxPlayoutRate = try element.wholeNumber("maxPlayoutRate")
    essentialProperties = try element.descriptors("EssentialProperty")
    supplementalProperties = try element.descriptors("SupplementalProperty")
    inbandEventStreams = try element.descriptors("InbandEventStream")
    for child in element.children("Resync") { resyncs.append(try Resync(child)) }
    audioChannelConfigurations = try element.descriptors("AudioChannelConfiguration")
    baseURL = element.child("BaseURL")?.text
    if let child = element.child("SegmentBase") { segmentBase = try SegmentBase(child) }
    if let child = element.child("SegmentList") { segmentList = try SegmentList(child) }
    if let child = element.child("SegmentTemplate") { segmentTemplate = try SegmentTemplate(child) }
  }

  var element: XMLElement {
    var element = XMLElement("Representation")
    element.set("id", id)
    element.set("bandwidth", bandwidth)
    element.set("mimeType", mimeType)
    element.set("codecs", codecs)
    element.set("scte214:supplementalCodecs", supplementalCodecs)
    element.set("scte214:supplementalProfiles", supplementalProfiles)
    element.set("width", width)
    element.set("height", height)
    element.set("sar", sampleAspectRatio)
    element.set("frameRate", frameRate)
    element.set("audioSamplingRate", audioSamplingRate)
    element.set("scanType", scanType)
    element.set("selectionPriority", selectionPriority)
    element.set("codingDependency", codingDependency)
    element.set("maxPlayoutRate", maxPlayoutRate)
    element.append("AudioChannelConfiguration", audioChannelConfigurations)
    element.append("EssentialProperty", essentialProperties)
    element.append("SupplementalProperty", supplementalProperties)
    element.append("InbandEventStream", inbandEventStreams)
    element.children += resyncs.map(\.element)
    if let baseURL {
      var child = XMLElement("BaseURL")
      child.text = baseURL
      element.children.append(child)
    }
    if let segmentBase { element.children.append(segmentBase.element) }
    if let segmentList { element.children.append(segmentList.element) }
    if let segmentTemplate { element.children.append(segmentTemplate.element) }
    return element
  }
}
