/// What the server offers to those who reload: EXT-X-SERVER-CONTROL
/// (draft-pantos-hls-rfc8216bis §4.4.3.8). Times in microseconds.
package struct ServerControl: Hashable, Sendable {
  /// CAN-SKIP-UNTIL: segments further than this from the end may be left out of a delta update; at
  /// least six target durations. `nil`: there are none.
  package var canSkipUntil: Int64?
  /// CAN-SKIP-DATERANGES
  package var canSkipDateRanges: Bool
  /// HOLD-BACK: how far from the end players keep; at least three target durations.
  package var holdBack: Int64?
  /// PART-HOLD-BACK: the same for those that play parts; at least two part targets, and should be three.
  package var partHoldBack: Int64?
  /// CAN-BLOCK-RELOAD
  package var canBlockReload: Bool

  package init(
    canSkipUntil: Int64? = nil, canSkipDateRanges: Bool = false, holdBack: Int64? = nil,
    partHoldBack: Int64? = nil, canBlockReload: Bool = false
  ) {
    self.canSkipUntil = canSkipUntil
    self.canSkipDateRanges = canSkipDateRanges
    self.holdBack = holdBack
    self.partHoldBack = partHoldBack
    self.canBlockReload = canBlockReload
  }

  static let tag = "EXT-X-SERVER-CONTROL"

  init(_ attributes: AttributeList) throws(HLSError) {
    canSkipUntil = try attributes.seconds("CAN-SKIP-UNTIL")
    canSkipDateRanges = try attributes.flag("CAN-SKIP-DATERANGES")
    holdBack = try attributes.seconds("HOLD-BACK")
    partHoldBack = try attributes.seconds("PART-HOLD-BACK")
    canBlockReload = try attributes.flag("CAN-BLOCK-RELOAD")
    guard !canSkipDateRanges || canSkipUntil != nil else {
      throw attributes.error(.missing, "CAN-SKIP-DATERANGES needs CAN-SKIP-UNTIL")
    }
  }

  /// Whether its times are as long as the playlist's target duration and part target want them.
  func check(targetDuration: Int, partTarget: Int64?) throws(HLSError) {
    let target = Int64(targetDuration) * 1_000_000
    func check(_ name: String, _ value: Int64?, atLeast least: Int64) throws(HLSError) {
      guard let value, value < least else { return }
      throw HLSError(
        .syntax, line: nil,
        "\(name)=\(sixDecimals(value)) is less than \(sixDecimals(least)), which it must be at least"
      )
    }
    try check("CAN-SKIP-UNTIL", canSkipUntil, atLeast: 6 * target)
    try check("HOLD-BACK", holdBack, atLeast: 3 * target)
    guard let partTarget else { return }
    guard partHoldBack != nil else {
      throw HLSError(.missing, line: nil, "EXT-X-PART-INF needs PART-HOLD-BACK (§4.4.3.8)")
    }
    try check("PART-HOLD-BACK", partHoldBack, atLeast: 2 * partTarget)
  }

  package func render() -> String {
    var text = AttributeText()
    if canBlockReload { text.word("CAN-BLOCK-RELOAD", "YES") }
    text.word("CAN-SKIP-UNTIL", canSkipUntil.map(sixDecimals))
    if canSkipDateRanges { text.word("CAN-SKIP-DATERANGES", "YES") }
    text.word("HOLD-BACK", holdBack.map(sixDecimals))
    text.word("PART-HOLD-BACK", partHoldBack.map(sixDecimals))
    return "#\(Self.tag):\(text.text)\n"
  }
}

/// The longest part: EXT-X-PART-INF (§4.4.3.7).
package enum PartInformation {
  static let tag = "EXT-X-PART-INF"

  static func partTarget(_ attributes: AttributeList) throws(HLSError) -> Int64 {
    try attributes.required("PART-TARGET", attributes.seconds("PART-TARGET"))
  }

  /// - Parameter partTarget: microseconds.
  package static func render(partTarget: Int64) -> String {
    "#\(tag):PART-TARGET=\(sixDecimals(partTarget))\n"
  }
}
