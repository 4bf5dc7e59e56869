import CMAF
import Codecs
package import MediaCore

/// What a live title has kept from one change of a header to the next: what a title at rest can be made of.
///
/// Times are since 1970. Nothing may have come for a while: then there is a hole between spans.
package struct LiveStretch: Sendable {
  package struct Track: Sendable {
    /// Its header is that of the stretch.
    package var description: LiveTitleDescription.Track
    /// Where its chunks lie, in order.
    package var places: [LiveArchivePlace] = []
    /// Decode times of what follows without a hole, ticks.
    package var spans: [Range<Int64>] = []

    package var timescale: Timescale { description.partTarget.timescale }
  }

  /// Number of the first segment.
  package var first: Int64
  /// How long segments were, usually, in ticks of the first track.
  package var segmentDuration: MediaTime
  package var tracks: [Track]
  /// Messages about moments of it, in the order in which they came; times are since 1970.
  package var splices: [Splice] = []

  /// How much there is of the first track.
  package var duration: MediaTime {
    guard let main = tracks.first else { return MediaTime(0, Timescale(literal: 1)) }
    return MediaTime(main.spans.reduce(0) { $0 + Int64($1.count) }, main.timescale)
  }
}

/// A track as it was kept: what it is, and its chunks in order, each with the file in which it lies.
struct KeptTrack {
  var description: LiveTitleDescription.Track
  var chunks: [(path: String, record: LiveRecord)]
  /// By version.
  var headers: [String: LiveHeader]
}

extension LiveStretch {
  /// - Parameters:
  ///   - kept: tracks of a title, the first one the one by which segments were cut.
  ///   - window: how far back from the end viewers may go.
  static func all(of kept: [KeptTrack], window: MediaTime) -> [LiveStretch] {
    guard let main = kept.first, let first = firstSegment(of: kept, window) else { return [] }
    let steps = zip(starts(main), starts(main).dropFirst()).map { $1 - $0 }.sorted()
    let scale = main.description.partTarget.timescale
    let usual = MediaTime(steps.isEmpty ? 0 : steps[steps.count / 2], scale)
    let breaks = [first] + changes(in: kept, from: first) + [.max]
    return zip(breaks, breaks.dropFirst()).compactMap { from, to in
      let tracks = kept.compactMap { Track($0, segments: from..<to) }
      guard tracks.first?.description.name == main.description.name else { return nil }
      return LiveStretch(first: from, segmentDuration: usual, tracks: tracks)
    }
  }

  /// - Parameter all: messages of the title, of which those about other moments are left out.
  func with(_ all: [Splice]) -> LiveStretch {
    guard let main = tracks.first, let first = main.spans.first, let last = main.spans.last else {
      return self
    }
    let clock = Timescale(literal: 90_000)
    let start = rescale(first.lowerBound, from: main.timescale, to: clock)
    let end = rescale(last.upperBound, from: main.timescale, to: clock)
    var made = self
    made.splices = all.filter { splice in
      guard let section = try? SpliceInfoSection(parsing: splice.section) else { return false }
      let arrival = splice.time.rescaled(to: clock).value
      return !section.cancelledEventIDs.isEmpty
        || (start...end).contains(section.time(arrival: arrival, offset: splice.timeOffset))
    }
    return made
  }

  private static func starts(_ track: KeptTrack) -> [Int64] {
    track.chunks.filter { $0.record.part == 0 && !$0.record.isGap }.map(\.record.time)
  }

  /// The first segment that viewers may go back to and begin with.
  private static func firstSegment(of kept: [KeptTrack], _ window: MediaTime) -> Int64? {
    let ends = kept.compactMap { track in
      track.chunks.last.map {
        MediaTime($0.record.time + $0.record.duration, track.description.partTarget.timescale)
      }
    }
    guard let main = kept.first, let end = ends.max() else { return nil }
    let scale = main.description.partTarget.timescale
    let oldest = end.rescaled(to: scale).value - window.rescaled(to: scale).value
    guard
      let listed = main.chunks.first(where: { $0.record.time + $0.record.duration > oldest })
    else { return nil }
    return main.chunks.first {
      $0.record.segment >= listed.record.segment && $0.record.part == 0 && $0.record.isIndependent
        && !$0.record.isGap
    }?.record.segment
  }

  /// Numbers of the segments behind the first at which a track has another header.
  private static func changes(in kept: [KeptTrack], from first: Int64) -> [Int64] {
    var numbers: Set<Int64> = []
    for track in kept {
      var version: String?
      for (_, record) in track.chunks where record.segment >= first && !record.isGap {
        if let version, record.version != version { numbers.insert(record.segment) }
        version = record.version
      }
    }
    return numbers.sorted()
  }
}

extension LiveStretch.Track {
  /// - Returns: `nil` if nothing came of the track.
  fileprivate init?(_ kept: KeptTrack, segments: Range<Int64>) {
    var description = kept.description
    let chunks = kept.chunks.filter { segments.contains($0.record.segment) && !$0.record.isGap }
    guard let first = chunks.first, let header = kept.headers[first.record.version] else {
      return nil
    }
    description.header = header
    self.description = description
    for (path, record) in chunks {
      let end = record.time + record.duration
      if let last = spans.last, last.upperBound == record.time {
        spans[spans.count - 1] = last.lowerBound..<end
      } else {
        spans.append(record.time..<end)
      }
      if let last = places.last, last.path == path, last.range.end == record.offset {
        places[places.count - 1].range.count += record.count
      } else {
        places.append(
          LiveArchivePlace(
            path: path, range: ByteRange(offset: record.offset, count: record.count)))
      }
    }
  }
}
