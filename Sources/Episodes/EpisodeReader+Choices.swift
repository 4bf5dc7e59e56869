import Markup
import MediaCore
import Yams

/// `choice`, `choices` and `hotspots` of a scene.
extension EpisodeReader {
  private static let choiceKeys = [
    "id", "window", "lock", "untimed", "idle", "prompt", "options", "default", "vote", "a11y",
  ]
  private static let optionKeys = [
    "id", "text", "goto", "when", "else", "do", "weight", "yaw", "pitch", "size",
  ]

  /// - Returns: in the order of their windows, which do not overlap.
  mutating func choices(_ fields: YAMLFields, of scene: Scene) -> [Choice] {
    var nodes: [Node] = []
    if let node = fields["choices"] {
      nodes = list(node, "choices", EpisodeLimits.choicesPerScene)
      if let other = fields["choice"] {
        report(other, "a scene has 'choice' or 'choices'; put both into 'choices'")
      }
    } else if let node = fields["choice"] {
      nodes = [node]
    }
    var found = nodes.compactMap { node in choice(node, of: scene).map { (node, $0) } }
    for (earlier, later) in zip(found, found.dropFirst()) where later.1.at < earlier.1.at {
      report(
        later.0,
        "this window begins before that of \(SafeText.quoted(earlier.1.id)); list choices in order")
    }
    if let node = fields["hotspots"], let choice = choice(node, of: scene, spots: true) {
      let place = found.firstIndex { $0.1.at > choice.at } ?? found.count
      found.insert((node, choice), at: place)
      if found.count > EpisodeLimits.choicesPerScene {
        report(node, "a scene has at most \(EpisodeLimits.choicesPerScene) choices")
      }
    }
    checkWindows(found.map(\.1))
    for (_, choice) in found.dropLast() {
      for option in choice.options where option.goto != nil {
        report(
          source[.goto(choice: choice.id, option: option.id)] ?? fields.position,
          "only the options of a scene's last choice may have 'goto'; keep the answer in a variable"
        )
      }
    }
    return found.map(\.1)
  }

  private mutating func checkWindows(_ choices: [Choice]) {
    for (earlier, later) in zip(choices, choices.dropFirst())
    where later.at >= earlier.at && later.at < earlier.at + earlier.length {
      report(
        source[.window(choice: later.id)] ?? EpisodePosition(line: 1, column: 1),
        "the window begins at \(Self.seconds(later.at)) s, before that of "
          + "\(SafeText.quoted(earlier.id)) ends at \(Self.seconds(earlier.at + earlier.length)) s; "
          + "move one")
    }
  }

  /// `8.96`
  static func seconds(_ milliseconds: Int) -> String {
    let rest = String(1000 + milliseconds % 1000).dropFirst()
    let digits = rest.reversed().drop { $0 == "0" }.reversed()
    return "\(milliseconds / 1000)" + (digits.isEmpty ? "" : "." + String(digits))
  }

  private mutating func choice(_ node: Node, of scene: Scene, spots: Bool = false) -> Choice? {
    let keys = spots ? Self.choiceKeys.map { $0 == "options" ? "spots" : $0 } : Self.choiceKeys
    guard let fields = fields(node, spots ? "'hotspots'" : "a choice", keys),
      let idNode = required("id", fields), let id = name(idNode, "the id of a choice")
    else { return nil }
    source.positions[.choice(id)] = EpisodePosition(idNode.mark)
    if !choiceIDs.insert(id).inserted {
      report(idNode, "two choices are called \(SafeText.quoted(id)); rename one")
    }
    var choice = Choice(id: id, at: 0, length: 0, options: [])
    window(fields, &choice)
    if let node = fields["lock"] { lock(node, &choice) }
    waiting(fields, &choice)
    if let node = fields["prompt"] { prompt(node, &choice) }
    if let node = required(spots ? "spots" : "options", fields) {
      choice.options = options(node, of: choice.id, in: scene, spots: spots)
    }
    if let node = fields["default"] {
      source.positions[.fallback(choice: id)] = EpisodePosition(node.mark)
      choice.fallback = fallback(node, choice.options.map(\.id)) ?? .option(0)
    } else {
      report(
        fields.position,
        "the choice \(SafeText.quoted(id)) has no 'default': name the option that is taken when nobody "
          + "chooses")
    }
    if let node = fields["vote"] { choice.vote = vote(node) }
    if let node = fields["a11y"] {
      choice.accessibility = accessibility(node, choice.options.count)
    }
    return choice
  }

