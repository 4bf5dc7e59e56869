import CMAF
import LiveSupport
import NIOCore
import Publishing
import Testing

@Suite struct UploadQueueTests {
  /// Chunks of pictures of so many segments, ten of each.
  private func chunks(_ segments: Int) -> [LiveChunk] {
    var fixture = LiveFixture()
    return (0..<segments * LiveFixture.partsPerSegment).map { _ in
      fixture.next().first { $0.track == LiveFixture.video }!.chunk
    }
  }

  private func drained(_ queue: inout UploadQueue) -> [String] {
    var all: [String] = []
    while let bytes = queue.take() {
      let text = String(buffer: bytes)
      let isHeader = text.contains("moov")
      let name = text.firstMatch(of: /<[^>]+ ([0-9]+\.[0-9]+)>/)?.output.1 ?? "?"
      all.append((isHeader ? "header " : "") + name)
    }
    return all
  }

  @Test func `a header goes first, and each chunk once`() {
    var queue = UploadQueue()
    for chunk in chunks(1).prefix(3) { queue.add(chunk) }
    let first = LiveFixture.first
    #expect(drained(&queue) == ["header \(first).0", "\(first).1", "\(first).2"])
    #expect(drained(&queue) == [])
  }

  @Test func `another connection begins with the segment before the present one`() {
    var queue = UploadQueue()
    for chunk in chunks(4).prefix(33) {
      queue.add(chunk)
      _ = queue.take()
    }
    queue.startOver()
    let first = LiveFixture.first
    let again = drained(&queue)
    #expect(again.first == "header \(first + 2).0")
    #expect(again.last == "\(first + 3).2")
    #expect(again.count == 13)
  }

  @Test func `where nobody takes anything the oldest segments go`() {
    var queue = UploadQueue()
    for chunk in chunks(40) { queue.add(chunk) }
    let first = LiveFixture.first
    let rest = drained(&queue)
    #expect(rest.first == "header \(first + 39 - UploadQueue.waitingSegmentCount).0")
    #expect(rest.last == "\(first + 39).9")
  }

  @Test func `another header goes before what it decodes, and gaps are left out`() {
    var queue = UploadQueue()
    var all = Array(chunks(1).prefix(3))
    all[1].isGap = true
    all[2].header.version = "other"
    for chunk in all { queue.add(chunk) }
    let first = LiveFixture.first
    #expect(drained(&queue) == ["header \(first).0", "header \(first).2"])
  }
}
