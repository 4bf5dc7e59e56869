import DASH
import Episodes
import HLS
import Library
import MediaCore
import Testing

@testable import Presentation

@Suite struct EpisodePropertyTests {
  @Test(arguments: 0..<40)
  func `the document of a longer path continues that of a shorter one`(_ seed: Int) throws {
    var random = RandomEpisode(seed: UInt64(seed))
    let episode = try random.episode()
    for _ in 0..<3 {
      var path = EpisodePath.beginning
      if random.chance(3), let start = random.start(episode.graph) { path.start = start }
      var before: [String: String] = [:]
      var names: [String] = []
      for _ in 0..<8 {
        guard let walk = try? Walk(episode.graph, path: path) else { break }
        let documents = try EpisodeDocuments(episode, walk, addressing: .origin)
        names = documents.names
        for name in names {
          let text = try #require(documents.document(named: name))
          if let shorter = before[name] {
            let end = name.hasSuffix(".mpd") ? "</MPD>\n" : "#EXT-X-ENDLIST\n"
            if name == "main.m3u8" {
              #expect(unaveraged(text) == unaveraged(shorter), "seed \(seed), \(path)")
            } else {
              let stem = shorter.dropLast(end.count)
              #expect(text.hasPrefix(stem), "seed \(seed), \(path), \(name)")
            }
          }
          before[name] = text
        }
        guard let open = walk.openChoice, let option = random.element(of: open.enabled) else {
          break
        }
        path.options.append(option)
      }
      try check(before, names, seed)
    }
  }

  /// A multivariant playlist without what is of one path alone.
  private func unaveraged(_ text: String) -> String {
    text.replacing(/AVERAGE-BANDWIDTH=[0-9]+/, with: "")
  }

  @Test(arguments: 0..<40)
  func `the average of a variant is that of the path's own segments`(_ seed: Int) throws {
    var random = RandomEpisode(seed: 3000 + UInt64(seed))
    let episode = try random.episode()
    var path = EpisodePath.beginning
    while let walk = try? Walk(episode.graph, path: path), path.options.count < 6 {
      let documents = try EpisodeDocuments(episode, walk, addressing: .origin)
      let main = try MultivariantPlaylist(
        parsing: #require(documents.document(named: "main.m3u8")))
      func average(_ kind: MediaKind, _ isWanted: (String) -> Bool) throws -> Int64 {
        var most: Int64 = 0
        for (number, track) in episode.whole.tracks.enumerated()
        where track.index.kind == kind && !track.isTrick && isWanted(track.index.name) {
          let parts = walk.steps.compactMap { episode.scenes[$0.scene.id] }
            .flatMap { zip($0.tracks[number].playedByteCounts, $0.tracks[number].index.segments) }
          let declared = try #require(episode.rates.playlists[track.index.name])
          let own = PeakBitrate(
            of: parts.map { ($0, $1.duration) }, timescale: track.index.timescale,
            targetDuration: 1)
          most = max(most, min(own.average, declared.peak))
        }
        return most
      }
      for variant in main.variants {
        let expected =
          try average(.video) { variant.uri == $0 + ".m3u8" } + average(.audio) { _ in true }
          + average(.text) { _ in true }
        #expect(variant.averageBandwidth == expected, "seed \(seed) \(path) \(variant.uri)")
        #expect(expected <= variant.bandwidth)
      }
      guard let open = walk.openChoice, let option = random.element(of: open.enabled) else { break }
      path.options.append(option)
    }
  }

  @Test(arguments: 0..<40)
  func `a folded document is the end of the long one`(_ seed: Int) throws {
    var random = RandomEpisode(seed: 2000 + UInt64(seed))
    let episode = try random.episode()
    for _ in 0..<4 {
      var path = EpisodePath.beginning
      for _ in 0..<10 {
        guard let walk = try? Walk(episode.graph, path: path), let open = walk.openChoice,
          let option = random.element(of: open.enabled)
        else { break }
        let before = try playlist(episode, path)
        path.options.append(option)
        guard let range = before.allDateRanges.last?.text("X-FOLD-\(option)"),
          let after = try? playlist(episode, path)
        else { continue }
        let start = "/random/paths/\(TestEpisodes.version)/"
        let end = "/video-1080p.m3u8"
        #expect(range.hasPrefix(start) && range.hasSuffix(end))
        let folded = try EpisodePath(
          String(range.dropFirst(start.count).dropLast(end.count)))
        let place: Comment = "seed \(seed), \(path), \(folded)"
        let short = try playlist(episode, folded)
        #expect(short.segments.count >= after.segments.count - before.segments.count, place)
        #expect(short.segments.count < after.segments.count, place)
        check(short, isEndOf: after, place)
        let folds = try [path, folded].map { try Walk(episode.graph, path: $0).folded }
        #expect(folds[0] == folds[1], place)
      }
    }
  }

  private func playlist(_ episode: PresentedEpisode, _ path: EpisodePath) throws -> MediaPlaylist {
    let documents = try EpisodeDocuments(
      episode, Walk(episode.graph, path: path), addressing: .origin)
    return try MediaPlaylist(parsing: #require(documents.document(named: "video-1080p.m3u8")))
  }

  /// The same but for times, occurrences and the long way there.
  private func check(
    _ short: MediaPlaylist, isEndOf long: MediaPlaylist, _ place: Comment
  ) {
    let segments = long.segments.suffix(short.segments.count)
    #expect(segments.map(\.uri) == short.segments.map(\.uri), place)
    let microseconds = long.segmentMicroseconds.suffix(short.segments.count)
    for (left, right) in zip(microseconds, short.segmentMicroseconds) {
      #expect(abs(left - right) <= 1, place)
    }
    #expect(
      segments.dropFirst().map(\.hasDiscontinuity)
        == short.segments.dropFirst().map(\.hasDiscontinuity), place)
    let ranges = segments.flatMap { $0.dateRanges + $0.finalDateRanges }
    #expect(ranges.count == short.allDateRanges.count, place)
    for (left, right) in zip(ranges, short.allDateRanges) {
      for name in ["X-CP", "X-OPTS", "X-DEFAULT", "X-CHOSEN"] {
        #expect(left.text(name) == right.text(name), place)
      }
      for option in 0..<3 {
        #expect(left.text("X-HEAD-\(option)") == right.text("X-HEAD-\(option)"), place)
        // The long document folds to where the folded one goes on.
        #expect(
          left.text("X-FOLD-\(option)")
            == right.text("X-FOLD-\(option)") ?? right.text("X-NEXT-\(option)"), place)
      }
    }
  }

