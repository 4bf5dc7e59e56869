import Foundation
import Testing

/// docs/live-rules.md names for each rule of the requirements the tests that show it.
@Suite struct RuleTableTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../..").standardized

  /// Names of all tests.
  private static let tests: [String] = {
    let folder = root.appending(path: "Tests")
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String }
    return (paths ?? []).filter { $0.hasSuffix(".swift") }.flatMap { path in
      let text = (try? String(contentsOf: folder.appending(path: path), encoding: .utf8)) ?? ""
      return text.matches(of: /func `([^`]+)`/).map { String($0.output.1) }
    }
  }()

  private static let rows: [String: [String]] = {
    let text =
      (try? String(contentsOf: root.appending(path: "docs/live-rules.md"), encoding: .utf8)) ?? ""
    let rows = text.split(separator: "\n").filter { $0.hasPrefix("| ") }.map { line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    return Dictionary(
      rows.filter { $0.count == 3 }.map { row in
        (row[0], row[2].matches(of: /`([^`]+)`/).map { String($0.output.1) })
      }, uniquingKeysWith: { first, _ in first })
  }()

  @Test(arguments: (1...25).map { "H\($0)" } + (1...14).map { "D\($0)" })
  func `every rule has tests of its name, and the table names them`(rule: String) throws {
    let named = try #require(Self.rows[rule], "docs/live-rules.md has no row \(rule)")
    let own = named.filter { name in
      name.split(separator: ":").first?.split(separator: " ").contains { $0 == rule } == true
    }
    #expect(!own.isEmpty)
  }

  @Test func `every test that the tables name is there`() {
    for name in Self.rows.values.joined() {
      #expect(Self.tests.contains(name), "there is no test `\(name)`")
    }
  }
}
