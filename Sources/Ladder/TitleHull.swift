/// The rungs that suit one title, of those that a ladder has.
///
/// Going down from what the largest rung needs to look its best, by a constant factor, each bit rate
/// goes to the size that looks best at it: the convex hull of all sizes. A size that is best nowhere is
/// left out; the others get the highest bit rate at which they are best, and never more than the ladder
/// has for them.
///
/// Players need rungs near to one another, and one for the slowest network: where the hull leaves more than twice the
/// bit rate between two, the sizes between them that look best there are put in; where there are too few, the smaller ones
/// move up.
package enum TitleHull {
  /// From one bit rate to the next.
  package static let step = 1.25
  /// From one rung to the next, at most, where there are sizes between; a tenth more is let be.
  package static let longestStep = 2.0
  private static let tolerance = 1.1

  /// - Parameters:
  ///   - averages: of the rungs in the ladder, from the largest rung to the smallest, bits a second.
  ///   - curves: of the same rungs.
  /// - Returns: new averages; `nil` for rungs that are left out. The last one with a rate stays.
  package static func averages(_ averages: [Int64], curves: [RateQuality]) -> [Int64?] {
    precondition(averages.count == curves.count, "\(averages.count) rungs, \(curves.count) curves")
    var chosen: [Int64?] = averages.map { _ in nil }
    guard let highest = averages.first, let lowest = averages.last,
      let best = curves.first?.points.last?.bitsPerSecond
    else { return chosen }
    var rate = min(Double(highest), best)
    var least = 0
    while rate >= Double(lowest) / 2 {
      let winner = self.best(curves.indices, at: rate, curves)
      if chosen[winner] == nil, winner >= least {
        chosen[winner] = min(Int64(rate), averages[winner])
        least = winner
      }
      rate /= step
    }
    if chosen.allSatisfy({ $0 == nil }), let last = averages.indices.last {
      chosen[last] = min(lowest, Int64(best))
    }
    fill(&chosen, averages, curves)
    moveUp(&chosen, averages, curves)
    return chosen
  }

  /// The size that looks best at a rate; of equals the smallest.
  private static func best(
    _ sizes: Range<Int>, at rate: Double, _ curves: [RateQuality]
  ) -> Int {
    sizes.reduce(sizes.lowerBound) {
      curves[$1].quality(at: rate) >= curves[$0].quality(at: rate) ? $1 : $0
    }
  }

  /// Puts sizes into the gaps of a hull.
  private static func fill(
    _ chosen: inout [Int64?], _ averages: [Int64], _ curves: [RateQuality]
  ) {
    let end = averages.count - 1
    var ends = chosen.indices.filter { chosen[$0] != nil }
    if let last = ends.last, last < end, let rate = chosen[last],
      Double(rate) > Double(averages[end]) * longestStep * tolerance
    {
      chosen[end] = averages[end]
      ends.append(end)
    }
    for (upper, lower) in zip(ends, ends.dropFirst()) {
      guard let high = chosen[upper], let low = chosen[lower] else { continue }
      let ratio = Double(high) / Double(max(1, low))
      let count = min(rungCount(in: ratio), lower - upper - 1)
      let step = root(count + 1, of: ratio)
      var rate = Double(high)
      var next = upper + 1
      for place in 0..<count {
        rate /= step
        let size = best(next..<lower - (count - place - 1), at: rate, curves)
        chosen[size] = min(Int64(rate), averages[size])
        next = size + 1
      }
    }
  }

  /// Gives smaller sizes more, where too few lie in a gap, and goes on below them to the lowest rate that was chosen.
  private static func moveUp(
    _ chosen: inout [Int64?], _ averages: [Int64], _ curves: [RateQuality]
  ) {
    guard var place = chosen.firstIndex(where: { $0 != nil }), var rate = chosen[place],
      let lowest = chosen.compactMap({ $0 }).last
    else { return }
    while Double(rate) > Double(lowest) * tolerance, place < chosen.count - 1 {
      let next = chosen.indices.first { $0 > place && chosen[$0] != nil }
      if let next, let low = chosen[next], Double(rate) <= Double(low) * longestStep * tolerance {
        (place, rate) = (next, low)
        continue
      }
      let wanted = Double(rate) / longestStep
      place = best(place + 1..<(next ?? chosen.count - 1) + 1, at: wanted, curves)
      rate = min(Int64(wanted), averages[place])
      chosen[place] = rate
    }
  }

  /// Rungs that a gap needs so that no step in it is too long.
  private static func rungCount(in ratio: Double) -> Int {
    var (count, reach) = (0, longestStep * tolerance)
    while ratio > reach, count < LadderLimits.rungCount {
      count += 1
      reach *= longestStep
    }
    return count
  }

  /// By halving, so that all machines come to the same.
  private static func root(_ degree: Int, of value: Double) -> Double {
    var (low, high) = (1.0, max(1, value))
    for _ in 0..<60 {
      let middle = (low + high) / 2
      let power = (0..<degree).reduce(1.0) { product, _ in product * middle }
      if power < value { low = middle } else { high = middle }
    }
    return low
  }
}

extension SuitedLadder {
  /// Rungs of the first codec and range: those that are tried for a title.
  package var tried: SuitedLadder {
    var one = self
    one.rungs = rungs.filter { $0.codec == rungs.first?.codec && $0.range == rungs.first?.range }
    return one
  }

  /// The rungs that a trial has chosen, of all codecs and ranges alike.
  /// - Parameter averages: of the tried rungs, in order; `nil` for those that are left out.
  package func refined(_ averages: [Int64?]) -> SuitedLadder {
    var refined = self
    let choices = zip(tried.rungs, averages)
    refined.rungs = rungs.compactMap { rung in
      guard let (tried, average) = choices.first(where: { $0.0.height == rung.height }),
        let average
      else { return nil }
      var rung = rung
      rung.rates.average = max(1, rung.rates.average * average / max(1, tried.rates.average))
      rung.rates.peak = max(1, rung.rates.peak * average / max(1, tried.rates.average))
      return rung
    }
    return refined
  }
}
