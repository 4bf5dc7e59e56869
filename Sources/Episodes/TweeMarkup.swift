import Foundation
import Markup
import MediaCore

/// What a passage says besides prose: links, and the macros of SugarCube and Harlowe that have a
/// meaning in an episode.
///
///     [[text->target]]  [[target<-text]]  [[text|target]]  [[target]]  [[…][$x to 1]]
///     <<set $x to 1>>  <<if …>> <<elseif …>> <<else>> <</if>>
///     (set: $x to 1)   (if: …)[ ] (else-if: …)[ ] (else:)[ ]
struct TweeMarkup {
  struct Set {
    /// With what is assigned, in the words of the story: `$x`, and `1`.
    var variable: String
    var value: String
    var line: Int
  }

  struct Link {
    var text: String
    var target: String
    var sets: [Set]
    var line: Int
  }

  /// A condition is a row of guards that all hold; `false` turns one around.
  struct Guard {
    var text: String
    var holds: Bool
    var line: Int
  }

  enum Item {
    case set(Set, [Guard])
    case link(Link, [Guard])
  }

  static let nesting = 16
  static let itemCount = 4096
  /// Bytes of a passage.
  static let byteCount = 1 << 16

  private(set) var items: [Item] = []
  private(set) var prose = ""

  /// One `if` that is open.
  private struct Block {
    /// Guards of the branches before this one, turned around, and of this one.
    var past: [Guard]
    var current: [Guard]
    /// A bracket ends it, and not `<</if>>`.
    var isHook: Bool
    var line: Int
  }

  private var blocks: [Block] = []
  /// The `if` whose hook has just ended: an `else` may follow.
  private var closed: Block?
  private var rest: Substring
  private var line: Int