  private mutating func window(_ fields: YAMLFields, _ choice: inout Choice) {
    guard let node = required("window", fields) else { return }
    source.positions[.window(choice: choice.id)] = EpisodePosition(node.mark)
    guard let window = self.fields(node, "'window'", ["at", "for"]) else { return }
    choice.at = required("at", window).flatMap { milliseconds($0, "'at'") } ?? 0
    guard let length = required("for", window).flatMap({ milliseconds($0, "'for'") }) else {
      return
    }
    choice.length = length
    if length == 0 { report(window["for"] ?? node, "a window lasts longer than 0 s") }
  }

  private mutating func lock(_ node: Node, _ choice: inout Choice) {
    let modes: [String: Choice.Lock] = ["at_end": .atEnd, "immediate": .immediate]
    if case .scalar = node {
      choice.lock = word(node, modes, "lock") ?? .atEnd
      return
    }
    guard let fields = fields(node, "'lock'", ["mode", "min_mask"]) else { return }
    if let node = fields["mode"] { choice.lock = word(node, modes, "the mode") ?? .atEnd }
    if let node = fields["min_mask"] {
      minimumMasks[choice.id] = milliseconds(node, "min_mask")
    }
  }

  private mutating func waiting(_ fields: YAMLFields, _ choice: inout Choice) {
    choice.isUntimed = fields["untimed"].flatMap { bool($0) } ?? false
    guard let node = fields["idle"] else {
      if choice.isUntimed, let node = fields["untimed"] {
        report(node, "an untimed choice waits over a scene; name it as 'idle'")
      }
      return
    }
    guard let id = name(node, "the idle scene") else { return }
    if !choice.isUntimed {
      report(node, "'idle' is for untimed choices; write 'untimed: true' or take it away")
    }
    guard sceneSet.contains(id) else {
      report(
        node, "the idle scene \(SafeText.quoted(id)) is no scene\(NearestName.hint(id, sceneIDs))")
      return
    }
    choice.idle = id
    idle[id] = idle[id] ?? EpisodePosition(node.mark)
  }

  private mutating func prompt(_ node: Node, _ choice: inout Choice) {
    choice.prompt = texts(node, besides: ["audio"])
    guard case .mapping(let mapping) = node,
      let audio = mapping.first(where: { $0.key.scalar?.string == "audio" })?.value
    else { return }
    guard case .mapping(let files) = audio else {
      report(audio, "spoken prompts are a mapping from languages to files, as {en: k1.m4a}")
      return
    }
    for (key, value) in files {
      guard let language = scalar(key, "a language"), let path = path(value, "a spoken prompt")
      else {
        continue
      }
      if !languages.contains(language) {
        report(
          key, "\(SafeText.quoted(language)) is none of the episode's languages; list it there")
      }
      choice.spokenPrompt[language] = path
      spokenPromptCount += 1
      if spokenPromptCount == EpisodeLimits.spokenPromptCount + 1 {
        report(
          value,
          "an episode has at most \(EpisodeLimits.spokenPromptCount) spoken prompts, all languages "
            + "together")
      }
      source.positions[.spokenPrompt(choice: choice.id, language: language)] =
        EpisodePosition(value.mark)
    }
  }

  private mutating func fallback(_ node: Node, _ ids: [String]) -> Choice.Default? {
    if case .scalar = node {
      guard let id = name(node, "the default") else { return nil }
      if let index = ids.firstIndex(of: id) { return .option(index) }
      report(
        node,
        "the default \(SafeText.quoted(id)) is no option of this choice\(NearestName.hint(id, ids))"
      )
      return nil
    }
    guard let fields = fields(node, "'default'", ["random", "weighted", "expr"]) else { return nil }
    guard fields.values.count == 1 else {
      report(
        node, "the default is an option, {random: true}, {weighted: true} or {expr: …}; keep one")
      return nil
    }
    if let node = fields["expr"] {
      return expression(node, "the default") { parser, text throws(ExpressionFailure) in
        try parser.option(text, of: ids)
      }.map { .expression($0) }
    }
    if let node = fields["random"] { return word(node, ["true": .random], "random") }
    return fields["weighted"].flatMap { word($0, ["true": .weighted], "weighted") }
  }

  private mutating func vote(_ node: Node) -> Choice.Vote? {
    guard let fields = fields(node, "'vote'", ["quorum", "tie"]) else { return nil }
    let quorum = fields["quorum"].flatMap { number($0, 0...1, "the quorum") } ?? 0
    let words = ["default": "default", "random": "random"]
    let tie = fields["tie"].flatMap { word($0, words, "the tie") } ?? "default"
    return Choice.Vote(quorum: quorum, tie: tie)
  }

