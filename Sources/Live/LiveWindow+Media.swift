import CMAF
package import NIOCore

extension LiveWindow {
  /// What lies at the URL of media.
  package enum Media: Sendable {
    /// All of it. Empty for a gap.
    case whole(ByteBuffer, duration: Int64)
    /// A segment that is being made, or will be soon.
    case growing
    /// A part that is hinted at: it comes whole, or not at all.
    case hinted
    /// A whole segment that is no longer in memory.
    case older
    /// What may no longer be fetched.
    case gone
    /// What never was here, or is not here yet.
    case unknown
  }

  /// The whole segment of a number.
  package func media(segment number: Int64, version: String) -> Media {
    guard let segment = segment(number) else {
      guard isAnnounced(number), version == header.version else {
        return number < (segments.first?.number ?? 0) ? .gone : .unknown
      }
      return .growing
    }
    guard segment.header.version == version, !segment.isGap || !segment.isComplete else {
      return .unknown
    }
    guard segment.isComplete else { return .growing }
    return segment.bytes.map { .whole($0, duration: segment.duration) } ?? .older
  }

  /// Whether a segment that has not begun may be asked for: an MPD of numbers announces by the clock what a packager that is
  /// late has not made yet. So far ahead as playlists are waited for, it comes.
  private func isAnnounced(_ number: Int64) -> Bool {
    guard let last = segments.last, !isEnded, number > last.number else { return false }
    return number <= (lastComplete ?? last.number - 1) + Self.heldSegmentCount
  }

  /// A part: "a server … MUST … wait until all bytes of the Partial Segment are available" (§6.2.6).
  package func media(segment number: Int64, part: Int, version: String) -> Media {
    if let next, number == next.segment, part == next.part {
      return version == header.version ? .hinted : .unknown
    }
    guard let segment = segment(number), segment.header.version == version else {
      return number < (segments.first?.number ?? 0) ? .gone : .unknown
    }
    guard part < segment.partCount else { return .unknown }
    guard segment.parts.indices.contains(part) else { return .gone }
    let found = segment.parts[part]
    return found.isGap ? .unknown : .whole(found.bytes, duration: found.duration)
  }

  /// The parts of a segment from one on, and whether that is all of it; `nil` for one that is not here,
  /// or no longer.
  package func pieces(
    ofSegment number: Int64, from part: Int, version: String
  ) -> (bytes: ArraySlice<LiveSegment.Part>, isComplete: Bool)? {
    guard let segment = segment(number) else {
      return isAnnounced(number) && version == header.version ? ([], false) : nil
    }
    guard segment.header.version == version, !segment.isGap, part <= segment.parts.count else {
      return nil
    }
    return (segment.parts[part...], segment.isComplete)
  }

  /// Bytes of a segment that is being made, which are there already.
  package enum Excerpt: Sendable {
    /// Nothing is known of the segment.
    case unknown
    case bytes(ByteBuffer)
    /// Some of them are yet to come.
    case held
  }

  /// - Parameter last: the last byte; `nil`: as many as there are, in whole parts.
  package func excerpt(
    ofSegment number: Int64, from first: Int64, to last: Int64?, version: String
  ) -> Excerpt {
    guard let (parts, _) = pieces(ofSegment: number, from: 0, version: version) else {
      return .unknown
    }
    let available = parts.reduce(0) { $0 + Int64($1.bytes.readableBytes) }
    let end = last.map { $0 + 1 } ?? available
    guard end <= available, first < end else { return .held }
    var bytes = ByteBuffer()
    var offset: Int64 = 0
    for part in parts {
      let count = Int64(part.bytes.readableBytes)
      let (from, to) = (max(first, offset), min(end, offset + count))
      if from < to,
        let slice = part.bytes.getSlice(
          at: part.bytes.readerIndex + Int(from - offset), length: Int(to - from))
      {
        if bytes.readableBytes == 0 { bytes = slice } else { bytes.writeImmutableBuffer(slice) }
      }
      offset += count
    }
    return .bytes(bytes)
  }
}
