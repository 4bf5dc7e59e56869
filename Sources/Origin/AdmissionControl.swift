import NIOCore

/// Refuses some requests before all become slow. What is watched is the wait of work that has nothing but waiting to do
/// (RFC 8289 calls it the sojourn time): its least over a window is what stands in the queue, whatever bursts come and
/// go. As long as that is longer than wanted, and not on its way down, the pressure rises, and with it the share of
/// requests that are refused; when it is below half it falls. The clock is passed in.
///
///     var control = AdmissionControl(longestWait: .milliseconds(200), now: now)
///     control.observe(wait: .milliseconds(350), now: now)
///     control.admits(.segment)
///
/// Responses under way go on: they are what the refusals are for.
struct AdmissionControl: Sendable {
  /// What is refused, in this order: each only once all of those before it are.
  enum Rank: Int, CaseIterable, Hashable, Sendable {
    /// What a viewer can do without for a while.
    case extra
    /// What players have ahead in their buffers.
    case media
    /// What playing begins with, and reports that come but once: small.
    case document
  }

  private let target: TimeAmount
  private var windowEnd: NIODeadline
  private var least: TimeAmount?
  /// Of the window before.
  private var lastLeast = TimeAmount.zero
  /// From 0 to the number of ranks: 1.25 refuses all of `extra`, and of `media` a quarter.
  private(set) var pressure = 0.0
  /// What of each rank is still to be refused: so the share is exact without chance.
  private var debts = [Double](repeating: 0, count: Rank.allCases.count)

  /// - Parameter longestWait: what may stand in the queue.
  init(longestWait: TimeAmount, now: NIODeadline) {
    target = longestWait
    windowEnd = now + Limits.waitWindow
  }

  /// How long something waited that came and went just now.
  mutating func observe(wait: TimeAmount, now: NIODeadline) {
    least = min(least ?? wait, wait)
    guard now >= windowEnd, let least else { return }
    if least > target, least >= lastLeast {
      let excess = Double(least.nanoseconds) / Double(max(1, target.nanoseconds))
      pressure = min(
        Double(Rank.allCases.count), pressure + Self.rise * min(excess, Self.maximumExcess))
    } else if least < .nanoseconds(target.nanoseconds / 2) {
      pressure = pressure <= Self.fall ? 0 : pressure - Self.fall
    }
    (self.least, lastLeast) = (nil, least)
    windowEnd = now + Limits.waitWindow
  }

  /// Whether a request is to be answered.
  mutating func admits(_ kind: ObjectClass) -> Bool {
    guard pressure > 0, let rank = Rank(kind) else { return true }
    let share = min(1, pressure - Double(rank.rawValue))
    guard share > 0 else { return true }
    debts[rank.rawValue] += share
    guard debts[rank.rawValue] >= 1 else { return true }
    debts[rank.rawValue] -= 1
    return false
  }

  /// Of pressure, in a window; times as much as the wait is longer than wanted.
  private static let rise = 0.1
  private static let maximumExcess = 10.0
  private static let fall = 0.05
}

extension AdmissionControl.Rank {
  /// `nil`: never refused.
  init?(_ kind: ObjectClass) {
    switch kind {
    case .page, .image, .track, .statistics: self = .extra
    case .segment, .header, .webVTT, .prompt: self = .media
    case .multivariant, .mediaPlaylist, .mpd, .document, .report: self = .document
    case .probe, .other: return nil
    }
  }
}