  /// What holds for each document of a path.
  private func check(_ texts: [String: String], _ names: [String], _ seed: Int) throws {
    var dates: Set<[ProgramDateTime]> = []
    for name in names {
      let text = try #require(texts[name])
      if name == "manifest.mpd" {
        let mpd = try MPD(parsing: text)
        #expect(mpd.render() == text)
        var end: Int64 = 0
        for period in mpd.periods {
          #expect(period.start?.microseconds == end, "seed \(seed)")
          end += period.duration?.microseconds ?? 0
          #expect(period.adaptationSets.map(\.id) == mpd.periods[0].adaptationSets.map(\.id))
        }
      } else if name != "main.m3u8" {
        let playlist = try MediaPlaylist(parsing: text)
        #expect(playlist.render() == text, "seed \(seed)")
        let needed = SegmentDurations.targetDuration(microseconds: playlist.segmentMicroseconds)
        #expect(needed <= playlist.targetDuration, "seed \(seed)")
        dates.insert(playlist.segments.compactMap(\.programDateTime))
        for id in Set(playlist.allDateRanges.map(\.id)) {
          let ranges = playlist.allDateRanges.filter { $0.id == id }
          #expect(ranges.count <= 2 && Set(ranges.map(\.start)).count == 1, "seed \(seed) \(id)")
        }
      }
    }
    #expect(dates.count <= 1, "seed \(seed): dates differ between playlists")
  }

