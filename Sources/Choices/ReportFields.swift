import MediaCore

/// The members of what players send, each taken once: one JSON object, padded with spaces so that its
/// length says nothing.
struct ReportFields {
  /// What it is called in messages.
  private let noun: String
  private var members: [String: FlatObject.Value]

  /// - Throws: `.malformed` in one sentence.
  init(_ noun: String, _ bytes: [UInt8]) throws(ChoicesError) {
    guard bytes.count == ChoiceLimits.reportByteCount else {
      throw ChoicesError(
        .malformed,
        "A \(noun) has \(ChoiceLimits.reportByteCount) bytes, not \(bytes.count); pad it with spaces."
      )
    }
    self.noun = noun
    members = try FlatObject(noun, bytes).members
  }

  private func wrong(_ name: String, _ expected: String) -> ChoicesError {
    ChoicesError(.malformed, "The \(noun)'s \"\(name)\" is not \(expected).")
  }

  func has(_ name: String) -> Bool { members[name] != nil }

  mutating func string<Value>(
    _ name: String, _ expected: String, _ read: (String) -> Value?
  ) throws(ChoicesError) -> Value {
    guard case .string(let text) = members.removeValue(forKey: name), let value = read(text)
    else { throw wrong(name, expected) }
    return value
  }

  mutating func integer(
    _ name: String, in range: ClosedRange<Int>
  ) throws(ChoicesError) -> Int {
    guard case .number(let text) = members.removeValue(forKey: name), let value = Int(text),
      range.contains(value)
    else { throw wrong(name, "an integer from \(range.lowerBound) to \(range.upperBound)") }
    return value
  }

  mutating func milliseconds(
    _ name: String, to limit: Double
  ) throws(ChoicesError) -> Int {
    guard case .number(let text) = members.removeValue(forKey: name), let value = Double(text),
      value >= 0, value <= limit
    else { throw wrong(name, "a time of the scene, 0 to \(Int(limit)) seconds") }
    return Int((value * 1000).rounded())
  }

  func finish() throws(ChoicesError) {
    guard let other = members.keys.min() else { return }
    throw ChoicesError(
      .malformed, "The \(noun) has a member that \(noun)s do not have: \(SafeText.quoted(other)).")
  }
}
