import MediaCore

/// Splice messages of a live source, until the clock of its pictures tells when they are.
struct SpliceQueue: Sendable {
  private struct Waiting {
    var splice: Splice
    /// Samples of the first track that have come since.
    var count = 0
  }

  private var waiting: [Waiting] = []
  /// Times are since 1970, in the order in which they came.
  private(set) var placed: [Splice] = []
  /// Those that no clock of the source has.
  private(set) var lostCount = 0

  mutating func take(_ splice: Splice) {
    guard waiting.count < LiveLimits.waitingSpliceCount else {
      lostCount += 1
      return
    }
    waiting.append(Waiting(splice: splice))
  }

  /// - Parameter place: `nil` for a message of another clock.
  mutating func settle(_ place: (Splice) -> Splice?) {
    var rest: [Waiting] = []
    for entry in waiting {
      if let splice = place(entry.splice) { placed.append(splice) } else { rest.append(entry) }
    }
    waiting = rest
  }

  /// A sample of the first track has come, and what waits was of another clock.
  mutating func grow() {
    for index in waiting.indices { waiting[index].count += 1 }
    let count = waiting.count
    waiting.removeAll { $0.count > LiveLimits.splicePatience }
    lostCount += count - waiting.count
  }

  mutating func removePlaced() -> [Splice] {
    defer { placed = [] }
    return placed
  }
}
