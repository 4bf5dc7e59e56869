import MediaCore
import Yams

/// A mapping whose keys are known.
struct YAMLFields {
  let position: EpisodePosition
  /// What it is, for messages: `the scene "s1"`.
  let subject: String
  fileprivate(set) var values: [String: Node] = [:]

  subscript(_ key: String) -> Node? { values[key] }
}

/// Values of one kind each: what is wrong is kept as a problem, and `nil` returned.
extension EpisodeReader {
  mutating func report(_ position: EpisodePosition, _ message: String) {
    guard problems.count < Self.keptProblems else { return }
    problems.append(EpisodeProblem(position, message))
  }

  mutating func report(_ node: Node, _ message: String) {
    report(EpisodePosition(node.mark), message)
  }

  // MARK: Collections

  mutating func fields(_ node: Node, _ subject: String, _ known: [String]) -> YAMLFields? {
    guard case .mapping(let mapping) = node else {
      report(node, "\(subject) is a mapping with the keys \(known.joined(separator: ", "))")
      return nil
    }
    var fields = YAMLFields(position: EpisodePosition(node.mark), subject: subject)
    for (key, value) in mapping where problems.count < Self.keptProblems {
      guard let name = scalar(key, "a key") else { continue }
      guard known.contains(name) else {
        let hint = NearestName.hint(name, known)
        report(
          key,
          "unknown key \(SafeText.quoted(name)) in \(subject)"
            + (hint.isEmpty ? "; there are \(known.joined(separator: ", "))" : hint))
        continue
      }
      fields.values[name] = value
    }
    return fields
  }

  mutating func required(_ key: String, _ fields: YAMLFields) -> Node? {
    if let node = fields[key] { return node }
    report(fields.position, "\(fields.subject) has no '\(key)'; write it")
    return nil
  }

  mutating func list(_ node: Node, _ subject: String, _ limit: Int) -> [Node] {
    guard case .sequence(let sequence) = node else {
      report(node, "\(subject) is a list; write '[…]'")
      return []
    }
    guard sequence.count <= limit else {
      report(node, "\(subject) has \(sequence.count) items; at most \(limit) are read")
      return []
    }
    return Array(sequence)
  }

  // MARK: Scalars

  mutating func scalar(_ node: Node, _ subject: String) -> String? {
    guard case .scalar(let scalar) = node else {
      report(node, "\(subject) is a single value, not a list or a mapping")
      return nil
    }
    if let tag = node.tagName, tag != "tag:yaml.org,2002:str" {
      report(node, "tags (\(SafeText.quoted(tag))) are not read here; take it away")
      return nil
    }
    return scalar.string
  }

  mutating func name(_ node: Node, _ subject: String) -> String? {
    guard let text = scalar(node, subject) else { return nil }
    guard EpisodeName.isValid(text) else {
      report(node, "\(subject) is \(SafeText.quoted(text)); an id is \(EpisodeName.rule)")
      return nil
    }
    return text
  }

