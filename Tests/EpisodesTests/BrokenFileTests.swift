import Markup
import Testing

@testable import Episodes

/// Files that are refused: each with the place and words of its problems.
struct BrokenFileTests {
  struct Row: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    /// `line:column`, and a part of the message; all problems of the file, in order.
    var problems: [(String, String)]

    var testDescription: String { name }

    init(_ name: String, _ text: String, _ problems: (String, String)...) {
      self.name = name
      self.text = text
      self.problems = problems
    }
  }

  /// Three lines in front of what a row has, and scenes that end.
  static func story(_ scenes: String, top: String = "") -> String {
    """
    branch: 1
    episode: {id: e, entry: a, languages: [en]}
    vars: {n: {type: int, min: 0, max: 9}, b: {type: bool}, m: {type: enum, of: [x, y]}}
    endings: {end: {scene: z}}
    \(top)
    scenes:
      z: {media: z.mov}

    """ + scenes
  }

  /// A scene `a` from line 8, with a choice whose options begin in line 12.
  static func choice(_ options: String, default fallback: String = "o", more: String = "") -> String
  {
    story(
      """
        a:
          media: a.mov
          next: z
          choice: {id: k, window: {at: 1, for: 2}, default: \(fallback), \(more)options: [
            \(options)
          ]}
      """)
  }

  static let rows: [Row] = [
    // The file.
    Row("empty", "", ("1:1", "the file is empty; an episode begins with 'branch: 1'")),
    Row("comment alone", "# nothing\n", ("1:1", "the file is empty")),
    Row("a list", "- a\n", ("1:1", "an episode file is a mapping with the keys branch, episode")),
    Row(
      "no format", "episode: {}\n", ("1:1", "'branch: 1', the version of the format, is missing")),
    Row("other format", "branch: 2\n", ("1:9", "version 2 of the format; this program reads 1")),
    Row("bad format", "branch: one\n", ("1:9", "is \"one\"; a whole number is expected")),
    Row("tab", "branch: 1\nepisode:\n\tid: e\n", ("3:1", "a tab indents this line")),
    Row("bracket", "branch: 1\nepisode: {id: e\nscenes: 3", ("3:7", "this is no YAML")),
    Row(
      "quotation mark", "branch: \"1\n", ("2:1", "this is no YAML: found unexpected end of stream")),
    Row("indentation", "branch: 1\n  episode: 2\n", ("2:10", "check the indentation")),
    Row(
      "two documents", "branch: 1\n---\nbranch: 1\n", ("2:1", "this is no YAML: but found another")),
    Row(
      "key twice", "branch: 1\nvars:\n  a: 1\n  b: 1\n  a: 2\n",
      ("3:3", "the key \"a\" stands twice")),
    Row("anchor", "branch: &x 1\n", ("1:9", "anchors (&) and aliases (*) are not read here")),
    Row("alias", "branch: 1\nepisode: *x\n", ("2:10", "aliases (*) are not read here")),
    Row("complex key", "branch: 1\n? [a, b]\n: 1\n", ("2:1", "keys that begin with ?")),
    Row("tag", "branch: !!int 1\n", ("1:9", "tags (\"tag:yaml.org,2002:int\") are not read here")),
    Row("control character", "branch: 1\n# \u{7}\n", ("2:3", "a control character (U+7)")),
    Row("NUL", "branch: 1\n\u{0}", ("2:1", "a control character (U+0)")),
    // The top.
    Row(
      "unknown key at the top", story("  a: {media: a.mov, next: z}", top: "scene: 1"),
      ("5:1", "unknown key \"scene\" in an episode file; did you mean \"scenes\"?")),
    Row(
      "no scenes", "branch: 1\nepisode: {id: e, entry: a, languages: [en]}\n",
      ("1:1", "an episode file has no 'scenes'; write it"), ("2:25", "the entry \"a\" is no scene")),
    Row(
      "bad id, language and entry",
      "branch: 1\nepisode: {id: 1e, entry: x, languages: [en, e, en]}\nscenes: {a: {media: a}}\n",
      ("2:15", "the episode's id is \"1e\"; an id is a letter, then"),
      ("2:26", "the entry \"x\" is no scene; did you mean \"a\"?"),
      ("2:45", "\"e\" is no language tag"), ("2:48", "the language en is listed twice"),
      ("3:10", "the scene \"a\" does not go on")),
    Row(
      "bad policy",
      story(
        "  a: {media: a.mov, next: z}", top: "policy: {max_loop: 0, rtt: fast, backtrack: yes}"),
      ("5:20", "max_loop is 0; 1 to 1000 is expected"),
      ("5:28", "rtt (seconds) is \"fast\"; a number is expected"),
      ("5:45", "this is \"yes\"; false or true is expected")),
    Row(
      "bad checkpoints", story("  a: {media: a.mov, next: z}", top: "checkpoints: [z, q, z]"),
      ("5:18", "the checkpoint \"q\" is no scene"), ("5:21", "the checkpoint z is listed twice")),
    Row(
      "title in no language",
      "branch: 1\nepisode: {id: e, title: {de: E}, entry: a, languages: [en]}\nscenes:\n  a: {media: a, next: a}\n",
      ("2:26", "\"de\" is none of the episode's languages (en)")),
    // Variables.
    Row(
      "bad variables",
      """
      branch: 1
      episode: {id: e, entry: a, languages: [en]}
      vars:
        a: {type: text}
        b: {type: int, min: 3, max: 1}
        c: {type: int, min: 0}
        d: {type: int, min: 0, max: 99999}
        e: {type: enum, of: [x, x, b], init: z}
        f: {type: bool, max: 3}
        g: {type: bool, random: per-run, scope: series}
        min: {type: bool}
        h: {type: bool, init: 1}
        i: {type: int, min: 0, max: 3, init: 4}
        j: {typ: bool}
      scenes: {a: {media: a, next: a}}
      """,
      ("4:13", "the type is \"text\"; bool or enum or int is expected"),
      ("5:6", "min (3) is greater than max (1)"),
      ("6:6", "the variable \"c\" has no 'max'; write it"), ("7:6", "0 to 99999 are 100000 values"),
      ("8:3", "the member \"b\" of \"e\" is the name of a variable too"),
      ("8:27", "the member \"x\" is listed twice"), ("8:40", "init is \"z\", which is no member"),
      ("9:24", "'max' is for variables of the type int"),
      ("10:27", "a variable that is drawn for each run has the scope run"),
      ("11:3", "\"min\" has a meaning in expressions"),
      ("12:25", "this is \"1\"; false or true is expected"),
      ("13:40", "init is 4; 0 to 3 is expected"),
      ("14:6", "has no 'type'"),
      ("14:7", "unknown key \"typ\" in the variable \"j\"; did you mean \"type\"?")),
    // Scenes.
    Row(
      "a scene without media", story("  a: {next: z}"),
      ("8:6", "the scene \"a\" has no 'media'; write it")),
    Row(
      "no target", story("  a: {media: a, next: y}"),
      ("8:23", "\"y\" is no scene and no group; did you mean")),
    Row(
      "far target", story("  a: {media: a, next: elsewhere}"),
      ("8:23", "\"elsewhere\" is no scene and no group; add it under 'scenes'")),
    Row(
      "no way on", story("  a: {media: a}"),
      ("8:3", "the scene \"a\" does not go on; give it 'next'")),
    Row(
      "an end that goes on",
      story("  a: {media: a, next: z}\n", top: "").replacing(
        "z: {media: z.mov}", with: "z: {media: z.mov, next: a}"),
      ("7:27", "the scene \"z\" is an ending and goes on")),
    Row(
      "reserved scene", story("  a: {media: a, next: paths}\n  paths: {media: p, next: z}"),
      ("9:3", "\"paths\" stands in URLs for something else")),
    Row(
      "unknown key", story("  a: {media: a, nxt: z}"), ("8:3", "does not go on"),
      ("8:17", "unknown key \"nxt\" in the scene \"a\"; did you mean \"next\"?")),
    Row(
      "flat viewpoints", story("  a: {media: a, next: z, viewpoints: [{id: v, media: b}]}"),
      ("8:38", "viewpoints are for 360° scenes")),
    Row(
      "bad files", story("  a: {media: [], audio: [x], text: {e: x}, next: z, projection: round}"),
      ("8:14", "at least one file of media"), ("8:25", "audio is a mapping from languages"),
      ("8:37", "\"e\" is no language tag"),
      ("8:65", "the projection is \"round\"; erp or flat is expected")),
    Row(
      "a scene that is a word", story("  a: b"),
      ("8:6", "the scene \"a\" is a mapping with the keys")),
    // Groups and endings.
    Row(
      "bad groups",
      story(
        "  a: {media: a, next: g}",
        top: "groups: {g: [z, {goto: z, when: b}], h: [h], i: [], z: [a], j: [{when: b}, a]}"),
      ("5:14", "an entry without 'when' always holds"),
      ("5:17", "the last entry of a group always holds"),
      ("5:38", "the group \"h\" leads back to itself"), ("5:49", "the group \"i\" leads nowhere"),
      ("5:53", "\"z\" is a scene and a group"), ("5:65", "an entry of a group has no 'goto'")),
    Row(
      "bad endings",
      story("  a: {media: a, next: z}").replacing(
        "endings: {end: {scene: z}}",
        with: "endings: {end: {scene: z}, e2: {scene: z}, e3: {scene: q}, e4: {rank: 0}}"),
      ("4:40", "the scene \"z\" is the ending \"end\" already"), ("4:56", "\"q\" is no scene"),
      ("4:64", "the ending \"e4\" has no 'scene'")),
    // Choices.
    Row(
      "no default, no options",
      story("  a: {media: a, next: z, choice: {id: k, window: {at: 1}}}"),
      ("8:34", "a choice has no 'options'"), ("8:34", "has no 'default': name the option"),
      ("8:50", "'window' has no 'for'")),
    Row(
      "default that is none", choice("{id: o}, {id: p}", default: "op"),
      ("11:55", "the default \"op\" is no option of this choice; did you mean")),
    Row(
      "two kinds of default", choice("{id: o}", default: "{random: true, weighted: true}"),
      ("11:55", "keep one")),
    Row(
      "default expression", choice("{id: o}, {id: p}", default: "{expr: \"b ? o : q\"}"),
      ("11:71", "\"q\" is no option of this choice")),
    Row(
      "expression that YAML splits", choice("{id: o}", default: "{expr: b ? o : q}"),
      ("11:68", "an expression with ':' stands in them")),
    Row(
      "option twice", choice("{id: o}, {id: o}"),
      ("12:21", "two options of this choice are called \"o\"")),
    Row(
      "expression in plain text", choice("{id: o, when: n && b}"),
      ("12:21", "\"n\" is a number; true or false is expected")),
    Row(
      "expression in double quotation marks", choice("{id: o, when: \"b \\u0026& nn > 1\"}"),
      ("12:32", "\"nn\" is no variable; did you mean \"n\"?")),
    Row(
      "expression in single quotation marks", choice("{id: o, when: 'b && ''x'''}"),
      ("12:27", "a value is expected here")),
    Row(
      "expression over two lines", choice("{id: o, when: b &&\n        n}"),
      ("13:9", "\"n\" is a number")),
    Row(
      "effect", choice("{id: o, do: [n = n + 1, \"m = b\", \"m = q\", n == 1]}"),
      ("12:36", "\"b\" is true or false; one of x, y is expected"),
      ("12:45", "\"q\" is no variable and no member"), ("12:51", "'=' is expected here")),
    Row(
      "weights", choice("{id: o, weight: 0.5}, {id: p}"),
      ("11:67", "1 of 2 options have a 'weight'; give one to each or to none")),
    Row("weight", choice("{id: o, weight: 0}"), ("12:23", "the weight is 0")),
    Row(
      "else alone", choice("{id: o, else: hidden}"), ("12:21", "'else' is for options with 'when'")),
    Row(
      "flat spot", choice("{id: o, yaw: 1, pitch: 1, size: 5}"),
      ("12:20", "spots are for 360° scenes")),
    Row(
      "bad window", choice("{id: o}").replacing("for: 2", with: "for: 2s"),
      ("11:42", "'for' (seconds) is \"2s\"; a number is expected")),
    Row(
      "window of 0 s", choice("{id: o}").replacing("for: 2", with: "for: 0"),
      ("11:42", "longer than 0 s")),
    Row(
      "untimed without idle", choice("{id: o}", more: "untimed: true, "),
      ("11:67", "name it as 'idle'")),
    Row(
      "idle alone", choice("{id: o}", more: "idle: z, "),
      ("7:3", "it has media and nothing else"), ("10:11", "the story cannot go on there"),
      ("11:64", "'idle' is for untimed choices")),
    Row(
      "keys", choice("{id: o}", more: "a11y: {keys: [a, b], extend: [0]}, "),
      ("11:71", "2 keys for 1 options"), ("11:88", "a factor of 'extend' is 0")),
    Row(
      "lock and vote", choice("{id: o}", more: "lock: end, vote: {quorum: 2, tie: x}, "),
      ("11:64", "lock is \"end\"; at_end or immediate is expected"), ("11:84", "the quorum is 2"),
      ("11:92", "the tie is \"x\"; default or random is expected")),
    Row(
      "windows that overlap",
      story(
        """
          a:
            media: a
            next: z
            choices:
              - {id: k, window: {at: 1, for: 3}, options: [{id: o, goto: z}], default: o}
              - {id: k, window: {at: 3.5, for: 1}, options: [{id: o}], default: o}
              - {id: l, window: {at: 2, for: 1}, options: [{id: o}], default: o}
        """),
      ("12:66", "only the options of a scene's last choice may have 'goto'"),
      ("13:14", "two choices are called \"k\""),
      ("13:25", "the window begins at 3.5 s, before that of \"k\" ends at 4 s"),
      ("14:9", "this window begins before that of \"k\"")),
  ]

  @Test(arguments: rows)
  func `a broken file is refused at the right place`(_ row: Row) {
    do throws(EpisodeFileError) {
      _ = try EpisodeFile(text: row.text, name: "e.yaml")
      Issue.record("it is read")
    } catch {
      let found = error.problems.map { "\($0.position) \($0.message)" }
      #expect(error.problems.count == row.problems.count, "\(found)")
      for (problem, (place, words)) in zip(error.problems, row.problems) {
        #expect(problem.position.description == place, "\(problem)")
        #expect(problem.message.contains(words), "\(problem)")
      }
    }
  }

  @Test func `a message has file, line and column in front, and problems are counted`() {
    let lines = (1...60).map { "  a\($0): {media: a}" }.joined(separator: "\n")
    let text = "branch: 1\nepisode: {id: e, entry: a1, languages: [en]}\nscenes:\n" + lines
    do throws(EpisodeFileError) {
      _ = try EpisodeFile(text: text, name: "offer.yaml")
      Issue.record("it is read")
    } catch {
      let told = error.description.split(separator: "\n")
      #expect(told.count == EpisodeFileError.problemLimit + 1)
      #expect(told.first?.hasPrefix("offer.yaml:4:3: the scene \"a1\" does not go on;") == true)
      #expect(told.last == "offer.yaml: and 10 further problems")
    }
  }
}
