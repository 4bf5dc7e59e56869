import Markup
import Testing

@testable import Episodes

struct TweeTests {
  static let story = """
    :: StoryTitle
    The Offer

    :: StoryData
    {"ifid": "D674C58C-DEFA-4F70-B7A2-27742230C0FC", "format": "SugarCube", "start": "The office"}

    :: StoryInit
    <<set $trust to 1>><<set $mood to "calm">>

    :: The office [choice 2.0 8.96] {"position":"600,400"}
    /* a note */ Take the job? <<set $trust += 1>>
    [[Accept->Yard][$pills to true]]
    <<if $trust gte 1 and $mood is "calm">>[[Street<-Refuse]]<<elseif $trust is 0>>[[Beg|Yard]]<<else>>[[Yard]]<</if>>

    :: Yard [checkpoint]
    (set: $mood to "so so")(if: $trust > 2)[ (set: $mood to "calm") ](else:)[ (set: $mood to "angry") ]
    [[Street]]

    :: Street
    Back to the office? [[Yes->The office]] (if: $pills and visited("Yard") < 2)[ [[No->End]] ]

    :: End [ending]
    """

  @Test func `a story becomes an episode`() throws {
    let file = try TweeImport.read(Self.story.utf8, name: "offer.twee", language: "en")
    let episode = file.episode
    #expect(episode.id == "d674c58c-defa-4f70-b7a2-27742230c0fc")
    #expect(episode.title == ["en": "The Offer"])
    #expect(episode.entry == "The_office")
    #expect(episode.scenes.map(\.id) == ["The_office", "Yard", "Street", "End"])
    #expect(episode.variables.map(\.name) == ["trust", "mood", "pills", "count:Yard"])
    #expect(episode.variable("mood")?.members == ["calm", "so_so", "angry"])
    #expect(episode.variable("trust")?.initial == 1)
    #expect(file.media["Yard"]?.sources == ["Yard.mp4"])
    let choice = try #require(episode.scenes[0].choices.first)
    #expect((choice.at, choice.length) == (2000, 8960))
    #expect(choice.prompt == ["en": "Take the job?"])
    #expect(choice.options.map { $0.text["en"] } == ["Accept", "Refuse", "Beg", "Yard"])
    #expect(choice.options.map(\.goto) == ["Yard", "Street", "Yard", "Yard"].map { .scene($0) })
    #expect(choice.options[0].effects == [Effect(variable: "pills", value: .literal(1))])
    let writer = ExpressionText(variables: episode.variables)
    #expect(
      choice.options.map { $0.when.map(writer.condition) } == [
        nil, "trust >= 1 && mood == calm", "!(trust >= 1 && mood == calm) && trust == 0",
        "!(trust >= 1 && mood == calm) && !(trust == 0)",
      ])
    #expect(
      episode.scenes[1].enter.map(writer.effect) == [
        "mood = so_so", "mood = trust > 2 ? calm : mood", "mood = !(trust > 2) ? angry : mood",
      ])
    #expect(episode.scenes[1].next == .scene("Street"))
    #expect(episode.scenes[3].ending == "End")
    #expect(episode.scenes[1].checkpoint != nil)
  }

  @Test func `what is exported is imported as the same story`() throws {
    let file = try TweeImport.read(Self.story.utf8, name: "offer.twee", language: "en")
    let twee = try file.twee
    let again = try TweeImport.read(twee.utf8, name: "again.twee", language: "en")
    #expect(try again.twee == twee)
    #expect(again.episode.scenes.map(\.choices.count) == file.episode.scenes.map(\.choices.count))
    #expect(again.episode.scenes.map(\.next) == file.episode.scenes.map(\.next))
    for path in ["0", "00", "01", "10", "1"] {
      func ending(_ file: EpisodeFile) -> [String]? {
        guard let graph = try? EpisodeGraph(file.episode), let path = try? EpisodePath(path) else {
          return nil
        }
        return (try? Walk(graph, path: path))?.steps.map(\.scene.id)
      }
      #expect(ending(file) == ending(again), "\(path)")
    }
  }

  static let broken: [(String, Int, String)] = [
    ("", 1, "no passages"), ("text\n:: A\n", 1, "in front of the first passage"),
    (":: A\n[[B]]\n", 2, "leads to \"B\", which is no passage"),
    (":: A\n:: A\n", 2, "two passages are called"), (":: A [x\n", 1, "have no ']'"),
    (":: A\n<<print $x>>\n", 2, "the macro \"print\" is not translated"),
    (":: A\n\n(print: 1)\n", 3, "the macro \"print\" is not translated"),
    (":: A\n<<if $x>>[[A]]\n", 2, "this 'if' has no end"),
    (":: A\n<<else>>\n", 2, "outside of an '<<if>>'"),
    (":: A\n<</if>>\n", 2, "outside of an '<<if>>'"),
    (":: A\n(else:)[a]\n", 2, "follows no '(if:)"),
    (":: A\n(if: true)[[A]]\n", 2, "put a space before a link"), (":: A\n[[A\n", 2, "no ']]'"),
    (":: A\n<<set $x to\n", 2, "no '>>'"), (":: A\n<<set x to 1>>\n", 2, "sets no story variable"),
    (":: A\n<<set $x>>\n", 2, "sets nothing"),
    (":: A\n<<set $x to random(1)>>\n", 2, "\"random\" has no meaning"),
    (":: A\n<<set $x to 1>>\n<<set $x to true>>\n", 3, "values of two kinds"),
    (":: A\n<<set $x to _y>>\n", 2, "temporary variable"),
    (":: A\n<<set $x to 1.5>>\n", 2, "are whole"),
    (":: A\n<<set $x to \"a>>\n", 2, "closing quotation mark"),
    (":: A\n<<if $x>>[[A]]<</if>>\n", 2, "no variable"),
    (":: A [ending]\n[[A]]\n", 1, "an ending has no links"),
    (":: StoryData\nx\n:: A\n", 1, "no JSON object"),
    (
      ":: A\n<<set $x to true>>\n<<if $x>>[[A]]<</if>><<set $x to false>>\n", 3,
      "behind a condition that reads it"
    ),
    (
      ":: A\n<<if $x>><<set $x to false>><<set $y to 1>><</if>>[[A]]\n", 2,
      "reads what is set inside it"
    ),
    (":: StoryInit\n<<set $x to $y>>\n:: A\n", 2, "StoryInit sets values"),
    (":: StoryData\n{\"start\": \"B\"}\n:: A\n", 3, "starts at \"B\""),
  ]

  @Test(arguments: broken)
  func `what has no meaning is told with its line`(_ text: String, _ line: Int, _ words: String) {
    do throws(EpisodeFileError) {
      _ = try TweeImport.read(text.utf8, name: "a.twee", language: "en")
      Issue.record("it is read")
    } catch {
      #expect(error.problems.first?.position.line == line, "\(error)")
      #expect(error.description.contains(words), "\(error)")
    }
  }

  @Test func `what Twee has no words for is refused`() throws {
    #expect(throws: EpisodesError.self) { try OfferFile.read().twee }
  }
}
