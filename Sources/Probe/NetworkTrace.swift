/// How fast a network was over time, played as a loop.
///
///     let trace = try NetworkTrace(csv: text)
///     trace.end(of: 125_000, from: .zero)  // when a megabit that begins now has come
///
/// Whole kilobits and microseconds: nothing is rounded but the end of a transfer, to the next
/// microsecond.
package struct NetworkTrace: Hashable, Sendable {
  /// One rate and for how long it holds.
  private struct Step: Hashable {
    /// Microseconds from the loop's start.
    var start: Int64
    var length: Int64
    var kilobits: Int64
    /// Microseconds.
    var roundTrip: Int64
    /// Thousandths of a bit that the loop has carried before.
    var carried: Int64

    /// Thousandths of a bit: kilobits in a second times microseconds.
    var capacity: Int64 { kilobits * length }
  }

  private let steps: [Step]
  /// Of one turn of the loop.
  package let length: Duration

  private var loopMicroseconds: Int64 {
    steps[steps.count - 1].start + steps[steps.count - 1].length
  }
  private var loopCapacity: Int64 {
    steps[steps.count - 1].carried + steps[steps.count - 1].capacity
  }

  /// One rate for ever.
  /// - Parameter kilobits: in a second; at least 1.
  package init(kilobits: Int64) {
    let rate = min(max(kilobits, 1), Limits.traceKilobits)
    steps = [Step(start: 0, length: 1_000_000, kilobits: rate, roundTrip: 0, carried: 0)]
    length = .seconds(1)
  }

  /// Reads lines `time_s,downlink_kbps[,rtt_ms…]`: seconds that grow, kilobits in a second and milliseconds of a round
  /// trip from there on; where none is given, the last one holds. Further columns are ignored, and so is a first line
  /// without numbers; the last line holds as long as the one before it.
  /// - Throws: `ProbeError` with the line, and for a trace that carries nothing.
  package init(csv text: String) throws(ProbeError) {
    func refused(_ line: Int, _ reason: String) -> ProbeError {
      ProbeError(.input, "trace line \(line): \(reason)")
    }
    var times: [(microseconds: Int64, kilobits: Int64, roundTrip: Int64)] = []
    let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
    for (index, line) in lines.enumerated() where !line.isEmpty {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count >= 2, let time = Duration(readSeconds: fields[0]),
        let kilobits = Double(fields[1]), kilobits >= 0,
        kilobits <= Double(Limits.traceKilobits)
      else {
        if index == 0 { continue }
        throw refused(index + 1, "seconds and kilobits in a second are expected")
      }
      let microseconds = time.inMicroseconds
      guard times.last.map({ microseconds > $0.microseconds }) ?? true else {
        throw refused(index + 1, "its time does not follow that of the line before")
      }
      guard times.count < Limits.traceStepCount else {
        throw refused(index + 1, "more than \(Limits.traceStepCount) lines")
      }
      var roundTrip = times.last?.roundTrip ?? 0
      if fields.count > 2, !fields[2].isEmpty {
        guard let given = Double(fields[2]), given >= 0,
          given <= Double(Limits.roundTripMilliseconds)
        else {
          throw refused(
            index + 1,
            "0 to \(Limits.roundTripMilliseconds) milliseconds of a round trip are expected")
        }
        roundTrip = Int64((given * 1000).rounded())
      }
      times.append((microseconds, Int64(kilobits.rounded()), roundTrip))
    }
    guard let first = times.first else { throw ProbeError(.input, "the trace is empty") }
    guard times[times.count - 1].microseconds - first.microseconds <= Self.maximumMicroseconds
    else { throw ProbeError(.input, "the trace is longer than \(Limits.runSeconds) seconds") }
    var steps: [Step] = []
    var carried: Int64 = 0
    for (index, time) in times.enumerated() {
      let length =
        index + 1 < times.count
        ? times[index + 1].microseconds - time.microseconds : steps.last?.length ?? 1_000_000
      let step = Step(
        start: time.microseconds - first.microseconds, length: length, kilobits: time.kilobits,
        roundTrip: time.roundTrip, carried: carried)
      carried += step.capacity
      steps.append(step)
    }
    guard carried > 0 else { throw ProbeError(.input, "the trace carries nothing") }
    self.steps = steps
    length = .microseconds(steps[steps.count - 1].start + steps[steps.count - 1].length)
  }

  private static let maximumMicroseconds = Int64(Limits.runSeconds) * 1_000_000

  /// Bits in a second.
  package func bitsPerSecond(at moment: Duration) -> Int64 {
    steps[index(at: max(0, moment.inMicroseconds) % loopMicroseconds)].kilobits * 1000
  }

  /// Zero if the trace does not tell.
  package func roundTrip(at moment: Duration) -> Duration {
    .microseconds(steps[index(at: max(0, moment.inMicroseconds) % loopMicroseconds)].roundTrip)
  }

  /// When the last of `byteCount` bytes has come, the first of which begins at `moment` on a link that
  /// carries nothing else.
  package func end(of byteCount: Int, from moment: Duration) -> Duration {
    let start = max(0, moment.inMicroseconds)
    guard byteCount > 0 else { return .microseconds(start) }
    let (turns, inLoop) = start.quotientAndRemainder(dividingBy: loopMicroseconds)
    let first = steps[index(at: inLoop)]
    let before = first.carried + first.kilobits * (inLoop - first.start)
    // Of the whole loop's capacity from its start, so that whole turns are skipped at once.
    let needed = before + Int64(byteCount) * 8000
    var (more, rest) = needed.quotientAndRemainder(dividingBy: loopCapacity)
    // What ends with a turn ends where the last step that carries anything does.
    if rest == 0 { (more, rest) = (more - 1, loopCapacity) }
    let last = steps[lastIndex { $0.carried < rest }]
    let within = (rest - last.carried + last.kilobits - 1) / max(last.kilobits, 1)
    return .microseconds((turns + more) * loopMicroseconds + last.start + within)
  }

  private func index(at microseconds: Int64) -> Int { lastIndex { $0.start <= microseconds } }

  /// Of those for which it holds, which come first.
  private func lastIndex(where holds: (Step) -> Bool) -> Int {
    var (low, high) = (0, steps.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if holds(steps[middle]) { low = middle } else { high = middle }
    }
    return low
  }
}
