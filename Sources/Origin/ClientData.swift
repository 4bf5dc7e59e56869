/// What a player says about itself with a request: Common Media Client Data (CTA-5004, and its second version
/// CTA-5004-B).
///
///     var data = ClientData()
///     data.read("bl=4200,br=8000,ot=v,sid=\"6e2fb550\"")
///     data[.bufferLength]  // .integer(4200)
///
/// It never decides what is answered, and no cache should have it in its key. What is no CMCD is passed over and
/// counted.
struct ClientData: Hashable, Sendable {
  /// Keys that are kept. Milliseconds, kilobits per second.
  enum Key: String, CaseIterable, Hashable, Sendable {
    // Version 1.
    case bitrate = "br"
    case bufferLength = "bl"
    case bufferStarvation = "bs"
    case contentID = "cid"
    case duration = "d"
    case deadline = "dl"
    case measuredThroughput = "mtp"
    case nextObject = "nor"
    case nextRange = "nrr"
    case objectType = "ot"
    case playbackRate = "pr"
    case requestedThroughput = "rtp"
    case format = "sf"
    case sessionID = "sid"
    case streamType = "st"
    case startup = "su"
    case topBitrate = "tb"
    case version = "v"
    // Version 2.
    case backgrounded = "bg"
    case latency = "ltc"
    case mediaStartDelay = "msd"
    case playerState = "sta"
    case playheadTime = "pt"
    case droppedFrames = "df"
    case sequenceNumber = "sn"
    case timestamp = "ts"
  }

  enum Value: Hashable, Sendable {
    case integer(Int)
    case decimal(Double)
    case string(String)
    case token(String)
    case boolean(Bool)
  }

  private(set) var values: [Key: Value] = [:]
  /// Members that are neither known nor custom keys (which have a hyphen), or have a value of the wrong kind.
  private(set) var ignoredCount = 0

  init() {}

