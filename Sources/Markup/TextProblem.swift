/// A place in a text file, both counted from 1. A column counts Unicode scalars.
package struct TextPosition: Hashable, Sendable, Comparable, CustomStringConvertible {
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

/// One thing that is wrong in a text file that somebody wrote.
package struct TextProblem: Hashable, Sendable {
  package var position: TextPosition
  /// What is wrong, what was expected, what to do.
  package var message: String

  package init(_ position: TextPosition, _ message: String) {
    self.position = position
    self.message = message
  }
}

/// All that keeps a text file from being used, in the order of the file.
///
///     offer.yaml:12:7: unknown key "goto2"; did you mean "goto"?
///     offer.yaml:20:5: the scene "s2" does not go on; …
package struct TextFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// As the author named it.
  package var file: String
  /// `problemLimit` at most.
  package var problems: [TextProblem]
  /// Problems behind those.
  package var further: Int

  /// Problems that are told in one run.
  package static let problemLimit = 50

  package init(file: String, problems: [TextProblem]) {
    self.file = file
    let sorted = problems.enumerated().sorted {
      ($0.element.position, $0.offset) < ($1.element.position, $1.offset)
    }.map(\.element)
    self.problems = Array(sorted.prefix(Self.problemLimit))
    further = sorted.count - self.problems.count
  }

  package var description: String {
    let lines = problems.map { "\(file):\($0.position): \($0.message)" }
    return (lines + (further > 0 ? ["\(file): and \(further) further problems"] : []))
      .joined(separator: "\n")
  }
}

/// The one problem for which a file is not read further.
package struct TextFailure: Error {
  package var problem: TextProblem

  package init(_ position: TextPosition, _ message: String) {
    problem = TextProblem(position, message)
  }
}
