package import MediaCore

/// One encoding (ISO/IEC 23009-1 §5.3.5).
package struct Representation: Hashable, Sendable {
  /// Unique in the Period, without white space.
  package var id: String
  /// Bits in a second; see `LeakyBucket`.
  package var bandwidth: Int64
  package var codecs: String?
  /// Coded size in samples.
  package var width: Int64?
  package var height: Int64?
  package var sampleAspectRatio: Ratio?
  package var frameRate: Rational?
  package var audioSamplingRate: Int64?
  package var audioChannelConfigurations: [Descriptor]
  package var supplementalProperties: [Descriptor] = []
  package var baseURL: String?
  package var segmentBase: SegmentBase?
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
    audioChannelConfigurations = try element.descriptors("AudioChannelConfiguration")
    supplementalProperties = try element.descriptors("SupplementalProperty")
    baseURL = element.child("BaseURL")?.text
    if let child = element.child("SegmentBase") { segmentBase = try SegmentBase(child) }
    if let child = element.child("SegmentTemplate") { segmentTemplate = try SegmentTemplate(child) }
  }

  var element: XMLElement {
    var element = XMLElement("Representation")
    element.set("id", id)
    element.set("bandwidth", bandwidth)
    element.set("codecs", codecs)
    element.set("width", width)
    element.set("height", height)
    element.set("sar", sampleAspectRatio)
    element.set("frameRate", frameRate)
    element.set("audioSamplingRate", audioSamplingRate)
    element.append("AudioChannelConfiguration", audioChannelConfigurations)
    element.append("SupplementalProperty", supplementalProperties)
    if let baseURL {
      var child = XMLElement("BaseURL")
      child.text = baseURL
      element.children.append(child)
    }
    if let segmentBase { element.children.append(segmentBase.element) }
    if let segmentTemplate { element.children.append(segmentTemplate.element) }
    return element
  }
}
