import NIOCore
import NIOHTTP1

/// What goes wrong on request, for whoever tests players and edges.
///
///     try FaultRule("route=segment,rate=0.1,delay=2s")
///     try FaultRule("title=film,track=video-*,first=3,status=503")
package struct FaultRule: Hashable, Sendable {
  enum Effect: Hashable, Sendable {
    /// The response begins so much later.
    case delay(TimeAmount)
    /// There is no response; the connection stays until it has been silent for too long.
    case hang
    /// The response is this status, with a sentence.
    case status(Int)
    /// The connection, or the stream, ends before there is a response.
    case reset
    /// The body ends after so many bytes, though more were promised.
    case truncate(Extent)
    /// Bytes in a second.
    case slow(Int64)
    /// A bit of each piece of the body is another.
    case corrupt

    var name: String {
      switch self {
      case .delay: "delay"
      case .hang: "hang"
      case .status: "status"
      case .reset: "reset"
      case .truncate: "truncate"
      case .slow: "slow"
      case .corrupt: "corrupt"
      }
    }

    static let names = ["delay", "hang", "status", "reset", "truncate", "slow", "corrupt"]
  }

  enum Extent: Hashable, Sendable {
    case bytes(Int64)
    /// 0 to 100.
    case percent(Int64)

    func byteCount(of whole: Int64) -> Int64 {
      switch self {
      case .bytes(let count): min(count, whole)
      case .percent(let percent): whole / 100 * percent + whole % 100 * percent / 100
      }
    }
  }

  private(set) var effects: [Effect] = []
  /// `nil`: all.
  private(set) var classes: Set<ObjectClass>?
  private(set) var title: Glob?
  private(set) var track: Glob?
  /// Of the requests that match, how many of a million are met.
  private(set) var perMillion = 1_000_000
  /// Only so many of the requests that match are met, the first.
  private(set) var first: Int?

  /// - Parameter text: members `name=value` or `name`, separated by commas, in any order; `route` may be there several
  ///   times.
  /// - Throws: what is wrong with it, in one sentence.
  package init(_ text: String) throws(OriginError) {
    guard text.utf8.count <= Self.byteCount else {
      throw Self.error(text, "it has more than \(Self.byteCount) bytes")
    }
    for member in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = member.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      let value = parts.count > 1 ? String(parts[1]) : nil
      let isSelector = try readSelector(name, value, text)
      let isEffect = try readEffect(name, value, text)
      guard isSelector || isEffect else {
        throw Self.error(
          text,
          "\"\(name)\" is neither route, title, track, rate, first nor one of "
            + Effect.names.joined(separator: ", "))
      }
    }
    guard !effects.isEmpty else {
      throw Self.error(text, "it names none of " + Effect.names.joined(separator: ", "))
    }
  }

  func matches(_ route: Route) -> Bool {
    if let classes, !classes.contains(ObjectClass(route)) { return false }
    if let title, !(route.title.map(title.matches) ?? false) { return false }
    if let track, !(route.track.map(track.matches) ?? false) { return false }
    return true
  }

  private mutating func readSelector(
    _ name: String, _ value: String?, _ text: String
  ) throws(OriginError) -> Bool {
    switch name {
    case "route":
      guard let found = value.flatMap(ObjectClass.init(name:)) else {
        throw Self.error(
          text, "route is one of " + ObjectClass.allCases.map(\.name).joined(separator: ", "))
      }
      classes = (classes ?? []).union([found])
    case "title":
      guard let value, !value.isEmpty else { throw Self.error(text, "title needs a name") }
      title = Glob(value)
    case "track":
      guard let value, !value.isEmpty else { throw Self.error(text, "track needs a name") }
      track = Glob(value)
    case "rate":
      guard let rate = value.flatMap({ Double($0) }), (0...1).contains(rate) else {
        throw Self.error(text, "rate is a number from 0 to 1")
      }
      perMillion = Int((rate * 1_000_000).rounded())
    case "first":
      guard let count = value.flatMap({ Int($0) }), count > 0 else {
        throw Self.error(text, "first is a number of requests from 1")
      }
      first = count
    default: return false
    }
    return true
  }

  private mutating func readEffect(
    _ name: String, _ value: String?, _ text: String
  ) throws(OriginError) -> Bool {
    switch name {
    case "delay":
      guard let time = value.flatMap(TimeText.time) else {
        throw Self.error(text, "delay is a time such as 250ms or 2s, at most 10 minutes")
      }
      effects.append(.delay(time))
    case "status":
      guard let status = value.flatMap({ Int($0) }), (400...599).contains(status) else {
        throw Self.error(text, "status is 400 to 599")
      }
      effects.append(.status(status))
    case "truncate":
      guard let extent = value.flatMap(Self.extent) else {
        throw Self.error(text, "truncate is a number of bytes, or of percent such as 50%")
      }
      effects.append(.truncate(extent))
    case "slow":
      guard let rate = value.flatMap({ Int64($0) }), (1...1_000_000_000).contains(rate) else {
        throw Self.error(text, "slow is a number of bytes in a second, from 1")
      }
      effects.append(.slow(rate))
    case "hang" where value == nil: effects.append(.hang)
    case "reset" where value == nil: effects.append(.reset)
    case "corrupt" where value == nil: effects.append(.corrupt)
    default: return false
    }
    return true
  }

  private static func extent(_ text: String) -> Extent? {
    if text.hasSuffix("%") {
      guard let percent = Int64(text.dropLast()), (0...100).contains(percent) else { return nil }
      return .percent(percent)
    }
    guard let count = Int64(text), count >= 0 else { return nil }
    return .bytes(count)
  }

  private static func error(_ text: String, _ reason: String) -> OriginError {
    OriginError(.malformedFault, "This is no fault: \(text.prefix(200)): \(reason).")
  }

  /// Bytes of a rule.
  private static let byteCount = 1024
}

/// A name in which `*` stands for any characters, or none.
struct Glob: Hashable, Sendable {
  private let pattern: [UInt8]

  init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

  func matches(_ name: String) -> Bool {
    let name = Array(name.utf8)
    var (at, read) = (0, 0)
    var star: (at: Int, read: Int)?
    while read < name.count {
      if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
        star = (at, read)
        at += 1
      } else if at < pattern.count, pattern[at] == name[read] {
        at += 1
        read += 1
      } else if let last = star {
        // The star takes one more.
        star = (last.at, last.read + 1)
        (at, read) = (last.at + 1, last.read + 1)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
  }
}
