package import MediaCore

/// Where the samples of a track lie in their file.
///
///     places.ranges(of: 0..<48)  // what lies together is one range
package struct SamplePlaces: Sendable {
  private let sizes: [UInt32]
  private let chunks: ChunkTable

  init(_ sizes: [UInt32], _ chunks: ChunkTable) {
    self.sizes = sizes
    self.chunks = chunks
  }

  /// Bytes in memory, without the sizes, which are the sample table's.
  package var byteCount: Int { chunks.byteCount }

  /// Offset of a sample in the file.
  func offset(of sample: Int) -> Int64 {
    let run = chunks.run(of: sample)
    return sizes[Int(chunks.firstSamples[run])..<sample].reduce(chunks.offsets[run]) {
      $0 + Int64($1)
    }
  }

  /// The bytes of some samples, in their order. Ranges that follow each other are joined.
  package func ranges(of samples: Range<Int>) -> [ByteRange] {
    guard !samples.isEmpty else { return [] }
    var ranges: [ByteRange] = []
    var run = chunks.run(of: samples.lowerBound)
    var at = offset(of: samples.lowerBound)
    var sample = samples.lowerBound
    while sample < samples.upperBound {
      let next =
        run + 1 < chunks.firstSamples.count ? Int(chunks.firstSamples[run + 1]) : sizes.count
      let end = min(next, samples.upperBound)
      let count = sizes[sample..<end].reduce(Int64(0)) { $0 + Int64($1) }
      if let last = ranges.last, last.end == at {
        ranges[ranges.count - 1].count += count
      } else if count > 0 {
        ranges.append(ByteRange(offset: at, count: count))
      }
      sample = end
      run += 1
      if run < chunks.offsets.count { at = chunks.offsets[run] }
    }
    return ranges
  }
}
