/// A piece of the story that is always played whole, and what the viewer decides in it.
package struct Scene: Hashable, Sendable, Codable {
  package enum Projection: String, Hashable, Sendable, Codable {
    case flat
    /// Equirectangular, 360° × 180°.
    case equirectangular = "erp"
  }

  /// One of several places from which a 360° scene is seen. Each has media of the same length,
  /// packaged as the scene `{scene}.{viewpoint}`; the first is the scene's own.
  package struct Viewpoint: Hashable, Sendable, Codable {
    package var id: String
    package var title: [String: String]

    package init(id: String, title: [String: String]) {
      self.id = id
      self.title = title
    }
  }

  package var id: String
  /// What the map of an episode shows, by language.
  package var title: [String: String]
  package var projection: Projection
  package var viewpoints: [Viewpoint]
  /// On entry, in order, after `visited` and `count` were kept.
  package var enter: [Effect]
  /// In the order of their windows.
  package var choices: [Choice]
  /// Where the story goes at the scene's end if no option said otherwise; `nil` for an ending, and
  /// where every option of the last choice has a target.
  package var next: Target?
  /// The id of the ending that the scene is.
  package var ending: String?
  /// Names of the variables that a path which starts here must carry, in the order in which they
  /// are packed; `nil` if the scene is no checkpoint. The entry is one always.
  package var checkpoint: [String]?

  package init(
    id: String, title: [String: String] = [:], projection: Projection = .flat,
    viewpoints: [Viewpoint] = [], enter: [Effect] = [], choices: [Choice] = [],
    next: Target? = nil, ending: String? = nil, checkpoint: [String]? = nil
  ) {
    self.id = id
    self.title = title
    self.projection = projection
    self.viewpoints = viewpoints
    self.enter = enter
    self.choices = choices
    self.next = next
    self.ending = ending
    self.checkpoint = checkpoint
  }
}

/// `variable = value`, the value clamped to the variable's bounds.
package struct Effect: Hashable, Sendable, Codable {
  package var variable: String
  package var value: Expression

  package init(variable: String, value: Expression) {
    self.variable = variable
    self.value = value
  }

  enum CodingKeys: String, CodingKey {
    case variable = "set"
    case value = "to"
  }
}

/// Where the story goes on: a scene, or a group that decides. `{"scene": "s2"}`, `{"group": "g"}`.
package enum Target: Hashable, Sendable, Codable {
  case scene(String)
  case group(String)

  private enum CodingKeys: String, CodingKey { case scene, group }

  package init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    if let scene = try keys.decodeIfPresent(String.self, forKey: .scene) {
      self = .scene(scene)
    } else {
      self = .group(try keys.decode(String.self, forKey: .group))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .scene(let id): try keys.encode(id, forKey: .scene)
    case .group(let id): try keys.encode(id, forKey: .group)
    }
  }
}

/// Targets with conditions, of which the first that holds is taken. The last has none.
package struct TargetGroup: Hashable, Sendable, Codable {
  package struct Entry: Hashable, Sendable, Codable {
    /// `nil` always holds.
    package var when: Expression?
    package var goto: Target

    package init(when: Expression?, goto: Target) {
      self.when = when
      self.goto = goto
    }
  }

  package var id: String
  package var entries: [Entry]

  package init(id: String, entries: [Entry]) {
    self.id = id
    self.entries = entries
  }
}

/// How the story ends in a scene.
package struct Ending: Hashable, Sendable, Codable {
  package var id: String
  package var scene: String
  package var title: [String: String]
  /// 1 is the best; `nil` where endings are not compared.
  package var rank: Int?
  /// Not named to viewers before they found it.
  package var isSecret: Bool

  package init(id: String, scene: String, title: [String: String], rank: Int?, isSecret: Bool) {
    self.id = id
    self.scene = scene
    self.title = title
    self.rank = rank
    self.isSecret = isSecret
  }

  enum CodingKeys: String, CodingKey {
    case id, scene, title, rank
    case isSecret = "secret"
  }
}
