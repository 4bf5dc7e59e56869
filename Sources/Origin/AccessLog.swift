import FileIO
package import Logging
import NIOCore
import NIOPosix
import Synchronization

/// Where lines about responses go. Event loops hand over what they have gathered; a thread of its own writes it. Where
/// that cannot keep up, lines are dropped and counted: a full disk slows nobody down.
package final class AccessLog: Sendable {
  package let format: AccessLogFormat
  /// Whether addresses of clients are cut.
  package let isAnonymous: Bool
  /// `-`: standard output.
  private let path: String
  private let pool = NIOThreadPool(numberOfThreads: 1)
  private let file: Mutex<AppendedFile>
  private let waitingByteCount = Atomic<Int>(0)
  private let droppedLineCount = Atomic<UInt64>(0)
  private let writtenLineCount = Atomic<UInt64>(0)

  /// - Throws: `FileIOError` if the file cannot be opened.
  package init(path: String, format: AccessLogFormat, isAnonymous: Bool = false) throws {
    self.path = path
    self.format = format
    self.isAnonymous = isAnonymous
    file = Mutex(try Self.open(path))
    pool.start()
  }

  private static func open(_ path: String) throws(FileIOError) -> AppendedFile {
    path == "-" ? try .standardOutput() : try AppendedFile(path: path)
  }

  /// Lines that were written, and those that were not: too many waited, or the system refused them.
  var lineCounts: (written: UInt64, dropped: UInt64) {
    (
      writtenLineCount.load(ordering: .relaxed), droppedLineCount.load(ordering: .relaxed)
    )
  }

  /// Takes whole lines to be written; returns at once.
  func take(_ lines: ByteBuffer, count: Int) {
    let byteCount = lines.readableBytes
    let waiting = waitingByteCount.add(byteCount, ordering: .relaxed).newValue
    guard waiting <= Limits.waitingLogByteCount else {
      waitingByteCount.subtract(byteCount, ordering: .relaxed)
      droppedLineCount.add(UInt64(count), ordering: .relaxed)
      return
    }
    pool.submit { [self] state in
      let isWritten =
        state == .active && (try? file.withLock({ try $0.append(lines) })) != nil
      waitingByteCount.subtract(byteCount, ordering: .relaxed)
      if isWritten {
        writtenLineCount.add(UInt64(count), ordering: .relaxed)
      } else {
        droppedLineCount.add(UInt64(count), ordering: .relaxed)
      }
    }
  }

  /// Opens the file by its name again, for programs that rename logs. If that fails the old one stays.
  package func reopen(_ logger: Logger) {
    guard path != "-" else { return }
    pool.submit { [self] _ in
      do {
        let opened = try Self.open(path)
        file.withLock { $0 = opened }
      } catch {
        logger.error("access log cannot be reopened", metadata: ["error": "\(error)"])
      }
    }
  }

  /// Waits until all that was taken has been written.
  func settle() async { try? await pool.runIfActive {} }
}

/// Lines of one event loop, until there are enough or a moment has passed.
final class AccessLogFeed {
  private let log: AccessLog
  private var lines = ByteBuffer()
  private var lineCount = 0
  /// From the clock that never goes back to the time of day, in nanoseconds.
  private var offset = WallClock.nanoseconds() - Int64(NIODeadline.now().uptimeNanoseconds)

  init(_ log: AccessLog) { self.log = log }

  func add(_ record: ExchangeRecord, of request: Request) {
    let nanoseconds = Int64(record.end.uptimeNanoseconds) + offset
    let entry = AccessEntry(
      record: record, request: request,
      client: log.isAnonymous
        ? request.client.text.map(AccessEntry.anonymized) : request.client.text,
      time: nanoseconds / 1_000_000)
    lines.writeString(entry.line(log.format))
    lineCount += 1
    if lines.readableBytes >= Limits.loggedPieceByteCount { handOver() }
  }

  /// Called at every sweep, and at the end.
  func flush() {
    offset = WallClock.nanoseconds() - Int64(NIODeadline.now().uptimeNanoseconds)
    handOver()
  }

  private func handOver() {
    guard lineCount > 0 else { return }
    log.take(lines, count: lineCount)
    lines = ByteBuffer()
    lineCount = 0
  }
}
