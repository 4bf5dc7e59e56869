import MediaCore

/// Visits a track's samples with their file offsets.
struct SampleWalk {
  private let sizes: [UInt32]
  private let offsets: [Int64]
  private let firstSamples: [UInt32]
  private var index = 0
  private var chunk = 0
  private var at: Int64 = 0

  init(_ movie: MovieTrack) {
    sizes = movie.track.samples.sizes
    offsets = movie.chunks.offsets
    firstSamples = movie.chunks.firstSamples
  }

  mutating func next() -> (index: Int, offset: Int64)? {
    guard index < sizes.count else { return nil }
    if chunk < firstSamples.count, Int(firstSamples[chunk]) == index {
      at = offsets[chunk]
      chunk += 1
    }
    defer {
      at += Int64(sizes[index])
      index += 1
    }
    return (index, at)
  }
}
