import Codecs
import NIOCore
import Testing

struct CaptionDataTests {
  /// `user_data_registered_itu_t_t35` of ATSC A/53 with one triplet for each number.
  private func message(_ triplets: [[UInt8]]) -> [UInt8] {
    let payload: [UInt8] =
      [0xB5, 0x00, 0x31, 0x47, 0x41, 0x39, 0x34, 0x03, 0x40 | UInt8(triplets.count), 0xFF]
      + triplets.flatMap { $0 } + [0xFF]
    return [4, UInt8(payload.count)] + payload
  }

  private let triplets: [[UInt8]] = [[0xFC, 0x94, 0x20], [0xFD, 0x80, 0x80], [0xFA, 0x00, 0x00]]

  private func unit(_ header: [UInt8], _ messages: [UInt8]) -> [UInt8] {
    header + EmulationPrevention.inserted(into: messages + [0x80])
  }

  private func find(
    _ units: [[UInt8]], _ codec: VideoCodec = .h264, isAnnexB: Bool = false
  ) -> [UInt8]? {
    var buffer = ByteBuffer()
    for unit in units {
      if isAnnexB {
        buffer.writeBytes([0, 0, 0, 1])
      } else {
        buffer.writeInteger(UInt32(unit.count))
      }
      buffer.writeBytes(unit)
    }
    return CaptionData.find(
      in: buffer, at: buffer.readerIndex, count: buffer.readableBytes, codec: codec,
      framing: isAnnexB ? .annexB : .lengthPrefixed(.four)
    ).map { Array($0.readableBytesView) }
  }

  @Test(arguments: [true, false])
  func `triplets are found behind other messages`(isAnnexB: Bool) {
    let other: [UInt8] = [5, 3, 0, 0, 1]
    let slice: [UInt8] = [0x65, 0x88, 0x84]
    #expect(
      find([[9, 0xF0], unit([6], other + message(triplets)), slice], isAnnexB: isAnnexB)
        == triplets.flatMap { $0 })
    #expect(
      find([unit([39 << 1, 1], message(triplets)), [1 << 1, 1, 0]], .hevc, isAnnexB: isAnnexB)
        == triplets.flatMap { $0 })
  }

  @Test func `messages behind a slice are found where lengths lead there`() {
    let slice: [UInt8] = [0x65, 0x88, 0x84]
    #expect(find([slice, unit([6], message(triplets))]) == triplets.flatMap { $0 })
  }

  @Test func `several messages follow each other`() {
    let one = unit([6], message([triplets[0]]))
    #expect(find([one, one]) == triplets[0] + triplets[0])
  }

  @Test func `pictures without captions have none`() {
    #expect(find([[0x65, 0x88, 0x84]]) == nil)
    #expect(find([unit([6], [5, 3, 0, 0, 1])]) == nil)
    var other = message(triplets)
    other[4] = 0x30
    #expect(find([unit([6], other)]) == nil)
    #expect(find([]) == nil)
  }

  @Test func `messages cut anywhere are read as far as they go`() {
    let whole = unit([6], message(triplets))
    for count in 1...whole.count {
      let found = find([Array(whole[..<count])]) ?? []
      #expect(triplets.flatMap { $0 }.starts(with: found))
      #expect(found.count % 3 == 0)
    }
  }

  @Test func `endless captions are cut`() {
    let full = unit([6], message([[UInt8]](repeating: triplets[0], count: 31)))
    #expect(
      find([[UInt8]](repeating: full, count: 100))?.count == CaptionData.maximumByteCount)
  }
}
