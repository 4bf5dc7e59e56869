import Episodes
import Testing

@testable import Proof

/// Laws of the diagrams, against truth tables.
struct DiagramTests {
  private static let bitCount = 6

  /// A random formula as a node, and as its table over all states of the bits.
  private static func formula(
    _ diagrams: inout DecisionDiagrams, _ random: inout SeededRandom, depth: Int
  ) throws -> (node: DecisionDiagrams.Node, table: [Bool]) {
    guard depth > 0, random.fraction() > 0.1 else {
      let bit = Int.random(in: 0..<bitCount, using: &random)
      return (
        try diagrams.bit(bit * 2), (0..<1 << bitCount).map { $0 >> bit & 1 == 1 }
      )
    }
    let a = try formula(&diagrams, &random, depth: depth - 1)
    let b = try formula(&diagrams, &random, depth: depth - 1)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: return (try diagrams.and(a.node, b.node), zip(a.table, b.table).map { $0 && $1 })
    case 1: return (try diagrams.or(a.node, b.node), zip(a.table, b.table).map { $0 || $1 })
    case 2: return (try diagrams.minus(a.node, b.node), zip(a.table, b.table).map { $0 && !$1 })
    default: return (try diagrams.not(a.node), a.table.map { !$0 })
    }
  }

  private static func table(_ diagrams: DecisionDiagrams, _ node: DecisionDiagrams.Node) -> [Bool] {
    (0..<1 << bitCount).map { state in diagrams.contains(node) { state >> ($0 / 2) & 1 == 1 } }
  }

  @Test(arguments: 1...40)
  func `a formula is its truth table, and equal tables are one node`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var diagrams = DecisionDiagrams(maximumNodeCount: 100_000)
    var known: [[Bool]: DecisionDiagrams.Node] = [:]
    for _ in 0..<20 {
      let (node, table) = try Self.formula(&diagrams, &random, depth: 5)
      #expect(Self.table(diagrams, node) == table, "seed \(seed)")
      #expect(known[table, default: node] == node, "seed \(seed)")
      known[table] = node
      #expect(diagrams.share(node) == Double(table.count { $0 }) / Double(table.count))
    }
  }

  @Test(arguments: 1...40)
  func `forgetting a bit joins both of its halves`(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var diagrams = DecisionDiagrams(maximumNodeCount: 100_000)
    let (f, g) = (
      try Self.formula(&diagrams, &random, depth: 5), try Self.formula(&diagrams, &random, depth: 5)
    )
    let forgotten = (0..<Self.bitCount).filter { _ in random.fraction() < 0.5 }
    var cube = DecisionDiagrams.yes
    for bit in forgotten.reversed() {
      cube = try diagrams.and(try diagrams.bit(bit * 2), cube)
    }
    let both = zip(f.table, g.table).map { $0 && $1 }
    let mask = forgotten.reduce(0) { $0 | 1 << $1 }
    let expected = both.indices.map { state in
      both.indices.contains { both[$0] && $0 | mask == state | mask }
    }
    let node = try diagrams.andExists(f.node, g.node, cube)
    #expect(Self.table(diagrams, node) == expected, "seed \(seed)")
    #expect(node == (try diagrams.exists(try diagrams.and(f.node, g.node), cube)))
    #expect(
      diagrams.support(node).allSatisfy { !forgotten.contains($0 / 2) }, "seed \(seed)")
  }

  @Test func `bits are raised and lowered within their range alone`() throws {
    var diagrams = DecisionDiagrams(maximumNodeCount: 1000)
    let (a, b) = (try diagrams.bit(0), try diagrams.bit(4))
    let both = try diagrams.and(a, b)
    let raised = try diagrams.raise(both, 4..<6)
    #expect(diagrams.support(raised) == [0, 5])
    #expect(try diagrams.lower(raised, 4..<6) == both)
  }

  @Test(arguments: Expression.BinaryOperator.allCases)
  func `an operator on values is the operator of expressions`(
    _ kind: Expression.BinaryOperator
  ) throws {
    var random = SeededRandom(seed: 7)
    var diagrams = DecisionDiagrams(maximumNodeCount: 100_000)
    func values() throws -> (node: DecisionDiagrams.Node, table: [Int]) {
      var node = try diagrams.leaf(0)
      var table = Array(repeating: 0, count: 1 << Self.bitCount)
      for _ in 0..<4 {
        let set = try Self.formula(&diagrams, &random, depth: 3)
        let value = Int.random(in: -0x7fff_ffff...0x7fff_ffff, using: &random) >> 8
        node = try diagrams.choose(set.node, try diagrams.leaf(value), node)
        for (state, isIn) in set.table.enumerated() where isIn { table[state] = value }
      }
      return (node, table)
    }
    for _ in 0..<20 {
      let (a, b) = (try values(), try values())
      let node = try diagrams.apply(kind, a.node, b.node)
      for state in a.table.indices {
        let value = diagrams.leaf(node) { state >> ($0 / 2) & 1 == 1 }
        #expect(value == Expression.evaluate(kind, a.table[state], b.table[state]))
      }
    }
  }

  @Test func `a limit of nodes and a limit of steps end the work`() throws {
    var diagrams = DecisionDiagrams(maximumNodeCount: 20)
    #expect(throws: DecisionDiagrams.Exhaustion.nodes) {
      for level in 0..<20 { _ = try diagrams.bit(level) }
    }
    diagrams = DecisionDiagrams(maximumNodeCount: 1000, maximumStepCount: 5)
    #expect(throws: DecisionDiagrams.Exhaustion.steps) {
      var all = DecisionDiagrams.yes
      for level in 0..<20 { all = try diagrams.and(all, try diagrams.bit(19 - level)) }
      _ = try diagrams.exists(all, all)
      for level in 0..<20 { _ = try diagrams.minus(try diagrams.bit(level), all) }
    }
  }
}
