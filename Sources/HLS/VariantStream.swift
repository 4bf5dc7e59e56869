package import MediaCore

/// The size at which a video is meant to be shown, in pixels.
package struct Resolution: Hashable, Sendable, CustomStringConvertible {
  package var width: Int
  package var height: Int

  package init(width: Int, height: Int) {
    self.width = width
    self.height = height
  }

  package var description: String { "\(width)x\(height)" }
}

/// Value of `CLOSED-CAPTIONS`.
package enum ClosedCaptions: Hashable, Sendable {
  /// `NONE`: no variant stream of the playlist has any.
  case absent
  case group(String)
}

/// One set of renditions to play together: EXT-X-STREAM-INF (§4.4.6.2).
package struct VariantStream: Hashable, Sendable {
  /// Peak bits in a second of the costliest combination of renditions.
  package var bandwidth: Int64
  package var averageBandwidth: Int64?
  /// Every sample format of every rendition of the variant (RFC 6381).
  package var codecs: [String]
  package var resolution: Resolution?
  /// Written with three decimals, so 24000/1001 is read back as 23976/1000.
  package var frameRate: Rational?
  package var videoRange: VideoRange?
  /// Codecs that a richer player may use instead, each with its brands: `dvh1.08.07/db4h`.
  package var supplementalCodecs: [String]
  /// View presentation entries that a player must be able to show: `CH-STEREO/PROJ-HEQU`. Empty
  /// for flat video of one view.
  package var videoLayout: [String]
  /// How good the variant is; only the order counts. All variants of a playlist have one, or none.
  package var score: Rational?
  /// STABLE-VARIANT-ID: the same whenever the playlist is made.
  package var stableID: String?
  /// PATHWAY-ID: where it is fetched from; `nil`: the pathway without a name.
  package var pathwayID: String?
  /// `NONE`, `TYPE-0`, `TYPE-1`.
  package var hdcpLevel: String?
  /// ALLOWED-CPC: key formats, each with its content protection configurations.
  package var allowedProtection: [String]
  /// GROUP-ID of the audio renditions.
  package var audio: String?
  /// GROUP-ID of the subtitles.
  package var subtitles: String?
  package var closedCaptions: ClosedCaptions?
  package var uri: String

  package init(
    bandwidth: Int64, averageBandwidth: Int64? = nil, codecs: [String] = [],
    resolution: Resolution? = nil, frameRate: Rational? = nil, videoRange: VideoRange? = nil,
    supplementalCodecs: [String] = [], videoLayout: [String] = [], score: Rational? = nil,
    stableID: String? = nil, pathwayID: String? = nil, hdcpLevel: String? = nil,
    allowedProtection: [String] = [],
    audio: String? = nil, subtitles: String? = nil, closedCaptions: ClosedCaptions? = nil,
    uri: String
  ) {
    self.bandwidth = bandwidth
    self.averageBandwidth = averageBandwidth
    self.codecs = codecs
    self.resolution = resolution
    self.frameRate = frameRate
    self.videoRange = videoRange
    self.supplementalCodecs = supplementalCodecs
    self.videoLayout = videoLayout
    self.score = score
    self.stableID = stableID
    self.pathwayID = pathwayID
    self.hdcpLevel = hdcpLevel
    self.allowedProtection = allowedProtection
    self.audio = audio
    self.subtitles = subtitles
    self.closedCaptions = closedCaptions
    self.uri = uri
  }

  static let tag = "EXT-X-STREAM-INF"

  init(_ attributes: AttributeList, uri: String) throws(HLSError) {
    self.init(
      bandwidth: try attributes.required("BANDWIDTH", attributes.integer("BANDWIDTH")),
      averageBandwidth: try attributes.integer("AVERAGE-BANDWIDTH"),
      codecs: try attributes.list("CODECS", separator: ","),
      resolution: try attributes.resolution("RESOLUTION"),
      frameRate: try attributes.frameRate("FRAME-RATE"),
      videoRange: try attributes.videoRange("VIDEO-RANGE"),
      supplementalCodecs: try attributes.list("SUPPLEMENTAL-CODECS", separator: ","),
      videoLayout: try attributes.videoLayout("REQ-VIDEO-LAYOUT"),
      score: try attributes.score("SCORE"),
      stableID: try attributes.stableID("STABLE-VARIANT-ID"),
      pathwayID: try attributes.pathwayID("PATHWAY-ID"),
      hdcpLevel: try attributes.word("HDCP-LEVEL"),
      allowedProtection: try attributes.list("ALLOWED-CPC", separator: ","),
      audio: try attributes.string("AUDIO"),
      subtitles: try attributes.string("SUBTITLES"),
      closedCaptions: try attributes.closedCaptions("CLOSED-CAPTIONS"),
      uri: uri)
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.word("BANDWIDTH", bandwidth)
    attributes.word("AVERAGE-BANDWIDTH", averageBandwidth)
    attributes.quoted("CODECS", list: codecs, separator: ",")
    attributes.word("RESOLUTION", resolution)
    attributes.word("FRAME-RATE", frameRate.map(threeDecimals))
    attributes.word("VIDEO-RANGE", videoRange?.rawValue)
    attributes.quoted("SUPPLEMENTAL-CODECS", list: supplementalCodecs, separator: ",")
    attributes.quoted("REQ-VIDEO-LAYOUT", list: videoLayout, separator: ",")
    attributes.word("SCORE", score.map(threeDecimals))
    attributes.quoted("STABLE-VARIANT-ID", stableID)
    attributes.quoted("PATHWAY-ID", pathwayID)
    attributes.word("HDCP-LEVEL", hdcpLevel)
    attributes.quoted("ALLOWED-CPC", list: allowedProtection, separator: ",")
    attributes.quoted("AUDIO", audio)
    attributes.quoted("SUBTITLES", subtitles)
    switch closedCaptions {
    case nil: break
    case .absent: attributes.word("CLOSED-CAPTIONS", "NONE")
    case .group(let id): attributes.quoted("CLOSED-CAPTIONS", id)
    }
    return "#\(Self.tag):\(attributes.text)\n\(AttributeText.uri(uri))\n"
  }
}

