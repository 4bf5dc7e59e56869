/// Who says which pathway is to be taken: EXT-X-CONTENT-STEERING (draft-pantos-hls-rfc8216bis §4.4.6.6).
package struct ContentSteering: Hashable, Sendable {
  /// Of the steering manifest.
  package var serverURI: String
  /// The pathway to begin with; `nil`: that of the first variant stream.
  package var pathwayID: String?

  package init(serverURI: String, pathwayID: String? = nil) {
    self.serverURI = serverURI
    self.pathwayID = pathwayID
  }

  static let tag = "EXT-X-CONTENT-STEERING"

  init(_ attributes: AttributeList) throws(HLSError) {
    self.init(
      serverURI: try attributes.required("SERVER-URI", attributes.string("SERVER-URI")),
      pathwayID: try attributes.pathwayID("PATHWAY-ID"))
  }

  func render() -> String {
    var attributes = AttributeText()
    attributes.uri("SERVER-URI", serverURI)
    attributes.quoted("PATHWAY-ID", pathwayID)
    return "#\(Self.tag):\(attributes.text)\n"
  }
}

/// Identifiers of pathways.
package enum PathwayID {
  /// Letters, digits, `.`, `-` and `_` (§4.4.6.2).
  package static func isValid(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
  }
}

extension AttributeList {
  func pathwayID(_ name: String) throws(HLSError) -> String? {
    guard let text = try string(name) else { return nil }
    guard PathwayID.isValid(text) else {
      throw error(.syntax, "\(name)=\"\(text)\": letters, digits and .-_ are expected")
    }
    return text
  }
}
