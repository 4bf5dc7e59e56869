import Markup
import MediaCore

/// Turns the text of a condition or an effect into an `Expression` whose types hold.
///
///     var parser = ExpressionParser(
///       variables: variables, scenes: ["s1"], endings: ["fired"])
///     let condition = try parser.condition("trust >= 1 && visited(s1)")
///     parser.history   // ["visited:s1"]: variables that the episode has to keep
struct ExpressionParser {
  /// What a value is: no value of one stands where another is expected.
  enum Kind: Hashable {
    case bool
    case int
    case enumeration([String])
    /// Position of one of these options.
    case option([String])

    var name: String {
      switch self {
      case .bool: "true or false"
      case .int: "a number"
      case .enumeration(let members): "one of \(members.prefix(8).joined(separator: ", "))"
      case .option(let ids): "an option (\(ids.prefix(8).joined(separator: ", ")))"
      }
    }
  }

  private let variables: [String: Variable]
  private let scenes: Set<String>
  private let endings: Set<String>
  private let hyphenated: Set<String>
  /// Names of the implicit variables that were asked for: `visited:s1`.
  private(set) var history: Set<String> = []

  /// - Parameter variables: those of the file.
  init(variables: [Variable], scenes: [String], endings: [String]) {
    self.variables = Dictionary(variables.map { ($0.name, $0) }) { first, _ in first }
    self.scenes = Set(scenes)
    self.endings = Set(endings)
    hyphenated = Set(
      (variables.map(\.name) + variables.flatMap(\.members)).filter { $0.contains("-") })
  }

  /// What is true or false.
  mutating func condition(_ text: String) throws(ExpressionFailure) -> Expression {
    try typed(try ExpressionSyntaxReader.read(text, hyphenated: hyphenated), .bool)
  }

  /// The position of an option, by its id.
  mutating func option(_ text: String, of ids: [String]) throws(ExpressionFailure) -> Expression {
    let hyphenated = hyphenated.union(ids.filter { $0.contains("-") })
    return try typed(
      try ExpressionSyntaxReader.read(text, hyphenated: hyphenated), .option(ids))
  }

  /// `variable = value`.
  mutating func effect(_ text: String) throws(ExpressionFailure) -> Effect {
    let (name, at, value) = try ExpressionSyntaxReader.readEffect(text, hyphenated: hyphenated)
    guard let variable = variables[name] else { throw unknown(name, at, or: []) }
    return Effect(variable: name, value: try typed(value, Self.kind(of: variable)))
  }

  /// A value of whatever kind it has; for tables of tests.
  mutating func value(_ text: String) throws(ExpressionFailure) -> Expression {
    let syntax = try ExpressionSyntaxReader.read(text, hyphenated: hyphenated)
    return try typed(syntax, try kind(of: syntax) ?? .int)
  }

  static func kind(of variable: Variable) -> Kind {
    switch variable.kind {
    case .bool: .bool
    case .int: .int
    case .enumeration: .enumeration(variable.members)
    }
  }

  // MARK: Kinds

  /// `nil` for a name that only what it is compared with explains.
  private func kind(of syntax: ExpressionSyntax) throws(ExpressionFailure) -> Kind? {
    switch syntax.form {
    case .integer: return .int
    case .bool: return .bool
    case .name(let name): return variables[name].map(Self.kind)
    case .history(let function, _, _): return function == "count" ? .int : .bool
    case .unary(let kind, _): return kind == .not ? .bool : .int
    case .binary(let kind, _, _):
      switch kind {
      case .add, .subtract, .multiply, .minimum, .maximum: return .int
      default: return .bool
      }
    case .conditional(_, let first, let second):
      if let kind = try kind(of: first) { return kind }
      return try kind(of: second)
    }
  }

  private mutating func typed(
    _ syntax: ExpressionSyntax, _ wanted: Kind
  ) throws(ExpressionFailure) -> Expression {
    switch syntax.form {
    case .name(let name): return try typed(name, syntax.offset, wanted)
    case .conditional(let condition, let first, let second):
      return .conditional(
        try typed(condition, .bool), try typed(first, wanted), try typed(second, wanted))
    default: break
    }
    if let found = try kind(of: syntax), found != wanted {
      throw mismatch(syntax.offset, Self.noun(syntax), found, wanted)
    }
    switch syntax.form {
    case .integer(let value): return .literal(value)
    case .bool(let value): return .literal(value ? 1 : 0)
    case .history(let function, let subject, let at): return try asked(function, subject, at)
    case .unary(let kind, let operand):
      return .unary(kind, try typed(operand, kind == .not ? .bool : .int))
    case .binary(let kind, let left, let right): return try typed(kind, left, right, syntax.offset)
    case .name, .conditional: return .literal(0)
    }
  }

