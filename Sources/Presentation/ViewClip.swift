package import MediaCore

/// Which time of a title a document is to show, as it is asked for: `?start=90&end=120.5`,
/// `?start=2026-11-29T20:15:00Z`, `?start=-600`.
package struct ViewClip: Hashable, Sendable {
  package enum Moment: Hashable, Sendable {
    /// Milliseconds on the title's timeline: since 1970 of a live one, from its beginning of one at rest.
    case at(Int64)
    /// Milliseconds before the end, or before what is live.
    case beforeEnd(Int64)
  }

  package var start: Moment?
  package var end: Moment?

  package var isEmpty: Bool { start == nil && end == nil }
  /// It says when without a look at the title.
  package var isAbsolute: Bool {
    [start, end].allSatisfy { if case .beforeEnd = $0 { false } else { true } }
  }

  package init(start: Moment? = nil, end: Moment? = nil) {
    self.start = start
    self.end = end
  }

  /// - Parameter last: milliseconds on the title's timeline at which it ends, or is now.
  /// - Throws: `.malformed` if it ends before it begins.
  package func resolved(end last: Int64) throws(ViewError) -> ClipRange {
    func milliseconds(_ moment: Moment) -> Int64 {
      switch moment {
      case .at(let time): time
      case .beforeEnd(let time): max(0, last - time)
      }
    }
    let range = ClipRange(
      start: start.map(milliseconds) ?? 0, end: end.map(milliseconds))
    guard range.end.map({ $0 > range.start }) ?? true else {
      throw ViewError(.malformed, "A clip ends behind its start.")
    }
    return range
  }
}

extension ViewClip.Moment {
  /// Digits of seconds, at most: until the year 2286.
  private static let maximumDigitCount = 10

  /// - Returns: `nil` for anything but seconds, with a `-` in front or not, and RFC 3339.
  init?(_ text: String) {
    if let time = UTCTime(text) {
      guard time.millisecondsSince1970 >= 0 else { return nil }
      self = .at(time.millisecondsSince1970)
      return
    }
    let isBack = text.hasPrefix("-")
    let parts = (isBack ? text.dropFirst() : text[...])
      .split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let digits = parts.map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } && !$0.isEmpty }
    guard let whole = parts.first, whole.utf8.count <= Self.maximumDigitCount,
      digits.allSatisfy({ $0 }), let seconds = Int64(whole)
    else { return nil }
    let fraction = parts.count > 1 ? parts[1].prefix(3) : ""
    let padded = fraction + String(repeating: "0", count: 3 - fraction.utf8.count)
    let time = seconds * 1000 + (Int64(padded) ?? 0)
    self = isBack ? .beforeEnd(time) : .at(time)
  }
}

/// A time of a title, milliseconds on its timeline. Documents of it name the segments that have some of it.
package struct ClipRange: Hashable, Sendable {
  package var start: Int64
  /// `nil`: to the end, or on and on.
  package var end: Int64?

  package init(start: Int64, end: Int64?) {
    self.start = start
    self.end = end
  }

  package static let timescale = Timescale(literal: 1000)

  package var startTime: MediaTime { MediaTime(start, Self.timescale) }
  package var endTime: MediaTime? { end.map { MediaTime($0, Self.timescale) } }

  /// What URLs of playlists and MPDs of the clip have behind the `?`.
  package var query: String {
    "start=\(Self.seconds(start))" + (end.map { "&end=\(Self.seconds($0))" } ?? "")
  }

  private static func seconds(_ milliseconds: Int64) -> String {
    let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(whole)" }
    return "\(whole)." + String(String(1000 + rest).dropFirst())
  }
}
