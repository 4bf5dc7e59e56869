import Markup
import MediaCore

/// A story in Twee 3 as an episode whose media is still to be shot: `scene.mp4` for every passage.
///
///     let file = try TweeImport.read(bytes, name: "offer.twee", language: "en")
///     file.yaml
///
/// A passage becomes a scene, a link an option; a passage whose only link has no condition goes on
/// of itself. What is set on the way is set on entry. Whole numbers get bounds that hold all that is
/// written in the story, and 0 to 100 if they are reckoned with: look through them.
package struct TweeImport {
  /// Of a choice without the tag `choice`: seconds into the scene, and its length.
  static let window = (at: 2000, length: 8960)

  private let language: String
  private let story: TweeFile
  private var sceneIDs: [String: String] = [:]
  private var names: [String: String] = [:]
  private var taken: Set<String> = ExpressionSyntaxReader.reserved
  private var markups: [TweeMarkup] = []
  private var variables: [Variable] = []
  private var parser = ExpressionParser(variables: [], scenes: [], endings: [])

  package static func read(
    _ bytes: some Collection<UInt8>, name: String, language: String
  ) throws(EpisodeFileError) -> EpisodeFile {
    do throws(TextFailure) {
      var reader = Self(language: language, story: try TweeFile(bytes))
      let episode = try reader.episode()
      let media = EpisodeFile.mediaStubs(of: episode)
      let draft = EpisodeFile(name: name, episode: episode, media: media)
      // Read back, so that what an author's file is held against holds here.
      return try Self.checked(draft)
    } catch {
      throw EpisodeFileError(file: name, problems: [error.problem])
    }
  }

  private static func checked(_ draft: EpisodeFile) throws(TextFailure) -> EpisodeFile {
    do throws(EpisodeFileError) {
      var file = try EpisodeFile(text: draft.yaml, name: draft.name)
      file.source = EpisodeSource()
      return file
    } catch {
      let first = error.problems.first?.message ?? ""
      throw TextFailure(
        EpisodePosition(line: 1, column: 1), "the story makes no episode: \(first)")
    }
  }

  private init(language: String, story: TweeFile) {
    self.language = language
    self.story = story
  }

  // MARK: The whole

  private mutating func episode() throws(TextFailure) -> Episode {
    let initial = story.passages.first { $0.name == "StoryInit" }
    let passages = story.passages.filter { $0.name != "StoryInit" }
    guard let first = passages.first else {
      throw TextFailure(EpisodePosition(line: 1, column: 1), "the story has no passages")
    }
    for passage in passages {
      guard sceneIDs[passage.name] == nil else {
        throw failure(passage.line, "two passages are called \(SafeText.quoted(passage.name))")
      }
      sceneIDs[passage.name] = unique(passage.name, "scene", EpisodeName.reservedScenes)
    }
    taken = ExpressionSyntaxReader.reserved
    for passage in passages { markups.append(try TweeMarkup(passage)) }
    try infer(initial.map { passage throws(TextFailure) in try TweeMarkup(passage) })
    let ids = passages.compactMap { sceneIDs[$0.name] }
    parser = ExpressionParser(variables: variables, scenes: ids, endings: [])
    var scenes: [Scene] = []
    var endings: [Ending] = []
    var checkpoints: Set<String> = []
    for (passage, markup) in zip(passages, markups) {
      var scene = try self.scene(passage, markup)
      if passage.tags.contains("checkpoint") { checkpoints.insert(scene.id) }
      if let ending = scene.ending {
        let title = [language: passage.name]
        endings.append(
          Ending(id: ending, scene: scene.id, title: title, rank: nil, isSecret: false))
        scene.title = [:]
      }
      scenes.append(scene)
    }
    let entry = story.start ?? (sceneIDs["Start"] == nil ? first.name : "Start")
    guard let entryID = sceneIDs[entry] else {
      throw failure(
        first.line, "the story starts at \(SafeText.quoted(entry)), which is no passage")
    }
    for index in scenes.indices where checkpoints.contains(scenes[index].id) {
      scenes[index].checkpoint = []
    }
    let title = story.title.map { String($0.prefix(EpisodeLimits.textLength)) } ?? ""
    return Episode(
      id: id(), title: title.isEmpty ? [:] : [language: title], languages: [language],
      entry: entryID, variables: variables, scenes: scenes, groups: [], endings: endings)
  }

  private func failure(_ line: Int, _ message: String) -> TextFailure {
    TextFailure(EpisodePosition(line: line, column: 1), message)
  }

  /// The IFID, or the title.
  private func id() -> String {
    let wish = story.ifid ?? story.title ?? ""
    let id = Self.spelt(wish.lowercased())
    return EpisodeName.isValid(id) ? id : String("e-\(id)".prefix(EpisodeLimits.nameLength))
  }

  /// Letters, digits, `_` and `-` of a text.
  private static func spelt(_ text: String) -> String {
    let bytes = text.utf8.prefix(EpisodeLimits.nameLength - 8).map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: byte
      default: UInt8(ascii: "_")
      }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return text.trimmingPrefix { $0 == "_" }.isEmpty ? "" : text
  }

  /// A name that is not taken; it is taken then.
  private mutating func unique(
    _ text: String, _ kind: String, _ reserved: Set<String> = []
  ) -> String {
    var name = Self.spelt(text)
    if !EpisodeName.isValid(name) { name = name.isEmpty ? kind : "\(kind)_\(name)" }
    var candidate = name
    var number = 2
    while reserved.contains(candidate) || taken.contains(candidate) {
      candidate = "\(name)_\(number)"
      number += 1
    }
    taken.insert(candidate)
    return candidate
  }

  // MARK: Variables

  private struct Found {
    var kind: Variable.Kind?
    var members: [String] = []
    var numbers: [Int] = [0]
    var isReckoned = false
    var initial = 0
  }

  /// The kinds of variables, from all that is assigned to them.
  private mutating func infer(_ start: TweeMarkup?) throws(TextFailure) {
    var found: [String: Found] = [:]
    var order: [String] = []
    var sets: [(TweeMarkup.Set, isInitial: Bool)] = []
    for (markup, isInitial) in [(start, true)] + markups.map({ ($0, false) }) {
      for item in markup?.items ?? [] {
        switch item {
        case .set(let set, let guards):
          guard !isInitial || guards.isEmpty else {
            throw failure(set.line, "StoryInit sets what always holds; take the 'if' away")
          }
          sets.append((set, isInitial))
        case .link(let link, _): sets += link.sets.map { ($0, false) }
        }
      }
    }
    for (set, isInitial) in sets {
      let name = String(set.variable.dropFirst())
      if found[name] == nil {
        order.append(name)
        found[name] = Found()
        names[name] = unique(name, "v")
      }
      let tokens = try TweeExpression(set.value, line: set.line).tokens
      try take(tokens, set, isInitial, &found[name, default: Found()])
    }
    for name in order {
      guard let value = found[name], let id = names[name] else { continue }
      variables.append(variable(id, value))
    }
  }

  private mutating func take(
    _ tokens: [TweeExpression.Token], _ set: TweeMarkup.Set, _ isInitial: Bool,
    _ found: inout Found
  ) throws(TextFailure) {
    var kind: Variable.Kind?
    var value: Int?
    switch (tokens.first, tokens.count) {
    case (.word("true"), 1), (.word("false"), 1):
      kind = .bool
      value = tokens.first == .word("true") ? 1 : 0
    case (.text(let text), 1):
      kind = .enumeration
      try member(text, set, &found)
      value = found.members.firstIndex(of: text)
    case (.number(let number), 1): (kind, value) = (.int, number)
    case (.sign("-"), 2):
      if case .number(let number) = tokens[1] { (kind, value) = (.int, -number) }
    default:
      // Reckoned, or a condition: its own kind shows in plain assignments.
      found.isReckoned = true
      for (index, token) in tokens.enumerated() {
        // A text that is compared says nothing of what is assigned.
        guard case .text(let text) = token,
          index == 0 || !Self.comparisons.contains(tokens[index - 1]),
          index + 1 == tokens.count || !Self.comparisons.contains(tokens[index + 1]),
          index == 0 || tokens[index - 1] != .sign("(") || index < 2
            || tokens[index - 2] != .word("visited")
        else { continue }
        kind = .enumeration
        try member(text, set, &found)
      }
    }
    if let value, kind == .int { found.numbers.append(value) }
    if let kind {
      guard found.kind == nil || found.kind == kind else {
        throw failure(
          set.line,
          "\(set.variable) is set to values of two kinds; use a variable for each: numbers, texts, or "
            + "true and false")
      }
      found.kind = kind
    }
    guard isInitial else { return }
    guard let value else { throw failure(set.line, "StoryInit sets values, not expressions") }
    found.initial = value
  }

  private static let comparisons: Set<TweeExpression.Token> = [
    .word("is"), .word("isnot"), .word("eq"), .word("neq"), .word("ne"), .word("not"),
    .sign("=="), .sign("!="), .sign("==="), .sign("!=="),
  ]

  private mutating func member(
    _ text: String, _ set: TweeMarkup.Set, _ found: inout Found
  ) throws(TextFailure) {
    guard !found.members.contains(text) else { return }
    guard found.members.count < EpisodeLimits.enumerationCount else {
      throw failure(
        set.line, "\(set.variable) has more than \(EpisodeLimits.enumerationCount) texts")
    }
    found.members.append(text)
    if names[text] == nil { names[text] = unique(text, "m") }
  }

  private func variable(_ id: String, _ found: Found) -> Variable {
    switch found.kind ?? .int {
    case .bool:
      return Variable(name: id, kind: .bool, minimum: 0, maximum: 1, initial: found.initial)
    case .enumeration:
      return Variable(
        name: id, kind: .enumeration, minimum: 0, maximum: found.members.count - 1,
        initial: found.initial, members: found.members.compactMap { names[$0] })
    case .int:
      let numbers = found.numbers + (found.isReckoned ? [100] : [])
      return Variable(
        name: id, kind: .int, minimum: numbers.min() ?? 0, maximum: numbers.max() ?? 0,
        initial: found.initial)
    }
  }

  // MARK: Scenes

  private mutating func scene(
    _ passage: TweeFile.Passage, _ markup: TweeMarkup
  ) throws(TextFailure) -> Scene {
    let id = sceneIDs[passage.name] ?? ""
    var scene = Scene(id: id)
    if passage.name != id { scene.title = [language: passage.name] }
    var links: [(TweeMarkup.Link, Episodes.Expression?)] = []
    // Behind which `if` each variable was set, by the lines of its guards.
    var written: [(variable: String, lines: Set<Int>)] = []
    var readSoFar: Set<String> = []
    for item in markup.items {
      switch item {
      case .set(let set, let guards):
        let condition = try self.condition(guards)
        let lines = Set(guards.map(\.line))
        if let condition,
          written.contains(where: {
            condition.variables.contains($0.variable) && !$0.lines.isDisjoint(with: lines)
          })
        {
          throw failure(
            set.line,
            "the condition of this 'if' reads what is set inside it; set that last, or in a passage "
              + "of its own")
        }
        let effect = try effect(set, condition)
        guard !readSoFar.contains(effect.variable) else {
          throw failure(
            set.line,
            "\(set.variable) is set behind a condition that reads it; set it in front, or on the link"
          )
        }
        written.append((effect.variable, lines))
        scene.enter.append(effect)
      case .link(let link, let guards):
        let condition = try self.condition(guards)
        readSoFar.formUnion(condition?.variables ?? [])
        links.append((link, condition))
      }
    }
    if passage.tags.contains("ending") || links.isEmpty {
      guard links.isEmpty else {
        throw failure(
          passage.line, "an ending has no links; take the tag 'ending' or the links away")
      }
      scene.ending = id
    } else if links.count == 1, links[0].1 == nil, links[0].0.sets.isEmpty,
      !passage.tags.contains("choice")
    {
      scene.next = try target(links[0].0)
    } else {
      scene.choices = [try choice(passage, markup.prose, links)]
    }
    return scene
  }

  private func target(_ link: TweeMarkup.Link) throws(TextFailure) -> Target {
    guard let id = sceneIDs[link.target] else {
      throw failure(
        link.line,
        "the link leads to \(SafeText.quoted(link.target)), which is no passage"
          + NearestName.hint(link.target, sceneIDs.keys.sorted()))
    }
    return .scene(id)
  }

  /// The window is told by the tags `choice 2.0 8.96`.
  private mutating func choice(
    _ passage: TweeFile.Passage, _ prose: String,
    _ links: [(TweeMarkup.Link, Episodes.Expression?)]
  ) throws(TextFailure) -> Choice {
    guard links.count <= EpisodeLimits.optionCount else {
      throw failure(
        passage.line,
        "\(links.count) links; a choice has at most \(EpisodeLimits.optionCount) options")
    }
    let prompt = String(prose.prefix(EpisodeLimits.textLength))
    var choice = Choice(
      id: "k_\(sceneIDs[passage.name] ?? "")", at: Self.window.at, length: Self.window.length,
      prompt: prompt.isEmpty ? [:] : [language: prompt], options: [])
    if let index = passage.tags.firstIndex(of: "choice"), index + 2 < passage.tags.count,
      let at = Double(passage.tags[index + 1]), let length = Double(passage.tags[index + 2])
    {
      let range = 0...Double(EpisodeLimits.sceneTime / 1000)
      guard range.contains(at), range.contains(length), length >= 0.001 else {
        throw failure(passage.line, "the window of 'choice' begins and lasts some seconds")
      }
      choice.at = Int((at * 1000).rounded())
      choice.length = Int((length * 1000).rounded())
    }
    let kept = taken
    taken = []
    for (link, condition) in links {
      var option = ChoiceOption(
        id: unique(link.target, "o"),
        text: [language: String(link.text.prefix(EpisodeLimits.textLength))], when: condition)
      option.goto = try target(link)
      for set in link.sets { option.effects.append(try effect(set, nil)) }
      choice.options.append(option)
    }
    taken = kept
    choice.fallback = .option(choice.options.firstIndex { $0.when == nil } ?? 0)
    return choice
  }

  // MARK: Expressions

  private func translated(_ text: String, _ line: Int) throws(TextFailure) -> String {
    try TweeExpression(text, line: line).text(
      line: line, scene: { sceneIDs[$0] }, name: { names[$0] ?? Self.spelt($0) })
  }

  private mutating func condition(
    _ guards: [TweeMarkup.Guard]
  ) throws(TextFailure) -> Episodes.Expression? {
    var terms: [String] = []
    for item in guards {
      let text = try translated(item.text, item.line)
      terms.append(item.holds ? "(\(text))" : "!(\(text))")
    }
    guard !terms.isEmpty else { return nil }
    do throws(ExpressionFailure) {
      return try parser.condition(terms.joined(separator: " && "))
    } catch {
      throw failure(guards.last?.line ?? 1, error.message)
    }
  }

  /// Under a condition: the value, or what the variable has.
  private mutating func effect(
    _ set: TweeMarkup.Set, _ condition: Episodes.Expression?
  ) throws(TextFailure) -> Effect {
    let name = names[String(set.variable.dropFirst())] ?? ""
    let value = try translated(set.value, set.line)
    do throws(ExpressionFailure) {
      var effect = try parser.effect("\(name) = \(value)")
      if let condition {
        effect.value = .conditional(condition, effect.value, .variable(name))
      }
      return effect
    } catch {
      throw failure(set.line, error.message)
    }
  }
}
