package import Yams

/// Where a character of a value stands in the file.
extension YAMLText {
  /// - Parameter offset: scalars of the value before it.
  /// - Returns: exact for plain and quoted text, folded or not, and for block text that is not folded;
  ///   near it for others.
  package func position(of offset: Int, in node: Node) -> TextPosition {
    guard case .scalar(let scalar) = node, let mark = scalar.mark, lines.indices ~= mark.line - 1
    else { return TextPosition(node.mark) }
    switch scalar.style {
    case .literal, .folded: return block(offset, mark)
    case .singleQuoted: return flow(offset, mark.line - 1, mark.column, quote: "'")
    case .doubleQuoted: return flow(offset, mark.line - 1, mark.column, quote: "\"")
    default: return flow(offset, mark.line - 1, mark.column - 1, quote: nil)
    }
  }

  /// - Parameters: the line and column of the first character, from 0.
  private func flow(
    _ offset: Int, _ firstLine: Int, _ firstColumn: Int, quote: Unicode.Scalar?
  ) -> TextPosition {
    var (line, column) = (firstLine, firstColumn)
    for _ in 0..<offset {
      let scalars = lines[line]
      let rest = column < scalars.count ? scalars[column...] : []
      if rest.allSatisfy({ $0 == " " || $0 == "\t" }), line + 1 < lines.count {
        // A break and the spaces around it are one space.
        line += 1
        column = lines[line].prefix { $0 == " " || $0 == "\t" }.count
        continue
      }
      column +=
        quote == "\""
        ? Self.escapeLength(rest) : rest.starts(with: ["'", "'"]) && quote == "'" ? 2 : 1
    }
    return TextPosition(line: line + 1, column: column + 1)
  }

  /// Characters in the file for the next one of a value in double quotation marks.
  private static func escapeLength(_ rest: ArraySlice<Unicode.Scalar>) -> Int {
    guard rest.first == "\\" else { return 1 }
    switch rest.dropFirst().first {
    case "x": return 4
    case "u": return 6
    case "U": return 10
    default: return 2
    }
  }

  private func block(_ offset: Int, _ mark: Mark) -> TextPosition {
    var line = mark.line
    while line < lines.count, lines[line].allSatisfy({ $0 == " " }) { line += 1 }
    guard line < lines.count else { return TextPosition(mark) }
    let indentation = lines[line].prefix { $0 == " " }.count
    var column = indentation
    for _ in 0..<offset {
      if column < lines[line].count {
        column += 1
      } else if line + 1 < lines.count {
        line += 1
        column = min(indentation, lines[line].count)
      }
    }
    return TextPosition(line: line + 1, column: column + 1)
  }
}
