import Episodes

/// The way of one decision: from the choice, over the option, to the next choice or an ending.
///
/// Scenes are positions in the episode. Legs are few and reports are many, so the ledger keeps a leg
/// once, and what was seen of every scene is a sum over legs.
struct Leg: Hashable, Sendable {
  var scene: Int
  /// Position in the scene.
  var choice: Int
  var option: Int
  /// Scenes from the entry up to this one, if it is the first choice of a run; otherwise empty.
  var lead: [Int]
  /// Scenes that were entered after the choice, before or with the next one.
  var route: [Int]
  /// Whether the story ended there.
  var ends: Bool
}

/// What an episode says to a path and an option.
enum JudgedStep: Sendable {
  case impossible(String)
  /// The path leads to an ending: nothing is open.
  case ended
  /// What is open after the path, and what taking the option means.
  case open(OpenStep)

  struct OpenStep: Sendable {
    var choice: String
    var occurrence: Int
    /// Milliseconds of the scene at which the window opens.
    var opensAt: Int
    /// `nil`: the option cannot be taken, for this reason.
    var leg: Leg?
    var reason: String
    /// The path with the option.
    var next: EpisodePath
  }

  init(_ graph: EpisodeGraph, _ path: EpisodePath, option: Int) {
    let before: Walk
    do throws(EpisodesError) {
      before = try Walk(graph, path: path)
    } catch {
      self = .impossible(error.message)
      return
    }
    guard let open = before.openChoice, let step = before.steps.last,
      let scene = graph.sceneIndex(step.scene.id)
    else {
      self = .ended
      return
    }
    var next = path
    next.options.append(option)
    var judged = OpenStep(
      choice: open.choice.id, occurrence: open.occurrence, opensAt: open.choice.at, leg: nil,
      reason: "", next: next)
    do throws(EpisodesError) {
      let after = try Walk(graph, path: next)
      let isFirst =
        path.options.isEmpty && (path.start.map { $0.scene == graph.episode.entry } ?? true)
      judged.leg = Leg(
        scene: scene, choice: step.decisions.count - 1, option: option,
        lead: isFirst ? Self.positions(before.steps[...], graph) : [],
        route: Self.positions(after.steps[before.steps.count...], graph),
        ends: after.openChoice == nil)
    } catch {
      judged.reason = error.message
    }
    self = .open(judged)
  }

  private static func positions(_ steps: ArraySlice<Walk.Step>, _ graph: EpisodeGraph) -> [Int] {
    let scenes = steps.compactMap { graph.sceneIndex($0.scene.id) }
    guard scenes.count > ChoiceLimits.legSceneCount else { return scenes }
    return scenes.prefix(ChoiceLimits.legSceneCount - 1) + scenes.suffix(1)
  }
}
