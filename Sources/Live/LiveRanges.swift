/// Where the date ranges of a live playlist stand. Each line was added at the playlist's end, so that it stands in or
/// before the segment that came then; when that segment goes and the range has not, the line stays at the front.
struct LiveRanges: Sendable {
  /// A line, and the segment at which it stands.
  struct Placed: Sendable {
    var segment: Int64
    var tag: LiveSplices.Tag
  }

  /// Lines of segments that are no longer listed.
  private(set) var carried: [LiveSplices.Tag] = []
  /// Those of listed segments, in order.
  private(set) var placed: [Placed] = []
  /// Those that wait for a segment to begin.
  private(set) var waiting: [Placed] = []
  /// Ranges that stay until they are removed; others go with their segment.
  private var staying: Set<String> = []

  /// - Parameter segment: at which it stands, or the next one that begins.
  mutating func wait(_ tag: LiveSplices.Tag, for segment: Int64) {
    staying.insert(tag.id)
    waiting.append(Placed(segment: segment, tag: tag))
  }

  mutating func place(_ tag: LiveSplices.Tag, at segment: Int64, stays: Bool = true) {
    if stays { staying.insert(tag.id) }
    placed.append(Placed(segment: segment, tag: tag))
  }

  /// A segment begins.
  /// - Returns: the lines that stand before it.
  mutating func begin(_ segment: Int64) -> [LiveSplices.Tag] {
    guard !waiting.isEmpty else { return [] }
    let begun = waiting.filter { $0.segment <= segment }
    waiting.removeAll { $0.segment <= segment }
    placed += begun.map { Placed(segment: segment, tag: $0.tag) }
    return begun.map(\.tag)
  }

  /// Segments before one are no longer listed.
  /// - Returns: names of the ranges that went with them.
  mutating func drop(before segment: Int64) -> [String] {
    guard let first = placed.first, first.segment < segment else { return [] }
    let left = placed.prefix { $0.segment < segment }
    placed.removeFirst(left.count)
    carried += left.map(\.tag).filter { staying.contains($0.id) }
    let gone = Set(left.map(\.tag.id)).subtracting(staying)
    return gone.subtracting(placed.map(\.tag.id)).sorted()
  }

  /// Ranges are over.
  /// - Returns: numbers of the segments that had lines of them.
  mutating func remove(_ ids: Set<String>) -> [Int64] {
    staying.subtract(ids)
    carried.removeAll { ids.contains($0.id) }
    waiting.removeAll { ids.contains($0.tag.id) }
    let touched = placed.filter { ids.contains($0.tag.id) }.map(\.segment)
    placed.removeAll { ids.contains($0.tag.id) }
    return touched
  }

  /// All segments are gone.
  mutating func restart() {
    carried += placed.map(\.tag).filter { staying.contains($0.id) }
    placed = []
  }

  /// Lines that stand before a segment, wherever they stood first.
  func lines(before segment: Int64) -> [LiveSplices.Tag] {
    carried + placed.prefix { $0.segment < segment }.map(\.tag)
  }

  /// Lines that stand behind a segment.
  func lines(behind segment: Int64) -> [LiveSplices.Tag] {
    placed.lazy.filter { $0.segment > segment }.map(\.tag) + waiting.map(\.tag)
  }
}
