import NIOCore

/// Whose bytes go next on a connection that many responses share (RFC 9218 §10): the most urgent first; of
/// equals, those that are of use as a whole one behind the other, in the order of their requests, and those that
/// are of use in parts in turn. Holds the responses that have something to send.
struct SendOrder {
  private struct Lane {
    /// Sorted.
    var whole: [Int] = []
    var shared = CircularBuffer<Int>(initialCapacity: 1)
    /// Whether it is the turn of those that share.
    var isSharedNext = false

    var isEmpty: Bool { whole.isEmpty && shared.isEmpty }
  }

  private var lanes = Array(repeating: Lane(), count: Priority.urgencies.count)
  private var places: [Int: Priority] = [:]

  var count: Int { places.count }

  func contains(_ stream: Int) -> Bool { places[stream] != nil }

  /// - Parameter stream: its number; a later request has a larger one.
  mutating func insert(_ stream: Int, _ priority: Priority) {
    guard places[stream] != priority else { return }
    remove(stream)
    places[stream] = priority
    if priority.isIncremental {
      lanes[priority.urgency].shared.append(stream)
    } else {
      let lane = lanes[priority.urgency].whole
      let index = lane.firstIndex { $0 > stream } ?? lane.endIndex
      lanes[priority.urgency].whole.insert(stream, at: index)
    }
  }

  mutating func remove(_ stream: Int) {
    guard let priority = places.removeValue(forKey: stream) else { return }
    if priority.isIncremental {
      lanes[priority.urgency].shared.removeAll { $0 == stream }
    } else {
      lanes[priority.urgency].whole.removeAll { $0 == stream }
    }
  }

  /// The one that may send a piece now; the turn goes on.
  mutating func next() -> Int? {
    guard let urgency = lanes.firstIndex(where: { !$0.isEmpty }) else { return nil }
    let takesShared = lanes[urgency].isSharedNext || lanes[urgency].whole.isEmpty
    lanes[urgency].isSharedNext = !takesShared
    guard takesShared, let stream = lanes[urgency].shared.popFirst() else {
      return lanes[urgency].whole.first
    }
    lanes[urgency].shared.append(stream)
    return stream
  }
}
