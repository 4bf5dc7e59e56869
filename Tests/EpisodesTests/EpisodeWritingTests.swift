import Testing

@testable import Episodes

struct EpisodeWritingTests {
  @Test func `a file that is written is read as the same`() throws {
    let file = try OfferFile.read()
    let again = try EpisodeFile(text: file.yaml, name: "offer.yaml")
    #expect(again.episode == file.episode)
    #expect(again.media == file.media)
    #expect(again.minimumMasks == file.minimumMasks)
    #expect(again.yaml == file.yaml)
  }

  @Test(arguments: ExpressionVectors.all?.rows ?? [])
  func `an expression that is written is read as the same`(_ row: ExpressionVectors.Row) throws {
    let vectors = try #require(ExpressionVectors.all)
    var parser = vectors.parser
    let writer = ExpressionText(variables: vectors.variables)
    for effect in [
      Effect(variable: "debt", value: row.expression),
      Effect(variable: "pills", value: .binary(.less, row.expression, .literal(3))),
    ] {
      let text = writer.effect(effect)
      // Rows that are conditions stand for no number.
      guard let again = try? parser.effect(text) else {
        #expect((try? parser.condition(row.text)) != nil, "\(text)")
        continue
      }
      #expect(again == effect, "\(text)")
    }
    if let condition = try? parser.condition(row.text) {
      let text = writer.condition(condition)
      #expect(try parser.condition(text) == condition, "\(text)")
    }
  }

  @Test func `chains keep their shape`() throws {
    var parser = try #require(ExpressionVectors.all).parser
    let writer = ExpressionText(variables: try #require(ExpressionVectors.all).variables)
    for text in [
      "pills && pills && pills && pills && pills", "pills && (pills && (pills && pills))",
      "((pills || pills) || pills) || pills", "pills && (pills || pills) && !(pills && pills)",
    ] {
      let condition = try parser.condition(text)
      #expect(try parser.condition(writer.condition(condition)) == condition, "\(text)")
    }
    let chain = "pills && pills && pills && pills && pills"
    #expect(writer.condition(try parser.condition(chain)) == chain)
  }

  @Test func `texts with marks come back`() throws {
    var file = try OfferFile.read()
    file.episode.title = ["en": "a \"b\" \\ {c}: # d\n\u{2028}\u{7f}é 😀 &e ? *f"]
    file.media["s1"]?.sources = ["- odd: name.mov", "it's.mov", "true", "1.mp4"]
    let again = try EpisodeFile(text: file.yaml, name: "offer.yaml")
    #expect(again.episode.title == file.episode.title)
    #expect(again.media == file.media)
  }

  @Test func `the graph has every scene, group and way`() throws {
    let dot = try OfferFile.read().dot
    for line in [
      "\"s1\" -> \"s1b\";", "\"s1b\" -> \"g_refuse\" [label=\"Refuse\\n[trust >= 1]\"];",
      "\"g_refuse\" -> \"s2b\" [label=\"2. else\"];", "\"g_refuse\" [shape=diamond];",
    ] {
      #expect(dot.contains("  \(line)\n"), "\(dot)")
    }
  }
}
