package import MediaCore

/// Peak and average of a Media Playlist that is put together from scenes: one value for every way
/// through them, so that all its playlists can say the same.
extension PeakBitrate {
  /// Runs that are looked at one by one before a coarser bound is taken.
  static let runCount = 1_000_000

  /// - Parameters:
  ///   - scenes: `[scene][segment]`, bytes and ticks of `timescale`.
  ///   - successors: `[scene]`, positions of the scenes that may follow it.
  ///
  /// `peak` is that of the worst run of segments which any way has, also across joints. Scenes of no
  /// length to speak of have too many runs: then it is the largest bit rate of a single segment, which
  /// no run passes. `average` is that of all scenes, each taken once.
  package init(
    scenes: [[(byteCount: Int64, duration: Int64)]], successors: [[Int]], timescale: Timescale,
    targetDuration: Int
  ) {
    var peak: Int64 = 0
    for scene in scenes {
      let inside = PeakBitrate(of: scene, timescale: timescale, targetDuration: targetDuration)
      peak = max(peak, inside.peak)
    }
    var joints = SceneJoints(
      scenes: scenes, successors: successors, timescale: timescale, targetDuration: targetDuration)
    let across = joints.peak()
    let whole = PeakBitrate(
      of: scenes.joined(), timescale: timescale, targetDuration: 1)
    self.init(peak: max(peak, across), average: whole.average)
  }

  /// This peak with the average of some of the scenes, which does not pass it.
  ///
  /// - Parameter segments: bytes and ticks of `timescale`.
  package func averaged(
    over segments: [(byteCount: Int64, duration: Int64)], timescale: Timescale
  ) -> PeakBitrate {
    let own = PeakBitrate(of: segments, timescale: timescale, targetDuration: 1)
    return PeakBitrate(peak: peak, average: min(own.average, peak))
  }
}

/// The runs of segments that lead from one scene into others.
private struct SceneJoints {
  private let scenes: [[(bytes: UInt128, ticks: UInt128)]]
  private let successors: [[Int]]
  private let scale: UInt128
  private let target: UInt128
  private var left = PeakBitrate.runCount
  private var best: Int64 = 0

  init(
    scenes: [[(byteCount: Int64, duration: Int64)]], successors: [[Int]], timescale: Timescale,
    targetDuration: Int
  ) {
    self.scenes = scenes.map { scene in
      scene.map { (UInt128(max(0, $0.byteCount)), UInt128(max(0, $0.duration))) }
    }
    self.successors = successors
    scale = UInt128(timescale.ticksPerSecond)
    target = UInt128(max(1, targetDuration)) * scale
  }

  mutating func peak() -> Int64 {
    for (index, scene) in scenes.enumerated() {
      var (bytes, ticks): (UInt128, UInt128) = (0, 0)
      for segment in scene.reversed() {
        bytes += segment.bytes
        ticks += segment.ticks
        if 2 * ticks > 3 * target { break }
        extend(index, bytes, ticks)
      }
    }
    guard left <= 0 else { return best }
    return scenes.joined().map { PeakBitrate.rate($0.bytes, $0.ticks, scale) }.max() ?? 0
  }

  /// - Parameters: of a run that ends with the scene.
  private mutating func extend(_ scene: Int, _ bytes: UInt128, _ ticks: UInt128) {
    for next in successors[scene] {
      var (bytes, ticks) = (bytes, ticks)
      var isWhole = true
      for segment in scenes[next] {
        left -= 1
        guard left > 0 else { return }
        bytes += segment.bytes
        ticks += segment.ticks
        if 2 * ticks > 3 * target {
          isWhole = false
          break
        }
        if 2 * ticks >= target { best = max(best, PeakBitrate.rate(bytes, ticks, scale)) }
      }
      if isWhole, !scenes[next].isEmpty { extend(next, bytes, ticks) }
    }
  }
}
