/// A condition or a value in the small language of episodes: total, without calls or division.
///
/// All values are integers: a boolean is 0 or 1, a member of an enumeration is its position. Every
/// result saturates at ±`Expression.maximumMagnitude`, so that Swift, JavaScript and a solver agree.
///
/// In JSON an expression is a number, or an array of an operator and its operands:
///
///     3        ["var", "trust"]        [">=", ["var", "trust"], 3]
///     ["!", a]  ["-", a]  ["&&", a, b]  ["||", a, b]  ["==", a, b] "!=" "<" "<=" ">" ">="
///     ["+", a, b]  ["-", a, b]  ["*", a, b]  ["min", a, b]  ["max", a, b]  ["?", a, b, c]
///
/// `visited(scene)`, `count(scene)` and `ended(ending)` of an episode file are variables here (see
/// `Variable.Origin`).
///
/// To add an operator: a case of `Operator`, its line in `evaluate`, in the player's `evaluate`
/// and in the proof's compiler, and a row in the test vectors.
package indirect enum Expression: Hashable, Sendable {
  case literal(Int)
  /// By name.
  case variable(String)
  case unary(UnaryOperator, Expression)
  case binary(BinaryOperator, Expression, Expression)
  /// The second operand if the first is not 0, else the third.
  case conditional(Expression, Expression, Expression)

  package enum UnaryOperator: String, Hashable, Sendable {
    case not = "!"
    case negate = "-"
  }

  package enum BinaryOperator: String, Hashable, Sendable, CaseIterable {
    case and = "&&"
    case or = "||"
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case minimum = "min"
    case maximum = "max"
  }

  package static let maximumMagnitude = 0x7fff_ffff

  /// - Parameter value: of a variable, by its name.
  package func evaluate(_ value: (String) -> Int) -> Int {
    switch self {
    case .literal(let literal): return Self.saturate(literal)
    case .variable(let name): return value(name)
    case .unary(.not, let operand): return operand.evaluate(value) == 0 ? 1 : 0
    case .unary(.negate, let operand): return -operand.evaluate(value)
    case .conditional(let condition, let first, let second):
      return condition.evaluate(value) != 0 ? first.evaluate(value) : second.evaluate(value)
    case .binary(let kind, let left, let right):
      return Self.evaluate(kind, left.evaluate(value), right.evaluate(value))
    }
  }

  /// - Parameters: values within ±`maximumMagnitude`.
  package static func evaluate(_ kind: BinaryOperator, _ left: Int, _ right: Int) -> Int {
    switch kind {
    case .and: left != 0 && right != 0 ? 1 : 0
    case .or: left != 0 || right != 0 ? 1 : 0
    case .equal: left == right ? 1 : 0
    case .notEqual: left != right ? 1 : 0
    case .less: left < right ? 1 : 0
    case .lessOrEqual: left <= right ? 1 : 0
    case .greater: left > right ? 1 : 0
    case .greaterOrEqual: left >= right ? 1 : 0
    case .add: saturate(left + right)
    case .subtract: saturate(left - right)
    case .multiply: saturate(left * right)
    case .minimum: min(left, right)
    case .maximum: max(left, right)
    }
  }

  package static func saturate(_ value: Int) -> Int {
    max(-maximumMagnitude, min(maximumMagnitude, value))
  }

  /// Names of all variables that are read.
  package var variables: Set<String> {
    switch self {
    case .literal: []
    case .variable(let name): [name]
    case .unary(_, let operand): operand.variables
    case .binary(_, let left, let right): left.variables.union(right.variables)
    case .conditional(let a, let b, let c): a.variables.union(b.variables).union(c.variables)
    }
  }
}

extension Expression: Codable {
  package init(from decoder: any Decoder) throws {
    self = try Self.decode(decoder)
  }

  /// Operands are the members of a list, so the depth is the number of list positions that the path
  /// of keys ends with.
  private static func decode(_ decoder: any Decoder) throws -> Expression {
    let depth = decoder.codingPath.reversed().prefix { $0.intValue != nil }.count
    guard depth <= EpisodeLimits.expressionDepth else {
      throw EpisodesError(
        .limit,
        "an expression is nested more than \(EpisodeLimits.expressionDepth) deep; split it")
    }
    if let literal = try? decoder.singleValueContainer().decode(Int.self) {
      guard literal.magnitude <= maximumMagnitude else {
        throw EpisodesError(.limit, "\(literal) is beyond ±\(maximumMagnitude)")
      }
      return .literal(literal)
    }
    var list = try decoder.unkeyedContainer()
    let name = try list.decode(String.self)
    if name == "var" { return .variable(try list.decode(String.self)) }
    var operands: [Expression] = []
    while !list.isAtEnd, operands.count < 3 {
      operands.append(try list.decode(Expression.self))
    }
    switch operands.count {
    case 1:
      if let kind = UnaryOperator(rawValue: name) { return .unary(kind, operands[0]) }
    case 2:
      if let kind = BinaryOperator(rawValue: name) {
        return .binary(kind, operands[0], operands[1])
      }
    case 3 where name == "?": return .conditional(operands[0], operands[1], operands[2])
    default: break
    }
    throw EpisodesError(
      .damaged,
      "\(name) with \(operands.count) operands is no operator of an episode's expressions")
  }

  package func encode(to encoder: any Encoder) throws {
    if case .literal(let literal) = self {
      var single = encoder.singleValueContainer()
      return try single.encode(literal)
    }
    var list = encoder.unkeyedContainer()
    switch self {
    case .literal: break
    case .variable(let name):
      try list.encode("var")
      try list.encode(name)
    case .unary(let kind, let operand):
      try list.encode(kind.rawValue)
      try list.encode(operand)
    case .binary(let kind, let left, let right):
      try list.encode(kind.rawValue)
      try list.encode(left)
      try list.encode(right)
    case .conditional(let condition, let first, let second):
      try list.encode("?")
      try list.encode(condition)
      try list.encode(first)
      try list.encode(second)
    }
  }
}
