import Markup
import MediaCore

/// An expression as it is written: names are not looked up yet.
///
///     expression = or [ "?" expression ":" expression ]
///     or = and *( "||" and )              and = equality *( "&&" equality )
///     equality = relation *( ("==" / "!=") relation )
///     relation = sum *( ("<" / "<=" / ">" / ">=") sum )
///     sum = product *( ("+" / "-") product )    product = unary *( "*" unary )
///     unary = *( "!" / "-" ) primary
///     primary = integer / "true" / "false" / name / "(" expression ")"
///             / ("min" / "max") "(" expression "," expression ")"
///             / ("visited" / "count" / "ended") "(" name ")"
struct ExpressionSyntax {
  indirect enum Form {
    case integer(Int)
    case bool(Bool)
    case name(String)
    /// `visited`, `count` or `ended`, and what it asks about.
    case history(String, of: String, at: Int)
    case unary(Expression.UnaryOperator, ExpressionSyntax)
    case binary(Expression.BinaryOperator, ExpressionSyntax, ExpressionSyntax)
    case conditional(ExpressionSyntax, ExpressionSyntax, ExpressionSyntax)
  }

  let form: Form
  /// Scalars before it, or before its operator.
  let offset: Int
  /// Operators from here to the farthest operand.
  let depth: Int
}

/// What is wrong in an expression, and behind how many scalars.
struct ExpressionFailure: Error, Hashable {
  var offset: Int
  var message: String
}

/// Reads an expression's text.
struct ExpressionSyntaxReader {
  static let functions: Set<String> = ["min", "max", "visited", "count", "ended"]
  static let reserved: Set<String> = functions.union(["true", "false"])

  private let scalars: [Unicode.Scalar]
  private var position: Int
  private var nesting = 0
  /// Names with a hyphen: elsewhere one is a minus.
  private let hyphenated: Set<String>

  /// - Parameter hyphenated: known names in which a hyphen stands.
  static func read(
    _ text: String, hyphenated: Set<String>
  ) throws(ExpressionFailure) -> ExpressionSyntax {
    var reader = Self(text, hyphenated: hyphenated)
    try reader.checkLength()
    let syntax = try reader.expression()
    try reader.expectEnd()
    return syntax
  }

  /// `name = expression`.
  static func readEffect(
    _ text: String, hyphenated: Set<String>
  ) throws(ExpressionFailure) -> (name: String, at: Int, value: ExpressionSyntax) {
    var reader = Self(text, hyphenated: hyphenated)
    try reader.checkLength()
    reader.skipSpaces()
    let at = reader.position
    guard let name = reader.takeName() else {
      throw reader.failure("an effect is written 'variable = value'")
    }
    reader.skipSpaces()
    guard reader.peek() == "=", reader.peek(1) != "=" else {
      throw reader.failure("'=' is expected here; an effect is written 'variable = value'")
    }
    reader.position += 1
    let value = try reader.expression()
    try reader.expectEnd()
    return (name, at, value)
  }

  private init(_ text: String, hyphenated: Set<String>) {
    scalars = Array(text.unicodeScalars)
    position = 0
    self.hyphenated = hyphenated
  }

  private func checkLength() throws(ExpressionFailure) {
    guard scalars.count <= EpisodeLimits.expressionLength else {
      throw ExpressionFailure(
        offset: 0,
        message: "the expression has \(scalars.count) characters; at most "
          + "\(EpisodeLimits.expressionLength) are read: split it")
    }
  }

  // MARK: Grammar

  private mutating func expression() throws(ExpressionFailure) -> ExpressionSyntax {
    try descend()
    defer { nesting -= 1 }
    let condition = try or()
    guard let at = take("?") else { return condition }
    let first = try expression()
    guard take(":") != nil else { throw failure("':' is expected here, as in 'a ? b : c'") }
    let second = try expression()
    return try node(.conditional(condition, first, second), at, [condition, first, second])
  }

  /// Chains of `||` and `&&` are halved, so that many terms are no deep nest.
  private mutating func or() throws(ExpressionFailure) -> ExpressionSyntax {
    var terms = [try and()]
    var offsets: [Int] = []
    while let at = take("||") {
      offsets.append(at)
      terms.append(try and())
    }
    return try chain(.or, terms[...], offsets[...])
  }

  private mutating func and() throws(ExpressionFailure) -> ExpressionSyntax {
    var terms = [try equality()]
    var offsets: [Int] = []
    while let at = take("&&") {
      offsets.append(at)
      terms.append(try equality())
    }
    return try chain(.and, terms[...], offsets[...])
  }

