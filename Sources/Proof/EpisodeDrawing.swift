package import Episodes

/// An episode drawn for its writer, in the language of Graphviz.
///
/// Scenes are cards with their title, length, questions and answers; ways leave from the answers, the
/// default's heavier; groups are small cards with their conditions; endings have the colour of their
/// rank; checkpoints are named; what no path reaches is red. In large episodes the scenes behind each
/// checkpoint stand together.
package struct EpisodeDrawing {
  /// Scenes above which those behind a checkpoint are framed.
  private static let clusteredSceneCount = 40
  /// Characters of a line of a card.
  private static let lineLength = 34
  /// Lines of a text on a card.
  private static let lineCount = 3

  private enum Colour {
    static let paper = "#fbfaf7"
    static let card = "#ffffff"
    static let edge = "#9aa3b2"
    static let strong = "#23211d"
    static let quiet = "#8a857a"
    static let frame = "#cfc9bb"
    static let checkpoint = "#2f6fb3"
    static let fault = "#c62828"
    static let faultCard = "#fdecea"
    /// Of endings, by rank from 1; the last stands for all further.
    static let ranks = [
      ("#2e7d4f", "#e3f3e8"), ("#5b7f24", "#eef4e0"), ("#a9780f", "#faf1d9"),
      ("#b0562f", "#f9e7de"),
    ]
    static let unranked = ("#5b5f6b", "#ececf0")
  }

  package let graph: EpisodeGraph
  private let language: String?
  private let unreached: Set<String>
  private let neverTaken: Set<Finding.Place>

  /// - Parameters:
  ///   - report: what to show in red.
  ///   - language: of the texts; the episode's first if it is not there.
  package init(_ graph: EpisodeGraph, report: ProofReport?, language: String? = nil) {
    self.graph = graph
    self.language = language
    unreached = Set(report?.scenes.filter { $0.witness == nil }.map(\.id) ?? [])
    neverTaken = Set(
      report?.findings.filter { $0.rule == .e3 && $0.place.option != nil }.map(\.place) ?? [])
  }

  /// The source of the drawing, for `dot`.
  package var dot: String {
    var lines = [
      "digraph episode {",
      "  graph [rankdir=LR, bgcolor=\"\(Colour.paper)\", pad=0.4, nodesep=0.28, ranksep=0.85,",
      "    fontname=\"Helvetica,Arial,sans-serif\", labelloc=t, labeljust=l, fontsize=20,",
      "    fontcolor=\"\(Colour.strong)\", label=<\(title)>];",
      "  node [shape=plain, fontname=\"Helvetica,Arial,sans-serif\", fontsize=11,",
      "    fontcolor=\"\(Colour.strong)\"];",
      "  edge [color=\"\(Colour.edge)\", penwidth=1.1, arrowsize=0.6];",
    ]
    for (number, part) in parts.enumerated() {
      guard let label = part.label else {
        lines += part.scenes.map { "  " + card(graph.episode.scenes[$0], $0) }
        lines += part.groups.map { "  " + card(graph.episode.groups[$0], $0) }
        continue
      }
      lines.append("  subgraph cluster_\(number) {")
      lines.append(
        "    graph [style=\"rounded,filled\", color=\"\(Colour.frame)\", fillcolor=\"#f4f1ea\", "
          + "fontsize=16, fontcolor=\"\(Colour.quiet)\", margin=18, label=<\(Self.escaped(label))>];"
      )
      lines += part.scenes.map { "    " + card(graph.episode.scenes[$0], $0) }
      lines += part.groups.map { "    " + card(graph.episode.groups[$0], $0) }
      lines.append("  }")
    }
    for (index, scene) in graph.episode.scenes.enumerated() {
      lines += ways(scene, index).map { "  " + $0 }
    }
    for (index, group) in graph.episode.groups.enumerated() {
      for (number, entry) in group.entries.enumerated() {
        lines.append("  g\(index):e\(number):e -> \(node(entry.goto)) [style=dashed];")
      }
    }
    return lines.joined(separator: "\n") + "\n}\n"
  }

  private var title: String {
    "<B>\(Self.escaped(text(graph.episode.title, graph.episode.id)))</B>"
  }

  // MARK: Parts

  /// Scenes by the checkpoint behind which they are first met; all in one part in small episodes.
  private var parts: [(label: String?, scenes: [Int], groups: [Int])] {
    let scenes = graph.episode.scenes
    let checkpoints = scenes.indices.filter {
      scenes[$0].checkpoint != nil || scenes[$0].id == graph.episode.entry
    }
    guard scenes.count > Self.clusteredSceneCount, checkpoints.count > 1 else {
      return [(nil, Array(scenes.indices), Array(graph.episode.groups.indices))]
    }
    var home: [Int: Int] = [:]
    for checkpoint in checkpoints { home[checkpoint] = checkpoint }
    for checkpoint in checkpoints {
      var open = [checkpoint]
      while let index = open.popLast() {
        for next in successors(scenes[index]) where home[next] == nil {
          home[next] = checkpoint
          open.append(next)
        }
      }
    }
    // A group stands with the first scene that leads to it.
    var groupHome: [String: Int] = [:]
    for (index, scene) in scenes.enumerated() {
      for case .group(let id) in targets(scene) where groupHome[id] == nil {
        groupHome[id] = home[index]
      }
    }
    func groups(_ checkpoint: Int?) -> [Int] {
      graph.episode.groups.indices.filter { groupHome[graph.episode.groups[$0].id] == checkpoint }
    }
    return checkpoints.map { checkpoint in
      (
        text(scenes[checkpoint].title, scenes[checkpoint].id),
        scenes.indices.filter { home[$0] == checkpoint }, groups(checkpoint)
      )
    } + [(nil, scenes.indices.filter { home[$0] == nil }, groups(nil))]
  }

  private func targets(_ scene: Scene) -> [Target] {
    [scene.next].compactMap { $0 } + scene.choices.flatMap { $0.options.compactMap(\.goto) }
  }

  private func successors(_ scene: Scene) -> [Int] {
    targets(scene).flatMap { graph.scenes(of: $0) }.compactMap { graph.sceneIndex($0) }
  }

  // MARK: Cards

  private func card(_ scene: Scene, _ index: Int) -> String {
    let isLost = unreached.contains(scene.id) && !graph.isIdle(scene)
    let ending = scene.ending.flatMap { graph.episode.ending($0) }
    var (line, fill) = (Colour.frame, Colour.card)
    if ending != nil {
      (line, fill) =
        ending?.rank.map { Colour.ranks[max(0, min($0, Colour.ranks.count) - 1)] }
        ?? Colour.unranked
    }
    if isLost { (line, fill) = (Colour.fault, Colour.faultCard) }
    var rows = [head(scene, ending, isLost)]
    for (number, choice) in scene.choices.enumerated() {
      rows += self.rows(choice, number, scene)
    }
    return "s\(index) [tooltip=\"\(Self.escaped(scene.id))\", label=<<TABLE BORDER=\""
      + "\(ending == nil && !isLost ? 1 : 2)\" "
      + "CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"4\" STYLE=\"ROUNDED\" COLOR=\"\(line)\" "
      + "BGCOLOR=\"\(fill)\">\(rows.joined())</TABLE>>];"
  }

  private func head(_ scene: Scene, _ ending: Ending?, _ isLost: Bool) -> String {
    var notes = [Self.escaped(scene.id)]
    if let duration = graph.duration(scene) { notes.append(EpisodeGraph.seconds(duration)) }
    if scene.projection == .equirectangular { notes.append("360°") }
    if let ending {
      notes.append(ending.rank.map { "ending, rank \($0)" } ?? "ending")
      if ending.isSecret { notes.append("secret") }
    }
    if graph.isIdle(scene) { notes.append("while a choice waits") }
    if isLost { notes.append("no path leads here") }
    let title = ending.map { text($0.title, scene.id) } ?? text(scene.title, scene.id)
    let mark =
      scene.id == graph.episode.entry
      ? "entry" : scene.checkpoint != nil ? "checkpoint" : nil
    return "<TR><TD PORT=\"in\" ALIGN=\"LEFT\" BALIGN=\"LEFT\">"
      + (mark.map { font($0, 9, Colour.checkpoint) + "<BR/>" } ?? "")
      + "<B>\(lines(title))</B><BR/>"
      + font(notes.joined(separator: " · "), 9, isLost ? Colour.fault : Colour.quiet)
      + "</TD></TR>"
  }

  private func rows(_ choice: Choice, _ number: Int, _ scene: Scene) -> [String] {
    let prompt = text(choice.prompt, choice.id)
    var rows = [
      "<HR/><TR><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\"><I>\(lines(prompt))</I></TD></TR>"
    ]
    for (position, option) in choice.options.enumerated() {
      let place = Finding.Place(scene: scene.id, choice: choice.id, option: option.id)
      let isNever = neverTaken.contains(place)
      let isDefault = choice.fallback == .option(position)
      var cell = lines(text(option.text, option.id))
      if isDefault { cell = "<B>\(cell)</B>" }
      cell = font("▸ ", 9, isDefault ? Colour.strong : Colour.edge) + cell
      if isNever { cell = font(cell, 11, Colour.fault) }
      if let when = option.when {
        cell += "<BR/>" + font("if " + lines(EpisodeText.text(when, graph)), 8, Colour.quiet)
      }
      for effect in option.effects {
        cell += "<BR/>" + font(lines(EpisodeText.text(effect, graph)), 8, Colour.quiet)
      }
      rows.append(
        "<TR><TD PORT=\"o\(number)_\(position)\" ALIGN=\"LEFT\" BALIGN=\"LEFT\">\(cell)</TD></TR>")
    }
    if case .expression(let expression) = choice.fallback {
      rows.append(note("default: " + lines(EpisodeText.text(expression, graph))))
    } else if choice.fallback == .random {
      rows.append(note("default: any"))
    } else if choice.fallback == .weighted {
      rows.append(note("default: any, by weight"))
    }
    return rows
  }

  private func card(_ group: TargetGroup, _ index: Int) -> String {
    let rows = group.entries.enumerated().map { number, entry in
      let text = entry.when.map { "if " + lines(EpisodeText.text($0, graph)) } ?? "else"
      return "<TR><TD PORT=\"e\(number)\" ALIGN=\"LEFT\" BALIGN=\"LEFT\">"
        + font(text, 8, Colour.quiet) + "</TD></TR>"
    }
    return "g\(index) [tooltip=\"\(Self.escaped(group.id))\", label=<<TABLE BORDER=\"1\" "
      + "CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"2\" STYLE=\"ROUNDED\" "
      + "COLOR=\"\(Colour.edge)\" BGCOLOR=\"#f1f3f7\"><TR><TD PORT=\"in\" ALIGN=\"LEFT\">"
      + font(Self.escaped(group.id), 9, Colour.strong) + "</TD></TR>\(rows.joined())</TABLE>>];"
  }

  // MARK: Ways

  private func ways(_ scene: Scene, _ index: Int) -> [String] {
    guard let choice = scene.choices.last else {
      return scene.next.map { ["s\(index):in:e -> \(node($0)) [\(weight(true, scene))];"] } ?? []
    }
    let number = scene.choices.count - 1
    return choice.options.enumerated().compactMap { position, option in
      (option.goto ?? scene.next).map { target in
        let place = Finding.Place(scene: scene.id, choice: choice.id, option: option.id)
        let style =
          neverTaken.contains(place)
          ? "color=\"\(Colour.fault)\", style=dashed"
          : weight(choice.fallback == .option(position), scene)
        return "s\(index):o\(number)_\(position):e -> \(node(target)) [\(style)];"
      }
    }
  }

  private func weight(_ isDefault: Bool, _ scene: Scene) -> String {
    if unreached.contains(scene.id) { return "color=\"\(Colour.fault)\", style=dashed" }
    return isDefault ? "color=\"\(Colour.strong)\", penwidth=2.2, weight=3" : "weight=1"
  }

  private func node(_ target: Target) -> String {
    switch target {
    case .scene(let id): "s\(graph.sceneIndex(id) ?? 0):in:w"
    case .group(let id):
      "g\(graph.episode.groups.firstIndex { $0.id == id } ?? 0):in:w"
    }
  }

  // MARK: Text

  private func text(_ texts: [String: String], _ id: String) -> String {
    EpisodeText.text(texts, language, graph.episode, else: id)
  }

  private func note(_ text: String) -> String {
    "<TR><TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">\(font(text, 8, Colour.quiet))</TD></TR>"
  }

  private func font(_ text: String, _ size: Int, _ colour: String) -> String {
    "<FONT POINT-SIZE=\"\(size)\" COLOR=\"\(colour)\">\(text)</FONT>"
  }

  /// Broken at spaces, cut after some lines, and escaped.
  private func lines(_ text: String) -> String {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      var word = String(word.prefix(Self.lineLength * 2))
      while word.count > Self.lineLength {
        lines.append(String(word.prefix(Self.lineLength)))
        word.removeFirst(Self.lineLength)
      }
      let last = lines[lines.count - 1]
      if last.isEmpty {
        lines[lines.count - 1] = word
      } else if last.count + word.count < Self.lineLength {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append(word)
      }
    }
    lines.removeAll(where: \.isEmpty)
    if lines.count > Self.lineCount {
      lines = Array(lines.prefix(Self.lineCount))
      lines[lines.count - 1] += " …"
    }
    return lines.map(Self.escaped).joined(separator: "<BR/>")
  }

  static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\\": escaped += "&#92;"
      default:
        escaped += scalar.properties.generalCategory == .control ? " " : String(scalar)
      }
    }
    return escaped
  }
}
