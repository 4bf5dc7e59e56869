package import MediaCore
import MP4
package import NIOCore
import Packaging

/// Reads a whole MPEG-2 transport stream: its tracks and samples, in the order in which they stand there.
/// - Parameters:
///   - bytes: with tables of its own.
///   - name: for messages.
package typealias TransportReading =
  @Sendable (_ bytes: ByteBuffer, _ name: String) throws -> [LiveEvent]

/// What one object of a transport stream holds: a segment as HLS has it, with its own tables.
struct TransportObject {
  /// Numbered as the streams of the program are.
  private(set) var tracks: [SourceTrack] = []
  private var samples: [Int: [LiveSample]] = [:]

  /// Every packet begins with it (ISO/IEC 13818-1 §2.4.3.2), and no box of MP4 does, which would have 1 GiB.
  static let syncByte: UInt8 = 0x47

  init(_ events: [LiveEvent]) {
    for event in events {
      switch event {
      case .track(let track):
        tracks.removeAll { $0.number == track.number }
        tracks.append(track)
      case .sample(let sample): samples[sample.track, default: []].append(sample)
      case .restart, .splice: break
      }
    }
    tracks.sort { $0.number < $1.number }
  }

  /// The samples of a track as one fragment; `nil` if there are none.
  /// - Parameter end: decode time behind the last sample that came of the track before: the times of the object, of
  ///   33 bits, are those near it.
  func fragment(_ track: SourceTrack, near end: Int64?) -> StreamFragment? {
    guard var samples = samples[track.number], let first = samples.first, let last = samples.last
    else { return nil }
    let turn = Int64(1) << 33
    var turns: Int64 = 0
    if let end, track.timescale.ticksPerSecond == 90_000 {
      let distance = end - first.decodeTime
      turns = (distance + (distance >= 0 ? turn / 2 : -turn / 2)) / turn * turn
    }
    for index in samples.indices {
      samples[index].decodeTime += turns
      samples[index].presentationTime += turns
    }
    let usual =
      samples.count > 1 ? (last.decodeTime - first.decodeTime) / Int64(samples.count - 1) : 0
    return StreamFragment(
      track: track.number, samples: samples,
      end: last.decodeTime + turns + (last.duration > 0 ? last.duration : max(1, usual)))
  }
}