  init(_ passage: TweeFile.Passage) throws(TextFailure) {
    let text = passage.body.joined(separator: "\n")
    rest = text[...]
    line = passage.line + 1
    guard text.utf8.count <= Self.byteCount else {
      throw failure("the passage has \(text.utf8.count) bytes; at most \(Self.byteCount) are read")
    }
    while !rest.isEmpty { try step() }
    if let block = blocks.last {
      line = block.line
      throw failure("this 'if' has no end; write \(block.isHook ? "']'" : "'<</if>>'")")
    }
    prose = prose.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  private func failure(_ message: String) -> TextFailure {
    TextFailure(EpisodePosition(line: line, column: 1), message)
  }

  private var guards: [Guard] { blocks.flatMap { $0.past + $0.current } }

  private mutating func step() throws(TextFailure) {
    if skip("/*", to: "*/") || skip("<!--", to: "-->") || skip("/%", to: "%/") { return }
    if rest.hasPrefix("[[") { return try link() }
    if rest.hasPrefix("<<") { return try macro() }
    if rest.first == "(", let colon = rest.prefix(32).firstIndex(of: ":"),
      rest[..<colon].dropFirst().allSatisfy({ $0.isLetter || $0 == "-" }),
      rest.index(after: rest.startIndex) < colon
    {
      return try harlowe(colon)
    }
    guard let character = rest.popFirst() else { return }
    if character == "]", blocks.last?.isHook == true {
      closed = blocks.popLast()
      return
    }
    if character == "\n" { line += 1 }
    if !character.isWhitespace { closed = nil }
    prose.append(character)
  }

  private mutating func skip(_ start: String, to end: String) -> Bool {
    guard rest.hasPrefix(start) else { return false }
    let found = rest.dropFirst(start.count).range(of: end)
    let after = found?.upperBound ?? rest.endIndex
    line += rest[..<after].filter { $0 == "\n" }.count
    rest = rest[after...]
    return true
  }

  private mutating func append(_ item: Item) throws(TextFailure) {
    guard items.count < Self.itemCount else {
      throw failure("the passage has more than \(Self.itemCount) links and settings")
    }
    items.append(item)
  }

  // MARK: Links

  private mutating func link() throws(TextFailure) {
    guard let end = rest.range(of: "]]") else { throw failure("this link has no ']]'") }
    let content = String(rest[..<end.lowerBound].dropFirst(2))
    guard !content.contains("\n") else { throw failure("this link goes over its line") }
    rest = rest[end.upperBound...]
    var parts = [content]
    if let setter = content.range(of: "][") {
      parts = [String(content[..<setter.lowerBound]), String(content[setter.upperBound...])]
    }
    let (text, target) = Self.split(parts[0])
    guard !target.isEmpty, !text.isEmpty else {
      throw failure("this link has no target or no text")
    }
    var sets: [Set] = []
    if parts.count > 1 {
      for part in parts[1].split(whereSeparator: { $0 == ";" || $0 == "," }) {
        sets.append(try set(String(part)))
      }
    }
    try append(.link(Link(text: text, target: target, sets: sets, line: line), guards))
  }

  /// The last `->`, the first `<-`, or the first `|` parts text and target.
  private static func split(_ content: String) -> (text: String, target: String) {
    let parts: (Substring, Substring)
    if let arrow = content.range(of: "->", options: .backwards) {
      parts = (content[..<arrow.lowerBound], content[arrow.upperBound...])
    } else if let arrow = content.range(of: "<-") {
      parts = (content[arrow.upperBound...], content[..<arrow.lowerBound])
    } else if let bar = content.firstIndex(of: "|") {
      parts = (content[..<bar], content[content.index(after: bar)...])
    } else {
      parts = (content[...], content[...])
    }
    return (
      parts.0.trimmingCharacters(in: .whitespaces), parts.1.trimmingCharacters(in: .whitespaces)
    )
  }

  // MARK: Macros

  /// `$x to 1`, `$x = 1`, `$x += 1`
  private func set(_ text: String) throws(TextFailure) -> Set {
    let trimmed = text.trimmingCharacters(in: .whitespaces)
    let name = trimmed.prefix { !$0.isWhitespace && $0 != "=" && $0 != "+" && $0 != "-" }
    let tail = trimmed[name.endIndex...].drop(while: \.isWhitespace)
    guard name.first == "$", name.count > 1 else {
      throw failure("\(SafeText.quoted(trimmed)) sets no story variable; write '$name to value'")
    }
    for (sign, isSum) in [("to ", false), ("+=", true), ("-=", true), ("=", false)]
    where tail.hasPrefix(sign) {
      let value = tail.dropFirst(sign.count).trimmingCharacters(in: .whitespaces)
      return Set(
        variable: String(name), value: isSum ? "\(name) \(sign.prefix(1)) (\(value))" : value,
        line: line)
    }
    throw failure("\(SafeText.quoted(trimmed)) sets nothing; write '$name to value'")
  }

  private mutating func macro() throws(TextFailure) {
    guard let end = rest.range(of: ">>") else { throw failure("this macro has no '>>'") }
    let content = rest[..<end.lowerBound].dropFirst(2)
    guard !content.contains("\n") else { throw failure("this macro goes over its line") }
    rest = rest[end.upperBound...]
    let name = content.prefix { !$0.isWhitespace }
    let value = content[name.endIndex...].trimmingCharacters(in: .whitespaces)
    switch name {
    case "set": try append(.set(try set(value), guards))
    case "if": try open(value, isHook: false)
    case "elseif", "else":
      guard let block = blocks.popLast(), !block.isHook else {
        throw failure("'<<\(name)>>' stands outside of an '<<if>>'")
      }
      try reopen(block, name == "else" ? nil : value)
    case "/if":
      guard blocks.popLast()?.isHook == false else {
        throw failure("'<</if>>' stands outside of an '<<if>>'")
      }
    default:
      throw failure(
        "the macro \(SafeText.quoted(String(name))) is not translated; there are set, if, elseif and "
          + "else: write the passage without it")
    }
  }

  private mutating func harlowe(_ colon: Substring.Index) throws(TextFailure) {
    let name = rest[..<colon].dropFirst().lowercased().replacing("-", with: "")
    var depth = 1
    var end = rest.index(after: colon)
    while end < rest.endIndex, depth > 0 {
      if rest[end] == "(" { depth += 1 }
      if rest[end] == ")" { depth -= 1 }
      if rest[end] == "\n" { break }
      end = rest.index(after: end)
    }
    guard depth == 0 else { throw failure("this macro has no ')' on its line") }
    let value = String(rest[rest.index(after: colon)..<rest.index(before: end)])
      .trimmingCharacters(in: .whitespaces)
    rest = rest[end...]
    switch name {
    case "set":
      for part in value.split(separator: ",") { try append(.set(try set(String(part)), guards)) }
    case "if":
      try hook()
      try open(value, isHook: true)
    case "elseif", "else":
      guard let block = closed else { throw failure("'(\(name):)' follows no '(if:)[…]'") }
      try hook()
      try reopen(block, name == "else" ? nil : value)
    default:
      throw failure(
        "the macro \(SafeText.quoted(name)) is not translated; there are set, if, else-if and else: "
          + "write the passage without it")
    }
  }

  private mutating func hook() throws(TextFailure) {
    let after = rest.drop { $0 == " " }
    guard after.first == "[", !after.hasPrefix("[[") else {
      throw failure("'[' is expected behind this macro; put a space before a link: '[ [[…]] ]'")
    }
    rest = after.dropFirst()
    closed = nil
  }

  private mutating func open(_ condition: String, isHook: Bool) throws(TextFailure) {
    guard blocks.count < Self.nesting else {
      throw failure("'if' is nested more than \(Self.nesting) deep")
    }
    blocks.append(
      Block(
        past: [], current: [Guard(text: condition, holds: true, line: line)], isHook: isHook,
        line: line))
  }

  private mutating func reopen(_ block: Block, _ condition: String?) throws(TextFailure) {
    var block = block
    guard !block.current.isEmpty, block.past.count < Self.nesting else {
      throw failure(
        "nothing can follow an 'else', and not more than \(Self.nesting) branches an 'if'")
    }
    block.past += block.current.map { Guard(text: $0.text, holds: false, line: $0.line) }
    block.current = condition.map { [Guard(text: $0, holds: true, line: line)] } ?? []
    blocks.append(block)
  }
}
