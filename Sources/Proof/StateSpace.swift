import Episodes

/// All states of an episode as bits, and what its expressions and effects mean on sets of them.
///
/// Each variable has as many bits as its values need, the highest first, value less minimum; every
/// bit has a level for its value now (even) and one for its value after an effect (odd).
struct StateSpace {
  typealias Node = DecisionDiagrams.Node

  /// Bits of all variables together, at the most: operations are as deep as that.
  static let bitCount = 4096

  /// `variable = value`, ready for sets.
  struct Assignment {
    /// Position of the variable.
    var variable: Int
    /// Value before it is clamped, in terms of the state before.
    var value: Node
    /// The states in which the value is beyond the variable's bounds.
    var overflow: Node
    /// Of a variable of few values: the states that give it each of them, and those that have it.
    var cases: [(given: Node, had: Node)]
    /// Of others: the variable's value after, bit by bit, against the state before.
    var relation: Node
    /// The variable's bits, and those of its value after.
    var now: Node
    var then: Node
    /// Positions of the variables that the value looks at.
    var reads: Set<Int>
  }

  /// Values of a variable up to which an effect is taken value by value.
  private static let caseCount = 16

  let graph: EpisodeGraph
  var diagrams: DecisionDiagrams
  /// `[variable]`: its even levels run from here, two apart.
  private var levels: [Range<Int>]
  private var values: [Node?]
  /// `[level / 2]`: variable and the weight of the bit.
  private var bits: [(variable: Int, shift: Int)] = []

  init(_ graph: EpisodeGraph, diagrams: DecisionDiagrams) throws(EpisodesError) {
    self.graph = graph
    self.diagrams = diagrams
    let variables = graph.episode.variables
    levels = Array(repeating: 0..<0, count: variables.count)
    values = Array(repeating: nil, count: variables.count)
    for variable in VariableOrder(graph).variables {
      let count = variables[variable].bitCount
      levels[variable] = bits.count * 2..<(bits.count + count) * 2
      for shift in (0..<count).reversed() { bits.append((variable, shift)) }
    }
    guard bits.count <= Self.bitCount else {
      throw EpisodesError(
        .limit,
        "the variables have \(bits.count) bits together; the proof takes \(Self.bitCount)")
    }
  }

  // MARK: Variables

  private func variable(_ index: Int) -> Variable { graph.episode.variables[index] }

  private func evenLevels(_ index: Int) -> [Int] {
    Array(stride(from: levels[index].lowerBound, to: levels[index].upperBound, by: 2))
  }

  /// The value of a variable in every state.
  mutating func value(_ index: Int) throws(DecisionDiagrams.Exhaustion) -> Node {
    if let known = values[index] { return known }
    let built = try value(index, levels[index].lowerBound, prefix: 0)
    values[index] = built
    return built
  }

  private mutating func value(
    _ index: Int, _ level: Int, prefix: Int
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    guard level < levels[index].upperBound else {
      // Bits that are no value never come up; any value does for them.
      return try diagrams.leaf(variable(index).clamp(variable(index).minimum + prefix))
    }
    return try diagrams.node(
      Int32(level), try value(index, level + 2, prefix: prefix << 1),
      try value(index, level + 2, prefix: prefix << 1 | 1))
  }

  /// The states whose variable has a value.
  mutating func states(
    _ index: Int, at value: Int
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    let number = value - variable(index).minimum
    var set = DecisionDiagrams.yes
    for (shift, level) in evenLevels(index).reversed().enumerated() {
      set =
        number >> shift & 1 == 1
        ? try diagrams.node(Int32(level), DecisionDiagrams.no, set)
        : try diagrams.node(Int32(level), set, DecisionDiagrams.no)
    }
    return set
  }

  /// The states in which the bits of a variable are one of its values.
  mutating func domain(_ index: Int) throws(DecisionDiagrams.Exhaustion) -> Node {
    let last = variable(index).valueCount - 1
    // From the lowest bit: the rest is at most the rest of the last value.
    var set = DecisionDiagrams.yes
    for (shift, level) in evenLevels(index).reversed().enumerated() {
      set =
        last >> shift & 1 == 1
        ? try diagrams.node(Int32(level), DecisionDiagrams.yes, set)
        : try diagrams.node(Int32(level), set, DecisionDiagrams.no)
    }
    return set
  }

  /// The bits of variables, to be forgotten.
  mutating func cube(_ variables: some Sequence<Int>, after: Bool = false)
    throws(DecisionDiagrams.Exhaustion) -> Node
  {
    let wanted = variables.flatMap { evenLevels($0) }.sorted()
    var cube = DecisionDiagrams.yes
    for level in wanted.reversed() {
      cube = try diagrams.node(Int32(level + (after ? 1 : 0)), DecisionDiagrams.no, cube)
    }
    return cube
  }

  /// Positions of the variables that a node looks at.
  func reads(_ node: Node) -> Set<Int> {
    Set(diagrams.support(node).map { bits[$0 / 2].variable })
  }

  // MARK: Expressions

  /// - Parameter known: values of variables in terms of an earlier state, where they are not
  ///   the variables themselves.
  mutating func compile(
    _ expression: Expression, _ known: [Int: Node] = [:]
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    switch expression {
    case .literal(let value): return try diagrams.leaf(value)
    case .variable(let name):
      guard let index = graph.variableIndex(name) else { return DecisionDiagrams.no }
      if let value = known[index] { return value }
      return try value(index)
    case .unary(.not, let operand):
      return try diagrams.apply(.equal, try compile(operand, known), DecisionDiagrams.no)
    case .unary(.negate, let operand):
      return try diagrams.apply(.subtract, DecisionDiagrams.no, try compile(operand, known))
    case .binary(.and, let left, let right):
      return try diagrams.and(try condition(left, known), try condition(right, known))
    case .binary(.or, let left, let right):
      return try diagrams.or(try condition(left, known), try condition(right, known))
    case .binary(let kind, let left, let right):
      return try diagrams.apply(kind, try compile(left, known), try compile(right, known))
    case .conditional(let condition, let first, let second):
      return try diagrams.choose(
        try self.condition(condition, known), try compile(first, known), try compile(second, known))
    }
  }

