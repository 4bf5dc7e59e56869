import MediaCore
import NIOCore
import NIOPosix

/// A body as a framing gets it.
enum Body {
  case none
  /// All of it, in memory.
  case bytes(ByteBuffer)
  /// What is asked for piece by piece.
  case stream(any BodyStream)
}

/// A body that is not in memory: a framing asks for the next piece when the client can take it, so
/// that at most one piece of each response waits. Belongs to one event loop.
///
///     switch stream.next(upTo: 262_144) {
///     case .bytes(let bytes): write(bytes)
///     case .wait(let ready): ready.whenComplete { … ask again, or give up … }
///     …
///     }
protocol BodyStream: AnyObject {
  /// - Parameter count: bytes, at most.
  func next(upTo count: Int) -> BodyStep
  /// Bytes that `next` has given out.
  var takenByteCount: Int64 { get }
  /// Whether bytes that were promised are gone. Looked at now and then: a system that sends from a
  /// file that was cut has nothing to send, and says so without end.
  var isCutShort: Bool { get }
  /// Gives back what the stream holds. Called once, whether or not the end has been reached.
  func close()
}

enum BodyStep {
  case bytes(ByteBuffer)
  /// Of a file; only for who sends files.
  case region(FileRegion)
  /// Ask again when it succeeds; if it fails there are no more bytes.
  case wait(EventLoopFuture<Void>)
  /// The same where nothing is being read: it takes no memory to wait, and may take long.
  case later(EventLoopFuture<Void>)
  case end
}

/// The bytes of a `BodySource`, in their order.
final class SourceStream: BodyStream {
  private let files: OpenFiles
  private let loop: LoopContext
  private let sendsFiles: Bool
  /// What is to come, the next one last.
  private var sources: [BodySource]
  private var current: (file: OpenFile, offset: Int64, rest: Int64)?
  private var read: ByteBuffer?
  private var transfer: ObjectTransfer?
  private var isClosed = false
  /// Bytes that `next` has given out.
  private(set) var takenByteCount: Int64 = 0

  /// - Parameter sendsFiles: whether the framing can send parts of files that it does not see.
  init(_ source: BodySource, loop: LoopContext, sendsFiles: Bool) {
    sources = [source]
    self.sendsFiles = sendsFiles
    files = loop.files
    self.loop = loop
  }

  var isCutShort: Bool { current?.file.isCutShort ?? false }

  /// Opens the file that the body begins in, if it does.
  ///
  /// - Returns: `nil` if the first bytes can be had at once.
  func open() -> EventLoopFuture<Void>? { advance() }

  func next(upTo count: Int) -> BodyStep {
    if var bytes = read {
      let piece = bytes.readSlice(length: min(count, bytes.readableBytes)) ?? bytes
      read = bytes.readableBytes > 0 ? bytes : nil
      takenByteCount += Int64(piece.readableBytes)
      return .bytes(piece)
    }
    if let opening = advance() { return .wait(opening) }
    guard let (file, offset, rest) = current else { return nextBytes(upTo: count) }
    let taken = Int(min(rest, Int64(count)))
    current = (file, offset + Int64(taken), rest - Int64(taken))
    do {
      if sendsFiles {
        let region = try file.region(at: offset, count: taken)
        takenByteCount += Int64(taken)
        return .region(region)
      }
    } catch {
      return .wait(loop.eventLoop.makeFailedFuture(error))
    }
    let bytes = files.read(file, at: offset, count: taken)
    return .wait(
      bytes.assumeIsolated().map { [self] in if !isClosed { read = $0 } }.nonisolated())
  }

  func close() {
    isClosed = true
    read = nil
    sources = []
    endCurrent()
  }

  private func nextBytes(upTo count: Int) -> BodyStep {
    guard case .bytes(var buffer)? = sources.popLast() else { return .end }
    guard buffer.readableBytes > count, let piece = buffer.readSlice(length: count) else {
      takenByteCount += Int64(buffer.readableBytes)
      return .bytes(buffer)
    }
    sources.append(.bytes(buffer))
    takenByteCount += Int64(count)
    return .bytes(piece)
  }

  private func endCurrent() {
    guard let file = current?.file else { return }
    current = nil
    files.giveBack(file, now: loop.now)
  }

  /// Goes on until bytes are next: those of an open file (`current`) or some in memory.
  private func advance() -> EventLoopFuture<Void>? {
    if let current {
      if current.rest > 0 { return nil }
      endCurrent()
    }
    if let transfer {
      if !transfer.rest.isEmpty { return fetch(transfer) }
      self.transfer = nil
    }
    while let source = sources.last {
      switch source {
      case .bytes(let buffer) where buffer.readableBytes > 0: return nil
      case .none, .bytes, .growing: sources.removeLast()
      case .pieces(let pieces):
        sources.removeLast()
        sources.append(contentsOf: pieces.reversed())
      case .track(let track, let range):
        sources.removeLast()
        guard range.count > 0 else { continue }
        guard let (first, rest) = track.first(of: range) else {
          return loop.eventLoop.makeFailedFuture(OpenFiles.NotTheIndexedFile())
        }
        if rest.count > 0 { sources.append(.track(track, rest)) }
        sources.append(first)
      case .gathered(let file, let parts):
        if file.object != nil {
          sources.removeLast()
          sources.append(contentsOf: parts.reversed().map { $0.source(of: file) })
          continue
        }
        guard let open = files.lease(file) else { return open(file) }
        sources.removeLast()
        return gather(parts, from: open)
      case .file(let file, let range):
        sources.removeLast()
        guard range.count > 0 else { continue }
        if let object = file.object {
          return fetch(ObjectTransfer(object, offset: range.offset, count: range.count))
        }
        if let bytes = loop.bytes(of: file, range, sendsFiles: sendsFiles) {
          sources.append(.bytes(bytes))
          return nil
        }
        if let open = files.lease(file) {
          current = (open, range.offset, range.count)
          return nil
        }
        return open(file, at: range.offset, count: range.count)
      }
    }
    return nil
  }

  private func fetch(_ transfer: ObjectTransfer) -> EventLoopFuture<Void> {
    self.transfer = transfer
    return transfer.next(
      upTo: loop.limits.writeByteCount, from: loop.objects, on: loop.eventLoop
    ).assumeIsolated().map { [self] bytes in
      guard !isClosed else { return }
      self.transfer?.take(bytes.readableBytes)
      read = bytes
    }.nonisolated()
  }

  /// Opens a file, which the next look finds open.
  private func open(_ file: ServedFile) -> EventLoopFuture<Void> {
    let opened = loop.eventLoop.makePromise(of: Void.self)
    files.open(file) { [self] result in
      if case .success(let open) = result { files.giveBack(open, now: loop.now) }
      opened.completeWith(result.map { _ in })
    }
    return opened.futureResult
  }

  private func gather(_ parts: [GatheredPart], from file: OpenFile) -> EventLoopFuture<Void> {
    files.read(file, parts).assumeIsolated().map { [self] bytes in
      if !isClosed { read = bytes }
    }.always { [self] _ in
      files.giveBack(file, now: loop.now)
    }.nonisolated()
  }

  private func open(_ file: ServedFile, at offset: Int64, count: Int64) -> EventLoopFuture<Void> {
    let opened = loop.eventLoop.makePromise(of: Void.self)
    files.open(file) { [self] result in
      switch result {
      case .success(let open) where isClosed:
        files.giveBack(open, now: loop.now)
        opened.fail(CancellationError())
      case .success(let open):
        current = (open, offset, count)
        opened.succeed()
      case .failure(let error): opened.fail(error)
      }
    }
    return opened.futureResult
  }
}
