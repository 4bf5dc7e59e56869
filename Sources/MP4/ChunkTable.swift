/// Where the samples of a track lie: runs of samples that follow each other in the file.
struct ChunkTable: Sendable {
  /// File offset of each run.
  private(set) var offsets: [Int64] = []
  /// Index of each run's first sample.
  private(set) var firstSamples: [UInt32] = []
  /// Runs start at growing offsets, so that the file can be read from front to back.
  private(set) var isMonotonic = true
  private var end: Int64 = 0

  /// Samples of one run, at most: the place of each is found by adding sizes from its run's start.
  private static let maximumRunCount = 1024

  /// Appends samples that lie together; joins them with the run before if they follow it.
  mutating func append(offset: Int64, firstSample: Int, byteCount: Int64) {
    let isFull = firstSample - Int(firstSamples.last ?? 0) >= Self.maximumRunCount
    if offset != end || offsets.isEmpty || isFull {
      if let last = offsets.last, offset < last { isMonotonic = false }
      offsets.append(offset)
      firstSamples.append(UInt32(firstSample))
    }
    end = offset + byteCount
  }

  /// The run that a sample is in.
  func run(of sample: Int) -> Int {
    var (low, high) = (0, firstSamples.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if Int(firstSamples[middle]) <= sample { low = middle } else { high = middle - 1 }
    }
    return low
  }

  /// Bytes in memory.
  var byteCount: Int { offsets.count * (MemoryLayout<Int64>.size + MemoryLayout<UInt32>.size) }
}
