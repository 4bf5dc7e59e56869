import Dispatch
import Synchronization

/// A picture with its place on the grid of the source's pictures.
struct NumberedPicture: Sendable {
  var picture: Picture
  var number: Int64
  /// When it came in, nanoseconds since 1970; `nil` of a file.
  var arrival: Int64?
}

/// Pictures on their way from one thread to another: who is ahead waits.
final class PictureQueue: Sendable {
  private struct State {
    var pictures: [NumberedPicture] = []
    var isEnded = false
    var isClosed = false
  }

  private let state = Mutex(State())
  // Both begin with none, so that they may go whatever they count.
  private let room = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)

  /// Pictures that wait, at most.
  static let capacity = 4

  init() { for _ in 0..<Self.capacity { room.signal() } }

  /// Waits for room, and adds a picture; one that nobody will take is let go.
  func add(_ picture: NumberedPicture) {
    room.wait()
    let isClosed = state.withLock { state in
      if !state.isClosed { state.pictures.append(picture) }
      return state.isClosed
    }
    // Whoever waits behind this one is not to wait for ever.
    if isClosed { room.signal() } else { filled.signal() }
  }

  /// No picture follows.
  func end() {
    state.withLock { $0.isEnded = true }
    filled.signal()
  }

  /// Lets go of all that is there, and of what comes.
  func close() {
    state.withLock { state in
      state.isClosed = true
      state.pictures = []
    }
    room.signal()
    filled.signal()
  }

  /// The next picture, which it waits for; `nil` after the last.
  func next() -> NumberedPicture? {
    filled.wait()
    let next = state.withLock { $0.pictures.isEmpty ? nil : $0.pictures.removeFirst() }
    if next == nil { filled.signal() } else { room.signal() }
    return next
  }

  var isFull: Bool { state.withLock { $0.pictures.count >= Self.capacity } }
}
