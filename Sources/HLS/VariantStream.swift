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
  /// GROUP-ID of the audio renditions.
  package var audio: String?
  /// GROUP-ID of the subtitles.
  package var subtitles: String?
  package var closedCaptions: ClosedCaptions?
  package var uri: String

  package init(
    bandwidth: Int64, averageBandwidth: Int64? = nil, codecs: [String] = [],
    resolution: Resolution? = nil, frameRate: Rational? = nil, videoRange: VideoRange? = nil,
    audio: String? = nil, subtitles: String? = nil, closedCaptions: ClosedCaptions? = nil,
    uri: String
  ) {
    self.bandwidth = bandwidth
    self.averageBandwidth = averageBandwidth
    self.codecs = codecs
    self.resolution = resolution
    self.frameRate = frameRate
    self.videoRange = videoRange
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
  package var uri: String

  package init(
    bandwidth: Int64, averageBandwidth: Int64? = nil, codecs: [String] = [],
    resolution: Resolution? = nil, videoRange: VideoRange? = nil, uri: String
  ) {
    self.bandwidth = bandwidth
    self.averageBandwidth = averageBandwidth
    self.codecs = codecs
    self.resolution = resolution
    self.videoRange = videoRange
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
      uri: try attributes.required("URI", attributes.string("URI")))
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.word("BANDWIDTH", bandwidth)
    attributes.word("AVERAGE-BANDWIDTH", averageBandwidth)
    attributes.quoted("CODECS", list: codecs, separator: ",")
    attributes.word("RESOLUTION", resolution)
    attributes.word("VIDEO-RANGE", videoRange?.rawValue)
    attributes.uri("URI", uri)
    return "#\(Self.tag):\(attributes.text)\n"
  }
}

extension AttributeList {
  fileprivate func resolution(_ name: String) throws(HLSError) -> Resolution? {
    guard let text = try word(name) else { return nil }
    let sides = text.split(separator: "x", omittingEmptySubsequences: false).map(decimalInteger)
    guard sides.count == 2, let width = sides[0], let height = sides[1], width > 0, height > 0
    else { throw error(.syntax, "\(name)=\(text) is not WIDTHxHEIGHT") }
    return Resolution(width: Int(width), height: Int(height))
  }

  fileprivate func frameRate(_ name: String) throws(HLSError) -> Rational? {
    guard let text = try word(name) else { return nil }
    guard let micros = microseconds(text), micros > 0, let rate = Rational(micros, 1_000_000)
    else { throw error(.syntax, "\(name)=\(text) is no positive decimal number") }
    return rate
  }

  fileprivate func videoRange(_ name: String) throws(HLSError) -> VideoRange? {
    guard let text = try word(name) else { return nil }
    guard let range = VideoRange(rawValue: text) else {
      throw error(.unsupported, "\(name)=\(text) is none of SDR, HLG, PQ")
    }
    return range
  }

  fileprivate func closedCaptions(_ name: String) throws(HLSError) -> ClosedCaptions? {
    if isQuoted(name) { return try string(name).map { .group($0) } }
    guard let text = try word(name) else { return nil }
    guard text == "NONE" else { throw error(.syntax, "\(name)=\(text): expected NONE or a group") }
    return .absent
  }
}

/// `23.976` of 24000/1001: to the nearest thousandth, halves up.
private func threeDecimals(_ rate: Rational) -> String {
  let (whole, rest) = rate.numerator.quotientAndRemainder(dividingBy: rate.denominator)
  let denominator = UInt128(rate.denominator)
  let thousandths = (UInt128(rest) * 2000 + denominator) / (2 * denominator)
  let total = UInt128(whole) * 1000 + thousandths
  return "\(total / 1000).\(String(total % 1000 + 1000).dropFirst())"
}
