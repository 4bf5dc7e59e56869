import Compression
import NIOCore
import Testing

@Suite struct ContentCodingTests {
  private static let playlist = ByteBuffer(
    string: (1...2000).map { "#EXTINF:2.000,\nvideo/cafe01/\($0).m4s\n" }.joined())

  @Test(arguments: ContentCoding.allCases)
  func `a playlist becomes much smaller, and always the same`(coding: ContentCoding) throws {
    let count = Self.playlist.readableBytes
    let coded = try #require(coding.encode(Self.playlist, room: count))
    #expect(coded.readableBytes * 8 < count)
    #expect(coding.encode(Self.playlist, room: count) == coded)
  }

  @Test(arguments: ContentCoding.allCases)
  func `what would not fit is not coded`(coding: ContentCoding) throws {
    let small = ByteBuffer(string: "abc")
    #expect(coding.encode(small, room: 3) == nil)
    let coded = try #require(coding.encode(Self.playlist, room: 100_000))
    #expect(coding.encode(Self.playlist, room: coded.readableBytes) == nil, "not smaller")
    #expect(coding.encode(Self.playlist, room: coded.readableBytes + 1) == coded)
    #expect(coding.encode(ByteBuffer(), room: 0) == nil)
  }

  @Test func `gzip carries no time and no name`() throws {
    let coded = try #require(ContentCoding.gzip.encode(Self.playlist, room: 100_000))
    #expect(coded.readableBytesView.prefix(8).elementsEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]))
  }
}
