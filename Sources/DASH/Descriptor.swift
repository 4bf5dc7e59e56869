package import MediaCore

/// A scheme and a value of it (ISO/IEC 23009-1 §5.8.2): Role, AudioChannelConfiguration,
/// EssentialProperty, SupplementalProperty, Accessibility.
package struct Descriptor: Hashable, Sendable {
  package var schemeIdUri: String
  package var value: String?
  /// omaf:projection_type of the scheme `projectionScheme`.
  package var projectionType: String?

  package init(schemeIdUri: String, value: String? = nil) {
    self.schemeIdUri = schemeIdUri
    self.value = value
  }

  /// Projected omnidirectional video (ISO/IEC 23090-2 §8.2.2): 0 equirectangular, 1 cubemap.
  package static func projection(_ type: String) -> Descriptor {
    var made = Descriptor(schemeIdUri: "urn:mpeg:mpegI:omaf:2017:pf")
    made.projectionType = type
    return made
  }

  /// `main`, `commentary`, … of `urn:mpeg:dash:role:2011` (§5.8.5.5).
  package static func role(_ value: String) -> Descriptor {
    Descriptor(schemeIdUri: "urn:mpeg:dash:role:2011", value: value)
  }

  /// How many channels. Of the two schemes in use, players read this one's value as a count,
  /// also above six channels, where a CICP layout would have to be known.
  package static func audioChannels(_ count: Int) -> Descriptor {
    Descriptor(
      schemeIdUri: "urn:mpeg:dash:23003:3:audio_channel_configuration:2011", value: "\(count)")
  }

  /// Which channels AC-3 and E-AC-3 have: four hexadecimal digits of Dolby's map, in which bit 15
  /// is left (ETSI TS 102 366 Annex E.1.3.1.8).
  package static func dolbyChannels(_ map: UInt16) -> Descriptor {
    let digits = String(map, radix: 16, uppercase: true)
    return Descriptor(
      schemeIdUri: "tag:dolby.com,2014:dash:audio_channel_configuration:2011",
      value: String(repeating: "0", count: 4 - digits.count) + digits)
  }

  /// The code points of ISO/IEC 23091-2 that are specified, as properties.
  package static func colour(_ colour: ColourInformation) -> [Descriptor] {
    let points = [
      ("ColourPrimaries", colour.primaries), ("TransferCharacteristics", colour.transfer),
      ("MatrixCoefficients", colour.matrix),
    ]
    return points.filter { $0.1 != 2 }.map {
      Descriptor(schemeIdUri: "urn:mpeg:mpegB:cicp:\($0.0)", value: "\($0.1)")
    }
  }

  init(_ element: XMLElement) throws(DASHError) {
    schemeIdUri = try element.required("schemeIdUri")
    value = element["value"]
    projectionType = element["omaf:projection_type"]
  }

  func element(_ name: String) -> XMLElement {
    var element = XMLElement(name)
    element.set("schemeIdUri", schemeIdUri)
    element.set("value", value)
    element.set("omaf:projection_type", projectionType)
    return element
  }
}

/// Text for people (§5.3.10).
package struct Label: Hashable, Sendable {
  package var text: String
  package var language: String?

  package init(_ text: String, language: String? = nil) {
    self.text = text
    self.language = language
  }

  init(_ element: XMLElement) {
    text = element.text
    language = element["lang"]
  }

  var element: XMLElement {
    var element = XMLElement("Label")
    element.set("lang", language)
    element.text = text
    return element
  }
}

/// Width to height: `16:9` (RatioType).
package struct Ratio: Hashable, Sendable, CustomStringConvertible {
  package var horizontal: Int64
  package var vertical: Int64

  package init(_ rational: Rational) {
    horizontal = rational.numerator
    vertical = rational.denominator
  }

  init?(_ text: String) {
    let sides = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
    guard sides.count == 2, let horizontal = sides[0], let vertical = sides[1], horizontal >= 0,
      vertical >= 0
    else { return nil }
    self.horizontal = horizontal
    self.vertical = vertical
  }

  package var description: String { "\(horizontal):\(vertical)" }
}