/// The I-frames of a video, for trick play: EXT-X-I-FRAME-STREAM-INF (§4.4.6.3).
package struct IFrameVariantStream: Hashable, Sendable {
  /// Peak bits in a second of the I-frame playlist.
  package var bandwidth: Int64
  package var averageBandwidth: Int64?
  package var codecs: [String]
  package var resolution: Resolution?
  package var videoRange: VideoRange?
  /// As of `VariantStream`, and so the following.
  package var supplementalCodecs: [String]
  package var videoLayout: [String]
  package var score: Rational?
  package var stableID: String?
  /// PATHWAY-ID: where it is fetched from; `nil`: the pathway without a name.
  package var pathwayID: String?
  package var hdcpLevel: String?
  package var allowedProtection: [String]
  package var uri: String

  package init(
    bandwidth: Int64, averageBandwidth: Int64? = nil, codecs: [String] = [],
    resolution: Resolution? = nil, videoRange: VideoRange? = nil,
    supplementalCodecs: [String] = [], videoLayout: [String] = [], score: Rational? = nil,
    stableID: String? = nil, pathwayID: String? = nil, hdcpLevel: String? = nil,
    allowedProtection: [String] = [],
    uri: String
  ) {
    self.bandwidth = bandwidth
    self.averageBandwidth = averageBandwidth
    self.codecs = codecs
    self.resolution = resolution
    self.videoRange = videoRange
    self.supplementalCodecs = supplementalCodecs
    self.videoLayout = videoLayout
    self.score = score
    self.stableID = stableID
    self.pathwayID = pathwayID
    self.hdcpLevel = hdcpLevel
    self.allowedProtection = allowedProtection
    self.uri = uri
  }

  static let tag = "EXT-X-I-FRAME-STREAM-INF"

  init(_ attributes: AttributeList) throws(HLSError) {
    self.init(
      bandwidth: try attributes.required("BANDWIDTH", attributes.integer("BANDWIDTH")),
      averageBandwidth: try attributes.integer("AVERAGE-BANDWIDTH"),
      codecs: try attributes.list("CODECS", separator: ","),
      resolution: try attributes.resolution("RESOLUTION"),
      videoRange: try attributes.videoRange("VIDEO-RANGE"),
      supplementalCodecs: try attributes.list("SUPPLEMENTAL-CODECS", separator: ","),
      videoLayout: try attributes.videoLayout("REQ-VIDEO-LAYOUT"),
      score: try attributes.score("SCORE"),
      stableID: try attributes.stableID("STABLE-VARIANT-ID"),
      pathwayID: try attributes.pathwayID("PATHWAY-ID"),
      hdcpLevel: try attributes.word("HDCP-LEVEL"),
      allowedProtection: try attributes.list("ALLOWED-CPC", separator: ","),
      uri: try attributes.required("URI", attributes.string("URI")))
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.word("BANDWIDTH", bandwidth)
    attributes.word("AVERAGE-BANDWIDTH", averageBandwidth)
    attributes.quoted("CODECS", list: codecs, separator: ",")
    attributes.word("RESOLUTION", resolution)
    attributes.word("VIDEO-RANGE", videoRange?.rawValue)
    attributes.quoted("SUPPLEMENTAL-CODECS", list: supplementalCodecs, separator: ",")
    attributes.quoted("REQ-VIDEO-LAYOUT", list: videoLayout, separator: ",")
    attributes.word("SCORE", score.map(threeDecimals))
    attributes.quoted("STABLE-VARIANT-ID", stableID)
    attributes.quoted("PATHWAY-ID", pathwayID)
    attributes.word("HDCP-LEVEL", hdcpLevel)
    attributes.quoted("ALLOWED-CPC", list: allowedProtection, separator: ",")
    attributes.uri("URI", uri)
    return "#\(Self.tag):\(attributes.text)\n"
  }
}
