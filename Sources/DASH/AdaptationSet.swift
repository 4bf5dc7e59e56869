package import MediaCore

/// Encodings of the same content between which a player may switch (ISO/IEC 23009-1 §5.3.3).
package struct AdaptationSet: Hashable, Sendable {
  /// Unique in the Period.
  package var id: Int64
  /// `video`, `audio`, `text`.
  package var contentType: String?
  package var mimeType: String?
  /// BCP 47.
  package var language: String?
  /// Shape of the shown picture.
  package var pictureAspectRatio: Ratio?
  /// Shape of one sample.
  package var sampleAspectRatio: Ratio?
  package var maxWidth: Int64?
  package var maxHeight: Int64?
  package var maxFrameRate: Rational?
  package var isSegmentAligned: Bool
  package var isSubsegmentAligned: Bool
  /// Type of stream access point that begins each segment, 1 to 6.
  package var startWithSAP: Int64?
  package var subsegmentStartsWithSAP: Int64?
  /// `progressive`, `interlaced` or `unknown`.
  package var scanType: String?
  /// Higher is preferred when a player must choose by itself; 1 if not given.
  package var selectionPriority: Int64?
  /// Some pictures depend on others; `false` for tracks of I-frames.
  package var codingDependency: Bool?
  /// The highest speed at which a player can play all of it.
  package var maxPlayoutRate: Int64?
  /// How two views share a picture.
  package var framePackings: [Descriptor] = []
  package var audioChannelConfigurations: [Descriptor]
  package var essentialProperties: [Descriptor]
  package var supplementalProperties: [Descriptor]
  /// Schemes of the events (`emsg`) that the segments carry.
  package var inbandEventStreams: [Descriptor] = []
  package var labels: [Label]
  package var producerReferenceTimes: [ProducerReferenceTime] = []
  package var accessibilities: [Descriptor]
  package var roles: [Descriptor]
  /// What the representations inherit.
  package var segmentTemplate: SegmentTemplate?
  package var representations: [Representation]

  package init(
    id: Int64, contentType: String? = nil, mimeType: String? = nil, language: String? = nil,
    pictureAspectRatio: Ratio? = nil, sampleAspectRatio: Ratio? = nil, maxWidth: Int64? = nil,
    maxHeight: Int64? = nil, maxFrameRate: Rational? = nil, isSegmentAligned: Bool = false,
    isSubsegmentAligned: Bool = false, startWithSAP: Int64? = nil,
    subsegmentStartsWithSAP: Int64? = nil, audioChannelConfigurations: [Descriptor] = [],
    essentialProperties: [Descriptor] = [], supplementalProperties: [Descriptor] = [],
    labels: [Label] = [], accessibilities: [Descriptor] = [], roles: [Descriptor] = [],
    segmentTemplate: SegmentTemplate? = nil, representations: [Representation] = []
  ) {
    self.id = id
    self.contentType = contentType
    self.mimeType = mimeType
    self.language = language
    self.pictureAspectRatio = pictureAspectRatio
    self.sampleAspectRatio = sampleAspectRatio
    self.maxWidth = maxWidth
    self.maxHeight = maxHeight
    self.maxFrameRate = maxFrameRate
    self.isSegmentAligned = isSegmentAligned
    self.isSubsegmentAligned = isSubsegmentAligned
    self.startWithSAP = startWithSAP
    self.subsegmentStartsWithSAP = subsegmentStartsWithSAP
    self.audioChannelConfigurations = audioChannelConfigurations
    self.essentialProperties = essentialProperties
    self.supplementalProperties = supplementalProperties
    self.labels = labels
    self.accessibilities = accessibilities
    self.roles = roles
    self.segmentTemplate = segmentTemplate
    self.representations = representations
  }

  init(_ element: XMLElement) throws(DASHError) {
    guard element.child("ContentProtection") == nil else {
      throw DASHError(.unsupported, line: element.line, "ContentProtection is not read")
    }
    self.init(id: try element.integer("id", 0...Int64(UInt32.max)) ?? 0)
    contentType = element["contentType"]
    mimeType = element["mimeType"]
    language = element["lang"]
    pictureAspectRatio = try element.ratio("par")
    sampleAspectRatio = try element.ratio("sar")
    maxWidth = try element.integer("maxWidth")
    maxHeight = try element.integer("maxHeight")
    maxFrameRate = try element.frameRate("maxFrameRate")
    isSegmentAligned = try element.flag("segmentAlignment")
    isSubsegmentAligned = try element.flag("subsegmentAlignment")
    startWithSAP = try element.integer("startWithSAP", 0...6)
    subsegmentStartsWithSAP = try element.integer("subsegmentStartsWithSAP", 0...6)
    scanType = element["scanType"]
    selectionPriority = try element.integer("selectionPriority", 0...Int64(UInt32.max))
    codingDependency = try element.optionalFlag("codingDependency")
    maxPlayoutRate = try element.wholeNumber("maxPlayoutRate")
    framePackings = try element.descriptors("FramePacking")
    inbandEventStreams = try element.descriptors("InbandEventStream")
    audioChannelConfigurations = try element.descriptors("AudioChannelConfiguration")
    essentialProperties = try element.descriptors("EssentialProperty")
    supplementalProperties = try element.descriptors("SupplementalProperty")
    labels = element.children("Label").map { Label($0) }
    accessibilities = try element.descriptors("Accessibility")
    roles = try element.descriptors("Role")
    for child in element.children("ProducerReferenceTime") {
      producerReferenceTimes.append(try ProducerReferenceTime(child))
    }
    if let child = element.child("SegmentTemplate") { segmentTemplate = try SegmentTemplate(child) }
    for child in element.children("Representation") {
      representations.append(try Representation(child))
    }
  }

  /// Children in the order of the schema.
  var element: XMLElement {
    var element = XMLElement("AdaptationSet")
    element.set("id", id)
    element.set("contentType", contentType)
    element.set("mimeType", mimeType)
    element.set("lang", language)
    element.set("par", pictureAspectRatio)
    element.set("sar", sampleAspectRatio)
    element.set("maxWidth", maxWidth)
    element.set("maxHeight", maxHeight)
    element.set("maxFrameRate", maxFrameRate)
    if isSegmentAligned { element.set("segmentAlignment", true) }
    if isSubsegmentAligned { element.set("subsegmentAlignment", true) }
    element.set("startWithSAP", startWithSAP)
    element.set("subsegmentStartsWithSAP", subsegmentStartsWithSAP)
    element.set("scanType", scanType)
    element.set("selectionPriority", selectionPriority)
    element.set("codingDependency", codingDependency)
    element.set("maxPlayoutRate", maxPlayoutRate)
    element.append("FramePacking", framePackings)
    element.append("AudioChannelConfiguration", audioChannelConfigurations)
    element.append("EssentialProperty", essentialProperties)
    element.append("SupplementalProperty", supplementalProperties)
    element.append("InbandEventStream", inbandEventStreams)
    element.children += labels.map(\.element)
    element.children += producerReferenceTimes.map(\.element)
    element.append("Accessibility", accessibilities)
    element.append("Role", roles)
    if let segmentTemplate { element.children.append(segmentTemplate.element) }
    element.children += representations.map(\.element)
    return element
  }
}
