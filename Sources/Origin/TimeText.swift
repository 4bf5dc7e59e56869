package import NIOCore

/// Times as options have them.
package enum TimeText {
  /// `250ms`, `2s`, `1.5s`, at most ten minutes; `nil` for what is none.
  package static func time(_ text: String) -> TimeAmount? {
    let isMilliseconds = text.hasSuffix("ms")
    guard isMilliseconds || text.hasSuffix("s"),
      let number = Double(text.dropLast(isMilliseconds ? 2 : 1)), number >= 0
    else { return nil }
    let milliseconds = isMilliseconds ? number : number * 1000
    return milliseconds <= 600_000 ? .nanoseconds(Int64(milliseconds * 1_000_000)) : nil
  }
}
