import MediaCore

/// How a sheet of thumbnails is cut up: EXT-X-TILES (Image Media Playlist, version 0.4, by Disney
/// Streaming Services and WarnerMedia).
package struct ImageTiles: Hashable, Sendable {
  /// Of one tile.
  package var resolution: Resolution
  package var columns: Int
  package var rows: Int
  /// Microseconds that one tile stands for.
  package var duration: Int64

  package init(resolution: Resolution, columns: Int, rows: Int, duration: Int64) {
    self.resolution = resolution
    self.columns = columns
    self.rows = rows
    self.duration = duration
  }

  static let tag = "EXT-X-TILES"

  init(_ attributes: AttributeList) throws(HLSError) {
    let layout = try attributes.required("LAYOUT", attributes.resolution("LAYOUT"))
    let text = try attributes.required("DURATION", attributes.word("DURATION"))
    guard let duration = microseconds(text), duration > 0 else {
      throw attributes.error(.syntax, "DURATION=\(text) is no length of time")
    }
    self.init(
      resolution: try attributes.required("RESOLUTION", attributes.resolution("RESOLUTION")),
      columns: layout.width, rows: layout.height, duration: duration)
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.word("RESOLUTION", resolution)
    attributes.word("LAYOUT", Resolution(width: columns, height: rows))
    attributes.word("DURATION", sixDecimals(duration))
    return "#\(Self.tag):\(attributes.text)\n"
  }
}

/// Pictures for seeking as image files: EXT-X-IMAGE-STREAM-INF (of the same specification).
package struct ImageVariantStream: Hashable, Sendable {
  /// Peak bits in a second.
  package var bandwidth: Int64
  package var averageBandwidth: Int64?
  /// `jpeg`.
  package var codecs: [String]
  /// Of one tile.
  package var resolution: Resolution?
  package var uri: String

  package init(
    bandwidth: Int64, averageBandwidth: Int64? = nil, codecs: [String] = ["jpeg"],
    resolution: Resolution? = nil, uri: String
  ) {
    self.bandwidth = bandwidth
    self.averageBandwidth = averageBandwidth
    self.codecs = codecs
    self.resolution = resolution
    self.uri = uri
  }

  static let tag = "EXT-X-IMAGE-STREAM-INF"

  init(_ attributes: AttributeList) throws(HLSError) {
    self.init(
      bandwidth: try attributes.required("BANDWIDTH", attributes.integer("BANDWIDTH")),
      averageBandwidth: try attributes.integer("AVERAGE-BANDWIDTH"),
      codecs: try attributes.list("CODECS", separator: ","),
      resolution: try attributes.resolution("RESOLUTION"),
      uri: try attributes.required("URI", attributes.string("URI")))
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.word("BANDWIDTH", bandwidth)
    attributes.word("AVERAGE-BANDWIDTH", averageBandwidth)
    attributes.quoted("CODECS", list: codecs, separator: ",")
    attributes.word("RESOLUTION", resolution)
    attributes.uri("URI", uri)
    return "#\(Self.tag):\(attributes.text)\n"
  }
}
