extension EpisodeFile {
  /// An episode file that is read as the same episode, media and masks. Comments are not kept.
  package var yaml: String { EpisodeFileWriter(self).text }

  /// What a file without media is packaged from: `scene.mp4` for every scene and viewpoint.
  package static func mediaStubs(of episode: Episode) -> [String: Media] {
    var media: [String: Media] = [:]
    for scene in episode.scenes {
      media[scene.id] = Media(sources: ["\(scene.id).mp4"])
      for viewpoint in scene.viewpoints {
        let name = "\(scene.id).\(viewpoint.id)"
        media[name] = Media(sources: ["\(name).mp4"])
      }
    }
    return media
  }
}

/// Writes an episode file. Pure: the same value gives the same text.
struct EpisodeFileWriter {
  private let file: EpisodeFile
  private let expressions: ExpressionText
  private var lines: [String] = []

  init(_ file: EpisodeFile) {
    self.file = file
    expressions = ExpressionText(variables: file.episode.variables)
    write()
  }

  var text: String { lines.joined(separator: "\n") + "\n" }

  private mutating func write() {
    let episode = file.episode
    lines.append("branch: \(episode.format)")
    var head = ["id: \(episode.id)"]
    if !episode.title.isEmpty { head.append("title: \(texts(episode.title))") }
    head += [
      "entry: \(episode.entry)", "languages: [\(episode.languages.joined(separator: ", "))]",
    ]
    lines.append("episode: {\(head.joined(separator: ", "))}")
    let variables = episode.variables.filter { $0.origin == .written }
    if !variables.isEmpty {
      lines.append("vars:")
      for variable in variables { lines.append("  \(variable.name): \(self.variable(variable))") }
    }
    lines.append("scenes:")
    for scene in episode.scenes { write(scene) }
    if !episode.groups.isEmpty {
      lines.append("groups:")
      for group in episode.groups {
        lines.append("  \(group.id):")
        for entry in group.entries { lines.append("    - \(self.entry(entry))") }
      }
    }
    let checkpoints = episode.scenes.filter { $0.checkpoint != nil && $0.id != episode.entry }
    if !checkpoints.isEmpty {
      lines.append("checkpoints: [\(checkpoints.map(\.id).joined(separator: ", "))]")
    }
    if !episode.endings.isEmpty {
      lines.append("endings:")
      for ending in episode.endings { lines.append("  \(ending.id): \(self.ending(ending))") }
    }
    let policy = episode.policy
    lines.append(
      "policy: {backtrack: \(policy.backtrack), max_loop: \(policy.maximumLoop), bitrate_floor: "
        + "\(policy.bitrateFloor), rtt: \(EpisodeReader.seconds(policy.roundTrip))}")
  }

  // MARK: Parts

  private func variable(_ variable: Variable) -> String {
    var parts = ["type: \(variable.kind.rawValue)"]
    switch variable.kind {
    case .bool: parts.append("init: \(variable.initial != 0)")
    case .int:
      parts += [
        "min: \(variable.minimum)", "max: \(variable.maximum)", "init: \(variable.initial)",
      ]
    case .enumeration:
      parts.append("of: [\(variable.members.joined(separator: ", "))]")
      if variable.members.indices ~= variable.initial {
        parts.append("init: \(variable.members[variable.initial])")
      }
    }
    if variable.scope != .run { parts.append("scope: \(variable.scope.rawValue)") }
    if variable.isRandom { parts.append("random: per-run") }
    if !variable.title.isEmpty { parts.append("title: \(texts(variable.title))") }
    if !variable.isHidden { parts.append("visible: true") }
    return "{\(parts.joined(separator: ", "))}"
  }

  private mutating func write(_ scene: Scene) {
    lines.append("  \(scene.id):")
    if !scene.title.isEmpty { lines.append("    title: \(texts(scene.title))") }
    for line in media(scene.id) { lines.append("    \(line)") }
    if scene.projection != .flat { lines.append("    projection: \(scene.projection.rawValue)") }
    if !scene.viewpoints.isEmpty {
      lines.append("    viewpoints:")
      for viewpoint in scene.viewpoints {
        var parts = ["id: \(viewpoint.id)"]
        if !viewpoint.title.isEmpty { parts.append("title: \(texts(viewpoint.title))") }
        parts += media("\(scene.id).\(viewpoint.id)")
        lines.append("      - {\(parts.joined(separator: ", "))}")
      }
    }
    if !scene.enter.isEmpty { lines.append("    on_enter: \(effects(scene.enter))") }
    if !scene.choices.isEmpty {
      lines.append("    choices:")
      for choice in scene.choices { write(choice) }
    }
    if let next = scene.next { lines.append("    next: \(Self.id(next))") }
  }

  private func media(_ name: String) -> [String] {
    guard let media = file.media[name] else { return [] }
    let sources = media.sources.map(Self.quoted)
    var parts = ["media: " + (sources.count == 1 ? sources[0] : Self.list(sources))]
    for (key, files) in [("audio", media.audio), ("text", media.text)] where !files.isEmpty {
      let entries = files.map { "\(Self.quoted($0.language)): \(Self.quoted($0.path))" }
      parts.append("\(key): {\(entries.joined(separator: ", "))}")
    }
    return parts
  }

