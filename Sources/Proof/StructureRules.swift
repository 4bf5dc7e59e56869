import Episodes

/// E1: every scene goes somewhere, and what is named is what it says.
extension EpisodeGraph {
  func structureFindings() -> [Finding] {
    var findings: [Finding] = []
    func add(_ place: Finding.Place, _ message: String) {
      findings.append(Finding(.e1, .error, place, message))
    }
    for scene in episode.scenes where !isIdle(scene) {
      let place = Finding.Place(scene: scene.id)
      if let ending = scene.ending {
        if episode.ending(ending)?.scene != scene.id {
          add(place, "is the ending \(ending), which names another scene or is not there")
        }
        if scene.next != nil
          || scene.choices.last?.options.contains(where: { $0.goto != nil })
            ?? false
        {
          add(place, "is an ending and goes on; take the way on out, or the ending")
        }
      } else if scene.next == nil {
        guard let last = scene.choices.last else {
          add(place, "has no next, no choice, and is no ending: the story stops here")
          continue
        }
        for option in last.options where option.goto == nil {
          add(
            .init(scene: scene.id, choice: last.id, option: option.id),
            "has no goto, and the scene no next: the story stops here")
        }
      }
    }
    for ending in episode.endings where scene(ending.scene)?.ending != ending.id {
      add(.init(ending: ending.id), "is the scene \(ending.scene), which is no such ending")
    }
    for group in episode.groups where group.entries.isEmpty {
      add(.init(group: group.id), "has no entries")
    }
    return findings
  }

  /// Played only while an untimed choice waits.
  func isIdle(_ scene: Scene) -> Bool { idleScenes.contains(scene.id) && !isTarget(scene.id) }

  private var idleScenes: Set<String> {
    Set(episode.scenes.flatMap { $0.choices.compactMap(\.idle) })
  }

  private func isTarget(_ id: String) -> Bool {
    let target = Target.scene(id)
    return episode.entry == id
      || episode.groups.contains { $0.entries.contains { $0.goto == target } }
      || episode.scenes.contains { scene in
        scene.next == target
          || scene.choices.contains { $0.options.contains { $0.goto == target } }
      }
  }
}
