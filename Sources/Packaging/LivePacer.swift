import CMAF
import Library
package import MediaCore

/// What a live source makes viewers see, one thing after the other.
package enum LivePublication: Sendable {
  case chunk(LiveSegmenter.Output)
  /// Times are since 1970.
  case splice(Splice)
}

extension LiveSegmenter {
  /// What came of an event, and the splice messages that have come with it.
  package mutating func publications(
    _ body: (inout LiveSegmenter) throws -> [Output]
  ) rethrows -> [LivePublication] {
    let outputs = try body(&self)
    return outputs.map { .chunk($0) } + takeSplices().map { .splice($0) }
  }
}

/// Holds the chunks of a file back until the time has come at which they would be there, were it live.
///
///     while !pacer.isAhead(of: now), let event = try source.next() {
///       pacer.add(try segmenter.publications { try $0.take(event) })
///     }
///     for publication in pacer.due(at: now) { publish(publication) }
///
/// A chunk is there when its last sample has ended, a splice message when it comes in. Times are nanoseconds since 1970.
package struct LivePacer: Sendable {
  private struct Entry {
    var due: Int64
    var publication: LivePublication
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

  package mutating func add(_ publications: [LivePublication]) {
    for publication in publications {
      let due: Int64
      switch publication {
      case .chunk(let output):
        let end = output.chunk.time + output.chunk.duration
        due = rescale(end, from: timescales[output.track], to: LiveTime.nanoseconds)
        latest = max(latest, due)
      case .splice(let splice): due = splice.time.rescaled(to: LiveTime.nanoseconds).value
      }
      let place = waiting.lastIndex { $0.due <= due }.map { $0 + 1 } ?? 0
      waiting.insert(Entry(due: due, publication: publication), at: place)
    }
  }

  /// Enough is there for the next seconds.
  package func isAhead(of now: Int64) -> Bool { latest >= now + Self.lookahead }

  package mutating func due(at now: Int64) -> [LivePublication] {
    let count = waiting.firstIndex { $0.due > now } ?? waiting.count
    defer { waiting.removeFirst(count) }
    return waiting.prefix(count).map(\.publication)
  }

  /// When the next chunk is due; `nil` if none waits.
  package var next: Int64? { waiting.first?.due }
}