  /// The states in which an expression holds; all of them if there is none.
  mutating func condition(
    _ expression: Expression?, _ known: [Int: Node] = [:]
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    guard let expression else { return DecisionDiagrams.yes }
    return try diagrams.truth(try compile(expression, known))
  }

  /// A value held within the bounds of a variable.
  mutating func clamp(
    _ value: Node, _ index: Int
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    let (low, high) = (variable(index).minimum, variable(index).maximum)
    let raised = try diagrams.apply(.maximum, value, try diagrams.leaf(low))
    return try diagrams.apply(.minimum, raised, try diagrams.leaf(high))
  }

  mutating func compile(
    _ effect: Effect
  ) throws(DecisionDiagrams.Exhaustion) -> Assignment? {
    guard let index = graph.variableIndex(effect.variable) else { return nil }
    let variable = variable(index)
    let value = try compile(effect.value)
    let (low, high) = (try diagrams.leaf(variable.minimum), try diagrams.leaf(variable.maximum))
    let overflow = try diagrams.or(
      try diagrams.apply(.less, value, low), try diagrams.apply(.greater, value, high))
    let number = try diagrams.apply(.subtract, try clamp(value, index), low)
    var cases: [(given: Node, had: Node)] = []
    var relation = DecisionDiagrams.yes
    if variable.valueCount <= Self.caseCount {
      for place in 0..<variable.valueCount {
        let given = try diagrams.apply(.equal, number, try diagrams.leaf(place))
        guard given != DecisionDiagrams.no else { continue }
        cases.append((given, try states(index, at: variable.minimum + place)))
      }
    } else {
      for (shift, level) in evenLevels(index).reversed().enumerated() {
        let after = try diagrams.bit(level + 1)
        let digit = try diagrams.digit(number, shift)
        // after == digit
        let same = try diagrams.choose(digit, after, try diagrams.not(after))
        relation = try diagrams.and(relation, same)
      }
    }
    return Assignment(
      variable: index, value: value, overflow: overflow, cases: cases, relation: relation,
      now: try cube([index]), then: try cube([index], after: true), reads: reads(value))
  }

  // MARK: Sets before and after

  /// The states after an effect.
  mutating func after(
    _ set: Node, _ assignment: Assignment
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    guard assignment.cases.isEmpty else {
      var found = DecisionDiagrams.no
      for (given, had) in assignment.cases {
        let part = try diagrams.andExists(set, given, assignment.now)
        found = try diagrams.or(found, try diagrams.and(part, had))
      }
      return found
    }
    let moved = try diagrams.andExists(set, assignment.relation, assignment.now)
    return try diagrams.lower(moved, levels[assignment.variable])
  }

  /// The states from which an effect leads into a set.
  mutating func before(
    _ set: Node, _ assignment: Assignment
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    guard assignment.cases.isEmpty else {
      var found = DecisionDiagrams.no
      for (given, had) in assignment.cases {
        let part = try diagrams.andExists(set, had, assignment.now)
        found = try diagrams.or(found, try diagrams.and(part, given))
      }
      return found
    }
    let raised = try diagrams.raise(set, levels[assignment.variable])
    return try diagrams.andExists(raised, assignment.relation, assignment.then)
  }

  // MARK: Single states

  func contains(_ set: Node, _ state: [Int]) -> Bool { leaf(set, state) != 0 }

  func leaf(_ node: Node, _ state: [Int]) -> Int {
    diagrams.leaf(node) { level in
      let bit = bits[level / 2]
      return (state[bit.variable] - variable(bit.variable).minimum) >> bit.shift & 1 == 1
    }
  }

  /// A state of a set that is not empty: of the wanted one as many bits as can be had from the top.
  func state(of set: Node, near wanted: [Int]) -> [Int] {
    var numbers = wanted.enumerated().map { $1 - variable($0).minimum }
    var node = set
    while !diagrams.isLeaf(node) {
      let bit = bits[diagrams.level(node) / 2]
      let isOne = numbers[bit.variable] >> bit.shift & 1 == 1
      let liked = isOne ? diagrams.high(node) : diagrams.low(node)
      if liked != DecisionDiagrams.no {
        node = liked
      } else {
        node = isOne ? diagrams.low(node) : diagrams.high(node)
        numbers[bit.variable] ^= 1 << bit.shift
      }
    }
    return numbers.enumerated().map { $1 + variable($0).minimum }
  }

  /// The set of one state, as far as the variables go.
  mutating func set(
    _ state: [Int], _ variables: some Sequence<Int>
  ) throws(DecisionDiagrams.Exhaustion) -> Node {
    let wanted = variables.flatMap { evenLevels($0) }.sorted()
    var set = DecisionDiagrams.yes
    for level in wanted.reversed() {
      let bit = bits[level / 2]
      let isOne = (state[bit.variable] - variable(bit.variable).minimum) >> bit.shift & 1 == 1
      set = try diagrams.node(
        Int32(level), isOne ? DecisionDiagrams.no : set, isOne ? set : DecisionDiagrams.no)
    }
    return set
  }

  /// How many states a set has that differ in these variables; the set looks at no others.
  func count(_ set: Node, _ variables: some Sequence<Int>) -> Double {
    variables.reduce(diagrams.share(set)) { $0 * Double(1 << variable($1).bitCount) }
  }
}
