import MediaCore

/// What a thread does for one rung: it encodes pictures of the rung's size.
final class RungWorker: @unchecked Sendable {
  // Used by one thread, which it is made for.
  private let rung: LadderRung
  private let step: Int64
  private let keyFrames: KeyFrames
  private let take: @Sendable (RungOutput) -> Void
  private let ended: @Sendable () -> Void
  private var restarts: Restarts
  private var encoder: RungEncoder?
  /// Pictures since the encoder began.
  private var count = 0
  /// A key frame is due.
  private var isKeyDue = true

  /// - Parameter ended: called when an encoder has given out all that it was given, and is let go of: at each restart,
  ///   and at the end.
  init(
    _ rung: LadderRung, rate: Rational, keyFrames: KeyFrames, restarts: Restarts,
    take: @escaping @Sendable (RungOutput) -> Void, ended: @escaping @Sendable () -> Void
  ) throws(FFmpegError) {
    self.rung = rung
    self.keyFrames = keyFrames
    self.restarts = restarts
    self.take = take
    self.ended = ended
    step = LadderTree.step(rung.encoding, rate)
    try open()
  }

  private func open() throws(FFmpegError) {
    encoder = try RungEncoder.open(rung.encoding, track: rung.track, name: rung.name)
    count = 0
  }

  /// Encodes what comes, and at its end what the encoder holds back, unless the queue was closed.
  func run(_ queue: PictureQueue) throws {
    while let picture = queue.next() {
      for _ in 0..<restarts.count(reachedBy: picture.number) {
        try close()
        isKeyDue = true
        ended()
      }
      try encode(picture)
    }
    guard !queue.isClosed else { return }
    try close()
    ended()
  }

  private func encode(_ picture: NumberedPicture) throws {
    let isKey = isKeyDue || keyFrames.isKey(picture.number, step: step)
    isKeyDue = false
    // Such an encoder has key frames where it counts them from its begin.
    if isKey, count > 0, !rung.encoding.canForceKeyFrames,
      count % rung.encoding.keyFrameDistance != 0
    {
      try close()
    }
    if encoder == nil { try open() }
    count += 1
    try encoder?.send(
      picture.picture, number: picture.number / step, isKey: isKey, arrival: picture.arrival,
      length: max(1, picture.length / step))
    try drain()
  }

  /// Takes what the encoder holds back, and lets go of it.
  private func close() throws {
    try encoder?.finish()
    try drain()
    encoder = nil
  }

  private func drain() throws {
    while let output = try encoder?.receive() { take(output) }
  }
}
