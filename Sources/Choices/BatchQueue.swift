import Dispatch
import Synchronization

/// What waits to be written, in order and bounded, and written many at a time on a queue of its own.
final class BatchQueue<Item: Sendable, Answer: Sendable>: Sendable {
  typealias Completion = @Sendable (Result<Answer, ChoicesError>) -> Void

  private struct Pending: Sendable {
    var item: Item
    var completion: Completion
  }

  private struct Waiting {
    var items: [Pending] = []
    /// Also those that are being written.
    var count = 0
    var isDraining = false
  }

  let queue: DispatchQueue
  private let capacity: Int
  private let waiting = Mutex(Waiting())
  private let write: @Sendable ([Item]) throws(ChoicesError) -> [Answer]

  /// - Parameter write: all of a batch or nothing; one answer for each item.
  init(
    label: String, capacity: Int,
    write: @escaping @Sendable ([Item]) throws(ChoicesError) -> [Answer]
  ) {
    queue = DispatchQueue(label: label)
    self.capacity = capacity
    self.write = write
  }

  /// - Parameter completion: called on the queue when the item is durable, or when it could not be kept.
  /// - Throws: `.full` if too many wait already; nothing is kept then.
  func submit(_ item: Item, completion: @escaping Completion) throws(ChoicesError) {
    let (isTaken, mustStart) = waiting.withLock { waiting -> (Bool, Bool) in
      guard waiting.count < capacity else { return (false, false) }
      waiting.count += 1
      waiting.items.append(Pending(item: item, completion: completion))
      defer { waiting.isDraining = true }
      return (true, !waiting.isDraining)
    }
    guard isTaken else {
      throw ChoicesError(.full, "\(capacity) reports wait already; send it again in a second.")
    }
    if mustStart { queue.async { [self] in drain() } }
  }

  /// Writes batch after batch until nothing waits.
  private func drain() {
    while true {
      let batch = waiting.withLock { waiting -> [Pending] in
        let batch = Array(waiting.items.prefix(ChoiceLimits.batchCount))
        waiting.items.removeFirst(batch.count)
        if batch.isEmpty { waiting.isDraining = false }
        return batch
      }
      guard !batch.isEmpty else { return }
      let answers: Result<[Answer], ChoicesError>
      do throws(ChoicesError) {
        answers = .success(try write(batch.map(\.item)))
      } catch {
        answers = .failure(error)
      }
      waiting.withLock { $0.count -= batch.count }
      for (index, pending) in batch.enumerated() {
        pending.completion(answers.map { $0[index] })
      }
    }
  }
}
