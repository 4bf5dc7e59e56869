import MediaCore

/// What a thread does for one rung: it scales pictures, and hands them on to the rung's encoder and to smaller rungs.
final class RungScaler: @unchecked Sendable {
  // Used by one thread, which it is made for.
  private let rung: LadderRung
  private let step: Int64
  private let receivers: [PictureQueue]
  private let note: @Sendable (String) -> Void
  private var restarts: Restarts
  private var filter: FilterStage

  /// - Parameter receivers: of the rung's pictures.
  init(
    _ rung: LadderRung, rate: Rational, restarts: Restarts, receivers: [PictureQueue],
    note: @escaping @Sendable (String) -> Void
  ) {
    self.rung = rung
    self.restarts = restarts
    self.receivers = receivers
    self.note = note
    step = LadderTree.step(rung.encoding, rate)
    filter = FilterStage(rate: rate, colour: rung.encoding.colour)
  }

  /// Hands on what comes, unless the queue is closed.
  func run(_ queue: PictureQueue) throws {
    while let picture = queue.next() {
      if restarts.count(reachedBy: picture.number) > 0 { pass(try filter.finish()) }
      guard picture.number % step == 0 else { continue }
      pass(try filter.take(picture, form: picture.picture.form) { fit($0) })
    }
    guard !queue.isClosed else { return }
    pass(try filter.finish())
  }

  /// Nothing follows.
  func end() { for receiver in receivers { receiver.end() } }

  private func fit(_ form: PictureForm) -> String? {
    let fitting = PictureFitting(from: form, to: rung.encoding)
    if let words = fitting.note { note("\(rung.name): \(words)") }
    return fitting.chain
  }

  private func pass(_ pictures: [NumberedPicture]) {
    for picture in pictures {
      for receiver in receivers { receiver.add(picture) }
    }
  }
}
