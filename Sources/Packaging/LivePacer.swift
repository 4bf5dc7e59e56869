import CMAF
import Library
import MediaCore

/// Holds the chunks of a file back until the time has come at which they would be there, were it live.
///
///     while !pacer.isAhead(of: now), let event = try source.next() { pacer.add(try segmenter.take(event)) }
///     for output in pacer.due(at: now) { publish(output) }
///
/// A chunk is there when its last sample has ended. Times are nanoseconds since 1970.
package struct LivePacer: Sendable {
  private struct Entry {
    var due: Int64
    var output: LiveSegmenter.Output
  }

  private let timescales: [Timescale]
  /// In order of time; what is due at once in the order in which it came.
  private var waiting: [Entry] = []
  private var latest = Int64.min

  /// As far as tracks of a file lie apart, and a group of pictures besides.
  private static let lookahead: Int64 = 4_000_000_000

  package init(_ segmenter: LiveSegmenter) {
    timescales = segmenter.tracks.map(\.partTarget.timescale)
  }

  package mutating func add(_ outputs: [LiveSegmenter.Output]) {
    for output in outputs {
      let end = output.chunk.time + output.chunk.duration
      let due = rescale(end, from: timescales[output.track], to: LiveTime.nanoseconds)
      latest = max(latest, due)
      let place = waiting.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
      waiting.insert(Entry(due: due, output: output), at: place)
    }
  }

  /// Enough is there for the next seconds.
  package func isAhead(of now: Int64) -> Bool { latest >= now + Self.lookahead }

  package mutating func due(at now: Int64) -> [LiveSegmenter.Output] {
    let count = waiting.firstIndex { $0.due > now } ?? waiting.count
    defer { waiting.removeFirst(count) }
    return waiting.prefix(count).map(\.output)
  }

  /// When the next chunk is due; `nil` if none waits.
  package var next: Int64? { waiting.first?.due }
}
