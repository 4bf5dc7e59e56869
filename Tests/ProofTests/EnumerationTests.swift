import Foundation
import Episodes
import Testing

@testable import Proof

/// The proof against all states of small random episodes, one by one.
struct EnumerationTests {
  /// `DOUGONG_SEEDS=80` looks at more of them.
  static let seeds: ClosedRange<UInt64> = {
    let wanted = ProcessInfo.processInfo.environment["DOUGONG_SEEDS"].flatMap { UInt64($0) }
    return 1...max(1, wanted ?? 10)
  }()

  @Test(arguments: seeds)
  func `the states of every scene are those that can come up`(_ seed: UInt64) throws {
    let graph = try RandomEpisode.graph(seed: seed)
    let all = Enumeration(graph)
    let evidence = try Evidence(StateSpace(graph, diagrams: DecisionDiagrams()))
    for scene in graph.episode.scenes.indices {
      for (exploration, ways) in [(evidence.seen, all.next), (evidence.unchosen, all.unchosen)] {
        let arrivals = all.reached(ways).filter { $0.scene == scene && $0.choice == -1 }
        let live = evidence.liveness.live[scene]
        let states = exploration.reached[scene]
        #expect(
          arrivals.allSatisfy { evidence.space.contains(states, $0.state.values) }, "seed \(seed)")
        let different = Set(arrivals.map { moment in live.map { moment.state.values[$0] } })
        #expect(
          evidence.space.count(states, live).rounded() == Double(different.count), "seed \(seed)")
      }
    }
  }

  @Test(arguments: seeds)
  func `findings are right, each and all`(_ seed: UInt64) throws {
    let graph = try RandomEpisode.graph(seed: seed)
    let all = Enumeration(graph)
    let story = all.reached(all.next)
    let report = try EpisodeProof.report(on: graph)
    func places(_ rule: Finding.Rule) -> [Finding.Place] {
      report.findings.filter { $0.rule == rule && $0.severity == .error }.map(\.place)
    }
    // E2
    #expect(
      Set(places(.e2).compactMap { place in place.choice.map { [place.scene ?? "", $0] } })
        == all.withoutDefault, "seed \(seed)")
    #expect(
      Set(places(.e2).filter { $0.choice == nil }.compactMap(\.scene)) == all.withoutTarget,
      "seed \(seed)")
    // E3
    let scenes = Set(story.map { graph.episode.scenes[$0.scene].id })
    for reach in report.scenes {
      #expect((reach.witness != nil) == scenes.contains(reach.id), "seed \(seed), \(reach.id)")
    }
    for place in places(.e3) {
      guard let option = place.option else { continue }
      #expect(
        !all.enabled.contains([place.scene ?? "", place.choice ?? "", option]), "seed \(seed)")
    }
    // E4, E5
    let free = all.escaping(to: all.ends, all.next)
    let lost = story.subtracting(free)
    let stops = lost.filter { (all.next[$0] ?? []).isEmpty }
    let dead = all.escaping(to: stops, all.next).intersection(lost)
    #expect(places(.e4).isEmpty == dead.isEmpty, "seed \(seed)")
    let defaultGoals = all.ends.union(lost).union(
      story.filter { (all.unchosen[$0] ?? []).isEmpty })
    let traps = story.subtracting(all.escaping(to: defaultGoals, all.unchosen))
    #expect(
      places(.e5).isEmpty == (traps.isEmpty && lost.subtracting(dead).isEmpty), "seed \(seed)")
    let never = report.findings.contains { $0.message.hasPrefix("a viewer who never chooses") }
    #expect(never == !all.reached(all.unchosen).isDisjoint(with: traps), "seed \(seed)")
    // E10
    #expect(Set(places(.e10)) == all.overflows, "seed \(seed)")
  }

  @Test(arguments: seeds)
  func `every witness is a run that can be walked`(_ seed: UInt64) throws {
    let graph = try RandomEpisode.graph(seed: seed)
    let report = try EpisodeProof.report(on: graph)
    for reach in report.scenes {
      guard let witness = reach.witness else { continue }
      let scenes = try Replay.scenes(witness, graph)
      #expect(scenes.contains(reach.id), "seed \(seed), \(witness.path)")
    }
    for finding in report.findings {
      guard let witness = finding.witness else { continue }
      let scenes = try Replay.scenes(witness, graph)
      #expect(finding.place.scene.map(scenes.contains) ?? true, "seed \(seed), \(finding)")
    }
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func `a simulated run is the walk of its path`(_ seed: UInt64) throws {
    let graph = try RandomEpisode.graph(seed: seed)
    let simulation = Simulation(graph)
    var random = SeededRandom(seed: seed)
    for _ in 0..<50 {
      var count = 0
      let run = simulation.run(from: graph.initialState.values, limit: 60) { question in
        count += 1
        return count > 40 ? nil : simulation.weighted(question, &random)
      }
      guard run.scenes.count < 60 else { continue }
      guard let walk = try? Walk(graph, path: EpisodePath(start: nil, options: run.options)) else {
        // The story stops without an ending, and a walk refuses that.
        #expect(!run.isEnded)
        continue
      }
      #expect(walk.steps.map { graph.sceneIndex($0.scene.id) } == run.scenes)
      #expect(walk.state.values == run.state)
      #expect((walk.ending != nil && walk.openChoice == nil) == run.isEnded)
    }
  }
}

enum Replay {
  /// The scenes that a witness leads through: by `Walk`, or where the story stops in a way that
  /// `Walk` refuses, by a simulated run of the same digits.
  static func scenes(_ witness: Witness, _ graph: EpisodeGraph) throws -> [String] {
    if let walk = try? Walk(graph, path: witness.path) { return walk.steps.map(\.scene.id) }
    var state = graph.initialState.values
    for given in witness.given {
      state[try #require(graph.variableIndex(given.variable))] = given.value
    }
    var digits = witness.path.options[...]
    let run = Simulation(graph).run(from: state) { _ in digits.popFirst() }
    #expect(digits.isEmpty)
    #expect(run.options == witness.path.options)
    return run.scenes.map { graph.episode.scenes[$0].id }
  }
}
