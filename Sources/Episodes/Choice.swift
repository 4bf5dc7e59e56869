/// A moment in a scene at which the viewer decides.
///
/// Times are milliseconds of the scene's own media time, from its start.
package struct Choice: Hashable, Sendable, Codable {
  /// When the choice takes effect.
  package enum Lock: String, Hashable, Sendable, Codable {
    /// The scene plays to its end first.
    case atEnd = "at_end"
    /// The player may cut at once; documents of a path play the scene to its end all the same.
    case immediate
  }

  /// What is taken when the viewer does not choose.
  package enum Default: Hashable, Sendable {
    /// Position of an option.
    case option(Int)
    /// Any enabled option, all alike. Where nobody draws: the first that is enabled.
    case random
    /// Any enabled option, by weight. Where nobody draws: the heaviest that is enabled.
    case weighted
    /// The value is an option's position.
    case expression(Expression)
  }

  package struct Vote: Hashable, Sendable, Codable {
    /// Part of the viewers, 0 … 1, that must vote.
    package var quorum: Double
    /// What a tie gives: `default`, or `random`.
    package var tie: String

    package init(quorum: Double, tie: String) {
      self.quorum = quorum
      self.tie = tie
    }
  }

  /// For viewers who need other ways or more time.
  package struct Accessibility: Hashable, Sendable, Codable {
    /// Factors by which the window can be made longer; 0 stands for no end at all.
    package var extend: [Double]
    /// `KeyboardEvent.key` of each option, in order.
    package var keys: [String]
    /// Milliseconds before the window at which it is announced.
    package var announceAt: Int?

    package init(extend: [Double] = [], keys: [String] = [], announceAt: Int? = nil) {
      self.extend = extend
      self.keys = keys
      self.announceAt = announceAt
    }
  }

  package var id: String
  /// Start of the window.
  package var at: Int
  /// Length of the window.
  package var length: Int
  package var lock: Lock
  /// The window stays open, over the scene `idle` again and again, until the viewer chooses.
  /// Documents of a path have no idle scene: there everything is decided.
  package var isUntimed: Bool
  /// The scene that is played while an untimed choice waits.
  package var idle: String?
  /// What is asked, by language.
  package var prompt: [String: String]
  /// Spoken prompts by language: files beside the episode file, or references beside `episode.json`
  /// (see `SpokenPrompt`).
  package var spokenPrompt: [String: String]
  /// In authored order: their positions are the digits of paths.
  package var options: [ChoiceOption]
  package var fallback: Default
  package var vote: Vote?
  package var accessibility: Accessibility?

  package init(
    id: String, at: Int, length: Int, lock: Lock = .atEnd, isUntimed: Bool = false,
    idle: String? = nil, prompt: [String: String] = [:], spokenPrompt: [String: String] = [:],
    options: [ChoiceOption], fallback: Default = .option(0), vote: Vote? = nil,
    accessibility: Accessibility? = nil
  ) {
    self.id = id
    self.at = at
    self.length = length
    self.lock = lock
    self.isUntimed = isUntimed
    self.idle = idle
    self.prompt = prompt
    self.spokenPrompt = spokenPrompt
    self.options = options
    self.fallback = fallback
    self.vote = vote
    self.accessibility = accessibility
  }

  enum CodingKeys: String, CodingKey {
    case id, at
    case length = "for"
    case lock
    case isUntimed = "untimed"
    case idle, prompt, spokenPrompt, options
    case fallback = "default"
    case vote
    case accessibility = "a11y"
  }
}

/// `3`, `"random"`, `"weighted"` or `{"expression": …}` in JSON.
extension Choice.Default: Codable {
  private enum CodingKeys: String, CodingKey { case expression }

  package init(from decoder: any Decoder) throws {
    if let single = try? decoder.singleValueContainer() {
      if let option = try? single.decode(Int.self) {
        self = .option(option)
        return
      }
      switch try? single.decode(String.self) {
      case "random":
        self = .random
        return
      case "weighted":
        self = .weighted
        return
      default: break
      }
    }
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self = .expression(try keys.decode(Expression.self, forKey: .expression))
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .option(let option):
      var single = encoder.singleValueContainer()
      try single.encode(option)
    case .random:
      var single = encoder.singleValueContainer()
      try single.encode("random")
    case .weighted:
      var single = encoder.singleValueContainer()
      try single.encode("weighted")
    case .expression(let expression):
      var keys = encoder.container(keyedBy: CodingKeys.self)
      try keys.encode(expression, forKey: .expression)
    }
  }
}

/// One answer to a choice.
package struct ChoiceOption: Hashable, Sendable, Codable {
  /// What viewers see of an option whose condition does not hold.
  package enum Otherwise: String, Hashable, Sendable, Codable {
    case hidden, disabled
  }

  /// A place on the sphere of a 360° scene, in degrees (ISO/IEC 23090-2: azimuth grows to the left).
  package struct Spot: Hashable, Sendable, Codable {
    /// −180 … 180, to the right.
    package var yaw: Double
    /// −90 … 90, upwards.
    package var pitch: Double
    /// Width of the spot.
    package var size: Double

    package init(yaw: Double, pitch: Double, size: Double) {
      self.yaw = yaw
      self.pitch = pitch
      self.size = size
    }
  }

  package var id: String
  package var text: [String: String]
  /// The option can be chosen if this holds; `nil` always.
  package var when: Expression?
  package var otherwise: Otherwise
  /// In order, before the next choice of the scene is looked at.
  package var effects: [Effect]
  /// `nil`: the scene's `next`.
  package var goto: Target?
  /// Share of viewers that the author expects, above 0; of all options 1 each if none is given.
  package var weight: Double
  package var spot: Spot?

  package init(
    id: String, text: [String: String] = [:], when: Expression? = nil,
    otherwise: Otherwise = .hidden, effects: [Effect] = [], goto: Target? = nil,
    weight: Double = 1, spot: Spot? = nil
  ) {
    self.id = id
    self.text = text
    self.when = when
    self.otherwise = otherwise
    self.effects = effects
    self.goto = goto
    self.weight = weight
    self.spot = spot
  }

  enum CodingKeys: String, CodingKey {
    case id, text, when
    case otherwise = "else"
    case effects = "do"
    case goto, weight, spot
  }
}
