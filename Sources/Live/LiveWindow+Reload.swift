extension LiveWindow {
  /// What a request for the playlist is answered with.
  package enum Reload: Hashable, Sendable {
    /// The whole playlist as it is now.
    case whole
    /// As it is now, without what was left out before.
    case delta
    /// As it will be; ask again when something has come.
    case held
    /// 400, and why.
    case refused(String)
  }

  /// Decides on a request (§6.2.5.2).
  package func reload(
    _ directives: ReloadDirectives, form: LivePlaylist.Form = .parts
  ) -> Reload {
    // "… if the Playlist contains an EXT-X-ENDLIST tag, the Server MUST ignore" the directives.
    guard !isEnded else { return .whole }
    guard var position = directives.position else {
      return directives.skip == nil ? .whole : .delta
    }
    // "… I-frame playlists … do not contain Partial Segments": whole segments are waited for.
    if form == .iFrames { position.part = nil }
    guard let complete = lastComplete ?? segments.last.map({ $0.number - 1 }) else { return .held }
    // What lies before the window is answered "immediately with the full Playlist".
    if position.segment < firstListed { return .whole }
    if has(position) { return directives.skip == nil ? .whole : .delta }
    guard position.segment <= complete + Self.heldSegmentCount else {
      return .refused(
        "_HLS_msn=\(position.segment) lies more than \(Self.heldSegmentCount) segments beyond the "
          + "last one, \(complete).")
    }
    if let part = position.part, advance(to: position.segment, part) > advancePartLimit {
      return .refused(
        "_HLS_part=\(part) lies more than \(advancePartLimit) parts beyond the last one.")
    }
    return .held
  }

  /// Segments beyond the last whole one that are waited for (§6.2.5.2).
  static var heldSegmentCount: Int64 { 2 }

  /// Whether the playlist has a segment whole, or a part of it or what comes after.
  private func has(_ position: ReloadDirectives.Position) -> Bool {
    guard let last = segments.last else { return false }
    guard let part = position.part else { return position.segment <= (lastComplete ?? 0) }
    guard let segment = segment(position.segment) else { return position.segment < last.number }
    if part < segment.partCount { return true }
    // "If … the Part Index … is greater than that of the final Partial Segment in the Parent Segment,
    // the server MUST treat the request as one for Part Index 0 of the following Parent Segment."
    return segment.isComplete && segment.number < last.number
  }

  /// "The Advance Part Limit is three divided by the Part Target Duration if the Part Target Duration is
  /// less than one second, or three otherwise."
  var advancePartLimit: Int {
    partTarget < 1_000_000 ? Int((3_000_000 + partTarget - 1) / max(1, partTarget)) : 3
  }

  /// Parts from the last one that is there.
  private func advance(to segment: Int64, _ part: Int) -> Int {
    guard let last = segments.last else { return 0 }
    if segment == last.number { return last.isComplete ? 1 : part - (last.partCount - 1) }
    return part &+ 1
  }
}
