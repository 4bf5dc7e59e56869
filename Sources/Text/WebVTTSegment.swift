package import NIOCore

/// A media segment of WebVTT (RFC 8216bis §3.1.4).
package struct WebVTTSegment {
  /// A segment with all that it shows coming later, the timestamps within cues too.
  ///
  /// - Parameter bytes: of one WebVTT file. Its comments are left out.
  package static func moved(
    _ bytes: ByteBuffer, byMilliseconds shift: Int64
  ) throws(TextError) -> String {
    let list = try WebVTTReader.read(TextLines.decoded(bytes)).shifted(by: shift)
    var text = header(list) + "\n"
    for cue in list.cues { append(cue, to: &text) }
    return text
  }

  /// The cues that are shown at some time of `[from, to)`, each with its full times, behind the
  /// header and the blocks of the list.
  ///
  /// Ends with an empty line, so that segments can be put one behind the other in a file.
  ///
  /// - Parameters:
  ///   - from: milliseconds, as the cues' times.
  ///   - to: milliseconds, counted out.
  package static func render(_ index: CueIndex, from: Int64, to: Int64) -> String {
    var text = header(index.list) + "\n"
    for number in index.numbers(from: from, to: to) {
      append(index.list.cues[number], to: &text)
    }
    return text
  }

  /// The same of a live stream, whose media counts from 1970: times of cues do too, and `X-TIMESTAMP-MAP` says which time
  /// of MPEG-2 systems, of 33 bits, that is (§3.1.4).
  package static func renderLive(_ index: CueIndex, from: Int64, to: Int64) -> String {
    let map = "X-TIMESTAMP-MAP=LOCAL:\(CueTime.rendered(from)),MPEGTS:\(from * 90 % (1 << 33))"
    var text = (["WEBVTT\n\(map)"] + index.list.blocks).joined(separator: "\n\n") + "\n\n"
    for number in index.numbers(from: from, to: to) {
      append(index.list.cues[number], to: &text)
    }
    return text
  }

  /// As `render(_: CueIndex, …)`; for many segments of one list, make the index once.
  package static func render(_ list: CueList, from: Int64, to: Int64) -> String {
    render(CueIndex(list), from: from, to: to)
  }

  /// `WEBVTT` and the blocks; the last line ends.
  static func header(_ list: CueList) -> String {
    (["WEBVTT"] + list.blocks).joined(separator: "\n\n") + "\n"
  }

  private static func append(_ cue: Cue, to text: inout String) {
    if let id = cue.id, !id.isEmpty {
      text += id
      text += "\n"
    }
    text += CueTime.rendered(cue.start)
    text += " --> "
    text += CueTime.rendered(cue.end)
    if !cue.settings.isEmpty {
      text += " "
      text += cue.settings
    }
    text += "\n"
    if !cue.text.isEmpty {
      text += cue.text
      text += "\n"
    }
    text += "\n"
  }
}
