/// A variable of an episode: always one of a finite row of integers, so every question about it
/// can be decided.
package struct Variable: Hashable, Sendable, Codable {
  package enum Kind: String, Hashable, Sendable, Codable {
    /// 0 or 1.
    case bool
    /// `minimum` … `maximum`.
    case int
    /// Position in `members`.
    case enumeration = "enum"
  }

  /// How long a value is kept.
  package enum Scope: String, Hashable, Sendable, Codable {
    /// One run through the episode.
    case run
    /// All runs of a viewer through this episode.
    case viewer
    /// All episodes of the series that a viewer sees.
    case series
  }

  /// Who changes it.
  package enum Origin: Hashable, Sendable {
    /// Effects in the episode file.
    case written
    /// 1 once the scene was entered: `visited(scene)`.
    case visited(scene: String)
    /// How often the scene was entered, up to the maximum: `count(scene)`.
    case count(scene: String)
    /// 1 once a run of the viewer came to the ending: `ended(ending)`.
    case ended(ending: String)
  }

  /// Unique. Of those that the episode itself keeps: `visited:scene`, `count:scene`, `ended:ending`.
  package var name: String
  package var kind: Kind
  package var minimum: Int
  package var maximum: Int
  package var initial: Int
  /// Names of an enumeration's values; empty for others.
  package var members: [String]
  package var scope: Scope
  /// Drawn anew for each run, evenly, from all its values; `initial` where nobody draws.
  package var isRandom: Bool
  /// Not shown to viewers.
  package var isHidden: Bool
  /// What viewers read, by language.
  package var title: [String: String]

  package init(
    name: String, kind: Kind, minimum: Int, maximum: Int, initial: Int, members: [String] = [],
    scope: Scope = .run, isRandom: Bool = false, isHidden: Bool = true,
    title: [String: String] = [:]
  ) {
    self.name = name
    self.kind = kind
    self.minimum = minimum
    self.maximum = maximum
    self.initial = initial
    self.members = members
    self.scope = scope
    self.isRandom = isRandom
    self.isHidden = isHidden
    self.title = title
  }

  package var origin: Origin {
    guard let colon = name.firstIndex(of: ":") else { return .written }
    let subject = String(name[name.index(after: colon)...])
    return switch name[..<colon] {
    case "visited": .visited(scene: subject)
    case "count": .count(scene: subject)
    default: .ended(ending: subject)
    }
  }

  package var valueCount: Int { maximum - minimum + 1 }

  /// Bits that tell its values apart.
  package var bitCount: Int {
    valueCount <= 1 ? 0 : Int.bitWidth - (valueCount - 1).leadingZeroBitCount
  }

  package func clamp(_ value: Int) -> Int { max(minimum, min(maximum, value)) }

  enum CodingKeys: String, CodingKey {
    case name, kind
    case minimum = "min"
    case maximum = "max"
    case initial = "init"
    case members = "of"
    case scope
    case isRandom = "random"
    case isHidden = "hidden"
    case title
  }
}
