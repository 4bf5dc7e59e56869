import Markup
import MediaCore
import Yams

/// Reads a YAML tree into an episode. Problems are kept, and what is wrong is left out, so that one
/// run tells them all.
///
/// To add a key: its name in the list of its mapping's keys, its reading there, its line in
/// `EpisodeFile.yaml`, and rows in the table of broken files.
struct EpisodeReader: YAMLReader {
  let yaml: YAMLText
  var problems: [EpisodeProblem] = []
  var source = EpisodeSource()
  var media: [String: EpisodeFile.Media] = [:]
  var minimumMasks: [String: Int] = [:]
  var languages: [String] = []
  var variables: [Variable] = []
  var choiceIDs: Set<String> = []
  var spokenPromptCount = 0
  /// Ids as the file lists them: targets are told apart before scenes are read.
  var sceneIDs: [String] = []
  var sceneSet: Set<String> = []
  var groupSet: Set<String> = []
  /// Scenes that an untimed choice waits over, and where that is said.
  var idle: [String: EpisodePosition] = [:]
  var parser = ExpressionParser(variables: [], scenes: [], endings: [])

  static func read(
    _ bytes: some Collection<UInt8>, name: String
  ) throws(EpisodeFileError) -> EpisodeFile {
    let yaml: YAMLText
    let root: Node
    do throws(TextFailure) {
      yaml = try YAMLText(bytes, form: .episode)
      root = try yaml.parsed()
    } catch {
      throw EpisodeFileError(file: name, problems: [error.problem])
    }
    var reader = EpisodeReader(yaml: yaml)
    let episode = reader.episode(root)
    guard let episode, reader.problems.isEmpty else {
      throw EpisodeFileError(file: name, problems: reader.problems)
    }
    do throws(EpisodesError) {
      _ = try EpisodeGraph(episode)
    } catch {
      let start = EpisodeProblem(EpisodePosition(line: 1, column: 1), error.message)
      throw EpisodeFileError(file: name, problems: [start])
    }
    return EpisodeFile(
      name: name, episode: episode, media: reader.media, minimumMasks: reader.minimumMasks,
      source: reader.source)
  }

  // MARK: The whole

  private mutating func episode(_ root: Node) -> Episode? {
    guard
      let top = fields(
        root, "an episode file",
        ["branch", "episode", "vars", "scenes", "groups", "checkpoints", "endings", "policy"])
    else { return nil }
    guard checkFormat(top) else { return nil }
    guard
      let head = required("episode", top).flatMap({
        fields($0, "'episode'", ["id", "title", "entry", "languages"])
      })
    else { return nil }
    languages = readLanguages(head)
    let id = required("id", head).flatMap { self.name($0, "the episode's id") } ?? ""
    let title = head["title"].map { texts($0) } ?? [:]
    let listed = listNames(top)
    variables = top["vars"].map { self.variables($0) } ?? []
    parser = ExpressionParser(
      variables: variables, scenes: sceneIDs, endings: listed.endings.map(\.id))
    let policy = top["policy"].map { self.policy($0) } ?? Episode.Policy()
    var scenes = listed.scenes.compactMap { scene($0.id, $0.key, $0.value) }
    let groups = listed.groups.compactMap { group($0.id, $0.key, $0.value) }
    let endings = self.endings(listed.endings, &scenes)
    let entry = self.entry(head)
    let checkpoints = top["checkpoints"].map { self.checkpoints($0) } ?? []
    addHistory(scenes, endings, policy)
    checkStructure(scenes, groups)
    var episode = Episode(
      id: id, title: title, languages: languages, entry: entry ?? "", variables: variables,
      scenes: scenes, groups: groups, endings: endings, policy: policy)
    guard problems.isEmpty else { return nil }
    EpisodeLiveness.mark(&episode, checkpoints: checkpoints.union([episode.entry]))
    return episode
  }

  private mutating func checkFormat(_ top: YAMLFields) -> Bool {
    guard let node = top["branch"] else {
      report(top.position, "'branch: 1', the version of the format, is missing; write it first")
      return false
    }
    guard let format = integer(node, 0...Int.max, "the version of the format") else {
      return false
    }
    guard format == Episode.currentFormat else {
      report(node, "version \(format) of the format; this program reads \(Episode.currentFormat)")
      return false
    }
    return true
  }

  private mutating func readLanguages(_ head: YAMLFields) -> [String] {
    guard let node = required("languages", head) else { return [] }
    var found: [String] = []
    for item in list(node, "languages", EpisodeLimits.languageCount) {
      guard let language = self.language(item) else { continue }
      if found.contains(language) {
        report(item, "the language \(language) is listed twice; keep one")
      } else {
        found.append(language)
      }
    }
    if found.isEmpty, problems.isEmpty { report(node, "an episode has at least one language") }
    return found
  }