  private mutating func write(_ choice: Choice) {
    let times = (EpisodeReader.seconds(choice.at), EpisodeReader.seconds(choice.length))
    lines.append("      - id: \(choice.id)")
    lines.append("        window: {at: \(times.0), for: \(times.1)}")
    let mask = file.minimumMasks[choice.id].map { ", min_mask: \(EpisodeReader.seconds($0))" } ?? ""
    if choice.lock != .atEnd || !mask.isEmpty {
      lines.append("        lock: {mode: \(choice.lock.rawValue)\(mask)}")
    }
    if choice.isUntimed { lines.append("        untimed: true") }
    if let idle = choice.idle { lines.append("        idle: \(idle)") }
    if !choice.prompt.isEmpty || !choice.spokenPrompt.isEmpty {
      var parts = entries(choice.prompt)
      if !choice.spokenPrompt.isEmpty { parts.append("audio: \(texts(choice.spokenPrompt))") }
      lines.append("        prompt: {\(parts.joined(separator: ", "))}")
    }
    lines.append("        options:")
    let hasWeights = choice.options.contains { $0.weight != 1 }
    for option in choice.options {
      lines.append("          - {\(self.option(option, hasWeights).joined(separator: ", "))}")
    }
    lines.append("        default: \(fallback(choice))")
    if let vote = choice.vote {
      lines.append("        vote: {quorum: \(Self.number(vote.quorum)), tie: \(vote.tie)}")
    }
    if let accessibility = choice.accessibility {
      lines.append("        a11y: {\(self.accessibility(accessibility).joined(separator: ", "))}")
    }
  }

  private func option(_ option: ChoiceOption, _ hasWeights: Bool) -> [String] {
    var parts = ["id: \(option.id)"]
    if !option.text.isEmpty { parts.append("text: \(texts(option.text))") }
    if let goto = option.goto { parts.append("goto: \(Self.id(goto))") }
    if let when = option.when {
      parts.append("when: \(Self.quoted(expressions.condition(when), always: true))")
      if option.otherwise != .hidden { parts.append("else: \(option.otherwise.rawValue)") }
    }
    if !option.effects.isEmpty { parts.append("do: \(effects(option.effects))") }
    if hasWeights { parts.append("weight: \(Self.number(option.weight))") }
    if let spot = option.spot {
      parts += [
        "yaw: \(Self.number(spot.yaw))", "pitch: \(Self.number(spot.pitch))",
        "size: \(Self.number(spot.size))",
      ]
    }
    return parts
  }

  private func fallback(_ choice: Choice) -> String {
    switch choice.fallback {
    case .option(let index):
      choice.options.indices ~= index ? choice.options[index].id : "\(index)"
    case .random: "{random: true}"
    case .weighted: "{weighted: true}"
    case .expression(let expression):
      "{expr: \(Self.quoted(expressions.option(expression, of: choice.options.map(\.id)), always: true))}"
    }
  }

  private func accessibility(_ value: Choice.Accessibility) -> [String] {
    var parts: [String] = []
    if !value.extend.isEmpty {
      parts.append("extend: \(Self.list(value.extend.map { $0 == 0 ? "none" : Self.number($0) }))")
    }
    if !value.keys.isEmpty {
      parts.append("keys: \(Self.list(value.keys.map { Self.quoted($0) }))")
    }
    if let time = value.announceAt { parts.append("announce_at: \(EpisodeReader.seconds(time))") }
    return parts
  }

  private func entry(_ entry: TargetGroup.Entry) -> String {
    guard let when = entry.when else { return Self.id(entry.goto) }
    let condition = Self.quoted(expressions.condition(when), always: true)
    return "{goto: \(Self.id(entry.goto)), when: \(condition)}"
  }

  private func ending(_ ending: Ending) -> String {
    var parts = ["scene: \(ending.scene)"]
    if !ending.title.isEmpty { parts.append("title: \(texts(ending.title))") }
    if let rank = ending.rank { parts.append("rank: \(rank)") }
    if ending.isSecret { parts.append("secret: true") }
    return "{\(parts.joined(separator: ", "))}"
  }

  // MARK: Values

  private func effects(_ effects: [Effect]) -> String {
    Self.list(effects.map { Self.quoted(expressions.effect($0), always: true) })
  }

  private func texts(_ texts: [String: String]) -> String {
    "{\(entries(texts).joined(separator: ", "))}"
  }

  /// In the order of the episode's languages.
  private func entries(_ texts: [String: String]) -> [String] {
    file.episode.languages.compactMap { language in
      texts[language].map { "\(Self.quoted(language)): \(Self.quoted($0, always: true))" }
    }
  }

  private static func list(_ items: [String]) -> String { "[\(items.joined(separator: ", "))]" }

  private static func id(_ target: Target) -> String {
    switch target {
    case .scene(let id), .group(let id): id
    }
  }

  /// Without an exponent, and without `.0`.
  private static func number(_ value: Double) -> String {
    if value == value.rounded(), value.magnitude < 1e15 { return "\(Int(value))" }
    let text = "\(value)"
    guard text.contains("e") else { return text }
    // At least one millionth, by the rules of weights: six decimals hold what counts.
    let millionths = Int((value * 1e6).rounded())
    let digits = String(1_000_000 + abs(millionths) % 1_000_000).dropFirst()
    return (millionths < 0 ? "-" : "") + "\(abs(millionths) / 1_000_000).\(digits)"
  }

  /// Bare where nothing can be taken for YAML; else in double quotation marks.
  private static func quoted(_ text: String, always: Bool) -> String {
    let isBare =
      !always && text.utf8.first.map { (0x41...0x5a) ~= $0 || (0x61...0x7a) ~= $0 } == true
      && text.utf8.allSatisfy {
        (0x30...0x39) ~= $0 || (0x41...0x5a) ~= $0 || (0x61...0x7a) ~= $0 || $0 == 0x2d
          || $0 == 0x2e || $0 == 0x2f || $0 == 0x5f
      }
    guard !isBare else { return text }
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
          || [0x2028, 0x2029, 0xfeff, 0xfffe, 0xffff].contains(scalar.value)
        {
          let digits = String(scalar.value, radix: 16)
          result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private static func quoted(_ text: String) -> String { quoted(text, always: false) }
}