  private mutating func typed(
    _ kind: Expression.BinaryOperator, _ left: ExpressionSyntax, _ right: ExpressionSyntax,
    _ offset: Int
  ) throws(ExpressionFailure) -> Expression {
    switch kind {
    case .and, .or: return .binary(kind, try typed(left, .bool), try typed(right, .bool))
    case .equal, .notEqual:
      var found = try self.kind(of: left)
      if found == nil { found = try self.kind(of: right) }
      guard let found else {
        if case .name(let name) = left.form { throw unknown(name, left.offset, or: []) }
        throw ExpressionFailure(
          offset: offset, message: "neither side of this names a variable; compare one with a value"
        )
      }
      return .binary(kind, try typed(left, found), try typed(right, found))
    default: return .binary(kind, try typed(left, .int), try typed(right, .int))
    }
  }

  private func typed(
    _ name: String, _ offset: Int, _ wanted: Kind
  ) throws(ExpressionFailure) -> Expression {
    switch wanted {
    case .option(let ids):
      if let index = ids.firstIndex(of: name) { return .literal(index) }
      guard variables[name] == nil else {
        throw ExpressionFailure(
          offset: offset,
          message: "\(SafeText.quoted(name)) is a variable; \(wanted.name) is expected")
      }
      throw ExpressionFailure(
        offset: offset,
        message: "\(SafeText.quoted(name)) is no option of this choice; \(wanted.name) is expected"
          + NearestName.hint(name, ids))
    case .enumeration(let members) where variables[name] == nil:
      if let index = members.firstIndex(of: name) { return .literal(index) }
      guard
        let other = variables.values.filter({ $0.members.contains(name) }).map(\.name).min()
      else { throw unknown(name, offset, or: members) }
      throw ExpressionFailure(
        offset: offset,
        message:
          "\(SafeText.quoted(name)) is a member of \(SafeText.quoted(other)); \(wanted.name) "
          + "is expected")
    default: break
    }
    guard let variable = variables[name] else {
      if let other = variables.values.filter({ $0.members.contains(name) }).map(\.name).min() {
        throw ExpressionFailure(
          offset: offset,
          message: "\(SafeText.quoted(name)) is a member of \(SafeText.quoted(other)) and stands "
            + "beside '==' or '!=' alone; \(wanted.name) is expected")
      }
      throw unknown(name, offset, or: [])
    }
    let found = Self.kind(of: variable)
    guard found == wanted else { throw mismatch(offset, SafeText.quoted(name), found, wanted) }
    return .variable(name)
  }

  private mutating func asked(
    _ function: String, _ subject: String, _ offset: Int
  ) throws(ExpressionFailure) -> Expression {
    let known = function == "ended" ? endings : scenes
    guard known.contains(subject) else {
      throw ExpressionFailure(
        offset: offset,
        message: "\(SafeText.quoted(subject)) is no \(function == "ended" ? "ending" : "scene")"
          + NearestName.hint(subject, known))
    }
    let name = "\(function):\(subject)"
    history.insert(name)
    return .variable(name)
  }

  // MARK: Messages

  private static func noun(_ syntax: ExpressionSyntax) -> String {
    switch syntax.form {
    case .integer(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .name(let name): SafeText.quoted(name)
    case .history(let function, let subject, _): "\(function)(\(subject))"
    case .unary(let kind, _): "'\(kind.rawValue)'"
    case .binary(let kind, _, _): "'\(kind.rawValue)'"
    case .conditional: "'?:'"
    }
  }

  private func mismatch(
    _ offset: Int, _ noun: String, _ found: Kind, _ wanted: Kind
  ) -> ExpressionFailure {
    let hint =
      found == .int && wanted == .bool
      ? "; compare it, as in 'x > 0'"
      : found == .bool && wanted == .int ? "; write '(x ? 1 : 0)' to count it" : ""
    return ExpressionFailure(
      offset: offset,
      message: "\(noun) is \(found.name); \(wanted.name) is expected here\(hint)")
  }

  private func unknown(_ name: String, _ offset: Int, or members: [String]) -> ExpressionFailure {
    let known = Array(variables.keys) + members
    let hint = NearestName.hint(name, known)
    return ExpressionFailure(
      offset: offset,
      message: "\(SafeText.quoted(name)) is no variable"
        + (members.isEmpty ? "" : " and no member of the enumeration")
        + (hint.isEmpty ? "; declare it under 'vars'" : hint))
  }
}
