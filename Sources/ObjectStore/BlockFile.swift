import Dispatch
package import FileIO
import NIOCore
import Synchronization

extension ObjectBlocks {
  /// An object as a file, whose reads block until its blocks are there: not for an event loop.
  package func file(_ object: ObjectSummary, path: String) -> any StoredFile {
    BlockFile(path: path, object: object, blocks: self)
  }
}

private struct BlockFile: StoredFile {
  let path: String
  let object: ObjectSummary
  let blocks: ObjectBlocks

  var byteCount: Int64 { object.byteCount }
  var stamp: FileStamp { object.stamp }

  func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer) throws(FileIOError) {
    guard offset >= 0, count >= 0, Int64(count) <= byteCount - offset else {
      throw FileIOError(.truncated, "\(path) ends at byte \(byteCount); more was asked for")
    }
    buffer.clear(minimumCapacity: count)
    let range = offset..<(offset + Int64(count))
    while buffer.readableBytes < count {
      let answer = Answer()
      blocks.read(
        object, at: offset + Int64(buffer.readableBytes), upTo: count - buffer.readableBytes,
        within: range, completion: answer.give)
      buffer.writeImmutableBuffer(try answer.wait().get())
    }
  }

  /// What another thread says, once. It always does: fetching has a deadline.
  private final class Answer: Sendable {
    private let given = Mutex<Result<ByteBuffer, FileIOError>?>(nil)
    private let isGiven = DispatchSemaphore(value: 0)

    func give(_ result: Result<ByteBuffer, FileIOError>) {
      given.withLock { $0 = result }
      isGiven.signal()
    }

    func wait() -> Result<ByteBuffer, FileIOError> {
      isGiven.wait()
      return given.withLock { $0 } ?? .failure(FileIOError(.unavailable, "nothing was said"))
    }
  }
}
