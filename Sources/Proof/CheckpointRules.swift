import Episodes

/// W3: few choices between checkpoints, so that viewers share paths in caches.
extension Evidence {
  /// Choices after which hardly two viewers have one path: with 15 choices of two options a million
  /// viewers have 33 000 paths.
  static let choicesBetweenCheckpoints = 15

  func checkpointFindings() -> [Finding] {
    let entry = graph.sceneIndex(graph.episode.entry) ?? 0
    let starts = graph.episode.scenes.indices.filter { scene in
      (scene == entry || graph.episode.scenes[scene].checkpoint != nil)
        && seen.reached[scene] != DecisionDiagrams.no
    }
    let isStart = Set(starts)
    // Ways that do not go on at a checkpoint.
    func ways(_ point: Int) -> [(to: Int, cost: Int)] {
      guard seen.reached[point] != DecisionDiagrams.no else { return [] }
      return story.out[point].map { story.edges[$0] }
        .filter { $0.isStory && !isStart.contains($0.to) }
        .map { ($0.to, $0.option == nil ? 0 : 1) }
    }
    var findings: [Finding] = []
    for start in starts {
      let place = Finding.Place(scene: graph.episode.scenes[start].id)
      switch Self.longest(from: start, story.points.count, ways) {
      case .loop(let point):
        findings.append(
          Finding(
            .w3, .warning, place,
            "from here a loop through \(scene(point).id) can be walked without a checkpoint: "
              + "caches share no paths"))
      case .path(let count, let point) where count > Self.choicesBetweenCheckpoints:
        findings.append(
          Finding(
            .w3, .warning, place,
            "from here up to \(count) choices lead to \(scene(point).id) without a checkpoint; "
              + "after \(Self.choicesBetweenCheckpoints) caches share few paths"))
      default: continue
      }
    }
    return findings
  }

  private enum Longest {
    case path(Int, to: Int)
    case loop(Int)
  }

  /// By depth first search: a point that is met while it is open is a loop.
  private static func longest(
    from start: Int, _ count: Int, _ ways: (Int) -> [(to: Int, cost: Int)]
  ) -> Longest {
    var best: [Int: (count: Int, end: Int)] = [:]
    var open: Set<Int> = [start]
    var stack = [(point: start, ways: ways(start), next: 0)]
    while let top = stack.last {
      if top.next < top.ways.count {
        stack[stack.count - 1].next += 1
        let to = top.ways[top.next].to
        if open.contains(to) { return .loop(to) }
        guard best[to] == nil else { continue }
        open.insert(to)
        stack.append((to, ways(to), 0))
      } else {
        let options = top.ways.map { way in
          let rest = best[way.to] ?? (0, way.to)
          return (count: rest.count + way.cost, end: rest.end)
        }
        best[top.point] = options.max { $0.count < $1.count } ?? (0, top.point)
        open.remove(top.point)
        stack.removeLast()
      }
    }
    let found = best[start] ?? (0, start)
    return .path(found.count, to: found.end)
  }
}
