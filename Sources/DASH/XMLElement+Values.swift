import MediaCore

/// Attributes as values, with errors that name them.
extension XMLElement {
  func required(_ name: String) throws(DASHError) -> String {
    guard let value = self[name] else {
      throw DASHError(.missing, line: line, "\(self.name) without @\(name)")
    }
    return value
  }

  func required<T>(_ name: String, _ value: T?) throws(DASHError) -> T {
    guard let value else {
      throw DASHError(.missing, line: line, "\(self.name) without @\(name)")
    }
    return value
  }

  private func value<T>(
    _ name: String, _ expected: String, _ read: (String) -> T?
  ) throws(DASHError) -> T? {
    guard let text = self[name] else { return nil }
    guard let value = read(text) else {
      throw DASHError(.syntax, line: line, "\(self.name)@\(name)=\"\(text)\" is no \(expected)")
    }
    return value
  }

  func integer(
    _ name: String, _ range: ClosedRange<Int64> = 0...Int64.max
  ) throws(DASHError) -> Int64? {
    try value(name, "whole number in \(range)") { text in
      Int64(text).flatMap { range.contains($0) ? $0 : nil }
    }
  }

  func duration(_ name: String) throws(DASHError) -> ISODuration? {
    try value(name, "duration of days, hours, minutes and seconds") { ISODuration($0) }
  }

  func flag(_ name: String) throws(DASHError) -> Bool { try optionalFlag(name) ?? false }

  func optionalFlag(_ name: String) throws(DASHError) -> Bool? {
    try value(name, "boolean") { text in
      ["true": true, "1": true, "false": false, "0": false][text]
    }
  }

  /// The whole part of an `xs:double` that is not negative.
  func wholeNumber(_ name: String) throws(DASHError) -> Int64? {
    try value(name, "number that is not negative") { text in
      Double(text).flatMap { (0..<1e15).contains($0) ? Int64($0) : nil }
    }
  }

  func time(_ name: String) throws(DASHError) -> UTCTime? {
    try value(name, "date and time with a zone") { UTCTime($0) }
  }

  /// Of a number of seconds.
  func seconds(_ name: String) throws(DASHError) -> ISODuration? {
    try value(name, "number of seconds") { ISODuration("PT\($0)S") }
  }

  /// Of a decimal number, to the nearest.
  func thousandths(_ name: String) throws(DASHError) -> Int64? {
    try seconds(name).map { ($0.microseconds + 500) / 1000 }
  }

  func ratio(_ name: String) throws(DASHError) -> Ratio? {
    try value(name, "ratio as 16:9") { Ratio($0) }
  }

  func frameRate(_ name: String) throws(DASHError) -> Rational? {
    try value(name, "frame rate as 24000/1001") { text in
      let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int64($0) }
      guard let numerator = parts[0], parts.count <= 2 else { return nil }
      return (parts.count == 2 ? parts[1] : 1).flatMap { Rational(numerator, $0) }
    }
  }

  func timescale(_ name: String) throws(DASHError) -> Timescale? {
    try value(name, "timescale above zero") { UInt32($0).flatMap(Timescale.init) }
  }

  /// `first-last`, both counted in.
  func byteRange(_ name: String) throws(DASHError) -> ByteRange? {
    try value(name, "byte range as 0-999") { text in
      let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
      guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 0, last >= first,
        last < Int64.max
      else { return nil }
      return ByteRange(offset: first, count: last - first + 1)
    }
  }

  func descriptors(_ name: String) throws(DASHError) -> [Descriptor] {
    var descriptors: [Descriptor] = []
    for child in children(name) { descriptors.append(try Descriptor(child)) }
    return descriptors
  }

  mutating func append(_ name: String, _ descriptors: [Descriptor]) {
    children += descriptors.map { $0.element(name) }
  }
}

/// `0-999` (SingleRFC7233RangeType).
func rendered(_ range: ByteRange) -> String { "\(range.offset)-\(range.end - 1)" }
