import Foundation
import MediaCore
import Synchronization

/// What goes to standard error: messages, and a progress line on a terminal.
enum Terminal {
  static let isInteractive = isatty(STDERR_FILENO) == 1

  static func say(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  static func fail(_ failure: CommandFailure) -> Never {
    let mark = isInteractive ? "\u{1b}[31mdougong:\u{1b}[0m" : "dougong:"
    say("\(mark) \(failure.message)")
    exit(failure.code.rawValue)
  }

  static func exit(_ code: Int32) -> Never { Foundation.exit(code) }
}

/// A line on the terminal that shows percent, speed and time left; silent in a pipe.
final class ProgressLine: Sendable {
  private struct State {
    var total: Int64 = 0
    var done: Int64 = 0
    var began = ContinuousClock.now
    var shown: ContinuousClock.Instant?
  }

  private let state = Mutex(State())
  /// What is counted.
  enum Unit: Sendable { case bytes, pictures, parts }

  private let label: String
  private let unit: Unit
  private static let interval = Duration.milliseconds(100)

  init(_ label: String, unit: Unit = .bytes) {
    self.label = label
    self.unit = unit
  }

  /// What work tells goes here; an interruption ends it.
  var progress: WorkProgress {
    WorkProgress(
      total: { self.start(total: $0) }, moved: { self.add($0) },
      isCancelled: { Interruption.isRequested })
  }

  func start(total: Int64) {
    state.withLock {
      $0.total = total
      $0.began = .now
    }
  }

  func add(_ bytes: Int64) {
    let unit = unit
    let line = state.withLock { state -> String? in
      state.done += bytes
      let now = ContinuousClock.now
      guard Terminal.isInteractive, state.shown.map({ now - $0 >= Self.interval }) ?? true else {
        return nil
      }
      state.shown = now
      return Self.text(state, now, unit)
    }
    if let line { write("\r\u{1b}[K\(label) \(line)") }
  }

  func finish() {
    if Terminal.isInteractive { write("\r\u{1b}[K") }
  }

  /// Seconds since the start, and bytes in a second.
  var speed: (seconds: Double, bytesPerSecond: Double) {
    state.withLock { state in
      let seconds = max(1e-6, (ContinuousClock.now - state.began) / .seconds(1))
      return (seconds, Double(state.done) / seconds)
    }
  }

  private static func text(_ state: State, _ now: ContinuousClock.Instant, _ unit: Unit) -> String {
    let seconds = max(1e-3, (now - state.began) / .seconds(1))
    let rate = Double(state.done) / seconds
    let fraction = state.total > 0 ? min(1, Double(state.done) / Double(state.total)) : 0
    let left = rate > 0 ? Double(max(0, state.total - state.done)) / rate : 0
    let bar =
      String(repeating: "█", count: Int(fraction * 24))
      + String(repeating: "░", count: 24 - Int(fraction * 24))
    let speed =
      switch unit {
      case .bytes: String(format: "%.0f MB/s", rate / 1e6)
      case .pictures: String(format: "%.0f pictures/s", rate)
      case .parts: String(format: "%.2f parts/s", rate)
      }
    return String(
      format: "%@ %3.0f %%  %@  ETA %d:%02d", bar, fraction * 100, speed, Int(left) / 60,
      Int(left) % 60)
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
