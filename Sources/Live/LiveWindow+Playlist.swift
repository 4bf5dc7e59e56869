import CMAF
package import HLS
package import NIOCore

/// One version of a live playlist: pieces of text, most of them shared with the version before.
package struct LivePlaylist: Sendable {
  /// What a playlist lists beside whole segments.
  package enum Form: Hashable, Sendable, CaseIterable {
    /// Parts, each at a URL of its own.
    case parts
    /// Parts as byte ranges of the segment that they are of.
    case ranges
    /// I-frames alone (§4.4.3.6).
    case iFrames
  }

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

  /// Behind a track's name.
  package static let iFrameSuffix = ".iframes.m3u8"
  /// Asks for parts as byte ranges.
  package static let rangesQuery = "parts=ranges"
}

extension LiveWindow {
  /// Whether the track has a playlist of a form.
  package func has(_ form: LivePlaylist.Form) -> Bool {
    isInHLS && (form != .iFrames || iFrames != nil)
  }

  /// The whole playlist as it is now, with a report of "every other Media Playlist" (B.1).
  ///
  /// - Parameter windows: of all tracks of the title.
  package func playlist(
    _ form: LivePlaylist.Form = .parts, beside windows: [LiveWindow]
  ) -> LivePlaylist {
    playlist(form, reports: reports(form, windows))
  }

  /// The same without what lies before the skip boundary.
  package func delta(
    _ form: LivePlaylist.Form = .parts, skip: ReloadDirectives.Skip = .segments,
    beside windows: [LiveWindow]
  ) -> LivePlaylist? {
    delta(form, skip: skip, reports: reports(form, windows))
  }

  /// - Parameter clip: what the query of all these playlists says of their time; empty for nothing.
  func reports(
    _ form: LivePlaylist.Form, _ windows: [LiveWindow], clip: String = ""
  ) -> [RenditionReport] {
    let asked = [form == .ranges ? LivePlaylist.rangesQuery : "", clip].filter { !$0.isEmpty }
    let query = asked.isEmpty ? "" : "?" + asked.joined(separator: "&")
    let iFrameQuery = clip.isEmpty ? "" : "?\(clip)"
    let media = windows.filter { ($0.name != name || form == .iFrames) && $0.isInHLS }
      .compactMap { $0.report(uri: "\($0.name).m3u8\(query)") }
    let iFrames = windows.filter { $0.has(.iFrames) && ($0.name != name || form != .iFrames) }
      .compactMap { $0.iFrameReport(uri: "\($0.name)\(LivePlaylist.iFrameSuffix)\(iFrameQuery)") }
    return media + iFrames
  }

  /// The whole playlist as it is now.
  ///
  /// - Parameter reports: of all other playlists.
  package func playlist(
    _ form: LivePlaylist.Form = .parts, reports: [RenditionReport]
  ) -> LivePlaylist {
    let blocks = closed(form).blocks.map { block in
      LivePlaylist.Piece(text: block.text, name: block.isFull ? block.first : nil)
    }
    let head = head(form, skipping: nil) + ranges.carried.map(\.text).joined()
    return LivePlaylist(
      pieces: [LivePlaylist.Piece(text: ByteBuffer(string: head))] + blocks
        + [LivePlaylist.Piece(text: ByteBuffer(string: tail(form, reports)))])
  }

