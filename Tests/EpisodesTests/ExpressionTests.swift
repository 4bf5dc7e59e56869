import Foundation
import Testing

@testable import Episodes

/// `Vectors/expressions.json`, which the player holds to as well.
struct ExpressionVectors: Decodable {
  struct Row: Decodable, Sendable, CustomTestStringConvertible {
    var text: String
    var values: [String: Int]
    var result: Int
    var expression: Episodes.Expression

    var testDescription: String { "\(text) \(values)" }
  }

  var variables: [Variable]
  var scenes: [String]
  var endings: [String]
  var rows: [Row]

  static let all: ExpressionVectors? = {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Vectors/expressions.json")
    return try? JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }()

  var parser: ExpressionParser {
    ExpressionParser(variables: variables, scenes: scenes, endings: endings)
  }
}

struct ExpressionTests {
  @Test(arguments: ExpressionVectors.all?.rows ?? [])
  func `a row of the table holds`(_ row: ExpressionVectors.Row) throws {
    let vectors = try #require(ExpressionVectors.all)
    var parser = vectors.parser
    let expression = try parser.value(row.text)
    #expect(expression == row.expression)
    let result = expression.evaluate { name in
      row.values[name] ?? vectors.variables.first { $0.name == name }?.initial ?? 0
    }
    #expect(result == row.result)
    #expect(parser.history.allSatisfy { $0.contains(":") })
  }

  @Test func `the table is there`() throws {
    #expect(try #require(ExpressionVectors.all).rows.count >= 80)
  }

  /// Scalars before the fault, and words of the message.
  static let faults: [(String, Int, String)] = [
    ("trust && pills", 0, "\"trust\" is a number; true or false is expected here; compare it"),
    ("pills && 1", 9, "1 is a number"),
    ("!trust", 1, "is a number"),
    ("pills + 1 > 0", 0, "write '(x ? 1 : 0)'"),
    ("trust == true", 9, "true is true or false; a number"),
    ("music == calm", 9, "is a member of \"mood\"; one of none, tt, nw"),
    ("music == mood", 9, "\"mood\" is one of calm"),
    ("music == wn", 9, "did you mean \"nw\"?"),
    ("music < tt", 0, "a number is expected"),
    ("trust == tt", 9, "stands beside '=='"),
    ("trsut > 1", 0, "did you mean \"trust\"?"),
    ("elephant > 1", 0, "declare it under 'vars'"),
    ("tt == nw", 0, "no variable"),
    ("visited(s9)", 8, "no scene; did you mean"),
    ("visited(elephant)", 8, "\"elephant\" is no scene"),
    ("ended(s1)", 6, "is no ending"),
    ("visited(1)", 8, "a scene; name one"),
    ("visit(s1)", 0, "no function; there are min"),
    ("min(1)", 5, "','"),
    ("min(1, 2", 8, "')' is expected"),
    ("(trust > 1", 10, "')' is expected"),
    ("trust > 1)", 9, "cannot stand here"),
    ("pills = true", 6, "compared by '=='"),
    ("pills & pills", 6, "'and' is '&&'"),
    ("pills | pills", 6, "'or' is '||'"),
    ("trust / 2 > 0", 6, "no division"),
    ("music == \"tt\"", 9, "a value is expected"),
    ("trust > 1.5", 9, "numbers are whole"),
    ("trust > 2147483648", 8, "beyond"),
    ("trust > 99999999999999999999999", 8, "beyond"),
    ("pills ? true", 12, "':' is expected"),
    ("pills ?", 7, "a value is expected"),
    ("", 0, "a value is expected"),
    ("trust >", 7, "a value is expected"),
    ("pills ? 1 : true", 8, "1 is a number; true or false"),
    ("é", 0, "a value is expected"),
    ("pills pills", 6, "cannot stand here"),
  ]

  @Test(arguments: faults)
  func `a fault is told at its place`(_ text: String, _ offset: Int, _ words: String) throws {
    var parser = try #require(ExpressionVectors.all).parser
    do throws(ExpressionFailure) {
      Issue.record("read as \(try parser.condition(text))")
    } catch {
      #expect(error.offset == offset, "\(error.message)")
      #expect(error.message.contains(words), "\(error.message)")
    }
  }

  @Test func `an effect sets a variable of its kind`() throws {
    var parser = try #require(ExpressionVectors.all).parser
    #expect(
      try parser.effect("music = nw") == Effect(variable: "music", value: .literal(2)))
    #expect(
      try parser.effect(" key-card=!key-card ")
        == Effect(variable: "key-card", value: .unary(.not, .variable("key-card"))))
    for (text, offset) in [
      ("pills = 1", 8), ("music = 1", 8), ("trust = pills", 8), ("trust == 1", 6), ("trust", 5),
      ("x = 1", 0), ("= 1", 0), ("visited(s1) = true", 7),
    ] {
      do throws(ExpressionFailure) {
        Issue.record("\(text) is read as \(try parser.effect(text))")
      } catch {
        #expect(error.offset == offset, "\(text): \(error.message)")
      }
    }
  }

  @Test func `an option is named by its id`() throws {
    var parser = try #require(ExpressionVectors.all).parser
    let ids = ["accept", "go-home"]
    #expect(
      try parser.option("trust > 2 ? accept : go-home", of: ids)
        == .conditional(
          .binary(.greater, .variable("trust"), .literal(2)), .literal(0), .literal(1)))
    for text in ["trust", "1", "stay", "trust > 2 ? accept : stay"] {
      #expect(throws: ExpressionFailure.self) { try parser.option(text, of: ids) }
    }
  }

  @Test(arguments: [(32, true), (33, false), (2000, false)])
  func `nesting has a limit`(_ depth: Int, _ isRead: Bool) throws {
    let parser = try #require(ExpressionVectors.all).parser
    func isValid(_ text: String) -> Bool {
      var parser = parser
      return (try? parser.value(text)) != nil
    }
    func times(_ text: String) -> String { String(repeating: text, count: depth) }
    #expect(isValid(times("!") + "true") == isRead)
    #expect(isValid(times("(") + "true" + times(")")) == isRead)
    #expect(isValid(times("- ") + "trust") == isRead)
    #expect(isValid("1" + times("+1")) == isRead)
    #expect(isValid(times("true?1:") + "1") == isRead)
    #expect(isValid(times("min(1,") + "1" + times(")")) == isRead)
  }

  @Test func `a long chain of conditions is no deep nest`() throws {
    var parser = try #require(ExpressionVectors.all).parser
    let chain = Array(repeating: "pills", count: 400).joined(separator: " && ")
    #expect(try parser.condition(chain).evaluate { _ in 1 } == 1)
  }
}
