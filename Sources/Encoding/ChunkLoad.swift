import Codecs
import MediaCore

/// What one chunk asks of a machine while some of its rungs are encoded, and how many can be worked on at once.
///
///     let load = ChunkLoad(plan.rungs, of: plan.rungs)
///     load.chunksAtOnce(threads: 2, memory: 1 << 34)  // 2 of a ladder whose largest rung, on one thread, has two thirds of the work
///
/// Rungs of a chunk go at the pace of the slowest: alone they keep few cores busy.
package struct ChunkLoad: Hashable, Sendable {
  /// Cores that are busy on average; from 1.
  package var coreCount: Double
  /// Bytes of memory, estimated from the pictures that encoders keep.
  package var memoryByteCount: Int64

  /// - Parameters:
  ///   - rungs: those that are encoded.
  ///   - all: of the ladder: pictures of the largest are decoded for any.
  package init(_ rungs: [PlannedRung], of all: [PlannedRung]) {
    var work = 0.0
    var slowest = 0.0
    var bytes = Self.decoderByteCount(all)
    for rung in rungs {
      let sampleCount = Int64(rung.width) * Int64(rung.height)
      let own = Double(sampleCount) / Double(max(1, rung.divisor))
      work += own
      slowest = max(slowest, own / Double(max(1, rung.threadCount)))
      bytes += rung.encoderByteCount
    }
    coreCount = max(1, work / max(1, slowest))
    memoryByteCount = bytes
  }

  /// - Parameters:
  ///   - threads: cores to keep busy.
  ///   - memory: bytes that may be used; one chunk is worked on with any.
  package func chunksAtOnce(threads: Int, memory: Int64) -> Int {
    let busy = Int((Double(max(1, threads)) / coreCount).rounded(.up))
    return max(1, min(busy, Int(clamping: memory / max(1, memoryByteCount))))
  }

  /// Rungs that are encoded together, as indices: all if memory holds them, else as many as it holds, the largest first;
  /// one by itself with any.
  /// - Parameter memory: bytes that may be used.
  package static func groups(_ rungs: [PlannedRung], memory: Int64) -> [[Int]] {
    let room = memory - decoderByteCount(rungs)
    var groups: [(byteCount: Int64, rungs: [Int])] = []
    let largestFirst = rungs.indices.sorted {
      (-rungs[$0].encoderByteCount, $0) < (-rungs[$1].encoderByteCount, $1)
    }
    for index in largestFirst {
      let own = rungs[index].encoderByteCount
      if let place = groups.firstIndex(where: { $0.byteCount + own <= room }) {
        groups[place].byteCount += own
        groups[place].rungs.append(index)
      } else {
        groups.append((own, [index]))
      }
    }
    return groups.map { $0.rungs.sorted() }
  }

  /// Pictures of the decoder and of the queues behind it, of the largest size.
  private static func decoderByteCount(_ rungs: [PlannedRung]) -> Int64 {
    let largest = rungs.map { Int64($0.width) * Int64($0.height) }.max() ?? 0
    return largest * 3 / 2 * 24
  }
}

extension PlannedRung {
  /// Bytes that the encoder keeps.
  fileprivate var encoderByteCount: Int64 {
    Int64(width) * Int64(height) * keptByteCount * (bitDepth > 8 ? 2 : 1)
  }

  /// Bytes that an encoder of eight bits keeps for each sample of a picture: some 45 beside the pictures that it looks
  /// ahead at, and what each of these takes; in H.264 each thread behind the first some too. Measured with the encoders of
  /// Debian 12 at 1080 and 2160 lines.
  private var keptByteCount: Int64 {
    switch videoCodec {
    case .h264:
      45 + 36 * (Self.lookahead.h264[preset] ?? 40) / 10 + 20 * Int64(threadCount - 1)
    case .hevc: 90 + 54 * (Self.lookahead.hevc[preset] ?? 20) / 10
    default: 250
    }
  }

  /// Pictures that presets look ahead.
  private static let lookahead: (h264: [String: Int64], hevc: [String: Int64]) = (
    [
      "ultrafast": 0, "superfast": 0, "veryfast": 10, "faster": 20, "fast": 30, "medium": 40,
      "slow": 50, "slower": 60, "veryslow": 60, "placebo": 60,
    ],
    [
      "ultrafast": 5, "superfast": 10, "veryfast": 15, "faster": 15, "fast": 15, "medium": 20,
      "slow": 25, "slower": 40, "veryslow": 40, "placebo": 60,
    ]
  )
}
