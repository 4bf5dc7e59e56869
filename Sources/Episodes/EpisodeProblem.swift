import MediaCore

/// A place in an episode file, both counted from 1. A column counts Unicode scalars.
package struct EpisodePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  package var description: String { "\(line):\(column)" }

  package static func < (left: Self, right: Self) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// One thing that is wrong in an episode file.
package struct EpisodeProblem: Hashable, Sendable {
  package var position: EpisodePosition
  /// What is wrong, what was expected, what to do.
  package var message: String

  package init(_ position: EpisodePosition, _ message: String) {
    self.position = position
    self.message = message
  }
}

/// All that keeps an episode file from being used, in the order of the file.
///
///     offer.yaml:12:7: unknown key "goto2"; did you mean "goto"?
///     offer.yaml:20:5: the scene "s2" does not go on; …
package struct EpisodeFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// As the author named it.
  package var file: String
  /// `EpisodeLimits.problemCount` at most.
  package var problems: [EpisodeProblem]
  /// Problems behind those.
  package var further: Int

  package init(file: String, problems: [EpisodeProblem]) {
    self.file = file
    let sorted = problems.enumerated().sorted {
      ($0.element.position, $0.offset) < ($1.element.position, $1.offset)
    }.map(\.element)
    self.problems = Array(sorted.prefix(EpisodeLimits.problemCount))
    further = sorted.count - self.problems.count
  }

  package var description: String {
    let lines = problems.map { "\(file):\($0.position): \($0.message)" }
    return (lines + (further > 0 ? ["\(file): and \(further) further problems"] : []))
      .joined(separator: "\n")
  }
}

/// The name that is spelt most like another.
enum NearestName {
  /// Letters that are looked at of each.
  private static let maximumLength = 64
  /// Names that are looked at.
  private static let maximumCount = 512

  /// `; did you mean "goto"?`, or nothing if none is near.
  static func hint(_ name: String, _ known: some Sequence<String>) -> String {
    let letters = Array(name.lowercased().utf8.prefix(maximumLength))
    let limit = max(1, letters.count / 3)
    var near: (distance: Int, name: String)?
    for candidate in known.prefix(maximumCount)
    where abs(candidate.utf8.count - letters.count) <= limit {
      let distance = distance(letters, Array(candidate.lowercased().utf8.prefix(maximumLength)))
      guard distance <= limit else { continue }
      if near.map({ (distance, candidate) < ($0.distance, $0.name) }) ?? true {
        near = (distance, candidate)
      }
    }
    return near.map { "; did you mean \(SafeText.quoted($0.name))?" } ?? ""
  }

  /// Letters to change, to add or to take away; two neighbours that change places count as one.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var older: [Int] = []
    var row = Array(0...b.count)
    for i in a.indices {
      var next = [i + 1]
      for j in b.indices {
        var best = min(row[j] + (a[i] == b[j] ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { best = min(best, older[j - 1] + 1) }
        next.append(best)
      }
      older = row
      row = next
    }
    return row[b.count]
  }
}