  private mutating func accessibility(_ node: Node, _ optionCount: Int) -> Choice.Accessibility? {
    guard let fields = fields(node, "'a11y'", ["extend", "keys", "announce_at"]) else { return nil }
    var result = Choice.Accessibility()
    if let node = fields["extend"] {
      result.extend = list(node, "extend", EpisodeLimits.optionCount).compactMap { item in
        item.scalar?.string == "none" ? 0 : number(item, 1...1000, "a factor of 'extend'")
      }
    }
    if let node = fields["keys"] {
      let keys = list(node, "keys", EpisodeLimits.optionCount)
      result.keys = keys.compactMap { item in
        guard let key = scalar(item, "a key"), (1...EpisodeLimits.nameLength) ~= key.utf8.count
        else {
          report(item, "a key is named as in KeyboardEvent.key: ArrowLeft, a, 1")
          return nil
        }
        return key
      }
      if keys.count != optionCount {
        report(node, "\(keys.count) keys for \(optionCount) options; give one for each, in order")
      }
    }
    result.announceAt = fields["announce_at"].flatMap { milliseconds($0, "announce_at") }
    return result
  }

  // MARK: Options

  private mutating func options(
    _ node: Node, of choice: String, in scene: Scene, spots: Bool
  ) -> [ChoiceOption] {
    let nodes = list(node, spots ? "spots" : "options", EpisodeLimits.optionCount)
    if case .sequence = node, nodes.isEmpty, problems.isEmpty {
      report(node, "a choice has at least one option")
    }
    var found: [ChoiceOption] = []
    var weighted = 0
    for item in nodes {
      guard let fields = fields(item, "an option", Self.optionKeys),
        let idNode = required("id", fields), let id = name(idNode, "the id of an option")
      else { continue }
      if found.contains(where: { $0.id == id }) {
        report(idNode, "two options of this choice are called \(SafeText.quoted(id)); rename one")
      }
      source.positions[.option(choice: choice, option: id)] = EpisodePosition(idNode.mark)
      if fields["weight"] != nil { weighted += 1 }
      found.append(option(id, fields, of: choice))
      spot(fields, &found[found.count - 1], in: scene, isRequired: spots)
    }
    if weighted > 0, weighted < nodes.count {
      report(
        node, "\(weighted) of \(nodes.count) options have a 'weight'; give one to each or to none")
    }
    return found
  }

  private mutating func option(
    _ id: String, _ fields: YAMLFields, of choice: String
  ) -> ChoiceOption {
    var option = ChoiceOption(id: id)
    if let node = fields["text"] { option.text = texts(node) }
    if let node = fields["when"] {
      source.positions[.when(choice: choice, option: id)] = EpisodePosition(node.mark)
      option.when = condition(node)
    }
    if let node = fields["else"] {
      option.otherwise = word(node, ["hidden": .hidden, "disabled": .disabled], "else") ?? .hidden
      if fields["when"] == nil { report(node, "'else' is for options with 'when'; take it away") }
    }
    if let node = fields["do"] {
      option.effects = effects(node) { .optionEffect(choice: choice, option: id, $0) }
    }
    if let node = fields["goto"] {
      source.positions[.goto(choice: choice, option: id)] = EpisodePosition(node.mark)
      option.goto = target(node)
    }
    if let node = fields["weight"] {
      option.weight = number(node, 0.000_001...1_000_000, "the weight") ?? 1
    }
    return option
  }

  private mutating func spot(
    _ fields: YAMLFields, _ option: inout ChoiceOption, in scene: Scene, isRequired: Bool
  ) {
    let given = ["yaw", "pitch", "size"].compactMap { fields[$0] }
    guard let first = given.first else {
      if isRequired { report(fields.position, "a spot has 'yaw', 'pitch' and 'size', in degrees") }
      return
    }
    if scene.projection != .equirectangular {
      report(first, "spots are for 360° scenes; write 'projection: erp'")
    }
    guard let yaw = required("yaw", fields).flatMap({ number($0, -180...180, "yaw") }),
      let pitch = required("pitch", fields).flatMap({ number($0, -90...90, "pitch") }),
      let size = required("size", fields).flatMap({ number($0, 1...180, "size") })
    else { return }
    option.spot = ChoiceOption.Spot(yaw: yaw, pitch: pitch, size: size)
  }
}
