/// Expressions as authors write them: what `ExpressionParser` reads as the same.
struct ExpressionText {
  private typealias Kind = ExpressionParser.Kind

  private let variables: [String: Variable]

  init(variables: [Variable]) {
    self.variables = Dictionary(variables.map { ($0.name, $0) }) { first, _ in first }
  }

  func condition(_ expression: Expression) -> String { text(expression, .bool, 0) }

  func option(_ expression: Expression, of ids: [String]) -> String {
    text(expression, .option(ids), 0)
  }

  func effect(_ effect: Effect) -> String {
    let kind = variables[effect.variable].map(ExpressionParser.kind) ?? .int
    return "\(effect.variable) = \(text(effect.value, kind, 0))"
  }

  /// How tightly an operator binds.
  private static func precedence(_ kind: Expression.BinaryOperator) -> Int {
    switch kind {
    case .or: 1
    case .and: 2
    case .equal, .notEqual: 3
    case .less, .lessOrEqual, .greater, .greaterOrEqual: 4
    case .add, .subtract: 5
    case .multiply: 6
    case .minimum, .maximum: 8
    }
  }

  /// - Parameter outer: what the surroundings bind with; looser text is put into parentheses.
  private func text(_ expression: Expression, _ kind: Kind, _ outer: Int) -> String {
    switch expression {
    case .literal(let value): return literal(value, kind)
    case .variable(let name): return Self.name(name)
    case .unary(.not, let operand): return "!" + text(operand, .bool, 7)
    case .unary(.negate, let operand):
      // A minus in front of digits would be part of the number.
      if case .literal = operand { return "-(\(text(operand, .int, 0)))" }
      return "-" + text(operand, .int, 7)
    case .conditional(let condition, let first, let second):
      let parts = (text(condition, .bool, 1), text(first, kind, 0), text(second, kind, 0))
      return Self.bracketed("\(parts.0) ? \(parts.1) : \(parts.2)", if: outer > 0)
    case .binary(let name, let left, let right):
      return binary(name, left, right, expression, outer)
    }
  }

  private func binary(
    _ name: Expression.BinaryOperator, _ left: Expression, _ right: Expression,
    _ expression: Expression, _ outer: Int
  ) -> String {
    let precedence = Self.precedence(name)
    switch name {
    case .minimum, .maximum:
      return "\(name.rawValue)(\(text(left, .int, 0)), \(text(right, .int, 0)))"
    case .and, .or:
      // The parser halves a chain: only a chain that it halves so again is written as one.
      var terms: [Expression] = []
      Self.flatten(expression, name, &terms)
      if Self.halved(terms[...], name) != expression { terms = [left, right] }
      let text = terms.map { self.text($0, .bool, precedence + 1) }
        .joined(separator: " \(name.rawValue) ")
      return Self.bracketed(text, if: outer > precedence)
    default:
      let kind: Kind
      switch name {
      case .equal, .notEqual: kind = self.kind(of: left) ?? self.kind(of: right) ?? .int
      default: kind = .int
      }
      let parts = (text(left, kind, precedence), text(right, kind, precedence + 1))
      return Self.bracketed("\(parts.0) \(name.rawValue) \(parts.1)", if: outer > precedence)
    }
  }

  private static func flatten(
    _ expression: Expression, _ name: Expression.BinaryOperator, _ terms: inout [Expression]
  ) {
    if case .binary(name, let left, let right) = expression {
      flatten(left, name, &terms)
      flatten(right, name, &terms)
    } else {
      terms.append(expression)
    }
  }

  private static func halved(
    _ terms: ArraySlice<Expression>, _ name: Expression.BinaryOperator
  ) -> Expression {
    guard terms.count > 1 else { return terms[terms.startIndex] }
    let middle = terms.startIndex + (terms.count + 1) / 2
    return .binary(name, halved(terms[..<middle], name), halved(terms[middle...], name))
  }

  private static func bracketed(_ text: String, if isNeeded: Bool) -> String {
    isNeeded ? "(\(text))" : text
  }

  /// `visited:s1` is written `visited(s1)`.
  private static func name(_ name: String) -> String {
    guard let colon = name.firstIndex(of: ":") else { return name }
    return "\(name[..<colon])(\(name[name.index(after: colon)...]))"
  }

  private func literal(_ value: Int, _ kind: Kind) -> String {
    switch kind {
    case .bool: value == 0 ? "false" : "true"
    case .int: "\(value)"
    case .enumeration(let names), .option(let names):
      names.indices ~= value ? names[value] : "\(value)"
    }
  }

  /// `nil` for a bare number, which may stand for anything.
  private func kind(of expression: Expression) -> Kind? {
    switch expression {
    case .literal: return nil
    case .variable(let name):
      if let variable = variables[name] { return ExpressionParser.kind(of: variable) }
      return name.hasPrefix("count:") ? .int : .bool
    case .unary(let kind, _): return kind == .not ? .bool : .int
    case .conditional(_, let first, let second): return kind(of: first) ?? kind(of: second)
    case .binary(let name, _, _):
      switch name {
      case .add, .subtract, .multiply, .minimum, .maximum: return .int
      default: return .bool
      }
    }
  }
}
