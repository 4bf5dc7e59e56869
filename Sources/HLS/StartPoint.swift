/// Where players begin: EXT-X-START (draft-pantos-hls-rfc8216bis §4.4.2.2).
package struct StartPoint: Hashable, Sendable {
  /// Microseconds from the beginning; from the end if negative.
  package var offsetMicroseconds: Int64
  /// Samples of the segment before that moment are not shown.
  package var isPrecise: Bool

  package init(offsetMicroseconds: Int64, isPrecise: Bool = false) {
    self.offsetMicroseconds = offsetMicroseconds
    self.isPrecise = isPrecise
  }

  static let tag = "EXT-X-START"

  init(_ attributes: AttributeList) throws(HLSError) {
    let text = try attributes.required("TIME-OFFSET", attributes.word("TIME-OFFSET"))
    let isNegative = text.hasPrefix("-")
    guard let offset = microseconds(isNegative ? text.dropFirst() : text[...]) else {
      throw attributes.error(.syntax, "TIME-OFFSET=\(text) is no decimal number")
    }
    offsetMicroseconds = isNegative ? -offset : offset
    isPrecise = try attributes.flag("PRECISE")
  }

  func render() -> String {
    var attributes = AttributeText()
    let sign = offsetMicroseconds < 0 ? "-" : ""
    let size = Int64(clamping: offsetMicroseconds.magnitude)
    attributes.word("TIME-OFFSET", "\(sign)\(sixDecimals(size))")
    if isPrecise { attributes.word("PRECISE", "YES") }
    return "#\(Self.tag):\(attributes.text)\n"
  }
}