  private mutating func entry(_ head: YAMLFields) -> String? {
    guard let node = required("entry", head), let id = self.name(node, "the entry") else {
      return nil
    }
    source.positions[.entry] = EpisodePosition(node.mark)
    guard sceneSet.contains(id) else {
      report(node, "the entry \(SafeText.quoted(id)) is no scene\(NearestName.hint(id, sceneIDs))")
      return nil
    }
    return id
  }

  /// An item of one of the top mappings.
  struct Listed {
    var id: String
    var key: Node
    var value: Node
  }

  private mutating func listNames(
    _ top: YAMLFields
  ) -> (scenes: [Listed], groups: [Listed], endings: [Listed]) {
    let scenes =
      required("scenes", top).map {
        listed($0, "scene", EpisodeLimits.sceneCount)
      } ?? []
    let groups = top["groups"].map { listed($0, "group", EpisodeLimits.groupCount) } ?? []
    let endings = top["endings"].map { listed($0, "ending", EpisodeLimits.endingCount) } ?? []
    if scenes.isEmpty, problems.isEmpty {
      report(top.position, "an episode has at least one scene")
    }
    for scene in scenes {
      source.positions[.scene(scene.id)] = EpisodePosition(scene.key.mark)
      if EpisodeName.reservedScenes.contains(scene.id) {
        report(
          scene.key,
          "\(SafeText.quoted(scene.id)) stands in URLs for something else; rename the scene")
      }
    }
    sceneIDs = scenes.map(\.id)
    sceneSet = Set(sceneIDs)
    for group in groups {
      source.positions[.group(group.id)] = EpisodePosition(group.key.mark)
      if sceneSet.contains(group.id) {
        report(
          group.key,
          "\(SafeText.quoted(group.id)) is a scene and a group; targets cannot tell them apart: rename "
            + "one")
      }
    }
    groupSet = Set(groups.map(\.id))
    for ending in endings {
      source.positions[.ending(ending.id)] = EpisodePosition(ending.key.mark)
    }
    return (scenes, groups, endings)
  }

  /// The items of a mapping from ids.
  mutating func listed(_ node: Node, _ kind: String, _ limit: Int) -> [Listed] {
    guard case .mapping(let mapping) = node else {
      report(node, "\(kind)s are a mapping from their ids; write 'id: {…}'")
      return []
    }
    guard mapping.count <= limit else {
      report(node, "\(mapping.count) \(kind)s; at most \(limit) are read")
      return []
    }
    return mapping.compactMap { key, value in
      name(key, "the id of a \(kind)").map { Listed(id: $0, key: key, value: value) }
    }
  }

  private mutating func policy(_ node: Node) -> Episode.Policy {
    var policy = Episode.Policy()
    guard
      let fields = fields(node, "'policy'", ["backtrack", "max_loop", "bitrate_floor", "rtt"])
    else { return policy }
    if let node = fields["backtrack"] { policy.backtrack = bool(node) ?? true }
    if let node = fields["max_loop"] {
      policy.maximumLoop = integer(node, 1...1000, "max_loop") ?? 1
    }
    if let node = fields["bitrate_floor"] {
      policy.bitrateFloor =
        integer(node, 1...1_000_000_000_000, "bitrate_floor (bits per second)") ?? 1
    }
    if let node = fields["rtt"] { policy.roundTrip = milliseconds(node, "rtt") ?? 0 }
    return policy
  }

  private mutating func checkpoints(_ node: Node) -> Set<String> {
    var found: Set<String> = []
    for item in list(node, "checkpoints", EpisodeLimits.sceneCount) {
      guard let id = name(item, "a checkpoint") else { continue }
      guard sceneSet.contains(id) else {
        report(
          item, "the checkpoint \(SafeText.quoted(id)) is no scene\(NearestName.hint(id, sceneIDs))"
        )
        continue
      }
      if !found.insert(id).inserted {
        report(item, "the checkpoint \(id) is listed twice; keep one")
      }
      source.positions[.checkpoint(id)] = EpisodePosition(item.mark)
    }
    return found
  }

  /// `visited`, `count` and `ended` of what was asked about, behind the variables of the file.
  private mutating func addHistory(
    _ scenes: [Scene], _ endings: [Ending], _ policy: Episode.Policy
  ) {
    for scene in scenes {
      add("visited:\(scene.id)", .bool, 1, .run)
      add("count:\(scene.id)", .int, policy.maximumLoop + 1, .run)
    }
    for ending in endings { add("ended:\(ending.id)", .bool, 1, .viewer) }
    if variables.count > EpisodeLimits.variableCount {
      report(
        EpisodePosition(line: 1, column: 1),
        "\(variables.count) variables with those of visited(), count() and ended(); at most "
          + "\(EpisodeLimits.variableCount) are read")
    }
  }

  private mutating func add(
    _ name: String, _ kind: Variable.Kind, _ maximum: Int, _ scope: Variable.Scope
  ) {
    guard parser.history.contains(name) else { return }
    variables.append(
      Variable(name: name, kind: kind, minimum: 0, maximum: maximum, initial: 0, scope: scope))
  }
}
