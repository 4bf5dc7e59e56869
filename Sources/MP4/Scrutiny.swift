import MediaCore

/// How closely a file is looked at when it is opened.
package enum Scrutiny: Hashable, Sendable {
  /// Every sync sample, and every frame of sound whose coding leaves its length open.
  case everySample
  /// The tables are believed but for a few looks: at the first sample of each track, and at the
  /// beginnings of some sync samples, spread over the track. What was not looked at is as what was.
  ///
  /// For whoever wants to begin at once, and packages what `.everySample` would leave to a general
  /// demuxer only where these looks say that nothing is lost.
  ///
  /// - Parameter sampleCount: samples of all tracks together, at most.
  case tables(sampleCount: Int)

  /// Samples of all tracks together, at most.
  var sampleLimit: Int {
    switch self {
    case .everySample: SampleTable.maximumCount
    case .tables(let count): min(count, SampleTable.maximumCount)
    }
  }

  var believesTables: Bool { self != .everySample }
}
