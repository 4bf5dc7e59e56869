import CMAF
import Codecs
import Library
package import MediaCore
package import NIOCore

/// A track that is written nowhere: how each of its bytes comes about.
///
///     for recipe in job.recipes {
///       recipe.head                  // the CMAF header and the `sidx`
///       recipe.parts(ofSegment: 0)   // a `moof` that is made, samples of the source, …
///     }
///
/// Header, `sidx`, and every segment's place and length are those that `PackagingJob.run` writes. What
/// only the payloads could tell is left open: which pictures no other depends on.
package struct TrackRecipe: Sendable {
  /// What a run of bytes is made of.
  package enum Part: Hashable, Sendable {
    case bytes(ByteBuffer)
    /// Payloads of samples of the source's track, one behind the other.
    case samples(Range<Int>)
  }

  package let name: String
  /// Number of the source's track.
  package let sourceTrack: Int
  /// BCP 47.
  package let language: String
  package let label: String
  package let roles: [String]
  package let isDefault: Bool
  package let frameRate: Rational?
  private let layout: TrackLayout
  private let silence: SilentFrames
  /// Index of the first sample of each of the plan's pieces.
  private let pieceStarts: [Int]

  init(_ output: PackagingJob.Output) {
    name = output.name
    sourceTrack = output.selected.track.number
    language = output.language
    label = output.label
    roles = output.roles
    isDefault = output.isDefault
    layout = output.layout
    frameRate = layout.plan.frameRate
    silence = output.silence
    var next = 0
    pieceStarts = layout.plan.pieces.map { piece in
      defer { next += piece.count }
      return next
    }
  }

  /// The CMAF header and the `sidx`.
  package var head: ByteBuffer {
    var head = layout.header
    head.writeImmutableBuffer(layout.sidx)
    return head
  }

  /// Bytes of the track.
  package var byteCount: Int64 { layout.byteCount }
  package var segmentCount: Int { layout.segments.count }
  /// Bytes of the head.
  package var headByteCount: Int { layout.header.readableBytes + layout.sidx.readableBytes }
  /// Samples of the segment that has most.
  package var longestSegmentSampleCount: Int { layout.segments.map(\.samples.count).max() ?? 0 }

  /// Bytes in memory, roughly, with the sizes that are shared with the source's table.
  package var memoryByteCount: Int {
    let plan = layout.plan
    return plan.times.count * 8 + plan.sizes.count * 4 + plan.randomAccess.count
      + layout.segments.count * MemoryLayout<TrackLayout.Segment>.stride
      + plan.pieces.count * MemoryLayout<PlannedTrack.Piece>.stride
  }

  /// The bytes of a segment in the track.
  package func range(ofSegment number: Int) -> ByteRange {
    ByteRange(
      offset: layout.segments[number].offset, count: layout.segments[number].byteCount)
  }

  /// For each segment of video, bytes to the end of its first sample; empty for sound.
  package var firstSampleEnds: [Int64] {
    guard layout.isVideo else { return [] }
    return layout.segments.map { segment in
      segment.payloadOffset - segment.offset
        + Int64(layout.plan.sizes[segment.samples.lowerBound])
    }
  }

  /// Ticks of each sample of the first segment but its last; `nil` if they differ.
  package var frameDuration: Int64? {
    guard let samples = layout.segments.first?.samples else { return nil }
    let durations = SegmentTiming(layout.plan, samples).durations
    guard let first = durations.first, first > 0,
      durations.dropLast().allSatisfy({ $0 == first })
    else { return nil }
    return Int64(first)
  }

  /// What a segment, counted from 0, is made of.
  package func parts(ofSegment number: Int) -> [Part] {
    let segment = layout.segments[number]
    let timing = SegmentTiming(layout.plan, segment.samples)
    var headers = segment.prefix
    TrackLayout.fragment(
      layout.plan, segment.samples, timing, number: number + 1, flags: flags(segment.samples)
    ).writeHeaders(into: &headers)
    return [.bytes(headers)] + payload(segment.samples)
  }

  private func flags(_ samples: Range<Int>) -> [UInt32] {
    guard layout.isVideo else { return [] }
    return layout.plan.randomAccess[samples].map(SampleFlags.byAccess)
  }

  private func payload(_ samples: Range<Int>) -> [Part] {
    var parts: [Part] = []
    var sample = samples.lowerBound
    var piece = self.piece(of: sample)
    while sample < samples.upperBound {
      let start = pieceStarts[piece]
      let end = min(samples.upperBound, start + layout.plan.pieces[piece].count)
      switch layout.plan.pieces[piece] {
      case .source(let range):
        let first = range.lowerBound + sample - start
        parts.append(.samples(first..<first + end - sample))
      case .silence:
        var bytes = ByteBuffer()
        for _ in sample..<end {
          bytes.writeImmutableBuffer(silence.frame(isLeading: piece == 0))
        }
        parts.append(.bytes(bytes))
      }
      sample = end
      piece += 1
    }
    return parts
  }

  private func piece(of sample: Int) -> Int {
    var (low, high) = (0, pieceStarts.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if pieceStarts[middle] <= sample { low = middle } else { high = middle - 1 }
    }
    return low
  }
}

/// `sample_flags` of pictures that nobody looked into (ISO/IEC 14496-12 §8.8.3.1).
private enum SampleFlags {
  static func byAccess(_ access: UInt8) -> UInt32 {
    access == RandomAccess.none.rawValue
      ? SampleDependency.dependent.flags : SampleDependency.sync.flags
  }
}

extension PackagingJob {
  /// The tracks of pictures and sound, in the order of documents.
  package var recipes: [TrackRecipe] { outputs.map(TrackRecipe.init) }

  /// Chapters on the title's timeline.
  package var chapters: [Chapter] { events.chapters }
}
