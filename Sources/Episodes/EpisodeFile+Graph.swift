extension EpisodeFile {
  /// The story as a graph in the language of Graphviz: scenes, groups, choices on the arrows.
  ///
  ///     dougong episode export offer.yaml --as dot | dot -Tsvg -o offer.svg
  package var dot: String {
    let expressions = ExpressionText(variables: episode.variables)
    var lines = ["digraph \(Self.quoted(episode.id)) {", "  rankdir=LR;", "  node [shape=box];"]
    for scene in episode.scenes {
      var attributes = ["label=\(Self.quoted(label(scene)))"]
      if scene.id == episode.entry { attributes.append("penwidth=2") }
      if scene.ending != nil { attributes.append("shape=doubleoctagon") }
      if scene.checkpoint != nil { attributes.append("style=bold") }
      lines.append("  \(Self.quoted(scene.id)) [\(attributes.joined(separator: ", "))];")
    }
    for group in episode.groups {
      lines.append("  \(Self.quoted(group.id)) [shape=diamond];")
    }
    for scene in episode.scenes {
      let options = scene.choices.last?.options ?? []
      for option in options {
        guard let target = option.goto ?? scene.next else { continue }
        var label = text(option.text) ?? option.id
        if let when = option.when { label += "\n[\(expressions.condition(when))]" }
        let style = option.goto == nil ? ", style=dashed" : ""
        lines.append(Self.arrow(scene.id, target, "label=\(Self.quoted(label))\(style)"))
      }
      if options.isEmpty, let next = scene.next { lines.append(Self.arrow(scene.id, next, nil)) }
    }
    for group in episode.groups {
      for (index, entry) in group.entries.enumerated() {
        let condition = entry.when.map(expressions.condition) ?? "else"
        lines.append(
          Self.arrow(group.id, entry.goto, "label=\(Self.quoted("\(index + 1). \(condition)"))"))
      }
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private func label(_ scene: Scene) -> String {
    [scene.id, text(scene.title), scene.ending.map { "ending \($0)" }].compactMap { $0 }
      .joined(separator: "\n")
  }

  /// In the first language that there is.
  private func text(_ texts: [String: String]) -> String? {
    episode.languages.lazy.compactMap { texts[$0] }.first
  }

  private static func arrow(_ from: String, _ to: Target, _ attributes: String?) -> String {
    let id =
      switch to {
      case .scene(let id), .group(let id): id
      }
    return "  \(quoted(from)) -> \(quoted(id))" + (attributes.map { " [\($0)]" } ?? "") + ";"
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n")
    return "\"\(escaped)\""
  }
}
