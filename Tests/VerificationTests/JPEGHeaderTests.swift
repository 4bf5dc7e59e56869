import NIOCore
import Testing

@testable import Verification

@Suite struct JPEGHeaderTests {
  /// Start of image, an application segment, a frame header of 16 × 8 in three components, end.
  private static let bytes: [UInt8] =
    [0xff, 0xd8, 0xff, 0xe0, 0x00, 0x04, 0x4a, 0x46]
    + [0xff, 0xc0, 0x00, 0x11, 0x08, 0x00, 0x08, 0x00, 0x10, 0x03]
    + [0x01, 0x22, 0x00, 0x02, 0x11, 0x01, 0x03, 0x11, 0x01] + [0xff, 0xd9]

  @Test func `the frame header says the size`() {
    let header = JPEGHeader(ByteBuffer(bytes: Self.bytes))
    #expect(header?.width == 16)
    #expect(header?.height == 8)
    #expect(header?.componentCount == 3)
  }

  @Test func `fill bytes may stand before a marker`() {
    var bytes = Self.bytes
    bytes.insert(contentsOf: [0xff, 0xff], at: 8)
    #expect(JPEGHeader(ByteBuffer(bytes: bytes))?.width == 16)
  }

  @Test func `what is cut short at any byte is no JPEG`() {
    for count in 0..<Self.bytes.count {
      #expect(JPEGHeader(ByteBuffer(bytes: Self.bytes.prefix(count))) == nil, "\(count)")
    }
  }

  @Test func `no end of segments is followed to no end`() {
    let many = [[UInt8]](repeating: [0xff, 0xe0, 0x00, 0x02], count: 300).flatMap { $0 }
    var bytes = Self.bytes
    bytes.insert(contentsOf: many, at: 2)
    #expect(JPEGHeader(ByteBuffer(bytes: bytes)) == nil)
  }
}
