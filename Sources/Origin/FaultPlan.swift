import NIOHTTP1
import Synchronization

/// Which requests meet with faults. The same requests in the same order meet the same ones: chance is a function of the
/// seed, the rule, the target, and how often it has been asked for.
final class FaultPlan: Sendable {
  private struct State {
    /// How often each target has been asked for.
    var counts: [String: UInt64] = [:]
    /// How many requests each rule has met.
    var met: [Int]
  }

  private let rules: [FaultRule]
  private let seed: UInt64
  /// Whether a request may say itself what should go wrong with it.
  let allowsField: Bool
  private let state: Mutex<State>

  init(_ rules: [FaultRule], seed: UInt64, allowsField: Bool) {
    self.rules = rules
    self.seed = seed
    self.allowsField = allowsField
    state = Mutex(State(met: Array(repeating: 0, count: rules.count)))
  }

  /// What goes wrong with a request, in the order of the rules.
  ///
  /// - Parameter field: value of `Dougong-Fault`.
  /// - Throws: 400 for a field that is no fault.
  func effects(
    on route: Route, target: String, field: String?
  ) throws(Rejection) -> [FaultRule.Effect] {
    var effects: [FaultRule.Effect] = []
    if allowsField, let field {
      do {
        effects += try FaultRule(field).effects
      } catch {
        throw Rejection(.badRequest, error.message)
      }
    }
    guard rules.contains(where: { $0.matches(route) }) else { return effects }
    return state.withLock { state in
      let count = state.counts[target, default: 0]
      if state.counts.count >= Self.targetCount { state.counts = [:] }
      state.counts[target] = count + 1
      for (index, rule) in rules.enumerated() where rule.matches(route) {
        if let first = rule.first, state.met[index] >= first { continue }
        guard Self.draw(seed, index, target, count) % 1_000_000 < UInt64(rule.perMillion) else {
          continue
        }
        state.met[index] += 1
        effects += rule.effects
      }
      return effects
    }
  }

  /// Targets that are counted.
  private static let targetCount = 65_536

  /// FNV-1a over all of it, then the last step of SplitMix64, so that neighbours have nothing in common.
  private static func draw(_ seed: UInt64, _ rule: Int, _ target: String, _ count: UInt64) -> UInt64
  {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for number in [seed, UInt64(rule), count] {
      for shift in stride(from: 0, to: 64, by: 8) {
        mix(UInt8(truncatingIfNeeded: number >> shift))
      }
    }
    for byte in target.utf8 { mix(byte) }
    hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
    hash = (hash ^ (hash >> 27)) &* 0x94d0_49bb_1331_11eb
    return hash ^ (hash >> 31)
  }
}