  /// The same without what lies before the skip boundary (§6.2.5.1); `nil` if that is nothing.
  ///
  /// - Parameter skip: date ranges are left out where the playlist may have some, and it says so.
  package func delta(
    _ form: LivePlaylist.Form = .parts, skip: ReloadDirectives.Skip = .segments,
    reports: [RenditionReport]
  ) -> LivePlaylist? {
    guard !isEnded else { return nil }
    let boundary = end - Self.skipTargets * targetTicks
    var first = closed(form).end ?? firstListed
    var text: [String] = []
    while first > firstListed, let segment = segment(first - 1), segment.end > boundary {
      text.append(form == .iFrames ? segment.text(form, names: names) : segment.text)
      first -= 1
    }
    guard first > firstListed else { return nil }
    let count = Int(first - firstListed)
    // "EXT-X-DATERANGE tags … MUST NOT" be left out but where `_HLS_skip=v2` asks for it (§6.2.5.1).
    let skipped = ranges.lines(before: first)
    let leavesOut = skip == .dateRanges && serverControl.canSkipDateRanges
    let tag = SkippedSegments(
      count: count, recentlyRemovedDateRanges: leavesOut ? removedRanges.map(\.id) : nil)
    let lines = leavesOut ? "" : skipped.map(\.text).joined()
    let made =
      head(form, skipping: tag) + lines + text.reversed().joined() + tail(form, reports)
    return LivePlaylist(pieces: [LivePlaylist.Piece(text: ByteBuffer(string: made))])
  }

  private func closed(_ form: LivePlaylist.Form) -> ClosedText {
    form == .iFrames ? iFrames ?? ClosedText() : closed
  }

  /// "The Skip Boundary … MUST be at least six times the Target Duration" (§4.4.3.8).
  static let skipTargets: Int64 = 6

  package var serverControl: ServerControl {
    let target = Int64(targetDuration) * 1_000_000
    return ServerControl(
      canSkipUntil: Self.skipTargets * target, canSkipDateRanges: true,
      holdBack: 3 * target,
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

  private func iFrameReport(uri: String) -> RenditionReport? {
    lastComplete.map { RenditionReport(uri: uri, lastSegment: $0) }
  }

  private func head(
    _ form: LivePlaylist.Form, skipping skipped: SkippedSegments?
  ) -> String {
    var playlist = MediaPlaylist(targetDuration: targetDuration, mediaSequence: firstListed)
    if discontinuitySequence > 0 || partTarget == 0 {
      playlist.discontinuitySequence = discontinuitySequence
    }
    playlist.hasIndependentSegments = hasIndependentSegments
    playlist.isIFramesOnly = form == .iFrames
    playlist.serverControl = isEnded ? nil : serverControl
    playlist.partTarget = isEnded || partTarget == 0 || form == .iFrames ? nil : partTarget
    playlist.skipped = skipped
    let first = segment(firstListed)
    playlist.unfinished = UnfinishedSegment(
      initialization: first.flatMap { names.header($0.header.version) })
    // Where the first segment does not say itself what decodes it.
    let initialization =
      skipped == nil && first?.changesHeader == false ? playlist.unfinished?.initialization : nil
    return playlist.renderHead() + (initialization?.render() ?? "")
  }

  /// - Parameter first: the segment with which it begins; `nil`: the first that has not closed.
  func tail(
    _ form: LivePlaylist.Form, from first: Int64? = nil, _ reports: [RenditionReport]
  ) -> String {
    var text = ""
    let open = closed(form).end ?? firstListed
    var number = first ?? open
    while let segment = segment(number) {
      let isClosed = isEnded || number < open
      text += isClosed && form != .iFrames ? segment.text : segment.text(form, names: names)
      number += 1
    }
    for waiting in ranges.waiting { text += waiting.tag.text }
    guard !isEnded else { return text + MediaPlaylist.endTag }
    if let hint = hint(form) { text += hint.render() }
    if form != .iFrames, let header = following.flatMap({ names.header($0.version) }) {
      text += PreloadHint(type: .map, uri: header.uri).render()
    }
    for report in reports { text += report.render() }
    return text
  }

  private func hint(_ form: LivePlaylist.Form) -> PreloadHint? {
    guard partTarget > 0, let next else { return nil }
    switch form {
    case .parts:
      return PreloadHint(
        type: .part, uri: names.part(next.segment, next.part, header.version))
    case .ranges:
      let offset = segment(next.segment).map { Int64($0.byteCount) } ?? 0
      return PreloadHint(
        type: .part, uri: names.segment(next.segment, header.version), byteRangeStart: offset)
    case .iFrames: return nil
    }
  }
}