  /// The data of a request.
  ///
  /// - Parameters:
  ///   - target: whose query may have a `CMCD` parameter, percent-encoded.
  ///   - fields: values of `CMCD-Object`, `CMCD-Request`, `CMCD-Session` and `CMCD-Status`.
  init(target: String, fields: [String]) {
    for field in fields { read(field) }
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return }
    for parameter in target[target.index(after: mark)...].split(separator: "&") {
      guard parameter.hasPrefix("CMCD=") else { continue }
      if let text = Self.percentDecoded(parameter.dropFirst(5)) {
        read(text)
      } else {
        ignoredCount += 1
      }
    }
  }

  subscript(key: Key) -> Value? { values[key] }

  func integer(_ key: Key) -> Int? {
    if case .integer(let value)? = values[key] { value } else { nil }
  }

  /// Reads members of a dictionary of structured fields (RFC 9651 §3.2).
  mutating func read(_ text: String) {
    guard text.utf8.count <= Limits.clientDataByteCount else { ignoredCount += 1; return }
    var scanner = StructuredScanner(text)
    scanner.skipSpace()
    while !scanner.isAtEnd, scanner.memberCount < Limits.clientDataMemberCount {
      guard let (name, items) = scanner.member() else {
        // What follows cannot be told apart from it.
        ignoredCount += 1
        return
      }
      keep(name, items)
      guard scanner.skipComma() else { ignoredCount += scanner.isAtEnd ? 0 : 1; return }
    }
    if !scanner.isAtEnd { ignoredCount += 1 }
  }

  /// Of a list (version 2 has them where one request is about several objects) the first counts.
  private mutating func keep(_ name: String, _ items: [Value]) {
    guard let key = Key(rawValue: name) else {
      if !name.contains("-") { ignoredCount += 1 }
      return
    }
    guard let value = items.first.flatMap(key.checked) else {
      ignoredCount += 1
      return
    }
    values[key] = value
  }

  private static func percentDecoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else { bytes.append(byte); continue }
      guard let high = rest.popFirst().flatMap(hexadecimal),
        let low = rest.popFirst().flatMap(hexadecimal)
      else { return nil }
      bytes.append(high << 4 | low)
    }
    guard bytes.allSatisfy({ (0x20...0x7e).contains($0) }) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func hexadecimal(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension ClientData.Key {
  /// - Returns: `nil` if the value is not of the key's kind, or out of its bounds.
  fileprivate func checked(_ value: ClientData.Value) -> ClientData.Value? {
    switch (self, value) {
    case (.bufferStarvation, .boolean), (.startup, .boolean), (.backgrounded, .boolean): value
    case (.contentID, .string(let text)), (.sessionID, .string(let text)),
      (.nextObject, .string(let text)), (.nextRange, .string(let text)):
      // "Maximum length is 64 characters" for the ids; the others are URLs.
      text.utf8.count <= ((self == .contentID || self == .sessionID) ? 64 : 1024) ? value : nil
    case (.objectType, .token(let text)), (.format, .token(let text)),
      (.streamType, .token(let text)), (.playerState, .token(let text)):
      text.utf8.count <= 2 ? value : nil
    case (.playbackRate, .decimal): value
    case (.playbackRate, .integer(let number)): .decimal(Double(number))
    case (.bitrate, .integer(let number)), (.bufferLength, .integer(let number)),
      (.duration, .integer(let number)), (.deadline, .integer(let number)),
      (.measuredThroughput, .integer(let number)), (.requestedThroughput, .integer(let number)),
      (.topBitrate, .integer(let number)), (.version, .integer(let number)),
      (.latency, .integer(let number)), (.mediaStartDelay, .integer(let number)),
      (.playheadTime, .integer(let number)), (.droppedFrames, .integer(let number)),
      (.sequenceNumber, .integer(let number)), (.timestamp, .integer(let number)):
      number >= 0 ? value : nil
    default: nil
    }
  }
}

/// Reads a dictionary of structured fields member by member; parameters are passed over.
private struct StructuredScanner {
  private var rest: Substring.UTF8View
  private(set) var memberCount = 0

  init(_ text: String) { rest = text[...].utf8 }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func skipSpace() {
    while let byte = rest.first, byte == 0x20 || byte == 0x09 { rest.removeFirst() }
  }

  /// - Returns: whether another member follows.
  mutating func skipComma() -> Bool {
    skipSpace()
    guard rest.first == UInt8(ascii: ",") else { return false }
    rest.removeFirst()
    skipSpace()
    return !rest.isEmpty
  }

  mutating func member() -> (name: String, items: [ClientData.Value])? {
    memberCount += 1
    guard let name = key() else { return nil }
    var items: [ClientData.Value] = [.boolean(true)]
    if take("=") {
      guard let found = take("(") ? list() : bareItem().map({ [$0] }) else { return nil }
      items = found
    }
    return parameters() ? (name, items) : nil
  }

  private mutating func list() -> [ClientData.Value]? {
    var items: [ClientData.Value] = []
    while true {
      skipSpace()
      if take(")") { return items }
      guard items.count < Limits.clientDataMemberCount, let item = bareItem(), parameters() else {
        return nil
      }
      items.append(item)
    }
  }

  private mutating func parameters() -> Bool {
    while take(";") {
      skipSpace()
      guard key() != nil else { return false }
      if take("=") { guard bareItem() != nil else { return false } }
    }
    return true
  }

  private mutating func bareItem() -> ClientData.Value? {
    switch rest.first {
    case UInt8(ascii: "\"")?: string().map { .string($0) }
    case UInt8(ascii: "?")?: boolean()
    case let byte? where (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-"): number()
    case let byte? where Self.isLetter(byte) || byte == UInt8(ascii: "*"):
      .token(
        prefix {
          Self.isLetter($0) || (0x30...0x39).contains($0) || "!#$%&'*+-.^_`|~:/".utf8.contains($0)
        })
    default: nil
    }
  }

  private mutating func key() -> String? {
    guard let first = rest.first, Self.isLetter(first) else { return nil }
    return prefix { Self.isLetter($0) || (0x30...0x39).contains($0) || "_-.*".utf8.contains($0) }
  }

  private mutating func boolean() -> ClientData.Value? {
    rest.removeFirst()
    if take("1") { return .boolean(true) }
    return take("0") ? .boolean(false) : nil
  }

  private mutating func number() -> ClientData.Value? {
    let text = prefix {
      (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
    }
    // "fifteen digits" (RFC 9651 §3.3.1).
    guard text.utf8.count <= 17 else { return nil }
    if let integer = Int(text) { return .integer(integer) }
    return Double(text).map { .decimal($0) }
  }

  private mutating func string() -> String? {
    rest.removeFirst()
    var bytes: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst(), escaped == byte || escaped == UInt8(ascii: "\"") else {
          return nil
        }
        bytes.append(escaped)
      case 0x20...0x7e: bytes.append(byte)
      default: return nil
      }
    }
    return nil
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard rest.first == UInt8(ascii: character) else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func prefix(while belongs: (UInt8) -> Bool) -> String {
    let text = String(Substring(rest.prefix(while: belongs)))
    rest = rest.drop(while: belongs)
    return text
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte)
  }
}
