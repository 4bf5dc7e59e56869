import MediaCore

/// What a thread does for one rung: it scales pictures, hands them on to smaller rungs, and encodes them.
final class RungWorker: @unchecked Sendable {
  // Used by one thread, which it is made for.
  private let rung: LadderRung
  private let step: Int64
  private let keyFrames: KeyFrames
  private let children: [PictureQueue]
  private let note: @Sendable (String) -> Void
  private let take: @Sendable (RungOutput) -> Void
  private var filter: FilterStage
  private var encoder: RungEncoder?
  /// Pictures since the encoder began.
  private var count = 0
  /// A key frame is due.
  private var isKeyDue = true

  init(
    _ rung: LadderRung, rate: Rational, keyFrames: KeyFrames, children: [PictureQueue],
    note: @escaping @Sendable (String) -> Void, take: @escaping @Sendable (RungOutput) -> Void
  ) throws(FFmpegError) {
    self.rung = rung
    self.keyFrames = keyFrames
    self.children = children
    self.note = note
    self.take = take
    step = LadderTree.step(rung.encoding, rate)
    filter = FilterStage(rate: rate, colour: rung.encoding.colour)
    guard rung.isEncoded else { return }
    encoder = try RungEncoder.open(rung.encoding, track: rung.track, name: rung.name)
  }

  var name: String { rung.name }

  func endChildren() { for child in children { child.end() } }

  /// Encodes what comes, and at its end what the encoder holds back, unless the queue was closed.
  func run(_ queue: PictureQueue) throws {
    while let picture = queue.next() {
      guard picture.number % step == 0 else { continue }
      try pass(try filter.take(picture, form: picture.picture.form) { fit($0) })
    }
    guard !queue.isClosed else { return }
    try pass(try filter.finish())
    try encoder?.finish()
    try drain()
  }

  private func fit(_ form: PictureForm) -> String? {
    let fitting = PictureFitting(from: form, to: rung.encoding)
    if let words = fitting.note { note("\(rung.name): \(words)") }
    return fitting.chain
  }

  private func pass(_ pictures: [NumberedPicture]) throws {
    for picture in pictures {
      for child in children { child.add(picture) }
      if rung.isEncoded { try encode(picture) }
    }
  }

  private func encode(_ picture: NumberedPicture) throws {
    let isKey = isKeyDue || keyFrames.isKey(picture.number, step: step)
    isKeyDue = false
    // Such an encoder has key frames where it counts them from its begin.
    if isKey, count > 0, !rung.encoding.canForceKeyFrames,
      count % rung.encoding.keyFrameDistance != 0
    {
      try encoder?.finish()
      try drain()
      encoder = try RungEncoder.open(rung.encoding, track: rung.track, name: rung.name)
      count = 0
    }
    count += 1
    try encoder?.send(
      picture.picture, number: picture.number / step, isKey: isKey, arrival: picture.arrival,
      length: max(1, picture.length / step))
    try drain()
  }

  private func drain() throws {
    while let output = try encoder?.receive() { take(output) }
  }
}
