import FileIO
import NIOCore
import TestSupport
import Testing

@Suite struct ContentDigestTests {
  private func digest(_ parts: [ByteBuffer]) -> UInt64 {
    var digest = ContentDigest()
    for part in parts { digest.add(part) }
    return digest.take()
  }

  /// Published by xxHash for seed 0 and no bytes (tests/sanity_test_vectors.h, XXH3).
  @Test func `nothing gives the published value`() {
    #expect(digest([]) == 0x2d06_8005_38d3_94c2)
  }

  @Test(arguments: [1, 3, 16, 17, 128, 129, 240, 241, 1024, 4099, 100_000])
  func `bytes in any parts are the bytes at once`(_ count: Int) {
    let seed: UInt64 = 0xd16e57
    var random = SplitMix(seed)
    let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let whole = digest([ByteBuffer(bytes: bytes)])
    for _ in 0..<20 {
      var parts: [ByteBuffer] = []
      var at = 0
      while at < count {
        let next = min(count, at + Int.random(in: 0...max(1, count / 2), using: &random))
        parts.append(ByteBuffer(bytes: bytes[at..<next]))
        at = next
      }
      #expect(digest(parts) == whole, "seed \(seed), \(parts.map(\.readableBytes))")
    }
  }

  @Test func `one bit makes another digest, and taking starts anew`() {
    var state = ContentDigest()
    state.add(ByteBuffer(bytes: [0, 0]))
    let first = state.take()
    state.add(ByteBuffer(bytes: [0, 1]))
    #expect(state.take() != first)
    state.add(ByteBuffer(bytes: [0, 0]))
    #expect(state.take() == first)
  }
}
