import Episodes

/// Values of expressions: nodes with any integers as leaves.
extension DecisionDiagrams {
  /// An operator of the language on every state at once.
  mutating func apply(
    _ kind: Expression.BinaryOperator, _ f: Node, _ g: Node
  ) throws(Exhaustion) -> Node {
    try apply(kind, Operation.expression + Self.number(kind), f, g)
  }

  private mutating func apply(
    _ kind: Expression.BinaryOperator, _ operation: Int32, _ f: Node, _ g: Node
  ) throws(Exhaustion) -> Node {
    if isLeaf(f), isLeaf(g) { return try leaf(Expression.evaluate(kind, value(f), value(g))) }
    let question = Question(operation: operation, a: f, b: g)
    if let known = try memo(question) { return known }
    let level = top(f, g)
    let (f, g) = (branch(f, level), branch(g, level))
    let answer = try node(
      level, try apply(kind, operation, f.low, g.low), try apply(kind, operation, f.high, g.high))
    remember(question, answer)
    return answer
  }

  private static func number(_ kind: Expression.BinaryOperator) -> Int32 {
    switch kind {
    case .and: 0
    case .or: 1
    case .equal: 2
    case .notEqual: 3
    case .less: 4
    case .lessOrEqual: 5
    case .greater: 6
    case .greaterOrEqual: 7
    case .add: 8
    case .subtract: 9
    case .multiply: 10
    case .minimum: 11
    case .maximum: 12
    }
  }

  /// Where the set holds the first, elsewhere the second.
  mutating func choose(
    _ set: Node, _ f: Node, _ g: Node
  ) throws(Exhaustion) -> Node {
    if set == Self.yes || f == g { return f }
    if set == Self.no { return g }
    let question = Question(operation: Operation.choose, a: set, b: f, c: g)
    if let known = try memo(question) { return known }
    let level = min(top(set, f), top(set, g))
    let (s, f, g) = (branch(set, level), branch(f, level), branch(g, level))
    let answer = try node(
      level, try choose(s.low, f.low, g.low), try choose(s.high, f.high, g.high))
    remember(question, answer)
    return answer
  }

  /// The set in which bit `index` of a value, 0 or above, is 1.
  mutating func digit(_ f: Node, _ index: Int) throws(Exhaustion) -> Node {
    if isLeaf(f) { return value(f) >> index & 1 == 1 ? Self.yes : Self.no }
    let question = Question(operation: Operation.digit, a: f, b: Int32(index))
    if let known = try memo(question) { return known }
    let answer = try node(
      Int32(level(f)), try digit(low(f), index), try digit(high(f), index))
    remember(question, answer)
    return answer
  }

  /// The set in which a value is not 0.
  mutating func truth(_ f: Node) throws(Exhaustion) -> Node {
    try apply(.notEqual, f, Self.no)
  }
}
