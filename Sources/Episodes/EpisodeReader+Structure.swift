import Markup
import MediaCore

/// What one look at the scenes shows (E1): everything goes on, and nothing goes on from an end.
extension EpisodeReader {
  mutating func checkStructure(_ scenes: [Scene], _ groups: [TargetGroup]) {
    let start = EpisodePosition(line: 1, column: 1)
    for scene in scenes {
      let place = source[.scene(scene.id)] ?? start
      let gotos = scene.choices.last?.options.map { $0.goto != nil } ?? []
      if let idle = idle[scene.id] {
        checkIdle(scene, place, idle)
      } else if scene.ending != nil {
        if scene.next != nil || gotos.contains(true) {
          report(
            source[.next(scene: scene.id)] ?? place,
            "the scene \(SafeText.quoted(scene.id)) is an ending and goes on; take 'next' and 'goto' "
              + "away, or the ending")
        }
      } else if source[.next(scene: scene.id)] == nil, gotos.isEmpty || !goesOn(scene) {
        report(
          place,
          "the scene \(SafeText.quoted(scene.id)) does not go on; give it 'next', or a 'goto' to every "
            + "option of its last choice, or name it under 'endings'")
      }
    }
    checkCircles(groups)
    checkIdleTargets(scenes, groups)
  }

  /// Also if a `goto` was written and is wrong: that is told already.
  private func goesOn(_ scene: Scene) -> Bool {
    guard let choice = scene.choices.last else { return false }
    return choice.options.allSatisfy {
      $0.goto != nil || source[.goto(choice: choice.id, option: $0.id)] != nil
    }
  }

  private mutating func checkIdle(
    _ scene: Scene, _ place: EpisodePosition, _ idle: EpisodePosition
  ) {
    if scene.next != nil || !scene.choices.isEmpty || !scene.enter.isEmpty || scene.ending != nil {
      report(
        place,
        "the scene \(SafeText.quoted(scene.id)) is what a choice waits over (line \(idle.line)); it has "
          + "media and nothing else")
    }
  }

  private mutating func checkIdleTargets(_ scenes: [Scene], _ groups: [TargetGroup]) {
    guard !idle.isEmpty else { return }
    func check(_ target: Target?, _ item: EpisodeSource.Item) {
      guard case .scene(let id) = target, idle[id] != nil else { return }
      report(
        source[item] ?? EpisodePosition(line: 1, column: 1),
        "\(SafeText.quoted(id)) is what a choice waits over; the story cannot go on there")
    }
    for scene in scenes {
      check(scene.next, .next(scene: scene.id))
      for choice in scene.choices {
        for option in choice.options {
          check(option.goto, .goto(choice: choice.id, option: option.id))
        }
      }
    }
    for group in groups {
      for (index, entry) in group.entries.enumerated() {
        check(entry.goto, .groupEntry(group: group.id, index))
      }
    }
  }

  /// Groups that lead to each other never come to a scene.
  private mutating func checkCircles(_ groups: [TargetGroup]) {
    let edges = Dictionary(
      groups.map { group in
        (
          group.id,
          group.entries.compactMap { entry -> String? in
            if case .group(let id) = entry.goto { id } else { nil }
          }
        )
      }, uniquingKeysWith: { first, _ in first })
    // Those that lead to no open group are taken away, until none is left or all that are left turn.
    var waiting = edges.mapValues(\.count)
    var users: [String: [String]] = [:]
    for group in groups {
      for next in edges[group.id] ?? [] { users[next, default: []].append(group.id) }
    }
    var done = groups.map(\.id).filter { waiting[$0] == 0 }
    var index = 0
    while index < done.count {
      for user in users[done[index]] ?? [] {
        waiting[user, default: 0] -= 1
        if waiting[user] == 0 { done.append(user) }
      }
      index += 1
    }
    let finished = Set(done)
    for group in groups where !finished.contains(group.id) {
      report(
        source[.group(group.id)] ?? EpisodePosition(line: 1, column: 1),
        "the group \(SafeText.quoted(group.id)) leads back to itself through groups; let it lead to a "
          + "scene")
    }
  }
}
