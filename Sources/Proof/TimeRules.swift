import Episodes

/// E6 and E7: windows fit into scenes, and what follows a window arrives before it is needed.
extension EpisodeGraph {
  /// Milliseconds of mask that a voted choice needs in a paced channel: hold-back 3 s, target
  /// duration 1 s, half a second for the count.
  static let votedMask = 4500
  /// Milliseconds until a player learns what to fetch, besides two round trips. None: documents of
  /// a path never change, so nobody polls.
  static let reload = 0

  /// Milliseconds of a scene; `nil` before packaging.
  func duration(_ scene: Scene) -> Int? {
    episode.media?.scenes[scene.id].map { $0.duration / 1000 }
  }

  /// - Parameter masks: milliseconds that the author wants after a choice's window, by choice.
  func windowFindings(masks: [String: Int]) -> [Finding] {
    var findings: [Finding] = []
    for scene in episode.scenes {
      var end = 0
      for choice in scene.choices {
        let place = Finding.Place(scene: scene.id, choice: choice.id)
        func add(_ message: String) { findings.append(Finding(.e6, .error, place, message)) }
        if choice.at < 0 || choice.length <= 0 {
          add("its window at \(Self.seconds(choice.at)) for \(Self.seconds(choice.length)) is none")
        }
        if choice.at < end {
          add(
            "its window begins at \(Self.seconds(choice.at)), before the one before it ends at "
              + Self.seconds(end))
        }
        end = max(end, choice.at + choice.length)
        guard let duration = duration(scene) else { continue }
        if end > duration {
          add(
            "its window ends at \(Self.seconds(end)), after the scene's end at "
              + Self.seconds(duration))
        } else if let mask = masks[choice.id], duration - end < mask {
          add(
            "\(Self.seconds(duration - end)) are left after its window; min_mask wants "
              + Self.seconds(mask))
        }
      }
    }
    return findings
  }

  /// What each option's mask allows to be fetched. Only of scenes' last choices: the others lead nowhere.
  func safeRungs() -> [ProofReport.SafeRung] {
    guard let media = episode.media else { return [] }
    let pictures = media.tracks.filter { $0.kind == "video" }.sorted { $0.bandwidth > $1.bandwidth }
    let sound = media.tracks.first { $0.kind == "audio" && $0.isDefault }
    var rungs: [ProofReport.SafeRung] = []
    for scene in episode.scenes {
      guard let duration = duration(scene), let choice = scene.choices.last,
        choice.lock == .atEnd
      else { continue }
      let mask = duration - choice.at - choice.length
      for option in choice.options {
        guard let target = option.goto ?? scene.next else { continue }
        for id in scenes(of: target) {
          func needed(_ track: EpisodeMedia.Track?) -> Int? {
            let heads = [track, sound].compactMap { $0 }.map {
              media.scenes[id]?.tracks[$0.name]?.bytes.first
            }
            guard !heads.isEmpty, !heads.contains(nil) else { return nil }
            return time(heads.reduce(0) { $0 + ($1 ?? 0) })
          }
          guard let least = needed(pictures.last) else { continue }
          let safe = pictures.first { needed($0).map { $0 <= mask } ?? false }
          rungs.append(
            ProofReport.SafeRung(
              scene: scene.id, choice: choice.id, option: option.id, target: id, mask: mask,
              needed: least, track: safe?.name))
        }
      }
    }
    return rungs
  }

  func maskFindings(_ rungs: [ProofReport.SafeRung]) -> [Finding] {
    var findings = rungs.filter { $0.needed > $0.mask }.map { rung in
      Finding(
        .e7, .error, .init(scene: rung.scene, choice: rung.choice, option: rung.option),
        "the mask of \(Self.seconds(rung.mask)) is too short: the first segments of "
          + "\(rung.target) take \(Self.seconds(rung.needed)) at \(episode.policy.bitrateFloor) "
          + "bits per second; close the window earlier")
    }
    if let media = episode.media, let least = media.tracks.last(where: { $0.kind == "video" }),
      least.bandwidth > episode.policy.bitrateFloor
    {
      findings.append(
        Finding(
          .e7, .warning, .init(),
          "the lowest rung, \(least.name), has \(least.bandwidth) bits per second; the floor is "
            + "\(episode.policy.bitrateFloor)"))
    }
    for scene in episode.scenes {
      guard let duration = duration(scene), let choice = scene.choices.last, choice.vote != nil
      else { continue }
      let mask = duration - choice.at - choice.length
      guard mask < Self.votedMask else { continue }
      findings.append(
        Finding(
          .e7, .warning, .init(scene: scene.id, choice: choice.id),
          "the mask of \(Self.seconds(mask)) is too short for a vote in a shared channel: "
            + "\(Self.seconds(Self.votedMask)) are needed"))
    }
    return findings
  }

  /// Milliseconds from a decision to the last of so many bytes, at the floor.
  private func time(_ bytes: Int) -> Int {
    let (bits, isTooMany) = bytes.multipliedReportingOverflow(by: 8000)
    let floor = max(1, episode.policy.bitrateFloor)
    return Self.reload + 2 * episode.policy.roundTrip
      + (isTooMany ? Int.max / 4 : (bits + floor - 1) / floor)
  }

  /// All scenes that a target may lead to, in order.
  func scenes(of target: Target) -> [String] {
    var found: [String] = []
    var seen: Set<Target> = []
    var open = [target]
    while let next = open.popLast() {
      guard seen.insert(next).inserted else { continue }
      switch next {
      case .scene(let id): found.append(id)
      case .group(let id): open += (group(id)?.entries.map(\.goto) ?? []).reversed()
      }
    }
    return found
  }

  /// `8.96 s`
  static func seconds(_ milliseconds: Int) -> String {
    let sign = milliseconds < 0 ? "-" : ""
    let (whole, rest) = milliseconds.magnitude.quotientAndRemainder(dividingBy: 1000)
    guard rest > 0 else { return "\(sign)\(whole) s" }
    var digits = String(String(rest + 1000).dropFirst())
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(sign)\(whole).\(digits) s"
  }
}