  private func chain(
    _ kind: Expression.BinaryOperator, _ terms: ArraySlice<ExpressionSyntax>,
    _ offsets: ArraySlice<Int>
  ) throws(ExpressionFailure) -> ExpressionSyntax {
    guard terms.count > 1 else { return terms[terms.startIndex] }
    let middle = terms.startIndex + (terms.count + 1) / 2
    let split = offsets.startIndex + (terms.count + 1) / 2 - 1
    let left = try chain(kind, terms[..<middle], offsets[..<split])
    let right = try chain(kind, terms[middle...], offsets[(split + 1)...])
    return try node(.binary(kind, left, right), offsets[split], [left, right])
  }

  private mutating func equality() throws(ExpressionFailure) -> ExpressionSyntax {
    try chain([.equal, .notEqual]) { reader throws(ExpressionFailure) in try reader.relation() }
  }

  private mutating func relation() throws(ExpressionFailure) -> ExpressionSyntax {
    try chain([.lessOrEqual, .greaterOrEqual, .less, .greater]) {
      reader throws(ExpressionFailure) in try reader.sum()
    }
  }

  private mutating func sum() throws(ExpressionFailure) -> ExpressionSyntax {
    try chain([.add, .subtract]) { reader throws(ExpressionFailure) in try reader.product() }
  }

  private mutating func product() throws(ExpressionFailure) -> ExpressionSyntax {
    try chain([.multiply]) { reader throws(ExpressionFailure) in try reader.unary() }
  }

  private mutating func chain(
    _ kinds: [Expression.BinaryOperator],
    _ operand: (inout Self) throws(ExpressionFailure) -> ExpressionSyntax
  ) throws(ExpressionFailure) -> ExpressionSyntax {
    var left = try operand(&self)
    while let (kind, at) = takeOperator(kinds) {
      let right = try operand(&self)
      left = try node(.binary(kind, left, right), at, [left, right])
    }
    return left
  }

  private mutating func takeOperator(
    _ kinds: [Expression.BinaryOperator]
  ) -> (Expression.BinaryOperator, Int)? {
    for kind in kinds {
      if let at = take(kind.rawValue) { return (kind, at) }
    }
    return nil
  }

  private mutating func unary() throws(ExpressionFailure) -> ExpressionSyntax {
    skipSpaces()
    if peek() == "!", peek(1) != "=" {
      return try prefixed(.not)
    }
    guard peek() == "-" else { return try primary() }
    let at = position
    position += 1
    skipSpaces()
    if let digit = peek(), Self.isDigit(digit) { return try integer(at, negative: true) }
    position = at
    return try prefixed(.negate)
  }

  private mutating func prefixed(
    _ kind: Expression.UnaryOperator
  ) throws(ExpressionFailure) -> ExpressionSyntax {
    let at = position
    try descend()
    defer { nesting -= 1 }
    position += 1
    let operand = try unary()
    return try node(.unary(kind, operand), at, [operand])
  }

  private mutating func primary() throws(ExpressionFailure) -> ExpressionSyntax {
    let at = position
    if take("(") != nil {
      let inner = try expression()
      guard take(")") != nil else { throw failure("')' is expected here") }
      return inner
    }
    if let digit = peek(), Self.isDigit(digit) { return try integer(at, negative: false) }
    guard let name = takeName() else {
      throw failure("a value is expected here: a name, a number, 'true', 'false' or '('")
    }
    switch name {
    case "true", "false": return ExpressionSyntax(form: .bool(name == "true"), offset: at, depth: 0)
    case "min", "max":
      try expect("(", after: name)
      let first = try expression()
      guard take(",") != nil else { throw failure("',' is expected here, as in '\(name)(a, b)'") }
      let second = try expression()
      try expect(")", after: "\(name)(a, b")
      let kind: Expression.BinaryOperator = name == "min" ? .minimum : .maximum
      return try node(.binary(kind, first, second), at, [first, second])
    case "visited", "count", "ended":
      try expect("(", after: name)
      skipSpaces()
      let subjectAt = position
      guard let subject = takeName(withHyphens: true) else {
        throw failure("\(name)() asks about \(name == "ended" ? "an ending" : "a scene"); name one")
      }
      try expect(")", after: "\(name)(\(subject)")
      return ExpressionSyntax(
        form: .history(name, of: subject, at: subjectAt), offset: at, depth: 0)
    default:
      skipSpaces()
      if peek() == "(" {
        throw ExpressionFailure(
          offset: at,
          message:
            "\(SafeText.quoted(name)) is no function; there are min, max, visited, count and "
            + "ended" + NearestName.hint(name, Self.functions))
      }
      return ExpressionSyntax(form: .name(name), offset: at, depth: 0)
    }
  }

