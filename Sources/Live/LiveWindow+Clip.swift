import CMAF
import HLS
package import MediaCore
package import NIOCore

/// Playlists of a part of the window: a clip, which is over, or one that begins at some moment and goes on.
extension LiveWindow {
  package enum Clip: Sendable {
    /// It has all that it ever will.
    case whole(ByteBuffer)
    case growing(ByteBuffer)
    /// The window has come past it, or to it not yet.
    case gone
    case unknown
  }

  /// The segments that have some of a time since 1970; EXT-X-START says where in the first it begins.
  ///
  /// - Parameters:
  ///   - end: `nil`: it goes on.
  ///   - kept: date ranges that have some of the time.
  ///   - windows: of all tracks of the title.
  ///   - query: what names of playlists of the clip have behind the `?`.
  package func clip(
    _ form: LivePlaylist.Form = .parts, from start: MediaTime, to end: MediaTime?,
    keeping kept: Set<String> = [], beside windows: [LiveWindow], query: String
  ) -> Clip {
    let from = start.rescaled(to: timescale).value
    let to = end?.rescaled(to: timescale).value
    guard let last = segments.last, let first = segment(index(behind: from)) else {
      return .unknown
    }
    if let to, to <= first.start { return from < first.start ? .gone : .unknown }
    let complete = lastComplete.flatMap { segment($0) }
    let isWhole = isEnded || to.map { $0 <= complete?.end ?? .min } ?? false
    var text = head(form, of: first, from: from, isWhole: isWhole)
    for tag in ranges.lines(before: first.number) where kept.contains(tag.id) { text += tag.text }
    guard isWhole else {
      text += tail(form, from: first.number, reports(form, windows, clip: query))
      return .growing(ByteBuffer(string: text))
    }
    let final = to.map { min(index(behind: $0 - 1), last.number) } ?? last.number
    for number in first.number...max(first.number, final) {
      guard let segment = segment(number) else { continue }
      text += form == .iFrames ? segment.text(form, names: names) : segment.text
    }
    for tag in ranges.lines(behind: final) where kept.contains(tag.id) { text += tag.text }
    return .whole(ByteBuffer(string: text + MediaPlaylist.endTag))
  }

  /// The number of the first listed segment that ends behind a time; one more than the last if none does.
  private func index(behind time: Int64) -> Int64 {
    var (low, high) = (firstListed, (segments.last?.number ?? firstListed - 1) + 1)
    while low < high {
      let middle = low + (high - low) / 2
      if segment(middle).map({ $0.end > time }) ?? true { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func head(
    _ form: LivePlaylist.Form, of first: LiveSegment, from: Int64, isWhole: Bool
  ) -> String {
    var playlist = MediaPlaylist(targetDuration: targetDuration, mediaSequence: first.number)
    var lost = discontinuitySequence
    var number = firstListed
    while number < first.number {
      if segment(number)?.startsDiscontinuity == true { lost += 1 }
      number += 1
    }
    if lost > 0 { playlist.discontinuitySequence = lost }
    playlist.hasIndependentSegments = hasIndependentSegments
    playlist.isIFramesOnly = form == .iFrames
    if isWhole {
      playlist.playlistType = .vod
    } else {
      playlist.serverControl = serverControl
      // What is left out of a delta update would depend on the clip.
      playlist.serverControl?.canSkipUntil = nil
      playlist.serverControl?.canSkipDateRanges = false
      playlist.partTarget = form == .iFrames ? nil : partTarget
    }
    let offset = max(0, from - first.start)
    if offset > 0 || !isWhole {
      playlist.start = StartPoint(
        offsetMicroseconds: names.microseconds(from) - names.microseconds(min(first.start, from)),
        isPrecise: offset > 0)
    }
    let initialization = names.header(first.header.version)
    playlist.unfinished = UnfinishedSegment(initialization: initialization)
    return playlist.renderHead() + (first.changesHeader ? "" : initialization?.render() ?? "")
  }
}
