import MediaCore
import NIOCore
import Testing

@Suite struct `Stretches of payloads` {
  private final class Base: PayloadReader {
    private var left = 2

    func next() throws -> PayloadBatch? {
      guard left > 0 else { return nil }
      left -= 1
      return PayloadBatch(
        bytes: ByteBuffer(), runs: [PayloadRun(track: 0, first: 1 - left, count: 1, offset: 0)])
    }
  }

  /// Bytes that say where they lie.
  private static func stretch(
    _ track: Int, first: Int = 0, _ sizes: [UInt32], offset: Int64 = 0
  ) -> PayloadStretch {
    PayloadStretch(track: track, first: first, sizes: sizes, offset: offset) {
      { from, count, bytes in
        bytes.clear()
        for at in 0..<Int64(count) { bytes.writeInteger(UInt8(truncatingIfNeeded: from + at)) }
      }
    }
  }

  @Test func `what the source has comes first, then each stretch, each byte once`() throws {
    let large = UInt32(PayloadBatch.targetByteCount)
    let reader = StretchReader(
      after: Base(),
      [
        Self.stretch(3, [2, 0, 3], offset: 8), Self.stretch(3, first: 3, []),
        Self.stretch(3, first: 3, [large - 1, 5, 7]),
      ])
    var runs: [[Int]] = []
    var starts: [UInt8] = []
    while let batch = try reader.next() {
      #expect(batch.runs.count == 1)
      runs += batch.runs.map { [$0.track, $0.first, $0.count, batch.bytes.readableBytes] }
      if let first = batch.bytes.readableBytesView.first { starts.append(first) }
    }
    #expect(
      runs == [
        [0, 0, 1, 0], [0, 1, 1, 0], [3, 0, 3, 5], [3, 3, 2, Int(large) + 4], [3, 5, 1, 7],
      ])
    #expect(starts == [8, 0, 4])
    #expect(try reader.next() == nil)
  }
}
