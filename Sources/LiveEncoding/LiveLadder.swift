package import FFmpeg
package import MediaCore
import Packaging

/// What is encoded of a live source: decided once its first pictures are known.
package struct LiveLadder: Sendable {
  /// Tracks are numbered from 0.
  package var rungs: [LadderRung]
  package var grid: FrameGrid
  /// Pictures from one key frame to the next, and so of a segment.
  package var keyDistance: Int64
  /// What has to be said of it, a sentence each.
  package var notes: [String]
  /// How the command calls it, for messages: `--ladder hd`.
  package var name: String

  package init(
    _ name: String, _ rungs: [LadderRung], grid: FrameGrid, keyDistance: Int64, notes: [String]
  ) {
    self.name = name
    self.rungs = rungs
    self.grid = grid
    self.keyDistance = keyDistance
    self.notes = notes
  }

  /// The whole number of pictures nearest to a wanted length of segments, of which the slowest rung has a whole number
  /// too.
  package static func keyDistance(_ segment: MediaTime, grid: FrameGrid, step: Int64) -> Int64 {
    let wanted = segment.rescaled(to: grid.timescale).value
    let unit = grid.frameDuration * step
    return max(1, (wanted + unit / 2) / unit) * step
  }

  /// How far one of its tracks may fall behind another before it counts as lost: pictures come behind the sound by those
  /// that are decoded, filtered, waiting and encoded.
  package var patience: MediaTime {
    let pictures = Self.pipelineLength * grid.frameDuration
    let usual = LiveLimits.patience.rescaled(to: grid.timescale).value
    return MediaTime(usual + pictures, grid.timescale)
  }

  private static let pipelineLength: Int64 = 16

  /// Says that a machine cannot hold it, and what it can hold.
  package func objection(_ verdict: LadderTrial.Verdict) -> LiveEncodingError {
    let speed = Double((verdict.speed * 100).rounded(.down)) / 100
    let all = rungs.map(\.name).joined(separator: ", ")
    let what = "\(name) (\(all)) is encoded at \(speed) of real time on this machine"
    guard let top = verdict.held.map(\.encoding.height).max() else {
      return LiveEncodingError(
        .tooSlow,
        "\(what), where \(LadderTrial.neededSpeed) is needed, and not even its smallest rung is held; "
          + "take a smaller ladder or a faster machine, or say --anyway")
    }
    let names = verdict.held.map(\.name).joined(separator: ", ")
    return LiveEncodingError(
      .tooSlow,
      "\(what), where \(LadderTrial.neededSpeed) is needed; it can hold \(names): "
        + "\(name) --max-height \(top); or say --anyway")
  }
}
