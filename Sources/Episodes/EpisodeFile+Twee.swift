extension EpisodeFile {
  /// The story in Twee 3 with the macros of SugarCube, in the first language.
  ///
  /// - Throws: `.damaged` for what Twee has no words for: several choices in a scene, groups of
  ///   targets, and endings of earlier runs.
  package var twee: String {
    get throws(EpisodesError) { try TweeWriter(self).text }
  }
}

/// Writes a story as passages.
private struct TweeWriter {
  private let file: EpisodeFile
  private let language: String

  init(_ file: EpisodeFile) {
    self.file = file
    language = file.episode.languages.first ?? "en"
  }

  var text: String {
    get throws(EpisodesError) {
      let episode = file.episode
      if let group = episode.groups.first {
        throw refused("the group \(group.id)", "write a scene with choices in its place")
      }
      var lines = [":: StoryTitle", plain(episode.title[language] ?? episode.id), ""]
      lines += [
        ":: StoryData",
        "{\"ifid\": \"\(episode.id)\", \"format\": \"SugarCube\", \"start\": \"\(episode.entry)\"}",
        "",
      ]
      let variables = episode.variables.filter { $0.origin == .written }
      if !variables.isEmpty {
        lines.append(":: StoryInit")
        lines += variables.map { "<<set $\(variable($0.name)) to \(value($0.initial, of: $0))>>" }
        lines.append("")
      }
      for scene in episode.scenes { lines += try passage(scene) }
      return lines.joined(separator: "\n")
    }
  }

  private func refused(_ what: String, _ advice: String) -> EpisodesError {
    EpisodesError(.damaged, "Twee has no words for \(what); \(advice), or export YAML or JSON")
  }

  private func passage(_ scene: Scene) throws(EpisodesError) -> [String] {
    var tags: [String] = []
    if let choice = scene.choices.first {
      guard scene.choices.count == 1 else {
        throw refused(
          "the \(scene.choices.count) choices of the scene \(scene.id)", "keep one in a scene")
      }
      tags.append(
        "choice \(EpisodeReader.seconds(choice.at)) \(EpisodeReader.seconds(choice.length))")
    }
    if scene.ending != nil { tags.append("ending") }
    if scene.checkpoint != nil, scene.id != file.episode.entry { tags.append("checkpoint") }
    var lines = [":: \(scene.id)" + (tags.isEmpty ? "" : " [\(tags.joined(separator: " "))]")]
    for effect in scene.enter { lines.append("<<set \(try set(effect))>>") }
    if let choice = scene.choices.first {
      if let prompt = choice.prompt[language] { lines.append(plain(prompt)) }
      for option in choice.options {
        guard case .scene(let target) = option.goto ?? scene.next else { continue }
        var link = "[[\(plain(option.text[language] ?? option.id))->\(target)]"
        if !option.effects.isEmpty {
          var sets: [String] = []
          for effect in option.effects { sets.append(try set(effect)) }
          link += "[\(sets.joined(separator: "; "))]"
        }
        link += "]"
        if let when = option.when {
          link = "<<if \(try expression(when, .bool))>>\(link)<</if>>"
        }
        lines.append(link)
      }
    } else if case .scene(let target) = scene.next {
      lines.append("[[\(target)]]")
    }
    return lines + [""]
  }

  // MARK: Words

  /// Without what would be markup.
  private func plain(_ text: String) -> String {
    var text = text
    for (mark, other) in [
      ("[", "("), ("]", ")"), ("<<", "«"), (">>", "»"), ("->", "→"), ("<-", "←"), ("|", "/"),
      ("\n", " "), ("/*", "/ *"), ("/%", "/ %"), ("<!--", "< --"), ("::", ":"),
    ] { text = text.replacing(mark, with: other) }
    return text
  }

  private func variable(_ name: String) -> String { name.replacing("-", with: "_") }

  private func value(_ value: Int, of variable: Variable) -> String {
    switch variable.kind {
    case .bool: value == 0 ? "false" : "true"
    case .int: "\(value)"
    case .enumeration:
      "\"\(variable.members.indices ~= value ? variable.members[value] : "")\""
    }
  }

  private func set(_ effect: Effect) throws(EpisodesError) -> String {
    let kind = file.episode.variable(effect.variable)
    return
      "$\(variable(effect.variable)) to \(try expression(effect.value, kind?.kind ?? .int, kind))"
  }

  /// - Parameter like: the variable whose members literals are.
  private func expression(
    _ expression: Expression, _ kind: Variable.Kind, _ like: Variable? = nil
  ) throws(EpisodesError) -> String {
    switch expression {
    case .literal(let literal):
      switch kind {
      case .bool: return literal == 0 ? "false" : "true"
      case .int: return "\(literal)"
      case .enumeration: return like.map { value(literal, of: $0) } ?? "\(literal)"
      }
    case .variable(let name):
      switch Variable(name: name, kind: .int, minimum: 0, maximum: 0, initial: 0).origin {
      case .written: return "$\(variable(name))"
      case .visited(let scene): return "(visited(\"\(scene)\") gt 0)"
      case .count(let scene): return "visited(\"\(scene)\")"
      case .ended(let ending): throw refused("ended(\(ending))", "take the condition away")
      }
    case .unary(.not, let operand): return "not (\(try self.expression(operand, .bool)))"
    case .unary(.negate, let operand): return "(0 - (\(try self.expression(operand, .int))))"
    case .conditional(let condition, let first, let second):
      let parts = (
        try self.expression(condition, .bool), try self.expression(first, kind, like),
        try self.expression(second, kind, like)
      )
      return "(\(parts.0) ? \(parts.1) : \(parts.2))"
    case .binary(let name, let left, let right):
      return try binary(name, left, right)
    }
  }

  private func binary(
    _ name: Expression.BinaryOperator, _ left: Expression, _ right: Expression
  ) throws(EpisodesError) -> String {
    var (kind, like): (Variable.Kind, Variable?) = (.int, nil)
    switch name {
    case .and, .or: kind = .bool
    case .equal, .notEqual:
      like = member(left) ?? member(right)
      kind = like?.kind ?? .int
    default: break
    }
    let parts = (try expression(left, kind, like), try expression(right, kind, like))
    let words: [Expression.BinaryOperator: String] = [
      .and: "and", .or: "or", .equal: "is", .notEqual: "isnot", .less: "lt", .lessOrEqual: "lte",
      .greater: "gt", .greaterOrEqual: "gte",
    ]
    switch name {
    case .minimum, .maximum: return "Math.\(name.rawValue)(\(parts.0), \(parts.1))"
    default: return "(\(parts.0) \(words[name] ?? name.rawValue) \(parts.1))"
    }
  }

  /// The variable that a side of a comparison is.
  private func member(_ expression: Expression) -> Variable? {
    switch expression {
    case .variable(let name): file.episode.variable(name)
    case .conditional(_, let first, let second): member(first) ?? member(second)
    default: nil
    }
  }
}
