import NIOCore

/// The streams of one connection of HTTP/2 (RFC 9113 §5.1): which there are and have been, and whose turn it is to send.
struct HTTP2Streams {
  private let limits: Limits
  private var open: [Int: HTTP2Stream] = [:]
  /// The highest number of a request.
  private(set) var lastID = 0
  private var ended = CutOffStreams()
  /// Priorities of requests that have not come, by the number of the stream.
  private var expected: [Int: String] = [:]
  /// Those whose heads have not been written, in the order of their responses.
  private var heads = CircularBuffer<HTTP2Stream>(initialCapacity: 4)
  private var order = SendOrder()
  /// Those that wait until fewer pieces of files are held.
  private var postponed: [Int] = []

  init(limits: Limits) { self.limits = limits }

  // MARK: Which there are

  var count: Int { open.count }

  var isEmpty: Bool { open.isEmpty }

  var all: [HTTP2Stream] { Array(open.values) }

  subscript(id: Int) -> HTTP2Stream? { open[id] }

  func contains(_ stream: HTTP2Stream) -> Bool { open[stream.id] === stream }

  /// A request has come, which may be refused.
  mutating func comesTo(_ id: Int) { lastID = id }

  /// - Parameter field: the priority that the request names; one that was named before counts for more.
  mutating func insert(_ stream: HTTP2Stream, priorityField field: String?) {
    stream.priorityField = expected.removeValue(forKey: stream.id) ?? field
    open[stream.id] = stream
  }

  mutating func remove(_ stream: HTTP2Stream) {
    open[stream.id] = nil
    order.remove(stream.id)
  }

  mutating func removeAll() -> [HTTP2Stream] {
    defer {
      open = [:]
      order = SendOrder()
      heads.removeAll()
    }
    return all
  }

  /// It is ended before the client has said all.
  mutating func cutOff(_ id: Int) { ended.insert(id) }

  func isCutOff(_ id: Int) -> Bool { ended.contains(id) }

  /// The client takes more of each, or less.
  mutating func widen(by byteCount: Int) throws(HTTP2Fault) {
    for stream in all.sorted(by: { $0.id < $1.id }) {
      stream.window += byteCount
      guard stream.window <= Limits.largestWindow else { throw HTTP2Fault(.flowControlError) }
      queue(stream)
    }
  }

  mutating func reprioritize(_ update: PriorityUpdate) {
    if let stream = open[update.stream] {
      stream.priorityField = update.field
      if order.contains(update.stream) { order.insert(update.stream, stream.priority) }
    } else if update.stream > lastID, expected.count < limits.streamCount {
      expected[update.stream] = update.field
    }
  }

  // MARK: Whose turn it is

  /// Those that would send something of their bodies.
  var queuedCount: Int { order.count }

  mutating func awaitsHead(_ stream: HTTP2Stream) { heads.append(stream) }

  /// The next whose head is to be written.
  mutating func takeHead() -> HTTP2Stream? { heads.popFirst() }

  /// Lets it send when it is its turn, if it has anything.
  mutating func queue(_ stream: HTTP2Stream) {
    if stream.isReady {
      order.insert(stream.id, stream.priority)
    } else {
      order.remove(stream.id)
    }
  }

  /// The one that may send a piece of its body now.
  mutating func next() -> HTTP2Stream? {
    while let id = order.next() {
      guard let stream = open[id], stream.isReady else {
        order.remove(id)
        continue
      }
      guard !stream.needsPiece || heldPieceCount < Limits.heldPieceCount else {
        order.remove(id)
        postponed.append(id)
        continue
      }
      return stream
    }
    return nil
  }

  /// A piece each is enough for the streams whose turn it is: more would be memory for nothing.
  private var heldPieceCount: Int { open.values.count { $0.holdsPiece } }

  mutating func takeUpPostponed() {
    guard !postponed.isEmpty, heldPieceCount < Limits.heldPieceCount else { return }
    let taken = postponed
    postponed = []
    for id in taken { if let stream = open[id] { queue(stream) } }
  }
}
