import Dispatch
import FileIO
import NIOCore
import Synchronization

/// Writes of one source, done behind its reader on a second core, or at once where there is none.
///
/// Every write has its place beforehand, so the order in which they are done does not matter.
final class WriteBehind {
  private struct Write: Sendable {
    var bytes: ByteBuffer
    var offset: Int64
    var file: WritableFile
  }

  /// The failure that ended the writing.
  private final class Failure: Sendable {
    let error = Mutex<FileIOError?>(nil)
  }

  /// Batches that may wait to be written: what bounds memory.
  static let maximumBatches = 3

  private let queue: DispatchQueue?
  private let room = DispatchSemaphore(value: WriteBehind.maximumBatches)
  private let failure = Failure()
  private var pending: [Write] = []

  /// - Parameter isConcurrent: a second thread does the writing.
  init(isConcurrent: Bool) {
    queue = isConcurrent ? DispatchQueue(label: "dougong.write", qos: .userInitiated) : nil
  }

  /// Adds a write to the current batch.
  func add(_ bytes: ByteBuffer, at offset: Int64, to file: WritableFile) {
    pending.append(Write(bytes: bytes, offset: offset, file: file))
  }

  /// Hands the current batch over; waits while too many are under way.
  /// - Throws: the failure of an earlier write.
  func submit() throws {
    let writes = pending
    pending.removeAll(keepingCapacity: true)
    guard let queue else {
      for write in writes { try write.file.write(write.bytes, at: write.offset) }
      return
    }
    room.wait()
    queue.async { [room, failure] in
      Self.perform(writes, failure)
      room.signal()
    }
    if let error = failure.error.withLock({ $0 }) { throw error }
  }

  private static func perform(_ writes: [Write], _ failure: Failure) {
    guard failure.error.withLock({ $0 == nil }) else { return }
    do throws(FileIOError) {
      for write in writes { try write.file.write(write.bytes, at: write.offset) }
    } catch {
      failure.error.withLock { $0 = error }
    }
  }

  /// Submits what is left and waits until all is written.
  func finish() throws {
    defer { queue?.sync {} }
    try submit()
    queue?.sync {}
    if let error = failure.error.withLock({ $0 }) { throw error }
  }

  /// Waits until nothing is being written any more, whatever became of it.
  func drain() { queue?.sync {} }
}
