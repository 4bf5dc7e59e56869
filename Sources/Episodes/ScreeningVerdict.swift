/// What came of a choice of a screening, on which its viewers vote.
package struct ScreeningVerdict: Hashable, Sendable {
  /// Position of the option that is taken.
  package var option: Int
  /// Votes decided; not the default.
  package var isVoted: Bool
  /// Votes by the option's position.
  package var counts: [Int: Int]

  package init(option: Int, isVoted: Bool, counts: [Int: Int]) {
    self.option = option
    self.isVoted = isVoted
    self.counts = counts
  }

  /// Counts the votes. Silence, and fewer voters than the quorum, take the default; so does a tie, unless
  /// the author wants it drawn.
  ///
  /// - Parameters:
  ///   - viewerCount: who voted in this screening, now or earlier: what a quorum is a part of.
  ///   - draw: the same for everybody who counts these votes.
  package init(
    counting counts: [Int: Int], of decision: Walk.Decision, viewerCount: Int, draw: UInt64
  ) {
    let counts = counts.filter { decision.enabled.contains($0.key) && $0.value > 0 }
    let fallback = decision.fallback ?? decision.enabled.first ?? 0
    self.init(option: fallback, isVoted: false, counts: counts)
    let votes = counts.values.reduce(0, +)
    guard let most = counts.values.max(),
      Double(votes) >= (decision.choice.vote?.quorum ?? 0) * Double(viewerCount)
    else { return }
    let first = counts.filter { $0.value == most }.keys.sorted()
    guard first.count == 1 || decision.choice.vote?.tie == "random" else { return }
    option = first[Int(draw % UInt64(first.count))]
    isVoted = true
  }

  /// `0:12,1:30`
  package var tally: String {
    counts.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
  }

  /// - Parameter tally: as `tally` writes it.
  package static func counts(_ tally: String) -> [Int: Int] {
    tally.split(separator: ",").reduce(into: [:]) { counts, pair in
      let numbers = pair.split(separator: ":").compactMap { Int($0) }
      if numbers.count == 2 { counts[numbers[0]] = numbers[1] }
    }
  }
}
