import Episodes

/// Sets of states: nodes whose leaves are 0 and 1.
extension DecisionDiagrams {
  mutating func and(_ f: Node, _ g: Node) throws(Exhaustion) -> Node {
    if f == Self.no || g == Self.no { return Self.no }
    if f == Self.yes || f == g { return g }
    if g == Self.yes { return f }
    let question = Question(operation: Operation.and, a: min(f, g), b: max(f, g))
    if let known = try memo(question) { return known }
    let level = top(f, g)
    let (f, g) = (branch(f, level), branch(g, level))
    let answer = try node(level, try and(f.low, g.low), try and(f.high, g.high))
    remember(question, answer)
    return answer
  }

  mutating func or(_ f: Node, _ g: Node) throws(Exhaustion) -> Node {
    if f == Self.yes || g == Self.yes { return Self.yes }
    if f == Self.no || f == g { return g }
    if g == Self.no { return f }
    let question = Question(operation: Operation.or, a: min(f, g), b: max(f, g))
    if let known = try memo(question) { return known }
    let level = top(f, g)
    let (f, g) = (branch(f, level), branch(g, level))
    let answer = try node(level, try or(f.low, g.low), try or(f.high, g.high))
    remember(question, answer)
    return answer
  }

  /// What is in the first and not in the second.
  mutating func minus(_ f: Node, _ g: Node) throws(Exhaustion) -> Node {
    if f == Self.no || g == Self.yes || f == g { return Self.no }
    if g == Self.no { return f }
    let question = Question(operation: Operation.minus, a: f, b: g)
    if let known = try memo(question) { return known }
    let level = top(f, g)
    let (f, g) = (branch(f, level), branch(g, level))
    let answer = try node(level, try minus(f.low, g.low), try minus(f.high, g.high))
    remember(question, answer)
    return answer
  }

  mutating func not(_ f: Node) throws(Exhaustion) -> Node { try minus(Self.yes, f) }

  /// - Parameter cube: the bits to forget, all joined by `and`.
  mutating func exists(_ f: Node, _ cube: Node) throws(Exhaustion) -> Node {
    if isLeaf(f) || cube == Self.yes { return f }
    // Bits above the set change nothing.
    if level(cube) < level(f) { return try exists(f, high(cube)) }
    let question = Question(operation: Operation.exists, a: f, b: cube)
    if let known = try memo(question) { return known }
    let answer: Node
    if level(cube) == level(f) {
      let first = try exists(low(f), high(cube))
      answer =
        first == Self.yes ? first : try or(first, try exists(high(f), high(cube)))
    } else {
      answer = try node(
        Int32(level(f)), try exists(low(f), cube), try exists(high(f), cube))
    }
    remember(question, answer)
    return answer
  }

  /// `exists(and(f, g), cube)` without building the middle.
  mutating func andExists(
    _ f: Node, _ g: Node, _ cube: Node
  ) throws(Exhaustion) -> Node {
    if f == Self.no || g == Self.no { return Self.no }
    if cube == Self.yes { return try and(f, g) }
    if f == Self.yes || f == g { return try exists(g, cube) }
    if g == Self.yes { return try exists(f, cube) }
    let level = top(f, g)
    if self.level(cube) < Int(level) { return try andExists(f, g, high(cube)) }
    let question = Question(
      operation: Operation.andExists, a: min(f, g), b: max(f, g), c: cube)
    if let known = try memo(question) { return known }
    let isForgotten = self.level(cube) == Int(level)
    let rest = isForgotten ? high(cube) : cube
    let (f, g) = (branch(f, level), branch(g, level))
    let first = try andExists(f.low, g.low, rest)
    let answer: Node
    if isForgotten {
      answer =
        first == Self.yes ? first : try or(first, try andExists(f.high, g.high, rest))
    } else {
      answer = try node(level, first, try andExists(f.high, g.high, rest))
    }
    remember(question, answer)
    return answer
  }

  /// The odd levels of a range become the even ones above them, which the set must not look at.
  mutating func lower(
    _ f: Node, _ levels: Range<Int>
  ) throws(Exhaustion) -> Node {
    try shift(f, Operation.lower, levels.upperBound, key: Int32(levels.lowerBound)) { level in
      levels.contains(level) ? level - 1 : level
    }
  }

  /// The even levels of a range become the odd ones below them.
  mutating func raise(
    _ f: Node, _ levels: Range<Int>
  ) throws(Exhaustion) -> Node {
    try shift(f, Operation.raise, levels.upperBound, key: Int32(levels.lowerBound)) { level in
      levels.contains(level) ? level + 1 : level
    }
  }

  /// - Parameter end: from this level on nothing moves.
  private mutating func shift(
    _ f: Node, _ operation: Int32, _ end: Int, key: Int32, _ move: (Int) -> Int
  ) throws(Exhaustion) -> Node {
    if level(f) >= end || isLeaf(f) { return f }
    let question = Question(operation: operation, a: f, b: key)
    if let known = try memo(question) { return known }
    let answer = try node(
      Int32(move(level(f))), try shift(low(f), operation, end, key: key, move),
      try shift(high(f), operation, end, key: key, move))
    remember(question, answer)
    return answer
  }

  /// The levels that a node looks at, ascending.
  func support(_ f: Node) -> [Int] {
    var seen: Set<Node> = []
    var levels: Set<Int> = []
    var open = [f]
    while let node = open.popLast() {
      guard !isLeaf(node), seen.insert(node).inserted else { continue }
      levels.insert(level(node))
      open.append(low(node))
      open.append(high(node))
    }
    return levels.sorted()
  }

  /// Whether the state is in the set.
  func contains(_ f: Node, _ bit: (Int) -> Bool) -> Bool { leaf(f, bit) != 0 }

  /// The value that a node gives to a state.
  func leaf(_ f: Node, _ bit: (Int) -> Bool) -> Int {
    var node = f
    while !isLeaf(node) { node = bit(level(node)) ? high(node) : low(node) }
    return value(node)
  }

  /// Part of all states that a set holds, 0 … 1.
  func share(_ f: Node) -> Double {
    var known: [Node: Double] = [Self.no: 0, Self.yes: 1]
    func share(_ node: Node) -> Double {
      if let share = known[node] { return share }
      let answer = (share(low(node)) + share(high(node))) / 2
      known[node] = answer
      return answer
    }
    return share(f)
  }
}
