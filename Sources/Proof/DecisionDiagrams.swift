import Episodes

/// Functions of many bits, each kept once: reduced ordered decision diagrams whose leaves are integers.
///
///     var diagrams = DecisionDiagrams()
///     let a = try diagrams.bit(0), b = try diagrams.bit(1)
///     try diagrams.and(a, b) == try diagrams.and(b, a)   // one function, one node
///
/// A set of states is a diagram whose leaves are 0 and 1 (Bryant 1986); the value of an expression
/// is one with other leaves too (Bahar et al. 1993), so an operator is applied by the very
/// function that `Expression.evaluate` uses and the proof cannot disagree with a walk.
///
/// Ours and no library's: Debian has BuDDy, whose tables are global, which aborts the process when
/// memory ends and which nobody has kept since 2014, and SAT solvers (CaDiCaL, Z3), which answer
/// one question at a time and give no set of reachable states.
///
/// To add an operation: a case of `Operation`, and a recursion that asks and fills `memo`.
package struct DecisionDiagrams {
  /// Position of a node; equal functions have equal nodes.
  typealias Node = Int32

  /// Nodes at the most: 12 bytes each, and about 11 more in the table that finds them.
  package static let nodeCount = 10_000_000
  /// Steps of all operations at the most, so that every question ends.
  package static let stepCount = 600_000_000
  /// Entries of the memory of results: 20 bytes each, overwritten when two meet. It grows with the
  /// nodes.
  private static let memoCounts = (first: 1 << 11, last: 1 << 20)

  static let no: Node = 0
  static let yes: Node = 1

  /// Why an operation stopped.
  enum Exhaustion: Error { case nodes, steps }

  enum Operation {
    static let and: Int32 = 0
    static let minus: Int32 = 1
    static let choose: Int32 = 2
    static let exists: Int32 = 3
    static let andExists: Int32 = 4
    static let lower: Int32 = 5
    static let raise: Int32 = 6
    static let digit: Int32 = 7
    static let or: Int32 = 8
    /// And upwards: `Expression.BinaryOperator`, in order.
    static let expression: Int32 = 16
  }

  private struct Cell {
    var level: Int32
    /// Of a leaf: its value.
    var low: Node
    var high: Node
  }

  struct Question: Equatable {
    var operation: Int32
    var a: Node
    var b: Node = 0
    var c: Node = 0

    var hash: UInt {
      var hash = UInt(truncatingIfNeeded: a) &* 0x9e37_79b9_7f4a_7c15
      hash = (hash ^ UInt(truncatingIfNeeded: b)) &* 0xc2b2_ae3d_27d4_eb4f
      hash = (hash ^ UInt(truncatingIfNeeded: c)) &* 0x1656_67b1_9e37_79f9
      hash = (hash ^ UInt(truncatingIfNeeded: operation)) &* 0x27d4_eb2f_1656_67c5
      return hash ^ (hash >> 29)
    }
  }

  private static let leafLevel = Int32.max

  private var cells: [Cell] = []
  /// Positions of nodes by hash; −1 is free.
  private var buckets: [Int32]
  private var questions: [Question]
  private var answers: [Node]
  private var steps = 0
  private let maximumNodeCount: Int
  private let maximumStepCount: Int

  init(
    maximumNodeCount: Int = Self.nodeCount, maximumStepCount: Int = Self.stepCount
  ) {
    self.maximumNodeCount = maximumNodeCount
    self.maximumStepCount = maximumStepCount
    cells.reserveCapacity(1 << 11)
    buckets = Array(repeating: -1, count: 1 << 12)
    questions = Array(repeating: Question(operation: -1, a: 0), count: Self.memoCounts.first)
    answers = Array(repeating: 0, count: questions.count)
    for value: Int32 in [0, 1] { insert(Cell(level: Self.leafLevel, low: value, high: 0)) }
  }

  var count: Int { cells.count }
  var stepsTaken: Int { steps }

  // MARK: Nodes

  func level(_ node: Node) -> Int { Int(cells[Int(node)].level) }
  func low(_ node: Node) -> Node { cells[Int(node)].low }
  func high(_ node: Node) -> Node { cells[Int(node)].high }
  func isLeaf(_ node: Node) -> Bool { cells[Int(node)].level == Self.leafLevel }
  /// Of a leaf.
  func value(_ node: Node) -> Int { Int(cells[Int(node)].low) }

  mutating func leaf(_ value: Int) throws(Exhaustion) -> Node {
    try find(Cell(level: Self.leafLevel, low: Int32(Expression.saturate(value)), high: 0))
  }

  /// The set in which the bit of this level is 1.
  mutating func bit(_ level: Int) throws(Exhaustion) -> Node {
    try node(Int32(level), Self.no, Self.yes)
  }

  mutating func node(
    _ level: Int32, _ low: Node, _ high: Node
  ) throws(Exhaustion) -> Node {
    low == high ? low : try find(Cell(level: level, low: low, high: high))
  }

  private mutating func find(_ cell: Cell) throws(Exhaustion) -> Node {
    let mask = buckets.count - 1
    var slot = Self.slot(cell) & mask
    while buckets[slot] >= 0 {
      let other = cells[Int(buckets[slot])]
      if other.level == cell.level, other.low == cell.low, other.high == cell.high {
        return buckets[slot]
      }
      slot = (slot + 1) & mask
    }
    guard cells.count < maximumNodeCount else { throw .nodes }
    return insert(cell)
  }

  @discardableResult
  private mutating func insert(_ cell: Cell) -> Node {
    if cells.count * 4 > buckets.count * 3 { grow() }
    let node = Int32(cells.count)
    cells.append(cell)
    place(node)
    return node
  }

  private mutating func place(_ node: Node) {
    let mask = buckets.count - 1
    var slot = Self.slot(cells[Int(node)]) & mask
    while buckets[slot] >= 0 { slot = (slot + 1) & mask }
    buckets[slot] = node
  }

  private mutating func grow() {
    buckets = Array(repeating: -1, count: buckets.count * 2)
    for node in cells.indices { place(Int32(node)) }
    guard questions.count < min(cells.count, Self.memoCounts.last) else { return }
    let known = zip(questions, answers)
    questions = Array(
      repeating: Question(operation: -1, a: 0), count: min(Self.memoCounts.last, buckets.count))
    answers = Array(repeating: 0, count: questions.count)
    for (question, answer) in known where question.operation >= 0 { remember(question, answer) }
  }

  private static func slot(_ cell: Cell) -> Int {
    let hash = Question(operation: cell.level, a: cell.low, b: cell.high).hash
    return Int(truncatingIfNeeded: hash >> 3)
  }

  // MARK: Memory of results

  mutating func memo(_ question: Question) throws(Exhaustion) -> Node? {
    steps += 1
    guard steps <= maximumStepCount else { throw .steps }
    let slot = Int(truncatingIfNeeded: question.hash) & (questions.count - 1)
    return questions[slot] == question ? answers[slot] : nil
  }

  mutating func remember(_ question: Question, _ answer: Node) {
    let slot = Int(truncatingIfNeeded: question.hash) & (questions.count - 1)
    questions[slot] = question
    answers[slot] = answer
  }

  // MARK: Two operands, level by level

  /// The highest level that one of them looks at.
  func top(_ f: Node, _ g: Node) -> Int32 {
    min(cells[Int(f)].level, cells[Int(g)].level)
  }

  /// What is left of a node when the bit of a level is known.
  func branch(_ node: Node, _ level: Int32) -> (low: Node, high: Node) {
    let cell = cells[Int(node)]
    return cell.level == level ? (cell.low, cell.high) : (node, node)
  }
}
