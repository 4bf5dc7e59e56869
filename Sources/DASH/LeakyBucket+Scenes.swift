package import MediaCore

extension LeakyBucket {
  /// The rate that holds for a Representation of all scenes, in whatever order they are played, each as
  /// a Period of its own.
  ///
  /// A scene leaves a debt to the next: what of its bits is still to be delivered when it has been
  /// played. At the rate that is found no scene's own average makes a debt grow, so the largest debt
  /// of any scene is the worst that any order leaves.
  /// - Parameters:
  ///   - scenes: `[scene][segment]`, bytes, and start in ticks of `timescale`.
  ///   - ends: `[scene]`, the end of its last segment, in ticks.
  ///   - minBufferTime: whole seconds, at least 1.
  package static func bandwidth(
    ofScenes scenes: [[(byteCount: Int64, start: Int64)]], ends: [Int64], timescale: Timescale,
    minBufferTime: Int
  ) -> Int64 {
    let scale = Int128(timescale.ticksPerSecond)
    let buffer = Int128(max(1, min(minBufferTime, Int(UInt32.max)))) * scale
    let weighed = scenes.map { scene in
      scene.map {
        (bits: Int128(max(0, $0.byteCount)) * 8 * scale, start: Int128(max(0, $0.start)))
      }
    }
    /// What a scene leaves behind at a rate; `nil` if it cannot be played whole at it again and again.
    func debt(_ scene: Int, _ rate: Int128) -> Int128? {
      let end = Int128(max(0, ends[scene]))
      var (debt, bits): (Int128, Int128) = (0, 0)
      for segment in weighed[scene].reversed() {
        bits += segment.bits
        debt = max(debt, bits - rate * (end - segment.start))
      }
      return bits <= rate * end ? debt : nil
    }
    func holds(_ rate: Int64) -> Bool {
      let rate = Int128(rate)
      var worst: Int128 = 0
      for scene in weighed.indices {
        guard let debt = debt(scene, rate) else { return false }
        worst = max(worst, debt)
      }
      return weighed.allSatisfy { scene in
        var delivered: Int128 = 0
        // Delivery may begin with any segment; before the first there is the debt of other scenes.
        var least = -worst
        for (bits, start) in scene {
          least = min(least, delivered - rate * start)
          delivered += bits
          if delivered - rate * (start + buffer) > least { return false }
        }
        return true
      }
    }
    return least(holds)
  }
}
