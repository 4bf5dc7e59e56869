import FileIO
import MediaCore
import NIOCore
import ObjectStore

extension ServedFile {
  /// The object that this is; `nil` if it is a file.
  var object: ObjectSummary? { identity.flatMap { ObjectSummary(path: path, stamp: $0) } }

  /// Opens it, wherever it lies. Blocks.
  ///
  /// - Throws: `Rejection.beingReplaced` if another has taken its place.
  func open(_ objects: ObjectBlocks?) throws -> any StoredFile {
    let stored: any StoredFile
    if let objects, let object {
      stored = objects.file(object, path: path)
    } else {
      stored = try ReadableFile(path: path)
    }
    guard stored.byteCount == byteCount, identity.map({ $0 == stored.stamp }) ?? true else {
      throw Rejection.beingReplaced
    }
    return stored
  }

  /// Reads some of it. Blocks.
  func read(_ range: ByteRange, _ objects: ObjectBlocks?) throws -> ByteBuffer {
    try open(objects).read(at: range.offset, count: Int(range.count))
  }
}

/// Bytes of one object, on their way to one response.
struct ObjectTransfer {
  let object: ObjectSummary
  /// What is still to be fetched.
  private(set) var rest: Range<Int64>

  init(_ object: ObjectSummary, offset: Int64, count: Int64) {
    self.object = object
    rest = offset..<(offset + count)
  }

  /// Fetches the next bytes. They are counted as fetched when `take` gets them.
  ///
  /// - Parameter blocks: `nil` in an origin without an object store.
  func next(
    upTo count: Int, from blocks: ObjectBlocks?, on eventLoop: any EventLoop
  ) -> EventLoopFuture<ByteBuffer> {
    let promise = eventLoop.makePromise(of: ByteBuffer.self)
    guard let blocks else {
      promise.fail(FileIOError(.notFound, "\(object.key) lies in no store of this origin"))
      return promise.futureResult
    }
    blocks.read(
      object, at: rest.lowerBound, upTo: min(count, rest.count), within: rest
    ) { result in
      promise.completeWith(result.mapError { $0 })
    }
    return promise.futureResult
  }

  mutating func take(_ count: Int) {
    rest = min(rest.upperBound, rest.lowerBound + Int64(count))..<rest.upperBound
  }
}

extension Response {
  /// What is said when a title or its media cannot be read.
  static func unreadable(_ error: any Error, else rejection: Rejection) -> Response {
    (error as? FileIOError)?.code == .unavailable
      ? Response(.storeAway) : Response(rejection)
  }
}
