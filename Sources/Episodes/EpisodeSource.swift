import Markup

/// Where an episode file says what: for messages about an episode that was read.
///
///     file.source[.option(choice: "k1", option: "accept")]   // 20:11
package struct EpisodeSource: Hashable, Sendable {
  /// Something in an episode that has a place. Ids of choices are unique in an episode.
  package enum Item: Hashable, Sendable {
    case entry
    case variable(String)
    case scene(String)
    /// The target `next` of a scene.
    case next(scene: String)
    case effect(scene: String, Int)
    case viewpoint(scene: String, String)
    case choice(String)
    case window(choice: String)
    /// The file of a spoken prompt.
    case spokenPrompt(choice: String, language: String)
    /// The value of `default`.
    case fallback(choice: String)
    case option(choice: String, option: String)
    /// The value of an option's `goto`, `when`, or one of its `do`.
    case goto(choice: String, option: String)
    case when(choice: String, option: String)
    case optionEffect(choice: String, option: String, Int)
    case group(String)
    case groupEntry(group: String, Int)
    case ending(String)
    case checkpoint(String)
  }

  package var positions: [Item: EpisodePosition]

  package init(positions: [Item: EpisodePosition] = [:]) { self.positions = positions }

  package subscript(_ item: Item) -> EpisodePosition? { positions[item] }
}
