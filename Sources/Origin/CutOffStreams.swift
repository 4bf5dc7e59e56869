import NIOCore

/// Streams that were ended here before the client had said all: what still comes of them is no mistake of its.
struct CutOffStreams {
  private var ids = CircularBuffer<Int>()

  func contains(_ id: Int) -> Bool { ids.contains(id) }

  /// Forgets the oldest for it, where there are too many.
  mutating func insert(_ id: Int) {
    if ids.count == Limits.cutOffStreamCount { ids.removeFirst() }
    ids.append(id)
  }
}
