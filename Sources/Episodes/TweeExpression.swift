import Markup
import MediaCore

/// An expression of SugarCube or Harlowe, in the words of an episode file.
struct TweeExpression {
  enum Token: Hashable {
    case variable(String)
    case text(String)
    case number(Int)
    case word(String)
    case sign(String)
  }

  static let tokenCount = 1024

  let tokens: [Token]

  /// - Throws: a message about what has no meaning in an episode.
  init(_ text: String, line: Int) throws(TextFailure) {
    var tokens: [Token] = []
    var rest = text[...]
    func failure(_ message: String) -> TextFailure {
      TextFailure(EpisodePosition(line: line, column: 1), message)
    }
    while let first = rest.first {
      guard tokens.count < Self.tokenCount else {
        throw failure("an expression has more than \(Self.tokenCount) parts")
      }
      if first.isWhitespace {
        rest.removeFirst()
      } else if first == "$" || first == "_" || Self.isLetter(first) {
        rest.removeFirst()
        let name =
          String(first) + rest.prefix { Self.isLetter($0) || Self.isDigit($0) || $0 == "_" }
        rest = rest.dropFirst(name.count - 1)
        guard first != "_" else {
          throw failure("\(SafeText.quoted(name)) is a temporary variable; use one with '$'")
        }
        tokens.append(first == "$" ? .variable(String(name.dropFirst())) : .word(name))
      } else if Self.isDigit(first) {
        let digits = rest.prefix(while: Self.isDigit)
        rest = rest.dropFirst(digits.count)
        guard let number = Int(digits), number <= Expression.maximumMagnitude, rest.first != "."
        else {
          throw failure("numbers of an episode are whole, \(Expression.maximumMagnitude) at most")
        }
        tokens.append(.number(number))
      } else if first == "\"" || first == "'" {
        let body = rest.dropFirst().prefix { $0 != first }
        rest = rest.dropFirst(body.count + 1)
        guard rest.popFirst() == first else {
          throw failure("a text has no closing quotation mark")
        }
        tokens.append(.text(String(body)))
      } else if let sign = Self.signs.first(where: { rest.hasPrefix($0) }) {
        rest = rest.dropFirst(sign.count)
        tokens.append(.sign(sign))
      } else {
        throw failure(
          "\(SafeText.quoted(String(first))) has no meaning in an episode's expressions")
      }
    }
    self.tokens = tokens
  }

  private static let signs = [
    "===", "!==", "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "(", ")", ",",
    "?", ":", ".",
  ]

  private static func isLetter(_ character: Character) -> Bool {
    character.isASCII && character.isLetter
  }

  private static func isDigit(_ character: Character) -> Bool {
    character.isASCII && character.isNumber
  }

  private static let words: [String: String] = [
    "is": "==", "eq": "==", "isnot": "!=", "neq": "!=", "ne": "!=", "gt": ">", "gte": ">=",
    "lt": "<", "lte": "<=", "and": "&&", "or": "||", "not": "!", "true": "true", "false": "false",
  ]

  /// - Parameters:
  ///   - scene: the id of the passage of a name.
  ///   - name: of a variable, and of a member for a text.
  func text(
    line: Int, scene: (String) -> String?, name: (String) -> String
  ) throws(TextFailure) -> String {
    var parts: [String] = []
    var index = 0
    func word(_ ahead: Int) -> String? {
      guard index + ahead < tokens.count, case .word(let word) = tokens[index + ahead] else {
        return nil
      }
      return word
    }
    while index < tokens.count {
      switch tokens[index] {
      case .variable(let variable): parts.append(name(variable))
      case .text(let text): parts.append(name(text))
      case .number(let number): parts.append("\(number)")
      case .sign("==="): parts.append("==")
      case .sign("!=="): parts.append("!=")
      case .sign(let sign): parts.append(sign)
      case .word("is") where word(1) == "not":
        parts.append("!=")
        index += 1
      case .word("Math")
      where index + 2 < tokens.count && tokens[index + 1] == .sign(".")
        && ["min", "max"].contains(word(2)):
        parts.append(word(2) ?? "")
        index += 2
      case .word("visited"):
        guard index + 3 < tokens.count, tokens[index + 1] == .sign("("),
          case .text(let passage) = tokens[index + 2], tokens[index + 3] == .sign(")"),
          let id = scene(passage)
        else {
          throw TextFailure(
            EpisodePosition(line: line, column: 1),
            "visited() asks about a passage: visited(\"Yard\")")
        }
        parts.append("count(\(id))")
        index += 3
      case .word(let word):
        guard let sign = Self.words[word] else {
          throw TextFailure(
            EpisodePosition(line: line, column: 1),
            "\(SafeText.quoted(word)) has no meaning in an episode's expressions; there are is, isnot, "
              + "gt, gte, lt, lte, and, or, not")
        }
        parts.append(sign)
      }
      index += 1
    }
    return parts.joined(separator: " ")
  }
}
