package import FFmpeg
package import MediaCore

/// How fast this machine encodes a ladder, found out by doing it.
///
///     let trial = LadderTrial(pictures, rate: rate, keyFrames: keyFrames, decoding: .milliseconds(10))
///     let verdict = try trial.verdict(on: rungs)
///     if verdict.speed < LadderTrial.neededSpeed { … verdict.held … }
package struct LadderTrial {
  /// What came of it.
  package struct Verdict: Sendable {
    /// Seconds of pictures that are encoded in a second; what is under one falls behind.
    package var speed: Double
    /// The rungs that can be held, the largest first; all of them if `speed` is enough.
    package var held: [LadderRung]

    package var isEnough: Bool { speed >= LadderTrial.neededSpeed }
  }

  /// What has to be left over for pictures that cost more than those of the trial.
  package static let neededSpeed = 1.15
  /// Seconds of pictures that are encoded, and seconds after which the speed is known well enough.
  private static let length = 1.5
  private static let leastCount = 24
  private static let longest = Duration.seconds(4)

  private let pictures: [Picture]
  private let rate: Rational
  private let keyFrames: KeyFrames
  private let fieldCount: Int64
  private let decoding: Duration
  private let isCancelled: @Sendable () -> Bool

  /// - Parameters:
  ///   - pictures: of the source, in order; they are shown forwards and backwards.
  ///   - fieldCount: pictures that each of them becomes: two, of two fields.
  ///   - decoding: what the decoder has spent on a picture.
  package init(
    _ pictures: [Picture], rate: Rational, keyFrames: KeyFrames, fieldCount: Int64 = 1,
    decoding: Duration,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    precondition(!pictures.isEmpty, "a trial without pictures")
    self.pictures = pictures
    self.rate = rate
    self.keyFrames = keyFrames
    self.fieldCount = fieldCount
    self.decoding = decoding
    self.isCancelled = isCancelled
  }

  /// Tries all rungs at once, and if they are too many, those of the least height, and one height more each time.
  package func verdict(on rungs: [LadderRung]) throws -> Verdict {
    let speed = try speed(of: rungs)
    guard speed < Self.neededSpeed else { return Verdict(speed: speed, held: rungs) }
    var held: [LadderRung] = []
    for height in Set(rungs.map(\.encoding.height)).sorted().dropLast() {
      let some = rungs.filter { $0.encoding.height <= height }
      guard !isCancelled(), try self.speed(of: some) >= Self.neededSpeed else { break }
      held = some
    }
    return Verdict(speed: speed, held: held)
  }

  private func speed(of rungs: [LadderRung]) throws -> Double {
    let shown = rate.value / Double(fieldCount)
    let count = max(Self.leastCount, Int((Self.length * shown).rounded()))
    let begin = ContinuousClock.now
    let encoder = try LadderEncoder(
      rungs, rate: rate, keyFrames: keyFrames, doublesFields: fieldCount > 1
    ) { _, _ in }
    var done = 0
    while done < count, !isCancelled(), ContinuousClock.now - begin < Self.longest {
      try encoder.push(
        picture(done), number: Int64(done) * fieldCount, length: fieldCount)
      done += 1
    }
    if done == count { try encoder.finish() } else { encoder.cancel() }
    let spent = ContinuousClock.now - begin + decoding * done
    return Double(done) / shown / max(spent / .seconds(1), 1e-6)
  }

  /// Forwards and backwards, so that what moves goes on.
  private func picture(_ index: Int) -> Picture {
    let turn = max(1, 2 * pictures.count - 2)
    let place = index % turn
    return pictures[place < pictures.count ? place : turn - place]
  }
}
