package import NIOCore

/// A document of the text profile of IMSC 1.1, as it lies in one sample of an `stpp` track.
package enum TTMLDocument {
  /// The cues that are shown at some time of `[from, to)`, each with its full times on the track's
  /// timeline (ISO/IEC 14496-30 §5).
  ///
  /// - Parameter language: BCP 47, for `xml:lang`; empty if unknown.
  package static func render(
    _ index: CueIndex, from: Int64, to: Int64, language: String
  ) -> ByteBuffer {
    ByteBuffer()
  }

  /// As `render(_: CueIndex, …)`; for many samples of one list, make the index once.
  package static func render(
    _ list: CueList, from: Int64, to: Int64, language: String
  ) -> ByteBuffer {
    render(CueIndex(list), from: from, to: to, language: language)
  }
}
