import Dispatch
import Synchronization

/// A picture with its place on the grid of the source's pictures.
struct NumberedPicture: Sendable {
  var picture: Picture
  var number: Int64
  /// When it came in, nanoseconds since 1970; `nil` of a file.
  var arrival: Int64?
  /// How many places of the grid it stands for.
  var length: Int64 = 1

  /// It stands for more than its own fields.
  fileprivate var isLong: Bool { length > 2 }
}

/// Pictures on their way from one thread to another: who is ahead waits.
final class PictureQueue: Sendable {
  private struct State {
    var pictures: [NumberedPicture] = []
    var isEnded = false
    var isClosed = false

    /// Long ones wait alone, so that what is on its way is never seconds.
    func hasRoom(forLong isLong: Bool) -> Bool {
      pictures.isEmpty
        || (pictures.count < PictureQueue.capacity && !isLong
          && !pictures.contains(where: \.isLong))
    }
  }

  private let state = Mutex(State())
  /// Signalled whenever one was taken, and one was added.
  private let room = DispatchSemaphore(value: 0)
  private let filled = DispatchSemaphore(value: 0)

  /// Pictures that wait, at most.
  static let capacity = 4

  /// Waits for room, and adds a picture; one that nobody will take is let go. One thread adds.
  func add(_ picture: NumberedPicture) {
    while true {
      let (isAdded, isClosed) = state.withLock { state in
        guard !state.isClosed else { return (false, true) }
        guard state.hasRoom(forLong: picture.isLong) else { return (false, false) }
        state.pictures.append(picture)
        return (true, false)
      }
      if isAdded { filled.signal() }
      if isAdded || isClosed { return }
      room.wait()
    }
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

  /// What it had was let go of.
  var isClosed: Bool { state.withLock(\.isClosed) }

  /// The next picture, which it waits for; `nil` after the last.
  func next() -> NumberedPicture? {
    filled.wait()
    let next = state.withLock { $0.pictures.isEmpty ? nil : $0.pictures.removeFirst() }
    if next == nil { filled.signal() } else { room.signal() }
    return next
  }
}
