import Encoding
import Foundation
import MediaCore
import Synchronization

/// A line on the terminal about work on a ladder: percent, pictures a second, time left, and what each
/// rung spends; silent in a pipe.
final class LadderLine: Sendable {
  private struct State {
    /// Pictures and bytes of each rung so far.
    var counts: [Int]
    var bytes: [Int]
    var shown: ContinuousClock.Instant?
  }

  private let plan: LadderPlan
  private let state: Mutex<State>
  private let began = ContinuousClock.now
  /// Samples that are to be encoded.
  private let total: Double
  /// Pictures of the source in the chunks that are worked on.
  private let pictureCount: Double
  private static let interval = Duration.milliseconds(200)

  /// - Parameter missing: the parts that are to be made.
  init(_ plan: LadderPlan, missing: [LadderPlan.Part]) {
    self.plan = plan
    let zeros = plan.rungs.map { _ in 0 }
    state = Mutex(State(counts: zeros, bytes: zeros))
    total = missing.reduce(0) {
      $0 + Double(plan.pictureCount($1)) * Self.weight(plan.rungs[$1.rung])
    }
    pictureCount = Set(missing.map(\.chunk)).reduce(0) {
      $0 + Double(plan.chunks[$1].end - plan.chunks[$1].start)
    }
  }

  private static func weight(_ rung: PlannedRung) -> Double { Double(rung.width * rung.height) }

  var progress: LadderProgress {
    LadderProgress(
      encoded: { self.add($0, $1) },
      noted: {
        self.finish()
        Terminal.say("note: \($0)")
      },
      isCancelled: { Interruption.isRequested })
  }

  private func add(_ rung: Int, _ byteCount: Int) {
    let line = state.withLock { state -> String? in
      state.counts[rung] += 1
      state.bytes[rung] += byteCount
      let now = ContinuousClock.now
      guard Terminal.isInteractive, state.shown.map({ now - $0 >= Self.interval }) ?? true else {
        return nil
      }
      state.shown = now
      return text(state, seconds: (now - began) / .seconds(1))
    }
    if let line { FileHandle.standardError.write(Data("\r\u{1b}[KEncoding \(line)".utf8)) }
  }

  func finish() {
    if Terminal.isInteractive { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
  }

  private func text(_ state: State, seconds: Double) -> String {
    let done = zip(state.counts, plan.rungs).reduce(0) {
      $0 + Double($1.0) * Self.weight($1.1)
    }
    let fraction = total > 0 ? min(1, done / total) : 0
    let left = fraction > 0 ? seconds / fraction - seconds : 0
    let rates = plan.rungs.indices.filter { state.counts[$0] > 0 }.prefix(8).map {
      index -> String in
      let rate = plan.rungs[index].rate?.value ?? 1
      let bits = Double(state.bytes[index]) * 8 * rate / Double(state.counts[index])
      return "\(plan.rungs[index].name) \(String(format: "%.1f", bits / 1e6))"
    }
    return String(
      format: "%3.0f %%  %.1f fps  ETA %d:%02d  ", fraction * 100,
      fraction * pictureCount / max(seconds, 1e-3), Int(left) / 60, Int(left) % 60)
      + rates.joined(separator: ", ") + " Mb/s"
  }
}
