import Markup
import MediaCore
import Yams

/// Values of an episode: what is wrong is kept as a problem, and `nil` returned.
extension EpisodeReader {
  mutating func name(_ node: Node, _ subject: String) -> String? {
    guard let text = scalar(node, subject) else { return nil }
    guard EpisodeName.isValid(text) else {
      report(node, "\(subject) is \(SafeText.quoted(text)); an id is \(EpisodeName.rule)")
      return nil
    }
    return text
  }

  /// Seconds in the file.
  mutating func milliseconds(_ node: Node, _ subject: String) -> Int? {
    number(node, 0...Double(EpisodeLimits.sceneTime / 1000), "\(subject) (seconds)").map {
      Int(($0 * 1000).rounded())
    }
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
