/// Where the samples of a track lie: runs of samples that follow each other in the file.
struct ChunkTable: Sendable {
  /// File offset of each run.
  private(set) var offsets: [Int64] = []
  /// Index of each run's first sample.
  private(set) var firstSamples: [UInt32] = []
  /// Runs start at growing offsets, so that the file can be read from front to back.
  private(set) var isMonotonic = true
  private var end: Int64 = 0

  /// Appends samples that lie together; joins them with the run before if they follow it.
  mutating func append(offset: Int64, firstSample: Int, byteCount: Int64) {
    if offset != end || offsets.isEmpty {
      if let last = offsets.last, offset < last { isMonotonic = false }
      offsets.append(offset)
      firstSamples.append(UInt32(firstSample))
    }
    end = offset + byteCount
  }
}
