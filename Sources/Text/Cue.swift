/// One subtitle: when it is shown, what it says, where it stands.
///
/// The text is that of a WebVTT cue (W3C WebVTT §3.2): `<b>`, `<i>`, `<u>`, `<c.class>`, `<v name>`,
/// `<lang>`, `<ruby>`, timestamps; `&amp;`, `&lt;`, `&gt;`, `&nbsp;`, `&lrm;`, `&rlm;`; lines are
/// separated by one line feed, none is empty.
package struct Cue: Hashable, Sendable {
  /// Milliseconds, on the timeline of the subtitles' own file.
  package var start: Int64
  /// Milliseconds; after `start`.
  package var end: Int64
  /// The cue's identifier; `nil` if it has none. Without `-->` and line ends.
  package var id: String?
  /// WebVTT text.
  package var text: String
  /// WebVTT cue settings as they are written (§3.3.2), as `line:80% align:start`; empty for none.
  package var settings: String

  package init(
    start: Int64, end: Int64, id: String? = nil, text: String, settings: String = ""
  ) {
    self.start = start
    self.end = end
    self.id = id
    self.text = text
    self.settings = settings
  }
}

/// The cues of one subtitle track, with what they share.
package struct CueList: Hashable, Sendable {
  /// `STYLE` and `REGION` blocks of WebVTT as they are written, without the blank lines between.
  package var blocks: [String] = []
  /// In order of their start, then of their place in the file.
  package var cues: [Cue] = []
  /// What could not be kept, a sentence each.
  package var notes: [String] = []
  /// Milliseconds of the media's own clock at time 0 of the cues, if the file says it
  /// (`X-TIMESTAMP-MAP`, RFC 8216bis §3.1.4). Who knows the clock of the media's first picture moves
  /// the cues by the difference; else the cues are taken to count from there.
  package var mediaClock: Int64?

  /// Cues of one track, at most: a cue a second for ten days.
  package static let maximumCount = 1 << 20
  /// Bytes of one cue's text, at most.
  package static let maximumTextByteCount = 64 << 10
  /// Bytes of a subtitle file, at most.
  package static let maximumFileByteCount = 64 << 20

  package init(blocks: [String] = [], cues: [Cue] = [], notes: [String] = []) {
    self.blocks = blocks
    self.cues = cues
    self.notes = notes
  }
}