  @Test(arguments: 0..<40)
  func `no path passes what its variants declare`(_ seed: Int) throws {
    var random = RandomEpisode(seed: 1000 + UInt64(seed))
    let episode = try random.episode()
    var path = EpisodePath.beginning
    while let walk = try? Walk(episode.graph, path: path), path.options.count < 12 {
      for (number, track) in episode.whole.tracks.enumerated() {
        let segments = walk.steps.compactMap { episode.scenes[$0.scene.id] }
          .flatMap { $0.tracks[number].index.segments }
        let measured = PeakBitrate(
          of: segments.map { ($0.range.count, $0.duration) }, timescale: track.index.timescale,
          targetDuration: episode.rates.targetDuration)
        let declared = try #require(episode.rates.playlists[track.index.name])
        if track.webVTT == nil, segments.count > 1 {
          #expect(measured.peak <= declared.peak || measured.peak == measured.average)
        }
        var start: Int64 = 0
        let rate = LeakyBucket.bandwidth(
          of: segments.map { segment in
            defer { start += segment.duration }
            return (segment.range.count, start)
          }, timescale: track.index.timescale, minBufferTime: episode.rates.targetDuration)
        #expect(rate <= (episode.rates.representations[track.index.name] ?? 0), "seed \(seed)")
      }
      guard let open = walk.openChoice, let option = random.element(of: open.enabled) else { break }
      path.options.append(option)
    }
  }
}

extension DateRange {
  fileprivate func text(_ name: String) -> String? {
    guard case .text(let text) = attributes.last(where: { $0.name == name })?.value else {
      return nil
    }
    return text
  }
}

/// Episodes drawn from a seed: scenes of several lengths, choices in the middle and at the end, groups,
/// conditions, loops, checkpoints.
struct RandomEpisode {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 &+ 1 }

  /// SplitMix64.
  private mutating func next(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(bound))
  }

  mutating func chance(_ bound: Int) -> Bool { next(bound) == 0 }
  mutating func element<T>(of all: [T]) -> T? { all.isEmpty ? nil : all[next(all.count)] }

  mutating func start(_ graph: EpisodeGraph) -> EpisodePath.Start? {
    let checkpoints = graph.episode.scenes.filter { $0.checkpoint != nil }
    guard let scene = element(of: checkpoints) else { return nil }
    return graph.path(from: scene, arriving: graph.initialState)?.start
  }

  mutating func episode() throws -> PresentedEpisode {
    let count = 2 + next(8)
    let variables = (0..<3).map { number in
      Variable(name: "v\(number)", kind: .int, minimum: 0, maximum: 3, initial: next(4))
    }
    var scenes: [Scene] = []
    for number in 0..<count { scenes.append(scene(number, of: count)) }
    let groups = (0..<2).map { number in
      TargetGroup(
        id: "g\(number)",
        entries: [
          .init(when: condition(), goto: .scene("s\(next(count))")),
          .init(when: nil, goto: .scene("s\(next(count))")),
        ])
    }
    let ending = Ending(id: "e", scene: "s0", title: [:], rank: nil, isSecret: false)
    let made = Episode(
      id: "random", title: [:], languages: ["en"], entry: "s0", variables: variables,
      scenes: scenes, groups: groups, endings: [ending])
    var titles: [String: Title] = [:]
    for scene in scenes {
      let frames = (0..<(1 + next(4))).map { _ in 1 + next(60) }
      titles[scene.id] = TestEpisodes.title(scene.id, frames: frames, seed: Int64(next(5000)))
    }
    return try TestEpisodes.presented(made, titles)
  }

  private mutating func condition() -> Expression {
    .binary(.lessOrEqual, .variable("v\(next(3))"), .literal(next(4)))
  }

  private mutating func effect() -> Effect {
    Effect(
      variable: "v\(next(3))",
      value: .binary(.add, .variable("v\(next(3))"), .literal(next(3) - 1)))
  }

  private mutating func target(_ count: Int) -> Target {
    chance(4) ? .group("g\(next(2))") : .scene("s\(next(count))")
  }

  private mutating func scene(_ number: Int, of count: Int) -> Scene {
    var made = Scene(id: "s\(number)", enter: chance(2) ? [effect()] : [])
    let choices = next(3)
    for index in 0..<choices {
      var options: [ChoiceOption] = []
      for option in 0..<(1 + next(3)) {
        options.append(
          ChoiceOption(
            id: "o\(option)", when: chance(3) ? condition() : nil,
            effects: chance(2) ? [effect()] : [],
            goto: index == choices - 1 && chance(2) ? target(count) : nil))
      }
      made.choices.append(
        Choice(id: "k\(number)-\(index)", at: index * 100, length: 50, options: options))
    }
    if chance(5) { made.ending = "e" } else { made.next = target(count) }
    if chance(3) { made.checkpoint = ["v0", "v1", "v2"] }
    return made
  }
}
