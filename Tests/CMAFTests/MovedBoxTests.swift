import CMAF
import ISOBMFF
import MediaCore
import NIOCore
import Testing

@Suite struct MovedBoxTests {
  private static let sound = Timescale(literal: 48_000)

  /// Five frames of sound, each of one byte more than the one before.
  private func moof(at time: UInt64 = 0, isRolling: Bool = true) throws -> ByteBuffer {
    let fragment = Fragment(
      sequenceNumber: 1, baseMediaDecodeTime: time,
      durations: [UInt32](repeating: 1024, count: 5),
      compositionOffsets: [Int32](repeating: 0, count: 5), sizes: [10, 11, 12, 13, 14], flags: [],
      isRolling: isRolling)
    var bytes = ByteBuffer()
    fragment.writeHeaders(into: &bytes)
    let moof = bytes.readSlice(length: fragment.shape.moofByteCount)
    return try #require(moof)
  }

  private func traf(_ bytes: ByteBuffer) throws -> Box {
    try #require(try Box.sequence(in: bytes).first).required("traf")
  }

  private func time(_ bytes: ByteBuffer) throws -> UInt64 {
    try TrackFragmentDecodeTimeBox(traf(bytes).required("tfdt")).baseMediaDecodeTime
  }

  @Test(arguments: [0, 1, 512_000, 1 << 33, TimelineMove.maximumOffset] as [Int64])
  func `a fragment is moved, and nothing else of it changes`(_ offset: Int64) throws {
    let old = try moof(at: 1 << 32)
    var new = old
    try MovedBox.move(&new, by: TimelineMove(offset: offset), timescale: Self.sound)
    #expect(try time(new) == 1 << 32 + UInt64(offset))
    new.setInteger(UInt64(1) << 32, at: Int(try traf(old).required("tfdt").offset) + 12)
    #expect(new == old)
  }

  @Test func `a time of 32 bits is moved as far as it has room`() throws {
    func tfdt(_ time: UInt32) -> ByteBuffer {
      var bytes = ByteBuffer()
      bytes.writeBox("moof") {
        $0.writeBox("traf") { $0.writeFullBox("tfdt") { $0.writeInteger(time) } }
      }
      return bytes
    }
    var bytes = tfdt(1000)
    try MovedBox.move(&bytes, by: TimelineMove(offset: 0xffff_0000), timescale: Self.sound)
    #expect(bytes == tfdt(0xffff_03e8))
    #expect(throws: ISOBMFFError.self) {
      try MovedBox.move(&bytes, by: TimelineMove(offset: 0x1_0000), timescale: Self.sound)
    }
    var wide = try moof(at: UInt64(Int64.max))
    #expect(throws: ISOBMFFError.self) {
      try MovedBox.move(&wide, by: TimelineMove(offset: 1), timescale: Self.sound)
    }
  }

  @Test func `an index and events are moved in their own timescales`() throws {
    let move = TimelineMove(offset: 96_000)
    var bytes = ByteBuffer()
    SegmentIndexBox(
      referenceID: 1, timescale: Timescale(literal: 24_000), earliestPresentationTime: 5,
      references: []
    ).write(into: &bytes)
    try MovedBox.move(&bytes, by: move, timescale: Self.sound)
    let sidx = try SegmentIndexBox(try #require(try Box.sequence(in: bytes).first))
    #expect(sidx.earliestPresentationTime == 48_005)
    bytes.clear()
    EventMessageBox(
      schemeIdUri: "urn:x", value: "1", timescale: 1000, presentationTime: 7, id: 1,
      message: ByteBuffer()
    ).write(into: &bytes)
    try MovedBox.move(&bytes, by: move, timescale: Self.sound)
    let emsg = try EventMessageBox(try #require(try Box.sequence(in: bytes).first))
    #expect(emsg.presentationTime == 2007)
  }

  @Test(arguments: [(1, 1), (1024, 1), (1025, 2), (4096, 4)])
  func `samples before a time are left out`(_ start: Int64, _ gone: Int) throws {
    for isRolling in [false, true] {
      var bytes = try moof(isRolling: isRolling)
      let whole = bytes.readableBytes
      try MovedBox.move(
        &bytes, by: TimelineMove(offset: 10_000, start: start), timescale: Self.sound)
      #expect(try time(bytes) == 10_000 + UInt64(gone) * 1024)
      let run = try TrackRunBox(traf(bytes).required("trun"))
      #expect(run.samples.map(\.size) == [10, 11, 12, 13, 14].dropFirst(gone).map { $0 })
      // The data begins behind the shorter box and the header of the `mdat`, after what is left out.
      let skipped = [10, 11, 12, 13].prefix(gone).reduce(0, +)
      #expect(run.dataOffset == Int32(bytes.readableBytes + 8 + skipped))
      #expect(bytes.readableBytes == whole - 4 * gone)
      if isRolling {
        var fields = try traf(bytes).required("sbgp").fields
        try fields.skip(12)
        #expect(try fields.read(UInt32.self) == UInt32(5 - gone))
      }
    }
  }

  @Test func `a fragment without a sample that is left is empty`() throws {
    var bytes = try moof()
    try MovedBox.move(&bytes, by: TimelineMove(offset: 1, start: 5000), timescale: Self.sound)
    #expect(bytes.readableBytes == 0)
  }

  @Test func `what is cut short or says more of samples is refused`() throws {
    let whole = try moof()
    let move = TimelineMove(offset: 1, start: 1024)
    for count in 9..<whole.readableBytes {
      guard var cut = whole.getSlice(at: 0, length: count) else { continue }
      cut.setInteger(UInt32(count), at: 0)
      #expect(throws: ISOBMFFError.self) {
        try MovedBox.move(&cut, by: move, timescale: Self.sound)
      }
    }
    var protected = ByteBuffer()
    let inner = try #require(try Box.sequence(in: whole).first)
    let traf = try inner.required("traf").payload
    protected.writeBox("moof") {
      $0.writeBox("traf") { box in
        box.writeImmutableBuffer(traf)
        box.writeFullBox("saiz") { $0.writeInteger(UInt32(0)) }
      }
    }
    #expect(throws: ISOBMFFError.self) {
      try MovedBox.move(&protected, by: move, timescale: Self.sound)
    }
  }
}
