import MediaCore
package import Yams

/// A mapping whose keys are known.
package struct YAMLFields {
  package let position: TextPosition
  /// What it is, for messages: `the scene "s1"`.
  package let subject: String
  package fileprivate(set) var values: [String: Node] = [:]

  package subscript(_ key: String) -> Node? { values[key] }
}

/// Something that reads a YAML tree. What is wrong is kept as a problem, and `nil` returned, so that
/// one run tells all that is wrong.
package protocol YAMLReader {
  var problems: [TextProblem] { get set }
}

/// Problems that are kept before reading ends; the first of them in the file are told.
private let keptProblems = 1024

/// Values of one kind each.
extension YAMLReader {
  package mutating func report(_ position: TextPosition, _ message: String) {
    guard problems.count < keptProblems else { return }
    problems.append(TextProblem(position, message))
  }

  package mutating func report(_ node: Node, _ message: String) {
    report(TextPosition(node.mark), message)
  }

  // MARK: Collections

  package mutating func fields(_ node: Node, _ subject: String, _ known: [String]) -> YAMLFields? {
    guard case .mapping(let mapping) = node else {
      report(node, "\(subject) is a mapping with the keys \(known.joined(separator: ", "))")
      return nil
    }
    var fields = YAMLFields(position: TextPosition(node.mark), subject: subject)
    for (key, value) in mapping where problems.count < keptProblems {
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

  package mutating func required(_ key: String, _ fields: YAMLFields) -> Node? {
    if let node = fields[key] { return node }
    report(fields.position, "\(fields.subject) has no '\(key)'; write it")
    return nil
  }

  package mutating func list(_ node: Node, _ subject: String, _ limit: Int) -> [Node] {
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

  package mutating func scalar(_ node: Node, _ subject: String) -> String? {
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

  package mutating func integer(_ node: Node, _ range: ClosedRange<Int>, _ subject: String) -> Int?
  {
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

  package mutating func number(_ node: Node, _ range: ClosedRange<Double>, _ subject: String)
    -> Double?
  {
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

  package mutating func bool(_ node: Node) -> Bool? {
    word(node, ["true": true, "false": false], "this")
  }

  /// One of a few words.
  package mutating func word<Value>(
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
}

extension Node {
  /// What the author wrote in front of a value: `!!int`; quotation marks are `str`.
  fileprivate var tagName: String? {
    guard case .scalar(let scalar) = self, scalar.tag.description != "" else { return nil }
    return scalar.tag.description
  }
}
