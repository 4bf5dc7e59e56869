import Episodes

/// E8 and E9: every scene has every track, whole and of one length. The packager refuses most of
/// what could be wrong; here the compiled episode is held against itself.
extension EpisodeGraph {
  /// Milliseconds that sound or text may end apart from the picture without being told: a frame of
  /// HE-AAC at 24 kHz.
  static let skew = 86

  func mediaFindings() -> [Finding] {
    guard let media = episode.media else { return [] }
    var findings: [Finding] = []
    for scene in episode.scenes {
      let names =
        [scene.id] + scene.viewpoints.dropFirst().map { "\(scene.id).\($0.id)" }
      for name in names {
        guard let packaged = media.scenes[name] else {
          findings.append(
            Finding(.e8, .error, .init(scene: scene.id), "the media of \(name) is missing"))
          continue
        }
        findings += findingsOf(packaged, name, scene, media)
      }
      let durations = Set(names.compactMap { media.scenes[$0]?.duration })
      if durations.count > 1 {
        findings.append(
          Finding(.e8, .error, .init(scene: scene.id), "its viewpoints differ in length"))
      }
    }
    if Set(media.tracks.map(\.name)).count != media.tracks.count {
      findings.append(Finding(.e8, .error, .init(), "two tracks have one name"))
    }
    if Set(media.tracks.filter { $0.kind == "video" }.compactMap(\.frameRate)).count > 1 {
      findings.append(
        Finding(.e8, .warning, .init(), "the rungs differ in frame rate: switches may be seen"))
    }
    for language in episode.languages
    where media.tracks.contains(where: { $0.kind == "text" })
      && !media.tracks.contains(where: { $0.kind == "text" && $0.language == language })
      && !media.tracks.contains(where: { $0.kind == "audio" && $0.language == language })
    {
      findings.append(
        Finding(.e8, .warning, .init(), "\(language) has neither sound nor subtitles"))
    }
    return findings
  }

  private func findingsOf(
    _ packaged: EpisodeMedia.SceneMedia, _ name: String, _ scene: Scene, _ media: EpisodeMedia
  ) -> [Finding] {
    var findings: [Finding] = []
    func add(_ rule: Finding.Rule, _ severity: Finding.Severity, _ message: String) {
      findings.append(Finding(rule, severity, .init(scene: scene.id), message))
    }
    let known = Set(media.tracks.map(\.name))
    for extra in packaged.tracks.keys.filter({ !known.contains($0) }).sorted() {
      add(.e8, .error, "\(name) has the track \(extra), which other scenes have not")
    }
    for track in media.tracks {
      guard let segments = packaged.tracks[track.name] else {
        add(.e8, .error, "\(name) has no track \(track.name): all scenes have the same tracks")
        continue
      }
      guard segments.durations.count == segments.bytes.count, !segments.durations.isEmpty,
        segments.durations.allSatisfy({ $0 > 0 }), segments.bytes.allSatisfy({ $0 > 0 })
      else {
        add(.e9, .error, "\(track.name) of \(name) has segments without length or bytes")
        continue
      }
      guard track.kind != "text", track.timescale > 0 else { continue }
      let ticks = segments.durations.reduce(0) { $0.addingReportingOverflow($1).partialValue }
      let length = Double(ticks) / Double(track.timescale) * 1000
      let apart = length - Double(packaged.duration) / 1000
      if apart.magnitude > Double(Self.skew) {
        add(
          .e9, .warning,
          "\(track.name) of \(name) ends \(Self.seconds(Int(apart.rounded()))) "
            + "from where the scene does")
      }
    }
    return findings
  }
}