  private mutating func integer(
    _ at: Int, negative: Bool
  ) throws(ExpressionFailure) -> ExpressionSyntax {
    var value = 0
    while let digit = peek(), Self.isDigit(digit) {
      value = min(value * 10 + Int(digit.value) - 0x30, Expression.maximumMagnitude + 1)
      position += 1
    }
    guard value <= Expression.maximumMagnitude else {
      throw ExpressionFailure(
        offset: at, message: "a number is beyond ±\(Expression.maximumMagnitude)")
    }
    if let next = peek(), next == "." || next == "_" || Self.isLetter(next) {
      throw failure("numbers are whole, and names begin with a letter")
    }
    return ExpressionSyntax(form: .integer(negative ? -value : value), offset: at, depth: 0)
  }

  // MARK: Depth

  private mutating func descend() throws(ExpressionFailure) {
    nesting += 1
    guard nesting <= EpisodeLimits.expressionDepth + 1 else { throw tooDeep(position) }
  }

  private func node(
    _ form: ExpressionSyntax.Form, _ offset: Int, _ operands: [ExpressionSyntax]
  ) throws(ExpressionFailure) -> ExpressionSyntax {
    let depth = 1 + (operands.map(\.depth).max() ?? 0)
    guard depth <= EpisodeLimits.expressionDepth else { throw tooDeep(offset) }
    return ExpressionSyntax(form: form, offset: offset, depth: depth)
  }

  private func tooDeep(_ offset: Int) -> ExpressionFailure {
    ExpressionFailure(
      offset: offset,
      message: "the expression is nested more than \(EpisodeLimits.expressionDepth) deep; split it "
        + "with a variable of its own")
  }

  // MARK: Characters

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    position + ahead < scalars.count ? scalars[position + ahead] : nil
  }

  private mutating func skipSpaces() {
    while let scalar = peek(), scalar == " " || scalar == "\t" || scalar == "\n" { position += 1 }
  }

  /// - Returns: where the token stood.
  private mutating func take(_ token: String) -> Int? {
    skipSpaces()
    let end = position + token.unicodeScalars.count
    guard end <= scalars.count, scalars[position..<end].elementsEqual(token.unicodeScalars) else {
      return nil
    }
    defer { position = end }
    return position
  }

  private mutating func expect(_ token: String, after: String) throws(ExpressionFailure) {
    guard take(token) != nil else {
      throw failure("'\(token)' is expected here, behind '\(after)'")
    }
  }

  private func expectEnd() throws(ExpressionFailure) {
    var rest = self
    rest.skipSpaces()
    guard let scalar = rest.peek() else { return }
    let hint =
      switch scalar {
      case "=": "; values are compared by '=='"
      case "&": "; 'and' is '&&'"
      case "|": "; 'or' is '||'"
      case "/", "%": "; there is no division"
      case "\"", "'": "; members of an enumeration stand without quotation marks"
      default: ""
      }
    throw rest.failure(
      "\(SafeText.quoted(String(Character(scalar)))) cannot stand here in an expression\(hint)")
  }

  private mutating func takeName(withHyphens: Bool = false) -> String? {
    guard let first = peek(), Self.isLetter(first) else { return nil }
    let run = scalars[position...].prefix {
      Self.isLetter($0) || Self.isDigit($0) || $0 == "_" || $0 == "-"
    }
    var name = String(String.UnicodeScalarView(run))
    if !withHyphens {
      let plain = run.prefix { $0 != "-" }
      // The longest known name that ends at a hyphen or at the end.
      while name.contains("-"), !hyphenated.contains(name) {
        name = String(name[..<(name.lastIndex(of: "-") ?? name.startIndex)])
      }
      if name.isEmpty { name = String(String.UnicodeScalarView(plain)) }
    }
    position += name.unicodeScalars.count
    return name
  }

  private func failure(_ message: String) -> ExpressionFailure {
    ExpressionFailure(offset: position, message: message)
  }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    (0x41...0x5a).contains(scalar.value) || (0x61...0x7a).contains(scalar.value)
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    (0x30...0x39).contains(scalar.value)
  }
}
