/// Which variables matter from a scene on: those that some way from its start reads before it
/// writes them. A checkpoint carries these and no others, so that histories which differ in nothing
/// that matters become one path.
///
/// A value that is only ever read to change a dead variable is dead too. What holds on every way is
/// looked for backward through scenes and groups until nothing changes (backward data flow); the
/// conditions on the ways are not weighed.
struct EpisodeLiveness {
  /// `[variable]`
  private typealias Flags = [UInt64]

  private enum Node {
    case scene(Scene)
    case group(TargetGroup)
  }

  private let episode: Episode
  private let variables: [String: Int]
  private let nodes: [Node]
  private let indices: [Target: Int]
  private var live: [Flags]

  /// Sets `checkpoint` of the scenes that are one.
  static func mark(_ episode: inout Episode, checkpoints: Set<String>) {
    let liveness = EpisodeLiveness(episode)
    for index in episode.scenes.indices {
      let id = episode.scenes[index].id
      episode.scenes[index].checkpoint =
        checkpoints.contains(id) ? liveness.variables(from: id) : nil
    }
  }

  init(_ episode: Episode) {
    self.episode = episode
    variables = Dictionary(
      episode.variables.enumerated().map { ($0.element.name, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    nodes = episode.scenes.map(Node.scene) + episode.groups.map(Node.group)
    let targets =
      episode.scenes.map { Target.scene($0.id) } + episode.groups.map { Target.group($0.id) }
    indices = Dictionary(
      targets.enumerated().map { ($0.element, $0.offset) }, uniquingKeysWith: { first, _ in first })
    live = Array(
      repeating: Array(repeating: 0, count: (episode.variables.count + 63) / 64),
      count: nodes.count)
    settle()
  }

  /// Names of the variables that matter when a scene is entered, in the episode's order.
  func variables(from scene: String) -> [String] {
    guard let index = indices[.scene(scene)] else { return [] }
    return episode.variables.indices.filter { live[index][$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
      .map { episode.variables[$0].name }
  }

  // MARK: Flow

  private mutating func settle() {
    var users: [[Int]] = Array(repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for target in Set(Self.targets(of: node)) {
        if let next = indices[target] { users[next].append(index) }
      }
    }
    var open = Array(nodes.indices)
    var isOpen = Array(repeating: true, count: nodes.count)
    while let index = open.popLast() {
      isOpen[index] = false
      let flags = before(nodes[index])
      guard flags != live[index] else { continue }
      live[index] = flags
      for user in users[index] where !isOpen[user] {
        isOpen[user] = true
        open.append(user)
      }
    }
  }

  private static func targets(of node: Node) -> [Target] {
    switch node {
    case .scene(let scene):
      [scene.next].compactMap { $0 } + scene.choices.flatMap(\.options).compactMap(\.goto)
    case .group(let group): group.entries.map(\.goto)
    }
  }

  private func before(_ node: Node) -> Flags {
    switch node {
    case .group(let group):
      var flags = none
      for entry in group.entries {
        read(entry.when, &flags)
        union(&flags, at(entry.goto))
      }
      return flags
    case .scene(let scene):
      var flags = at(scene.next)
      for (index, choice) in scene.choices.enumerated().reversed() {
        let isLast = index == scene.choices.count - 1
        var before = none
        if case .expression(let expression) = choice.fallback { read(expression, &before) }
        for option in choice.options {
          read(option.when, &before)
          var after = isLast && option.goto != nil ? at(option.goto) : flags
          undo(option.effects, &after)
          union(&before, after)
        }
        flags = before
      }
      // The order of `EpisodeGraph.enter`, backward; `count` is read to be written.
      if let ending = scene.ending { write("ended:\(ending)", &flags) }
      undo(scene.enter, &flags)
      write("visited:\(scene.id)", &flags)
      return flags
    }
  }

  private func undo(_ effects: [Effect], _ flags: inout Flags) {
    for effect in effects.reversed() {
      guard let index = variables[effect.variable],
        flags[index / 64] >> UInt64(index % 64) & 1 == 1
      else { continue }
      write(effect.variable, &flags)
      read(effect.value, &flags)
    }
  }

  private var none: Flags { Array(repeating: 0, count: (episode.variables.count + 63) / 64) }

  private func at(_ target: Target?) -> Flags {
    target.flatMap { indices[$0] }.map { live[$0] } ?? none
  }

  private func union(_ flags: inout Flags, _ other: Flags) {
    for word in flags.indices { flags[word] |= other[word] }
  }

  private func write(_ name: String, _ flags: inout Flags) {
    guard let index = variables[name] else { return }
    flags[index / 64] &= ~(1 << UInt64(index % 64))
  }

  private func read(_ expression: Expression?, _ flags: inout Flags) {
    for name in expression?.variables ?? [] {
      guard let index = variables[name] else { continue }
      flags[index / 64] |= 1 << UInt64(index % 64)
    }
  }
}
