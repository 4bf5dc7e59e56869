package import FFmpeg
package import MediaCore
import Packaging

/// What is encoded of a live source: decided once its first pictures are known.
package struct LiveLadder: Sendable {
  /// Tracks are numbered from 0.
  package var rungs: [LadderRung]
  /// On which pictures are encoded: of the rung that has most.
  package var grid: FrameGrid
  /// Pictures of the grid for each of the source: two where each field becomes a picture.
  package var fieldCount: Int64 = 1
  /// Pictures from one key frame to the next, and so of a segment.
  package var keyDistance: Int64
  /// Pictures of a part, in all rungs.
  package var partLength: Int64
  /// What has to be said of it, a sentence each.
  package var notes: [String]
  /// How the command calls it, for messages: `--ladder hd`.
  package var name: String

  package init(
    _ name: String, _ rungs: [LadderRung], grid: FrameGrid, keyDistance: Int64,
    partLength: Int64, notes: [String]
  ) {
    self.name = name
    self.rungs = rungs
    self.grid = grid
    self.keyDistance = keyDistance
    self.partLength = partLength
    self.notes = notes
  }

  /// The whole number of pictures nearest to a wanted length of segments or parts, of which the slowest rung has a whole
  /// number too.
  package static func pictureCount(_ wanted: MediaTime, grid: FrameGrid, step: Int64) -> Int64 {
    let ticks = wanted.rescaled(to: grid.timescale).value
    let unit = grid.frameDuration * step
    return max(1, (ticks + unit / 2) / unit) * step
  }

  /// How long parts are.
  package var part: MediaTime { MediaTime(partLength * grid.frameDuration, grid.timescale) }

  /// Of the pictures the slowest rung has every so many; at least those of a picture's fields.
  var step: Int64 {
    rungs.map { LadderTree.step($0.encoding, grid.rate) }.reduce(
      fieldCount, Self.leastCommonMultiple)
  }

  /// Pictures after which encoding that had fallen behind has caught up.
  var calm: Int64 { Int64((Self.calmSeconds * grid.rate.value).rounded(.up)) }

  private static let calmSeconds = 10.0

  static func leastCommonMultiple(_ one: Int64, _ other: Int64) -> Int64 {
    var (a, b) = (one, other)
    while b != 0 { (a, b) = (b, a % b) }
    return one / a * other
  }

  /// On which the source's pictures lie.
  var sourceGrid: FrameGrid {
    guard let rate = Rational(grid.rate.numerator, grid.rate.denominator * fieldCount),
      let source = FrameGrid(rate: rate)
    else { return grid }
    return source
  }

  /// What comes out of a rung, in the one timescale of all of them.
  func event(_ output: RungOutput, rung: Int) -> LiveEvent {
    let own = FrameGrid(rate: rungs[rung].encoding.frameRate)?.timescale ?? grid.timescale
    switch output {
    case .track(var track):
      track.timescale = grid.timescale
      track.rendition = rungs[rung].name
      return .track(track)
    case .sample(var sample):
      sample.decodeTime = rescale(sample.decodeTime, from: own, to: grid.timescale)
      sample.presentationTime = rescale(sample.presentationTime, from: own, to: grid.timescale)
      sample.duration = rescale(sample.duration, from: own, to: grid.timescale)
      return .sample(sample)
    }
  }

  /// How far one of its tracks may fall behind another before it counts as lost: pictures come behind the sound by those
  /// that are decoded, filtered, waiting and encoded.
  package var patience: MediaTime {
    let pictures = Self.pipelineLength * fieldCount * grid.frameDuration
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
