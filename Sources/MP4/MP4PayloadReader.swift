import FileIO
import MediaCore
import NIOCore

/// Reads the payloads of some tracks from the front of the file to its end, in windows of whole
/// samples, into storage that is used again.
final class MP4PayloadReader: PayloadReader {
  /// One track's place in the walk over the file.
  struct Lane {
    let number: Int
    private let sizes: [UInt32]
    private let chunks: ChunkTable
    let isMonotonic: Bool
    private(set) var index = 0
    private var chunk = 0
    private(set) var offset: Int64 = 0

    init(_ track: SourceTrack, _ chunks: ChunkTable) {
      number = track.number
      sizes = track.samples.sizes
      self.chunks = chunks
      isMonotonic = chunks.isMonotonic
      enterChunk()
    }

    var isDone: Bool { index >= sizes.count }

    /// Bytes of the samples from here that lie together and fit: at least one sample.
    func extent(limit: Int) -> (count: Int, byteCount: Int) {
      let end = chunk < chunks.firstSamples.count ? Int(chunks.firstSamples[chunk]) : sizes.count
      var count = 0
      var bytes = 0
      while index + count < end, count == 0 || bytes + Int(sizes[index + count]) <= limit {
        bytes += Int(sizes[index + count])
        count += 1
      }
      return (count, bytes)
    }

    mutating func advance(_ count: Int, _ bytes: Int) {
      index += count
      offset += Int64(bytes)
      enterChunk()
    }

    private mutating func enterChunk() {
      guard chunk < chunks.firstSamples.count, Int(chunks.firstSamples[chunk]) == index else {
        return
      }
      offset = chunks.offsets[chunk]
      chunk += 1
    }
  }

  /// Bytes between two wanted samples that are read along rather than skipped, at most.
  private static let maximumGap: Int64 = 16 << 10

  private let file: any StoredFile
  private var lanes: [Lane]
  /// Storage for windows, used in turn: those before are still being written.
  private var windows = [ByteBuffer](repeating: ByteBuffer(), count: 6)
  private var turn = 0

  init(_ file: any StoredFile, lanes: [Lane]) {
    self.file = file
    self.lanes = lanes
  }

  /// The lane whose next sample lies first. A track whose chunks go back and forth is read alone.
  private func nextLane() -> Int? {
    var best: Int?
    for index in lanes.indices where !lanes[index].isDone {
      if !lanes[index].isMonotonic { return index }
      if best.map({ lanes[index].offset < lanes[$0].offset }) ?? true { best = index }
    }
    return best
  }

  func next() throws -> PayloadBatch? {
    guard let first = nextLane() else { return nil }
    let start = lanes[first].offset
    var end = start
    var runs: [PayloadRun] = []
    while let lane = nextLane() {
      let offset = lanes[lane].offset
      guard offset >= start, offset - end <= Self.maximumGap else { break }
      let room = PayloadBatch.targetByteCount - Int(max(end, offset) - start)
      guard runs.isEmpty || room > 0 else { break }
      let (count, byteCount) = lanes[lane].extent(limit: max(room, 0))
      guard runs.isEmpty || byteCount <= room else { break }
      runs.append(
        PayloadRun(
          track: lanes[lane].number, first: lanes[lane].index, count: count,
          offset: Int(offset - start)))
      end = max(end, offset + Int64(byteCount))
      lanes[lane].advance(count, byteCount)
    }
    turn = (turn + 1) % windows.count
    try file.read(at: start, count: Int(end - start), into: &windows[turn])
    return PayloadBatch(bytes: windows[turn], runs: runs)
  }
}
