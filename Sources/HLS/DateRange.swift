import MediaCore

/// A range of time with attributes: EXT-X-DATERANGE (draft-pantos-hls-rfc8216bis §4.4.5.1).
package struct DateRange: Hashable, Sendable {
  /// The value of an attribute whose name begins with `X-`.
  package enum Value: Hashable, Sendable {
    case text(String)
    /// A hexadecimal-sequence.
    case bytes([UInt8])
    /// A decimal number, in millionths.
    case microseconds(Int64)
  }

  /// Unique in the playlist.
  package var id: String
  /// CLASS: ranges of one class have attributes of one meaning, and do not overlap.
  package var className: String?
  package var start: ProgramDateTime
  package var end: ProgramDateTime?
  /// DURATION in microseconds.
  package var duration: Int64?
  /// PLANNED-DURATION in microseconds: what is expected while the end is not known.
  package var plannedDuration: Int64?
  /// Whole splice_info_sections (SCTE 35 §9.6).
  package var spliceCommand: [UInt8]
  package var spliceOut: [UInt8]
  package var spliceIn: [UInt8]
  /// Ends where the next range of its class starts.
  package var endsOnNext: Bool
  /// By names such as `X-TITLE`, in the order of the tag.
  package var attributes: [(name: String, value: Value)]

  package init(
    id: String, className: String? = nil, start: ProgramDateTime, end: ProgramDateTime? = nil,
    duration: Int64? = nil, plannedDuration: Int64? = nil, spliceCommand: [UInt8] = [],
    spliceOut: [UInt8] = [], spliceIn: [UInt8] = [], endsOnNext: Bool = false,
    attributes: [(name: String, value: Value)] = []
  ) {
    self.id = id
    self.className = className
    self.start = start
    self.end = end
    self.duration = duration
    self.plannedDuration = plannedDuration
    self.spliceCommand = spliceCommand
    self.spliceOut = spliceOut
    self.spliceIn = spliceIn
    self.endsOnNext = endsOnNext
    self.attributes = attributes
  }

  static let tag = "EXT-X-DATERANGE"

  init(_ list: AttributeList) throws(HLSError) {
    self.init(
      id: try list.required("ID", list.string("ID")), className: try list.string("CLASS"),
      start: try list.required("START-DATE", list.date("START-DATE")),
      end: try list.date("END-DATE"), duration: try list.seconds("DURATION"),
      plannedDuration: try list.seconds("PLANNED-DURATION"),
      spliceCommand: try list.bytes("SCTE35-CMD") ?? [],
      spliceOut: try list.bytes("SCTE35-OUT") ?? [], spliceIn: try list.bytes("SCTE35-IN") ?? [],
      endsOnNext: try list.flag("END-ON-NEXT"))
    for name in list.names where name.hasPrefix("X-") {
      attributes.append((name, try list.clientValue(name)))
    }
    try check(list)
  }

  private func check(_ list: AttributeList) throws(HLSError) {
    if let end {
      guard end.millisecondsSince1970 >= start.millisecondsSince1970 else {
        throw list.error(.syntax, "END-DATE lies before START-DATE")
      }
      let length = end.millisecondsSince1970 - start.millisecondsSince1970
      // Both are rounded, each to its own unit.
      if let duration, abs(length * 1000 - duration) > 1000 {
        throw list.error(.syntax, "DURATION is not the time from START-DATE to END-DATE")
      }
    }
    if endsOnNext, className == nil || end != nil || duration != nil {
      throw list.error(.syntax, "END-ON-NEXT needs CLASS, and neither DURATION nor END-DATE")
    }
  }

  package func render() -> String {
    var text = AttributeText()
    text.quoted("ID", id)
    text.quoted("CLASS", className)
    text.quoted("START-DATE", start.description)
    text.quoted("END-DATE", end?.description)
    text.word("DURATION", duration.map(sixDecimals))
    text.word("PLANNED-DURATION", plannedDuration.map(sixDecimals))
    if endsOnNext { text.word("END-ON-NEXT", "YES") }
    for (name, value) in attributes {
      switch value {
      case .text(let value): text.quoted(name, value)
      case .bytes(let bytes): text.bytes(name, bytes)
      case .microseconds(let value): text.word(name, Self.decimal(max(0, value)))
      }
    }
    if !spliceCommand.isEmpty { text.bytes("SCTE35-CMD", spliceCommand) }
    if !spliceOut.isEmpty { text.bytes("SCTE35-OUT", spliceOut) }
    if !spliceIn.isEmpty { text.bytes("SCTE35-IN", spliceIn) }
    return "#\(Self.tag):\(text.text)\n"
  }

  /// `1`, `1.250000`: a decimal-floating-point needs no point (§4.2).
  private static func decimal(_ microseconds: Int64) -> String {
    microseconds.isMultiple(of: 1_000_000)
      ? "\(microseconds / 1_000_000)" : sixDecimals(microseconds)
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.fields == right.fields && left.start == right.start && left.end == right.end
      && left.splices == right.splices
      && left.attributes.map(\.name) == right.attributes.map(\.name)
      && left.attributes.map(\.value) == right.attributes.map(\.value)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(id) }

  private var fields: [String?] {
    [
      id, className, duration.map { "\($0)" }, plannedDuration.map { "\($0)" },
      endsOnNext ? "END-ON-NEXT" : nil,
    ]
  }

  private var splices: [[UInt8]] { [spliceCommand, spliceOut, spliceIn] }
}

extension AttributeList {
  fileprivate func date(_ name: String) throws(HLSError) -> ProgramDateTime? {
    guard let text = try string(name) else { return nil }
    guard let date = ProgramDateTime(text) else {
      throw error(.syntax, "\(name)=\"\(text)\" is no date and time with a zone (ISO 8601)")
    }
    return date
  }

  func seconds(_ name: String) throws(HLSError) -> Int64? {
    guard let text = try word(name) else { return nil }
    guard let value = microseconds(text) else {
      throw error(.syntax, "\(name)=\(text) is no decimal number")
    }
    return value
  }

  /// A hexadecimal-sequence: `0x` and pairs of digits (§4.2).
  fileprivate func bytes(_ name: String) throws(HLSError) -> [UInt8]? {
    guard let text = try word(name) else { return nil }
    guard let bytes = Self.bytes(text) else {
      throw error(.syntax, "\(name)=\(text.prefix(32)) is no hexadecimal sequence")
    }
    return bytes
  }

  private static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count >= 4, digits.count.isMultiple(of: 2), digits[0] == 0x30,
      digits[1] == 0x78 || digits[1] == 0x58
    else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 2, to: digits.count, by: 2) {
      guard let high = Character(Unicode.Scalar(digits[index])).hexDigitValue,
        let low = Character(Unicode.Scalar(digits[index + 1])).hexDigitValue
      else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }

  fileprivate func clientValue(_ name: String) throws(HLSError) -> DateRange.Value {
    if isQuoted(name) { return .text(try string(name) ?? "") }
    let text = try word(name) ?? ""
    if let bytes = Self.bytes(text) { return .bytes(bytes) }
    guard let value = microseconds(text) else {
      throw error(.syntax, "\(name)=\(text) is neither text, bytes nor a number")
    }
    return .microseconds(value)
  }
}
