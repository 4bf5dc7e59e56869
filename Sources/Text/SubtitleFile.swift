package import NIOCore

/// A subtitle file beside the media, its form found by looking.
///
///     let list = try SubtitleFile.read(bytes)
///     let segment = WebVTTSegment.render(list, from: 0, to: 6000)
///
/// To add a form: a reader with `static func read(_ bytes: [UInt8]) throws(TextError) -> CueList`
/// that puts `StyledText` into a `CueCollector`; its case in `Form`, in `form(of:)` and in `read`;
/// an input in Tests/TextTests/Inputs.swift, which is then cut and damaged at every byte.
package enum SubtitleFile {
  package enum Form: String, Sendable, Hashable, CaseIterable {
    case subRip, webVTT, ass, ttml, scc
  }

  /// Bytes at the front that are looked at.
  private static let lookByteCount = 16 << 10

  /// The form that the first bytes speak of; `nil` for none that is read.
  package static func form(of bytes: ByteBuffer) -> Form? {
    var front = bytes
    // UTF-8 that is cut inside a character is still looked at.
    if let part = front.readSlice(length: min(lookByteCount & ~1, front.readableBytes)) {
      for drop in 0...3 {
        var cut = part
        guard let whole = cut.readSlice(length: max(0, part.readableBytes - drop)) else { break }
        if let text = try? TextLines.decoded(whole) { return form(ofText: text) }
      }
    }
    return nil
  }

  private static func form(ofText text: [UInt8]) -> Form? {
    var lines = TextLines(text)
    var isFirst = true
    while let line = lines.next() {
      let trimmed = TextLines.trimmed(line)
      if isFirst, WebVTTReader.isSignature(line) { return .webVTT }
      if trimmed.isEmpty { continue }
      if isFirst, trimmed.starts(with: "Scenarist_SCC".utf8) { return .scc }
      if isFirst, trimmed.first == UInt8(ascii: "<") {
        return isTTML(text) ? .ttml : nil
      }
      isFirst = false
      if trimmed.starts(with: "[Script Info]".utf8) || trimmed.starts(with: "[V4".utf8)
        || trimmed.starts(with: "Dialogue:".utf8)
      {
        return .ass
      }
      if SubRipReader.times(line) != nil { return .subRip }
    }
    return nil
  }

  /// Whether an element `tt`, with or without a prefix, begins.
  private static func isTTML(_ text: [UInt8]) -> Bool {
    String(decoding: text, as: UTF8.self).split(separator: "<").contains { tag in
      let name = tag.prefix { $0 != " " && $0 != ">" && $0 != "\n" && $0 != "\t" && $0 != "\r\n" }
      return name == "tt" || name.hasSuffix(":tt")
    }
  }

  /// Reads a file: UTF-8, with or without a byte order mark, or UTF-16 with one.
  package static func read(_ bytes: ByteBuffer) throws(TextError) -> CueList {
    let text = try TextLines.decoded(bytes)
    switch form(ofText: text) {
    case .subRip: return try SubRipReader.read(text)
    case .webVTT: return try WebVTTReader.read(text)
    case .ass: return try ASSScript.read(text)
    case .ttml: return try TTMLReader.read(text)
    case .scc: return try SCCReader.read(text)
    case nil:
      throw TextError(
        .notThisFormat,
        "not SubRip, WebVTT, SubStation Alpha, TTML or SCC; no line says what it is")
    }
  }
}
