import NIOCore

/// The bytes of a segment that is being made: each chunk is handed out when all of it is there, so that no
/// part of one waits at the client ("… part by part", draft-pantos-hls-rfc8216bis §6.2.6), and the
/// end when the segment is complete.
final class GrowingStream: BodyStream {
  /// The segment did not go on in time, or is gone.
  struct Stalled: Error {}

  private let title: LiveTitle
  private let track: String
  private let version: String
  private let number: Int64
  private let loop: LoopContext
  /// The next part.
  private var part = 0
  private var rest: ByteBuffer?
  /// Bytes that come before those that are wanted.
  private var skipped: Int64
  private var isComplete = false
  private var isClosed = false
  private(set) var takenByteCount: Int64 = 0

  init(
    of title: LiveTitle, track: String, version: String, number: Int64, from first: Int64,
    loop: LoopContext
  ) {
    skipped = first
    (self.title, self.track, self.version, self.number) = (title, track, version, number)
    self.loop = loop
  }

  var isCutShort: Bool { false }

  func close() {
    isClosed = true
    rest = nil
  }

  func next(upTo count: Int) -> BodyStep {
    if let step = take(upTo: count) { return step }
    let came = loop.eventLoop.makePromise(of: Void.self)
    var isHere = false
    var isFailed = false
    let key = LiveKey.growth(track: track, version: version, number: number, part: part)
    loop.holds.find(key, of: title, now: loop.now) { [self] answer in
      switch answer.found {
      case .piece(let bytes):
        rest = bytes
        part += 1
      case .complete: isComplete = true
      default:
        isFailed = true
        return came.fail(Stalled())
      }
      isHere = true
      came.succeed()
    }
    if isHere, let step = take(upTo: count) { return step }
    return isFailed ? .wait(came.futureResult) : .later(came.futureResult)
  }

  private func take(upTo count: Int) -> BodyStep? {
    if isComplete { return .end }
    guard var bytes = rest else { return nil }
    let before = Int(min(skipped, Int64(bytes.readableBytes)))
    bytes.moveReaderIndex(forwardBy: before)
    skipped -= Int64(before)
    guard bytes.readableBytes > 0 else {
      rest = nil
      return nil
    }
    let piece = bytes.readSlice(length: min(count, bytes.readableBytes)) ?? bytes
    rest = bytes.readableBytes > 0 ? bytes : nil
    takenByteCount += Int64(piece.readableBytes)
    return .bytes(piece)
  }
}