  mutating func integer(_ node: Node, _ range: ClosedRange<Int>, _ subject: String) -> Int? {
    guard let text = scalar(node, subject) else { return nil }
    let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
    guard (1...18).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39) ~= $0 }),
      let value = Int(text)
    else {
      report(node, "\(subject) is \(SafeText.quoted(text)); a whole number is expected")
      return nil
    }
    guard range.contains(value) else {
      let bound =
        range.upperBound == Int.max
        ? "\(range.lowerBound) or more" : "\(range.lowerBound) to \(range.upperBound)"
      report(node, "\(subject) is \(value); \(bound) is expected")
      return nil
    }
    return value
  }

  mutating func number(_ node: Node, _ range: ClosedRange<Double>, _ subject: String) -> Double? {
    guard let text = scalar(node, subject) else { return nil }
    let allowed = Set("0123456789.-".utf8)
    guard (1...32).contains(text.utf8.count), text.utf8.allSatisfy(allowed.contains),
      let value = Double(text), value.isFinite
    else {
      report(node, "\(subject) is \(SafeText.quoted(text)); a number is expected, as 8.96")
      return nil
    }
    guard range.contains(value) else {
      report(node, "\(subject) is \(text); \(range.lowerBound) to \(range.upperBound) is expected")
      return nil
    }
    return value
  }

  /// Seconds in the file.
  mutating func milliseconds(_ node: Node, _ subject: String) -> Int? {
    number(node, 0...Double(EpisodeLimits.sceneTime / 1000), "\(subject) (seconds)").map {
      Int(($0 * 1000).rounded())
    }
  }

  mutating func bool(_ node: Node) -> Bool? {
    word(node, ["true": true, "false": false], "this")
  }

  /// One of a few words.
  mutating func word<Value>(
    _ node: Node, _ words: [String: Value], _ subject: String
  ) -> Value? {
    guard let text = scalar(node, subject) else { return nil }
    if let value = words[text] { return value }
    report(
      node,
      "\(subject) is \(SafeText.quoted(text)); \(words.keys.sorted().joined(separator: " or ")) is "
        + "expected\(NearestName.hint(text, words.keys))")
    return nil
  }

  mutating func path(_ node: Node, _ subject: String) -> String? {
    guard let text = scalar(node, subject) else { return nil }
    guard (1...EpisodeLimits.pathLength).contains(text.unicodeScalars.count),
      !text.unicodeScalars.contains(where: { $0.value < 0x20 })
    else {
      report(
        node,
        "\(subject) is a file name of 1 to \(EpisodeLimits.pathLength) characters, relative to this "
          + "file")
      return nil
    }
    return text
  }

  mutating func language(_ node: Node) -> String? {
    guard let text = scalar(node, "a language") else { return nil }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    let isTag =
      (2...8).contains(parts[0].utf8.count)
      && parts.allSatisfy { part in
        (1...8).contains(part.utf8.count)
          && part.utf8.allSatisfy {
            (0x30...0x39) ~= $0 || (0x41...0x5a) ~= $0 || (0x61...0x7a) ~= $0
          }
      } && text.utf8.count <= 35
    guard isTag else {
      report(node, "\(SafeText.quoted(text)) is no language tag (BCP 47), as en or zh-Hans")
      return nil
    }
    return text
  }

  /// Text for viewers by language; a bare text is in the first language.
  mutating func texts(_ node: Node, besides: Set<String> = []) -> [String: String] {
    if case .scalar = node {
      return viewerText(node).flatMap { text in languages.first.map { [$0: text] } } ?? [:]
    }
    guard case .mapping(let mapping) = node else {
      report(node, "a text for viewers is a mapping from languages, as {en: Hello}")
      return [:]
    }
    var found: [String: String] = [:]
    for (key, value) in mapping {
      guard let language = scalar(key, "a language"), !besides.contains(language) else { continue }
      guard languages.contains(language) else {
        report(
          key,
          "\(SafeText.quoted(language)) is none of the episode's languages "
            + "(\(languages.joined(separator: ", "))); list it there")
        continue
      }
      found[language] = viewerText(value)
    }
    return found
  }

  private mutating func viewerText(_ node: Node) -> String? {
    guard let text = scalar(node, "a text for viewers") else { return nil }
    guard (1...EpisodeLimits.textLength).contains(text.count) else {
      report(
        node,
        text.isEmpty
          ? "a text for viewers is empty; write it, or take the language away"
          : "a text for viewers has \(text.count) characters; at most \(EpisodeLimits.textLength) "
            + "are read")
      return nil
    }
    return text
  }

  // MARK: Expressions

  mutating func condition(_ node: Node) -> Expression? {
    expression(node, "a condition") { parser, text throws(ExpressionFailure) in
      try parser.condition(text)
    }
  }

  /// A list, or one alone.
  mutating func effects(
    _ node: Node, _ item: (Int) -> EpisodeSource.Item
  ) -> [Effect] {
    var nodes = [node]
    if case .sequence = node { nodes = list(node, "a list of effects", EpisodeLimits.effectCount) }
    return nodes.enumerated().compactMap { index, node in
      source.positions[item(index)] = EpisodePosition(node.mark)
      return expression(node, "an effect") { parser, text throws(ExpressionFailure) in
        try parser.effect(text)
      }
    }
  }

  mutating func expression<Value>(
    _ node: Node, _ subject: String,
    _ parse: (inout ExpressionParser, String) throws(ExpressionFailure) -> Value
  ) -> Value? {
    guard let text = scalar(node, subject) else { return nil }
    do throws(ExpressionFailure) {
      return try parse(&parser, text)
    } catch {
      report(yaml.position(of: error.offset, in: node), error.message)
      return nil
    }
  }
}

extension Node {
  /// What the author wrote in front of a value: `!!int`; quotation marks are `str`.
  fileprivate var tagName: String? {
    guard case .scalar(let scalar) = self, scalar.tag.description != "" else { return nil }
    return scalar.tag.description
  }
}
