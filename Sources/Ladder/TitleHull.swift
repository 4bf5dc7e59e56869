/// The rungs that suit one title, of those that a ladder has.
///
/// Going down from what the largest rung needs to look its best, by a constant factor, each bit rate
/// goes to the size that looks best at it: the convex hull of all sizes. A size that is best nowhere is
/// left out; the others get the highest bit rate at which they are best, and never more than the ladder
/// has for them.
package enum TitleHull {
  /// From one bit rate to the next.
  package static let step = 1.25

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
    while rate >= Double(lowest) / 2 {
      let winner = curves.indices.max { one, two in
        let (a, b) = (curves[one].quality(at: rate), curves[two].quality(at: rate))
        return a != b ? a < b : one < two
      }
      if let winner, chosen[winner] == nil {
        chosen[winner] = min(Int64(rate), averages[winner])
      }
      rate /= step
    }
    if chosen.allSatisfy({ $0 == nil }), let last = averages.indices.last {
      chosen[last] = min(lowest, Int64(best))
    }
    return chosen
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
