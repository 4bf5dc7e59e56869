import Live
import Testing

struct ReloadDirectivesTests {
  typealias Position = ReloadDirectives.Position

  @Test(arguments: [
    ("", ReloadDirectives()),
    ("max-height=720", ReloadDirectives()),
    ("_HLS_msn=273", ReloadDirectives(position: Position(segment: 273))),
    ("_HLS_msn=273&_HLS_part=0", ReloadDirectives(position: Position(segment: 273, part: 0))),
    ("_HLS_part=2&_HLS_msn=1&x", ReloadDirectives(position: Position(segment: 1, part: 2))),
    ("_HLS_skip=YES", ReloadDirectives(skip: .segments)),
    (
      "_HLS_skip=v2&_HLS_msn=5", ReloadDirectives(position: Position(segment: 5), skip: .dateRanges)
    ),
    // H25: reserved, or of content steering.
    ("_HLS_pathway=a&_HLS_throughput=9&_HLS_new=1", ReloadDirectives()),
  ])
  func `H25: a query says what a playlist is to have, and other names in it nothing`(
    query: String, expected: ReloadDirectives
  ) throws {
    #expect(try ReloadDirectives(query: query) == expected)
  }

  @Test(arguments: [
    "_HLS_part=1", "_HLS_msn=", "_HLS_msn=-1", "_HLS_msn=1.5", "_HLS_msn=1&_HLS_part=x",
    "_HLS_msn=1&_HLS_msn=1", "_HLS_skip=no", "_HLS_msn=99999999999999999999",
  ])
  func `H20: what cannot be obeyed is refused`(query: String) {
    #expect(throws: ReloadDirectives.Malformed.self) { try ReloadDirectives(query: query) }
  }
}
