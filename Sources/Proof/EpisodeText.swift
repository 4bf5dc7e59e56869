package import Episodes

/// Expressions and texts of an episode as people read them.
package enum EpisodeText {
  /// As in an episode file: `trust >= 1 && !pills`. Names of enumerations' members are looked up.
  package static func text(_ expression: Expression, _ graph: EpisodeGraph) -> String {
    text(expression, graph, within: 0)
  }

  private static func text(
    _ expression: Expression, _ graph: EpisodeGraph, within outer: Int
  ) -> String {
    switch expression {
    case .literal(let value): return "\(value)"
    case .variable(let name): return self.name(name)
    case .unary(let kind, let operand):
      return kind.rawValue + text(operand, graph, within: 8)
    case .conditional(let a, let b, let c):
      let inner =
        "\(text(a, graph, within: 1)) ? \(text(b, graph, within: 1)) : \(text(c, graph, within: 0))"
      return outer > 0 ? "(\(inner))" : inner
    case .binary(let kind, let left, let right):
      if kind == .minimum || kind == .maximum {
        return "\(kind.rawValue)(\(text(left, graph, within: 0)), \(text(right, graph, within: 0)))"
      }
      let rank = rank(kind)
      let inner =
        operand(left, against: right, graph, rank) + " \(kind.rawValue) "
        + operand(right, against: left, graph, rank + 1)
      return rank < outer ? "(\(inner))" : inner
    }
  }

  private static func operand(
    _ operand: Expression, against other: Expression, _ graph: EpisodeGraph, _ rank: Int
  ) -> String {
    if case .literal(let value) = operand, case .variable(let name) = other,
      let variable = graph.episode.variable(name), variable.kind == .enumeration,
      variable.members.indices.contains(value)
    {
      return variable.members[value]
    }
    return text(operand, graph, within: rank)
  }

  private static func rank(_ kind: Expression.BinaryOperator) -> Int {
    switch kind {
    case .or: 2
    case .and: 3
    case .equal, .notEqual: 4
    case .less, .lessOrEqual, .greater, .greaterOrEqual: 5
    case .add, .subtract: 6
    case .multiply: 7
    case .minimum, .maximum: 9
    }
  }

  /// `pills = true`, `mood = low`
  package static func text(_ effect: Effect, _ graph: EpisodeGraph) -> String {
    let name = name(effect.variable)
    guard let variable = graph.episode.variable(effect.variable) else { return name }
    return "\(name) = \(assigned(effect.value, variable, graph))"
  }

  private static func assigned(
    _ expression: Expression, _ variable: Variable, _ graph: EpisodeGraph
  ) -> String {
    switch expression {
    case .literal(let value): self.value(value, of: variable)
    case .conditional(let condition, let first, let second):
      text(condition, graph, within: 1) + " ? " + assigned(first, variable, graph) + " : "
        + assigned(second, variable, graph)
    default: text(expression, graph)
    }
  }

  /// `visited:s1` as `visited(s1)`.
  package static func name(_ variable: String) -> String {
    guard let colon = variable.firstIndex(of: ":") else { return variable }
    return "\(variable[..<colon])(\(variable[variable.index(after: colon)...]))"
  }

  /// `trust = 3`, `pills = true`, `mood = low`
  package static func value(_ value: Int, of variable: Variable) -> String {
    switch variable.kind {
    case .bool: value != 0 ? "true" : "false"
    case .int: "\(value)"
    case .enumeration:
      variable.members.indices.contains(value) ? variable.members[value] : "\(value)"
    }
  }

  /// A text in a language, else in the episode's first, else in any, else the id.
  package static func text(
    _ texts: [String: String], _ language: String?, _ episode: Episode, else id: String
  ) -> String {
    for wanted in ([language].compactMap { $0 } + episode.languages) {
      if let text = texts[wanted], !text.isEmpty { return text }
    }
    return texts.sorted { $0.key < $1.key }.first { !$0.value.isEmpty }?.value ?? id
  }
}
