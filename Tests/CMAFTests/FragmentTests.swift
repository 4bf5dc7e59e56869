import CMAF
import ISOBMFF
import NIOCore
import Testing

@Suite struct FragmentTests {
  /// - Parameter choice: bits for uneven durations, composition offsets, flags, a sample group.
  private func fragment(_ choice: Int, count: Int = 3) -> Fragment {
    Fragment(
      sequenceNumber: 7, baseMediaDecodeTime: 1 << 33,
      durations: (0..<count).map { choice & 1 == 0 ? 1001 : 1000 + UInt32($0) },
      compositionOffsets: (0..<count).map { choice & 2 == 0 ? 0 : 1001 - 1001 * Int32($0) },
      sizes: (0..<count).map { 100 + UInt32($0) }[...],
      flags: choice & 4 == 0
        ? [] : (0..<count).map { $0 == 0 ? Fragment.syncFlags : 0x0101_0000 },
      isRolling: choice & 8 != 0)
  }

  private func headers(_ fragment: Fragment) -> ByteBuffer {
    var bytes = ByteBuffer()
    fragment.writeHeaders(into: &bytes)
    return bytes
  }

  private func moof(of fragment: Fragment) throws -> Box {
    let bytes = try #require(
      headers(fragment).getSlice(at: 0, length: fragment.shape.moofByteCount))
    return try #require(try Box.sequence(in: bytes).first)
  }

  @Test(arguments: 0..<16, [0, 1, 3, 300])
  func `a shape knows the bytes that are written`(_ choice: Int, _ count: Int) throws {
    let fragment = fragment(choice, count: count)
    let bytes = headers(fragment)
    let shape = fragment.shape
    #expect(bytes.readableBytes == shape.moofByteCount + shape.mdatHeaderByteCount)
    #expect(shape.byteCount == Int64(bytes.readableBytes) + shape.payloadByteCount)
    var whole = bytes
    whole.writeRepeatingByte(0, count: Int(shape.payloadByteCount))
    let boxes = try Box.sequence(in: whole)
    #expect(boxes.map(\.type) == ["moof", "mdat"])
    #expect(boxes[0].payload.readableBytes + 8 == shape.moofByteCount)
    #expect(Int64(boxes[1].payload.readableBytes) == shape.payloadByteCount)
  }

  @Test(arguments: 0..<16)
  func `what is written is read again`(_ choice: Int) throws {
    let fragment = fragment(choice)
    let bytes = headers(fragment)
    let moof = try moof(of: fragment)
    let traf = try moof.required("traf")
    let header = try TrackFragmentHeaderBox(traf.required("tfhd"))
    let run = try TrackRunBox(traf.required("trun"))
    #expect(header.defaultBaseIsMoof)
    #expect(header.trackID == CMAFHeader.trackID)
    #expect(
      try TrackFragmentDecodeTimeBox(traf.required("tfdt")).baseMediaDecodeTime
        == fragment.baseMediaDecodeTime)
    #expect(run.dataOffset == Int32(bytes.readableBytes))
    #expect(run.samples.map { $0.duration ?? header.duration } == fragment.durations)
    #expect(run.samples.map(\.size) == fragment.sizes.map { $0 })
    #expect(run.samples.map { $0.compositionOffset ?? 0 } == fragment.compositionOffsets)
    let flags = run.samples.map { $0.flags ?? header.flags ?? 0 }
    #expect(
      flags
        == (fragment.flags.isEmpty ? [UInt32](repeating: 0x0200_0000, count: 3) : fragment.flags))
    #expect(try (traf.child("sbgp") != nil) == fragment.isRolling)
  }

  @Test(arguments: [("plain", 0), ("reordered", 7), ("rolling", 8)])
  func `a fragment has the boxes of its golden`(_ name: String, _ choice: Int) throws {
    let fragment = fragment(choice)
    var bytes = headers(fragment)
    bytes.writeRepeatingByte(0, count: Int(fragment.shape.payloadByteCount))
    try Goldens.expect(try BoxTree(bytes).text, is: "fragment-\(name).txt")
  }

  @Test func `offsets of any sign keep it`() throws {
    var fragment = fragment(2)
    fragment.compositionOffsets = [.min, -1, .max]
    let moof = try moof(of: fragment)
    let run = try TrackRunBox(moof.required("traf").required("trun"))
    #expect(run.samples.map(\.compositionOffset) == [.min, -1, .max])
  }

  @Test func `sizes are taken from any slice`() {
    var fragment = fragment(0)
    let expected = headers(fragment)
    let all: [UInt32] = [9, 9, 100, 101, 102, 9]
    fragment.sizes = all[2..<5]
    #expect(headers(fragment) == expected)
  }

  @Test(arguments: [(0xffff_fff0, 8), (0xffff_fff1, 16), (5 << 32, 16)] as [(Int64, Int)])
  func `media data beyond 32 bits has a long header`(_ byteCount: Int64, _ header: Int) throws {
    var fragment = fragment(0)
    // Three samples, of which the last takes what is left.
    let third = byteCount / 3
    let count = third > UInt32.max ? 8 : 3
    var sizes = [UInt32](repeating: UInt32(byteCount / Int64(count)), count: count)
    sizes[0] += UInt32(byteCount % Int64(count))
    fragment.durations = [UInt32](repeating: 1, count: count)
    fragment.compositionOffsets = [Int32](repeating: 0, count: count)
    fragment.sizes = sizes[...]
    let shape = fragment.shape
    #expect(shape.payloadByteCount == byteCount)
    #expect(shape.mdatHeaderByteCount == header)
    let bytes = headers(fragment)
    let last = try #require(bytes.getSlice(at: shape.moofByteCount, length: header))
    let mdat = try #require(try BoxHeader(parsing: last, where: "test"))
    #expect(mdat.headerByteCount == header)
    #expect(mdat.byteCount == byteCount + Int64(header))
  }
}
