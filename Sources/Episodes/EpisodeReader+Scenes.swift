import Markup
import MediaCore
import Yams

/// `scenes`: media, and where the story goes on.
extension EpisodeReader {
  mutating func scene(_ id: String, _ key: Node, _ value: Node) -> Scene? {
    guard
      let fields = fields(
        value, "the scene \(SafeText.quoted(id))",
        [
          "title", "media", "audio", "text", "projection", "viewpoints", "on_enter", "choice",
          "choices", "hotspots", "next",
        ])
    else { return nil }
    var scene = Scene(id: id)
    if let node = fields["title"] { scene.title = texts(node) }
    media[id] = media(fields)
    if let node = fields["projection"] {
      scene.projection =
        word(node, ["flat": .flat, "erp": .equirectangular], "the projection") ?? .flat
    }
    if let node = fields["viewpoints"] { scene.viewpoints = viewpoints(node, of: scene) }
    if let node = fields["on_enter"] {
      scene.enter = effects(node) { .effect(scene: id, $0) }
    }
    scene.choices = choices(fields, of: scene)
    if let node = fields["next"] {
      source.positions[.next(scene: id)] = EpisodePosition(node.mark)
      scene.next = target(node)
    }
    return scene
  }

  private mutating func media(_ fields: YAMLFields) -> EpisodeFile.Media {
    var media = EpisodeFile.Media(sources: [])
    if let node = required("media", fields) {
      var nodes = [node]
      if case .sequence = node { nodes = list(node, "media", EpisodeLimits.sourceCount) }
      media.sources = nodes.compactMap { path($0, "media") }
      if nodes.isEmpty { report(node, "a scene has at least one file of media; name it") }
    }
    if let node = fields["audio"] { media.audio = files(node, "audio") }
    if let node = fields["text"] { media.text = files(node, "text") }
    return media
  }

  private mutating func files(_ node: Node, _ subject: String) -> [EpisodeFile.Media.File] {
    guard case .mapping(let mapping) = node else {
      report(node, "\(subject) is a mapping from languages to files, as {en: a.vtt}")
      return []
    }
    guard mapping.count <= EpisodeLimits.languageCount else {
      report(
        node,
        "\(subject) has \(mapping.count) languages; at most \(EpisodeLimits.languageCount) are read"
      )
      return []
    }
    return mapping.compactMap { key, value in
      guard let language = language(key), let path = path(value, subject) else { return nil }
      return EpisodeFile.Media.File(language: language, path: path)
    }
  }

  private mutating func viewpoints(_ node: Node, of scene: Scene) -> [Scene.Viewpoint] {
    if scene.projection != .equirectangular {
      report(node, "viewpoints are for 360° scenes; write 'projection: erp'")
    }
    var found: [Scene.Viewpoint] = []
    for item in list(node, "viewpoints", EpisodeLimits.viewpointCount) {
      guard
        let fields = fields(item, "a viewpoint", ["id", "title", "media", "audio", "text"]),
        let idNode = required("id", fields), let id = name(idNode, "the id of a viewpoint")
      else { continue }
      source.positions[.viewpoint(scene: scene.id, id)] = EpisodePosition(idNode.mark)
      if found.contains(where: { $0.id == id }) {
        report(idNode, "two viewpoints of this scene are called \(SafeText.quoted(id)); rename one")
      }
      let title = fields["title"].map { texts($0) } ?? [:]
      media["\(scene.id).\(id)"] = media(fields)
      found.append(Scene.Viewpoint(id: id, title: title))
    }
    return found
  }

  /// A scene or a group, by its id.
  mutating func target(_ node: Node) -> Target? {
    guard let id = name(node, "a target") else { return nil }
    if sceneSet.contains(id) { return .scene(id) }
    if groupSet.contains(id) { return .group(id) }
    let hint = NearestName.hint(id, sceneIDs + groupSet.sorted())
    report(
      node,
      "\(SafeText.quoted(id)) is no scene and no group\(hint.isEmpty ? "; add it under 'scenes'" : hint)"
    )
    return nil
  }

  /// `groups`: the first entry that holds is taken, so the last alone has no condition.
  mutating func group(_ id: String, _ key: Node, _ value: Node) -> TargetGroup? {
    let nodes = list(value, "the group \(SafeText.quoted(id))", EpisodeLimits.groupEntryCount)
    if nodes.isEmpty, case .sequence(let sequence) = value, sequence.isEmpty {
      report(value, "the group \(SafeText.quoted(id)) leads nowhere; list its targets")
    }
    var entries: [TargetGroup.Entry] = []
    for (index, node) in nodes.enumerated() {
      source.positions[.groupEntry(group: id, index)] = EpisodePosition(node.mark)
      let isLast = index == nodes.count - 1
      var goto: Target?
      var hasCondition = false
      var when: Expression?
      if case .mapping = node {
        guard let fields = fields(node, "an entry of a group", ["goto", "when"]) else { continue }
        goto = required("goto", fields).flatMap { target($0) }
        hasCondition = fields["when"] != nil
        when = fields["when"].flatMap { condition($0) }
      } else {
        goto = target(node)
      }
      if hasCondition == isLast {
        report(
          node,
          isLast
            ? "the last entry of a group always holds; take its 'when' away, or add an entry behind it"
            : "an entry without 'when' always holds, so those behind it are never taken; give it a "
              + "'when' or move it to the end")
      }
      if let goto { entries.append(TargetGroup.Entry(when: when, goto: goto)) }
    }
    return TargetGroup(id: id, entries: entries)
  }

  /// `endings`, which also mark their scenes.
  mutating func endings(_ listed: [Listed], _ scenes: inout [Scene]) -> [Ending] {
    let indices = Dictionary(
      scenes.enumerated().map { ($0.element.id, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    return listed.compactMap { item in
      guard
        let fields = fields(
          item.value, "the ending \(SafeText.quoted(item.id))",
          ["scene", "title", "rank", "secret"]),
        let node = required("scene", fields), let scene = name(node, "the scene of an ending")
      else { return nil }
      if !sceneSet.contains(scene) {
        report(
          node, "\(SafeText.quoted(scene)) is no scene\(NearestName.hint(scene, sceneIDs))")
      }
      if let index = indices[scene] {
        if let other = scenes[index].ending {
          report(
            node,
            "the scene \(SafeText.quoted(scene)) is the ending \(SafeText.quoted(other)) already; a "
              + "scene is one ending")
        }
        scenes[index].ending = item.id
      }
      return Ending(
        id: item.id, scene: scene, title: fields["title"].map { texts($0) } ?? [:],
        rank: fields["rank"].flatMap { integer($0, 1...1_000_000, "the rank") },
        isSecret: fields["secret"].flatMap { bool($0) } ?? false)
    }
  }
}
