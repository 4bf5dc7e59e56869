import FFmpeg
import MediaCore
import NIOCore
import Synchronization

/// What an encoder made of a group of pictures, kept in memory.
final class EncodedGroup: Sendable {
  private struct State {
    var coding: SampleCoding?
    var samples: [LiveSample] = []
  }

  private let state = Mutex(State())

  func take(_ output: RungOutput) {
    state.withLock { state in
      switch output {
      case .track(let track): state.coding = track.coding
      case .sample(let sample): state.samples.append(sample)
      }
    }
  }

  var coding: SampleCoding? { state.withLock { $0.coding } }
  /// In decode order.
  var samples: [LiveSample] { state.withLock { $0.samples } }
  var byteCount: Int { samples.reduce(0) { $0 + $1.payload.readableBytes } }
}
