import Markup
import MediaCore
import Yams

/// `vars`.
extension EpisodeReader {
  mutating func variables(_ node: Node) -> [Variable] {
    let listed = listed(node, "variable", EpisodeLimits.variableCount)
    let variables = listed.compactMap { item -> Variable? in
      source.positions[.variable(item.id)] = EpisodePosition(item.key.mark)
      if ExpressionSyntaxReader.reserved.contains(item.id) {
        report(
          item.key, "\(SafeText.quoted(item.id)) has a meaning in expressions; rename the variable")
      }
      return variable(item)
    }
    let names = Set(listed.map(\.id))
    for (item, variable) in zip(
      listed, listed.map { item in variables.first { $0.name == item.id } })
    {
      for member in variable?.members ?? [] where names.contains(member) {
        report(
          item.key,
          "the member \(SafeText.quoted(member)) of \(SafeText.quoted(item.id)) is the name of a "
            + "variable too; rename one")
      }
    }
    return variables
  }

  private mutating func variable(_ item: Listed) -> Variable? {
    guard
      let fields = fields(
        item.value, "the variable \(SafeText.quoted(item.id))",
        ["type", "min", "max", "of", "init", "scope", "random", "title", "visible"]),
      let type = required("type", fields),
      let kind: Variable.Kind = word(
        type, ["bool": .bool, "int": .int, "enum": .enumeration], "the type")
    else { return nil }
    var variable = Variable(name: item.id, kind: kind, minimum: 0, maximum: 1, initial: 0)
    for (key, owner) in [("min", Variable.Kind.int), ("max", .int), ("of", .enumeration)] {
      if let node = fields[key], kind != owner {
        report(node, "'\(key)' is for variables of the type \(owner.rawValue); take it away")
      }
    }
    switch kind {
    case .bool:
      variable.initial = fields["init"].flatMap { bool($0) } == true ? 1 : 0
    case .int: bounds(fields, &variable)
    case .enumeration: members(fields, &variable)
    }
    if let node = fields["scope"] {
      variable.scope =
        word(node, ["run": .run, "viewer": .viewer, "series": .series], "the scope") ?? .run
    }
    if let node = fields["random"] {
      variable.isRandom = word(node, ["per-run": true], "random") ?? false
      if variable.scope != .run {
        report(node, "a variable that is drawn for each run has the scope run; take one away")
      }
    }
    if let node = fields["title"] { variable.title = texts(node) }
    if let node = fields["visible"] { variable.isHidden = !(bool(node) ?? false) }
    return variable
  }

  private mutating func bounds(_ fields: YAMLFields, _ variable: inout Variable) {
    let limit = -Expression.maximumMagnitude...Expression.maximumMagnitude
    guard let least = required("min", fields).flatMap({ integer($0, limit, "min") }),
      let most = required("max", fields).flatMap({ integer($0, limit, "max") })
    else { return }
    guard least <= most else {
      report(fields.position, "min (\(least)) is greater than max (\(most))")
      return
    }
    guard most - least < EpisodeLimits.valueCount else {
      report(
        fields.position,
        "\(least) to \(most) are \(most - least + 1) values; a variable has at most "
          + "\(EpisodeLimits.valueCount): narrow the bounds")
      return
    }
    variable.minimum = least
    variable.maximum = most
    variable.initial =
      fields["init"].flatMap { integer($0, least...most, "init") } ?? max(least, min(0, most))
  }

  private mutating func members(_ fields: YAMLFields, _ variable: inout Variable) {
    guard let node = required("of", fields) else { return }
    var members: [String] = []
    for item in list(node, "the members of an enumeration", EpisodeLimits.enumerationCount) {
      guard let member = name(item, "a member") else { continue }
      if members.contains(member) {
        report(item, "the member \(SafeText.quoted(member)) is listed twice; keep one")
      } else if ExpressionSyntaxReader.reserved.contains(member) {
        report(item, "\(SafeText.quoted(member)) has a meaning in expressions; rename the member")
      } else {
        members.append(member)
      }
    }
    guard !members.isEmpty else {
      if problems.isEmpty { report(node, "an enumeration has at least one member") }
      return
    }
    variable.members = members
    variable.maximum = members.count - 1
    guard let initial = fields["init"], let member = scalar(initial, "init") else { return }
    if let index = members.firstIndex(of: member) {
      variable.initial = index
    } else {
      report(
        initial,
        "init is \(SafeText.quoted(member)), which is no member\(NearestName.hint(member, members))"
      )
    }
  }
}
