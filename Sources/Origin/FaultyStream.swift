import NIOCore
import NIOPosix

/// A body with which something goes wrong, because somebody asked for that.
final class FaultyStream: BodyStream {
  struct CutShort: Error {}

  private let source: any BodyStream
  private let loop: LoopContext
  /// Bytes after which it ends; `nil`: all.
  private var end: Int64?
  private var bytesPerSecond: Int64?
  private var isCorrupt = false
  /// Whether the time of the next piece has come.
  private var isDue = false

  /// - Parameter byteCount: of the whole body.
  init(
    _ source: any BodyStream, _ effects: [FaultRule.Effect], byteCount: Int64, loop: LoopContext
  ) {
    self.source = source
    self.loop = loop
    for effect in effects {
      switch effect {
      case .truncate(let extent): end = min(end ?? byteCount, extent.byteCount(of: byteCount))
      case .slow(let rate): bytesPerSecond = min(bytesPerSecond ?? rate, rate)
      case .corrupt: isCorrupt = true
      case .delay, .hang, .status, .reset: break
      }
    }
    if end == byteCount { end = nil }
  }

  /// Whether any of these effects is on a body.
  static func concerns(_ effects: [FaultRule.Effect]) -> Bool {
    effects.contains {
      switch $0 {
      case .truncate, .slow, .corrupt: true
      case .delay, .hang, .status, .reset: false
      }
    }
  }

  var isCutShort: Bool { source.isCutShort }

  var takenByteCount: Int64 { source.takenByteCount }

  func close() { source.close() }

  func next(upTo count: Int) -> BodyStep {
    var count = Int64(count)
    if let end {
      guard source.takenByteCount < end else {
        // Not at once: what was written before it is still to be sent.
        let task = loop.eventLoop.assumeIsolated().scheduleTask(in: Self.ending) {
          throw CutShort()
        }
        return .wait(task.futureResult)
      }
      count = min(count, end - source.takenByteCount)
    }
    if let bytesPerSecond {
      count = min(count, max(1, bytesPerSecond / Self.piecesPerSecond))
      guard isDue else { return .wait(time(of: count, bytesPerSecond)) }
    }
    let step = source.next(upTo: Int(count))
    switch step {
    case .bytes(let bytes):
      isDue = false
      return .bytes(isCorrupt ? corrupted(bytes) : bytes)
    case .region:
      isDue = false
      return step
    case .wait, .later, .end: return step
    }
  }

  private func time(of count: Int64, _ bytesPerSecond: Int64) -> EventLoopFuture<Void> {
    let amount = TimeAmount.nanoseconds(count * 1_000_000_000 / bytesPerSecond)
    let task = loop.eventLoop.assumeIsolated().scheduleTask(in: amount) { self.isDue = true }
    return task.futureResult
  }

  private func corrupted(_ bytes: ByteBuffer) -> ByteBuffer {
    var bytes = bytes
    let middle = bytes.readerIndex + bytes.readableBytes / 2
    if let byte = bytes.getInteger(at: middle, as: UInt8.self) {
      bytes.setInteger(byte ^ 0x10, at: middle)
    }
    return bytes
  }

  private static let ending = TimeAmount.milliseconds(10)
  private static let piecesPerSecond: Int64 = 10
}
