package import NIOCore

/// Samples of one track whose payloads lie behind each other in a file.
package struct PayloadStretch {
  /// Reads so many bytes from an offset into a buffer whose storage is used again.
  package typealias Read = (_ offset: Int64, _ count: Int, _ bytes: inout ByteBuffer) throws -> Void

  /// Number of the track.
  package var track: Int
  /// Index of the first sample in the track's table.
  package var first: Int
  /// Bytes of each sample.
  package var sizes: [UInt32]
  /// Where the first payload lies.
  package var offset: Int64
  /// Opens the file once its payloads are wanted.
  package var open: () throws -> Read

  package init(
    track: Int, first: Int = 0, sizes: [UInt32], offset: Int64 = 0,
    open: @escaping () throws -> Read
  ) {
    self.track = track
    self.first = first
    self.sizes = sizes
    self.offset = offset
    self.open = open
  }
}

/// Delivers what a source has, then stretches of payloads, one behind the other.
///
///     let reader = StretchReader(after: try base.makeReader(of: rest), stretches)
package final class StretchReader: PayloadReader {
  private var base: (any PayloadReader)?
  private let stretches: [PayloadStretch]
  /// The stretch that is read, and what is open of it.
  private var number = 0
  private var read: PayloadStretch.Read?
  /// Samples and bytes of it that have been delivered.
  private var count = 0
  private var byteCount: Int64 = 0
  /// Storage for batches, used in turn: those before are still being written.
  private var batches = [ByteBuffer](repeating: ByteBuffer(), count: 6)
  private var turn = 0

  /// - Parameter base: what comes before; `nil` if nothing does.
  package init(after base: (any PayloadReader)?, _ stretches: [PayloadStretch]) {
    self.base = base
    self.stretches = stretches
  }

  package func next() throws -> PayloadBatch? {
    if let batch = try base?.next() { return batch }
    base = nil
    while number < stretches.count {
      let stretch = stretches[number]
      let (samples, bytes) = Self.batch(of: stretch.sizes[count...])
      guard samples > 0 else {
        number += 1
        (read, count, byteCount) = (nil, 0, 0)
        continue
      }
      let read = try self.read ?? stretch.open()
      self.read = read
      turn = (turn + 1) % batches.count
      try read(stretch.offset + byteCount, bytes, &batches[turn])
      let run = PayloadRun(
        track: stretch.track, first: stretch.first + count, count: samples, offset: 0)
      count += samples
      byteCount += Int64(bytes)
      return PayloadBatch(bytes: batches[turn], runs: [run])
    }
    return nil
  }

  /// Samples that make a batch: as many as reach the size that is aimed at.
  private static func batch(of sizes: ArraySlice<UInt32>) -> (samples: Int, bytes: Int) {
    var (samples, bytes) = (0, 0)
    for size in sizes {
      guard bytes < PayloadBatch.targetByteCount else { break }
      bytes += Int(size)
      samples += 1
    }
    return (samples, bytes)
  }
}
