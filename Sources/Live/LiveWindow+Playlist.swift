import CMAF
package import HLS
package import NIOCore

/// One version of a live playlist: pieces of text, most of them shared with the version before.
package struct LivePlaylist: Sendable {
  package struct Piece: Sendable {
    package var text: ByteBuffer
    /// The number of its first segment, where every later version with that number has the same piece.
    package var name: Int64?
  }

  package var pieces: [Piece]

  package var byteCount: Int { pieces.reduce(0) { $0 + $1.text.readableBytes } }

  /// All of it in one buffer.
  package var bytes: ByteBuffer {
    var bytes = ByteBuffer()
    bytes.reserveCapacity(byteCount)
    for piece in pieces { bytes.writeImmutableBuffer(piece.text) }
    return bytes
  }
}

extension LiveWindow {
  /// The whole playlist as it is now, with a report of "every other Media Playlist" (B.1).
  package func playlist(beside others: [LiveWindow]) -> LivePlaylist {
    playlist(reports: Self.reports(of: others))
  }

  /// The same without what lies before the skip boundary.
  package func delta(beside others: [LiveWindow]) -> LivePlaylist? {
    delta(reports: Self.reports(of: others))
  }

  private static func reports(of windows: [LiveWindow]) -> [RenditionReport] {
    windows.compactMap { $0.report(uri: "\($0.name).m3u8") }
  }

  /// The whole playlist as it is now.
  ///
  /// - Parameter reports: of all other playlists.
  package func playlist(reports: [RenditionReport]) -> LivePlaylist {
    let blocks = closed.blocks.map { block in
      LivePlaylist.Piece(text: block.text, name: block.isFull ? block.first : nil)
    }
    return LivePlaylist(
      pieces: [LivePlaylist.Piece(text: ByteBuffer(string: head(skipping: nil)))] + blocks
        + [LivePlaylist.Piece(text: ByteBuffer(string: tail(reports)))])
  }

  /// The same without what lies before the skip boundary (§6.2.5.1); `nil` if that is nothing.
  package func delta(reports: [RenditionReport]) -> LivePlaylist? {
    guard !isEnded else { return nil }
    let boundary = end - Self.skipTargets * targetTicks
    var first = closed.end ?? firstListed
    var text: [String] = []
    while first > firstListed, let segment = segment(first - 1), segment.end > boundary {
      text.append(segment.text)
      first -= 1
    }
    guard first > firstListed else { return nil }
    let skipped = SkippedSegments(count: Int(first - firstListed))
    // "EXT-X-DATERANGE tags … MUST NOT" be left out but where `_HLS_skip=v2` asks for it (§6.2.5.1).
    let ranges = segments.lazy.filter { (self.firstListed..<first).contains($0.number) }
      .map(\.rangeText).joined()
    let made = head(skipping: skipped) + ranges + text.reversed().joined() + tail(reports)
    return LivePlaylist(pieces: [LivePlaylist.Piece(text: ByteBuffer(string: made))])
  }

  /// "The Skip Boundary … MUST be at least six times the Target Duration" (§4.4.3.8).
  static let skipTargets: Int64 = 6

  package var serverControl: ServerControl {
    let target = Int64(targetDuration) * 1_000_000
    return ServerControl(
      canSkipUntil: Self.skipTargets * target, holdBack: 3 * target,
      partHoldBack: partTarget > 0 ? partHoldBack : nil, canBlockReload: true)
  }

  /// What another playlist says of this one.
  ///
  /// - Parameter uri: of this playlist, from the other.
  package func report(uri: String) -> RenditionReport? {
    edge.map {
      RenditionReport(uri: uri, lastSegment: $0.segment, lastPart: $0.part.map(Int64.init))
    }
  }

  private func head(skipping skipped: SkippedSegments?) -> String {
    var playlist = MediaPlaylist(targetDuration: targetDuration, mediaSequence: firstListed)
    if discontinuitySequence > 0 || partTarget == 0 {
      playlist.discontinuitySequence = discontinuitySequence
    }
    playlist.hasIndependentSegments = hasIndependentSegments
    playlist.serverControl = isEnded ? nil : serverControl
    playlist.partTarget = isEnded || partTarget == 0 ? nil : partTarget
    playlist.skipped = skipped
    let first = segment(firstListed)
    playlist.unfinished = UnfinishedSegment(
      initialization: first.flatMap { names.header($0.header.version) })
    // Where the first segment does not say itself what decodes it.
    let initialization =
      skipped == nil && first?.changesHeader == false ? playlist.unfinished?.initialization : nil
    return playlist.renderHead() + (initialization?.render() ?? "")
  }

  private func tail(_ reports: [RenditionReport]) -> String {
    var text = ""
    var number = closed.end ?? firstListed
    while let segment = segment(number) {
      text += isEnded ? segment.text : segment.textWithParts
      number += 1
    }
    guard !isEnded else { return text + MediaPlaylist.endTag }
    if partTarget > 0, let next {
      let uri = names.part(next.segment, next.part, header.version)
      text += PreloadHint(type: .part, uri: uri).render()
    }
    for report in reports { text += report.render() }
    return text
  }
}
