import MediaCore
import NIOCore
import NIOHTTP1

/// How lines of an access log are written.
package enum AccessLogFormat: String, CaseIterable, Sendable {
  /// As Apache and nginx call it: host, time, request line, status, bytes, referrer, user agent.
  case combined
  /// An object with all there is.
  case json
}

/// One line of the access log: what a client asked and what came of it.
struct AccessEntry {
  var record: ExchangeRecord
  var request: Request
  /// Address of the client as text; `nil` if nobody knows.
  var client: String?
  /// When the response ended, in milliseconds since 1970.
  var time: Int64

  /// - Returns: the line with its end. Whatever the client sent, it is one line.
  func line(_ format: AccessLogFormat) -> String {
    switch format {
    case .combined: combined
    case .json: json
    }
  }

  // MARK: combined

  private var combined: String {
    let line =
      "\(request.method.rawValue) \(Self.redacted(request.target)) \(request.version.rawValue)"
    return "\(client ?? "-") - - [\(HTTPDate.logText(secondsSince1970: Int(time / 1000)))] "
      + "\(quoted(request.target.isEmpty ? "-" : line)) \(record.status.map { "\($0)" } ?? "499") "
      + "\(record.byteCount) \(quoted(request.referrer.map(Self.redacted) ?? "-")) \(quoted(request.userAgent ?? "-"))\n"
  }

  /// As Apache and nginx escape.
  private func quoted(_ text: String) -> String {
    var made = "\""
    for byte in text.utf8.prefix(Limits.loggedFieldByteCount) {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), 0..<0x20, 0x7f...0xff:
        made += "\\x" + Self.hexadecimal(byte)
      default: made.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return made + "\""
  }

  // MARK: JSON

  private var json: String {
    var object = JSONLine()
    object.add("time", UTCTime(millisecondsSince1970: time).description)
    object.add("client", client)
    object.add("protocol", request.version.rawValue)
    object.add("method", request.method.rawValue)
    object.add("target", Self.redacted(request.target))
    object.add("status", number: record.status.map { "\($0)" })
    object.add("bytes", number: "\(record.byteCount)")
    object.add("complete", number: record.isComplete ? "true" : "false")
    object.add("first_byte", number: record.timeToFirstByte.map(Self.seconds))
    object.add("duration", number: Self.seconds(record.duration))
    object.add("class", record.objectClass.name)
    object.add("title", record.title)
    object.add("cache", record.isAtHand ? "hit" : "miss")
    if !record.faults.isEmpty {
      object.add("faults", record.faults.map(\.name).joined(separator: ","))
    }
    object.add("range", request.range)
    object.add("referrer", request.referrer.map(Self.redacted))
    object.add("agent", request.userAgent)
    object.add("trace", request.trace?.traceID)
    object.add("parent", request.trace?.parentID)
    object.add("trace_state", request.trace?.state)
    if request.hasClientData { object.add("cmcd", number: Self.text(of: request.clientData)) }
    return object.text
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    // Microseconds are enough, and shorter.
    PrometheusText.seconds(UInt64(max(0, nanoseconds)) / 1000 * 1000)
  }

  /// URLs of what comes next may be signed: they stay out.
  private static func text(of data: ClientData) -> String {
    var object = JSONLine()
    for key in ClientData.Key.allCases where key != .nextObject {
      switch data[key] {
      case .integer(let value): object.add(key.rawValue, number: "\(value)")
      case .decimal(let value) where value.isFinite: object.add(key.rawValue, number: "\(value)")
      case .string(let text), .token(let text): object.add(key.rawValue, text)
      case .boolean(let value): object.add(key.rawValue, number: value ? "true" : "false")
      case .decimal, .none: break
      }
    }
    return object.object
  }

  // MARK: What stays out

  /// Parameters whose values may be written: none of them opens anything.
  private static let harmlessParameters: Set<String> = [
    "CMCD", "max-height", "min-height", "max-frame-rate", "max-bandwidth", "min-bandwidth", "range",
    "codecs", "audio-language", "text-language", "max-channels", "version",
  ]

  /// A target or referrer without tokens, and without the values of parameters that may be signatures: of all that the
  /// origin does not know, `-` is written.
  static func redacted(_ text: String) -> String {
    var target = text
    // One in the path, one in the query.
    _ = CarriedToken.take(from: &target)
    _ = CarriedToken.take(from: &target)
    guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return target }
    let query = target[target.index(after: mark)...]
    let parameters = query.split(separator: "&", omittingEmptySubsequences: false).map {
      parameter in
      let name = parameter.prefix { $0 != "=" }
      let isHarmless = harmlessParameters.contains(String(name)) || name.hasPrefix("_HLS_")
      // CMCD may name the object that comes next, with its signature.
      if isHarmless, !(name == "CMCD" && parameter.contains("nor")) { return String(parameter) }
      return name.utf8.count == parameter.utf8.count ? "-" : "\(name)=-"
    }
    return target[...mark] + parameters.joined(separator: "&")
  }

  /// A part of an address that does not name a household: 24 bits of IPv4, at most 48 of IPv6.
  static func anonymized(_ address: String) -> String {
    if !address.contains(":") {
      guard let dot = address.lastIndex(of: ".") else { return "-" }
      return address[...dot] + "0"
    }
    let head = address.firstRange(of: "::").map { address[..<$0.lowerBound] } ?? address[...]
    return head.split(separator: ":").prefix(3).joined(separator: ":") + "::"
  }

  fileprivate static func hexadecimal(_ byte: UInt8) -> String {
    let text = String(byte, radix: 16, uppercase: true)
    return byte < 16 ? "0" + text : text
  }
}

/// Members of a JSON object, on one line whatever is in them.
private struct JSONLine {
  private var members: [String] = []

  mutating func add(_ name: String, number text: String?) {
    guard let text else { return }
    members.append("\"\(name)\":\(text)")
  }

  mutating func add(_ name: String, _ text: String?) {
    guard let text else { return }
    add(name, number: Self.string(text))
  }

  var object: String { "{" + members.joined(separator: ",") + "}" }
  var text: String { object + "\n" }

  /// Escaped are what RFC 8259 §7 says must be, and all control characters and separators that some reader takes for
  /// the end of a line.
  private static func string(_ text: String) -> String {
    var made = "\""
    var count = 0
    for scalar in text.unicodeScalars {
      count += UTF8.width(scalar)
      guard count <= Limits.loggedFieldByteCount else { break }
      switch scalar {
      case "\"": made += "\\\""
      case "\\": made += "\\\\"
      case "\u{0}"..<" ", "\u{7f}"..."\u{9f}", "\u{2028}", "\u{2029}":
        let digits = String(scalar.value, radix: 16)
        made += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: made.unicodeScalars.append(scalar)
      }
    }
    return made + "\""
  }
}
