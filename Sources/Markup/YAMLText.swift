import Foundation
import MediaCore
package import Yams

/// The bytes of a YAML file, held against what the parser must not meet.
///
/// Refused before anything is parsed: what is too long, no UTF-8, or control characters; anchors
/// (without them there are no aliases, so what is parsed is never larger than the file) and keys
/// that begin with `?` (without them no key is a collection). The parser itself refuses nesting
/// deeper than 1000.
package struct YAMLText: Sendable {
  /// What may be in a file, and how messages speak of it.
  package struct Form: Sendable {
    /// Bytes of a file, at most.
    package var byteCount: Int
    /// Characters of a line, at most.
    package var lineLength: Int
    /// What to do with a file that is too long: `split the episode`.
    package var remedy: String
    /// What an empty file lacks: `an episode begins with 'branch: 1'`.
    package var opening: String
    /// How deep its collections nest: `an episode needs 8`.
    package var depth: String

    package init(
      byteCount: Int, lineLength: Int, remedy: String, opening: String, depth: String
    ) {
      self.byteCount = byteCount
      self.lineLength = lineLength
      self.remedy = remedy
      self.opening = opening
      self.depth = depth
    }
  }

  let text: String
  /// Scalars of each line, without its break.
  let lines: [[Unicode.Scalar]]
  private let form: Form

  package init(_ bytes: some Collection<UInt8>, form: Form) throws(TextFailure) {
    self.form = form
    guard bytes.count <= form.byteCount else {
      throw TextFailure(
        TextPosition(line: 1, column: 1),
        "the file has \(bytes.count) bytes; at most \(form.byteCount) are read: \(form.remedy)")
    }
    var bytes = Array(bytes)
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw TextFailure(Self.firstInvalid(bytes), "this is no UTF-8; save the file as UTF-8")
    }
    self.text = text
    lines = Self.lines(of: text)
    try checkLines()
    try checkIndicators(bytes)
  }

  /// As libyaml breaks lines: CR LF, CR, LF, NEL, LS and PS.
  private static func lines(of text: String) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = [[]]
    var afterReturn = false
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x0a where afterReturn: break
      case 0x0a, 0x0d, 0x85, 0x2028, 0x2029: lines.append([])
      default: lines[lines.count - 1].append(scalar)
      }
      afterReturn = scalar.value == 0x0d
    }
    return lines
  }

  /// The place behind everything that is UTF-8.
  private static func firstInvalid(_ bytes: [UInt8]) -> TextPosition {
    // Repaired text has its first U+FFFD there, unless the author wrote one.
    var (line, column) = (1, 1)
    var decoder = UTF8()
    var rest = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&rest) {
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    return TextPosition(line: line, column: column)
  }

  private func checkLines() throws(TextFailure) {
    for (index, line) in lines.enumerated() {
      guard line.count <= form.lineLength else {
        throw TextFailure(
          TextPosition(line: index + 1, column: form.lineLength + 1),
          "a line has \(line.count) characters; at most \(form.lineLength) are read: break "
            + "it")
      }
      if let column = line.firstIndex(where: Self.isForbidden) {
        throw TextFailure(
          TextPosition(line: index + 1, column: column + 1),
          "a control character (U+\(String(line[column].value, radix: 16, uppercase: true))); take "
            + "it out")
      }
      let indentation = line.prefix { $0 == " " || $0 == "\t" }
      if let tab = indentation.firstIndex(of: "\t"), indentation.count < line.count,
        line[indentation.count] != "#"
      {
        throw TextFailure(
          TextPosition(line: index + 1, column: tab + 1),
          "a tab indents this line; YAML indents with spaces")
      }
    }
  }

  private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.value < 0x20 && scalar != "\t") || (0x7f...0x9f).contains(scalar.value)
      || scalar.value == 0xfeff || scalar.value == 0xfffe || scalar.value == 0xffff
  }

  /// `&anchor` and `? key` where a node may begin. Text that merely looks so is refused too: a
  /// conservative rule needs no second parser.
  private func checkIndicators(_ bytes: [UInt8]) throws(TextFailure) {
    for index in bytes.indices {
      let next = index + 1 < bytes.count ? bytes[index + 1] : 0x0a
      switch bytes[index] {
      case UInt8(ascii: "&")
      where Self.isAnchorByte(next)
        && (Self.mayBegin(bytes, index) || Self.followsTag(bytes, index)):
        throw TextFailure(
          position(of: index, in: bytes),
          "anchors (&) and aliases (*) are not read here; write the value out, and text in quotation "
            + "marks with a space behind its &")
      case UInt8(ascii: "?") where Self.mayBegin(bytes, index):
        throw TextFailure(
          position(of: index, in: bytes),
          "keys that begin with ? are not read here; put text or an expression that begins so into "
            + "quotation marks, on one line")
      default: break
      }
    }
  }

  private static func isAnchorByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
    default: false
    }
  }

  /// Whether a node may begin at a byte: behind an indicator, or at the start of a line.
  private static func mayBegin(_ bytes: [UInt8], _ index: Int) -> Bool {
    var before = index - 1
    while before >= 0, bytes[before] == 0x20 || bytes[before] == 0x09 { before -= 1 }
    guard before >= 0 else { return true }
    if before >= 1, bytes[before - 1] == 0xc2, bytes[before] == 0x85 { return true }
    if before >= 2, bytes[before - 2] == 0xe2, bytes[before - 1] == 0x80,
      bytes[before] == 0xa8 || bytes[before] == 0xa9
    {
      return true
    }
    if [0x0a, 0x0d].contains(bytes[before]) || Array(":-?[{,".utf8).contains(bytes[before]) {
      return true
    }
    return false
  }

  /// A tag, `!x`, may stand between an indicator and an anchor.
  private static func followsTag(_ bytes: [UInt8], _ index: Int) -> Bool {
    let spaces = bytes[..<index].reversed().prefix { $0 == 0x20 || $0 == 0x09 }.count
    return spaces > 0
      && bytes[..<(index - spaces)].reversed().prefix { $0 > 0x20 }.contains(UInt8(ascii: "!"))
  }

  private func position(of offset: Int, in bytes: [UInt8]) -> TextPosition {
    let start = String(decoding: bytes[..<offset], as: UTF8.self)
    let lines = Self.lines(of: start)
    return TextPosition(line: lines.count, column: (lines.last?.count ?? 0) + 1)
  }

  // MARK: Parsing

  /// - Returns: the root of the only document.
  package func parsed() throws(TextFailure) -> Node {
    do {
      // Without rules for plain scalars: the reader knows what it wants where.
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      guard let root = try parser.singleRoot() else {
        throw TextFailure(
          TextPosition(line: 1, column: 1),
          "the file is empty; \(form.opening)")
      }
      return root
    } catch let failure as TextFailure {
      throw failure
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: any Error) -> TextFailure {
    let start = TextPosition(line: 1, column: 1)
    guard let error = error as? YamlError else { return TextFailure(start, "\(error)") }
    switch error {
    case .scanner(let context, let problem, let mark, _),
      .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      if problem.hasPrefix("Maximum nesting level") {
        return TextFailure(
          TextPosition(mark), "lists and mappings are nested too deep; \(form.depth)")
      }
      if problem.contains("alias") {
        return TextFailure(
          TextPosition(mark),
          "aliases (*) are not read here; write the value out, and text in quotation marks")
      }
      let place = context.map { " (\($0.text) that begins at \($0.mark))" } ?? ""
      return TextFailure(
        TextPosition(mark),
        "this is no YAML: \(problem)\(place); check the indentation, brackets and quotation marks: an "
          + "expression with ':' stands in them")
    case .duplicatedKeysInMapping(let names, let context):
      return TextFailure(
        TextPosition(context.mark),
        "the key \(SafeText.quoted(names.first ?? "")) stands twice in the mapping that it begins in "
          + "here; keep one")
    default: return TextFailure(start, "this is no YAML: \(error)")
    }
  }
}

extension TextPosition {
  package init(_ mark: Mark?) { self.init(line: mark?.line ?? 1, column: mark?.column ?? 1) }
}
