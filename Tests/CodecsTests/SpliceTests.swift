import Codecs
import Foundation
import MediaCore
import NIOCore
import Testing

struct SpliceTests {
  static func decoded(_ base64: String) -> ByteBuffer {
    ByteBuffer(bytes: Data(base64Encoded: base64) ?? Data())
  }

  /// ANSI/SCTE 35 2019 §14.1: time_signal, a placement opportunity starts.
  static let timeSignal = decoded(
    "/DA0AAAAAAAA///wBQb+cr0AUAAeAhxDVUVJSAAAjn/PAAGlmbAICAAAAAAsoKGKNAIAmsnRfg==")
  /// §14.2: splice_insert.
  static let insert = decoded(
    "/DAvAAAAAAAA///wFAVIAACPf+/+c2nALv4AUsz1AAAAAAAKAAhDVUVJAAABNWLbowo=")

  @Test func `the published time_signal is read`() throws {
    let section = try SpliceInfoSection(parsing: Self.timeSignal)
    #expect(section.time == 0x0_72bd_0050)
    let segmentation = try #require(section.segmentations.first)
    #expect(segmentation.eventID == 0x4800_008e)
    #expect(segmentation.duration == 0x00_01a5_99b0)
    #expect(segmentation.upidType == 8)
    #expect(segmentation.upid == [0, 0, 0, 0, 0x2c, 0xa0, 0xa1, 0x8a])
    #expect(segmentation.typeID == 0x34)
    #expect(segmentation.segmentNumber == 2)
  }

  @Test func `the published splice_insert is read`() throws {
    let section = try SpliceInfoSection(parsing: Self.insert)
    guard case .insert(let insert) = section.command else {
      Issue.record("\(section.command)")
      return
    }
    #expect(insert.eventID == 0x4800_008f)
    #expect(insert.isOut && insert.returnsByItself && !insert.isCancelled)
    #expect(insert.ptsTime == 0x0_7369_c02e)
    #expect(insert.breakDuration == 0x0_0052_ccf5)
    // The avail_descriptor is of another kind.
    #expect(section.segmentations.isEmpty)
  }

  static let sections: [SpliceInfoSection] = [
    SpliceInfoSection(command: .null),
    SpliceInfoSection(
      ptsAdjustment: 0x1_ffff_ffff, tier: 5, command: .insert(SpliceInsert(eventID: .max))),
    SpliceInfoSection(
      command: .insert(
        SpliceInsert(
          eventID: 7, isOut: false, ptsTime: 0x1_0000_0001, breakDuration: 900,
          returnsByItself: true, programID: 9))),
    SpliceInfoSection(
      command: .insert(SpliceInsert(eventID: 1, isCancelled: true, isOut: false))),
    SpliceInfoSection(
      command: .timeSignal(ptsTime: 90),
      segmentations: [
        SegmentationDescriptor(
          eventID: 1, duration: 0xff_ffff_ffff, upidType: 9, upid: Array("SIGNAL".utf8),
          typeID: 0x30,
          segmentNumber: 1, segmentsExpected: 2),
        SegmentationDescriptor(eventID: 2, isCancelled: true, typeID: 0),
      ]),
    SpliceInfoSection(command: .timeSignal(ptsTime: nil)),
    SpliceInfoSection(command: .other(type: 0xff, [0x43, 0x55, 0x45, 0x49, 1, 2])),
  ]

  @Test(arguments: sections)
  func `a section is read back as it was`(section: SpliceInfoSection) throws {
    #expect(try SpliceInfoSection(parsing: section.bytes) == section)
  }

  static let wholes: [ByteBuffer] = sections.map { $0.bytes } + [timeSignal, insert]

  @Test(arguments: wholes)
  func `a section cut anywhere, or changed in a byte, is refused`(bytes: ByteBuffer) {
    let all = Array(bytes.readableBytesView)
    for count in all.indices {
      #expect(throws: CodecsError.self) {
        try SpliceInfoSection(parsing: ByteBuffer(bytes: all[..<count]))
      }
    }
    for index in all.indices {
      var changed = all
      changed[index] ^= 0x10
      _ = try? SpliceInfoSection(parsing: ByteBuffer(bytes: changed))
      #expect(
        changed == all || (try? SpliceInfoSection(parsing: ByteBuffer(bytes: changed))) == nil)
    }
  }

  @Test func `what fills a packet behind a section is left alone`() throws {
    var padded = Self.insert
    padded.writeRepeatingByte(0xff, count: 100)
    #expect(
      try SpliceInfoSection(parsing: padded) == SpliceInfoSection(parsing: Self.insert))
    padded.writeRepeatingByte(0xff, count: 5000)
    #expect(throws: CodecsError.self) { try SpliceInfoSection(parsing: padded) }
  }

  @Test func `the adjustment wraps with the clock`() {
    let section = SpliceInfoSection(
      ptsAdjustment: 0x1_ffff_ffff, command: .timeSignal(ptsTime: 11))
    #expect(section.time == 10)
  }

  // MARK: Ranges

  private static let clock = Timescale(literal: 90_000)

  private func point(_ seconds: Int64, _ section: SpliceInfoSection) -> SplicePoint {
    SplicePoint(
      time: MediaTime(seconds * 90_000, Self.clock), section: Array(section.bytes.readableBytesView)
    )
  }

  private func insert(
    _ id: UInt32, out: Bool, duration: UInt64? = nil, returns: Bool = false
  ) -> SpliceInfoSection {
    SpliceInfoSection(
      command: .insert(
        SpliceInsert(
          eventID: id, isOut: out, ptsTime: 1, breakDuration: duration, returnsByItself: returns)))
  }

  private func signal(_ id: UInt32, _ type: UInt8, duration: UInt64? = nil) -> SpliceInfoSection {
    SpliceInfoSection(
      command: .timeSignal(ptsTime: 1),
      segmentations: [SegmentationDescriptor(eventID: id, duration: duration, typeID: type)])
  }

  @Test func `an out ends with its in, of whichever command`() {
    let ranges = SpliceRange.ranges(of: [
      point(10, insert(1, out: true, duration: 30 * 90_000)), point(20, signal(1, 0x30)),
      point(35, signal(1, 0x31)), point(41, insert(1, out: false)),
    ])
    #expect(ranges.map(\.id) == ["splice-1", "splice-1-2"])
    #expect(ranges.map(\.end?.seconds) == [41, 35])
    #expect(ranges[0].plannedDuration?.seconds == 30)
    #expect(ranges[0].length?.seconds == 31)
    #expect(ranges.allSatisfy { $0.kind == .outToIn && $0.last != nil })
  }

  @Test func `a break that returns by itself ends as planned, or when it is told to`() {
    let ranges = SpliceRange.ranges(of: [
      point(10, insert(1, out: true, duration: 5 * 90_000, returns: true)),
      point(20, insert(2, out: true, duration: 5 * 90_000, returns: true)),
      point(23, insert(2, out: false)),
      point(30, insert(3, out: true, duration: 5 * 90_000)),
    ])
    #expect(ranges.map(\.end?.seconds) == [15, 23, nil])
    #expect(ranges[2].length?.seconds == 5)
  }

  @Test func `an in without an out, and what is no break, are commands`() {
    let ranges = SpliceRange.ranges(of: [
      point(1, insert(1, out: false)), point(2, signal(5, 0x10)), point(3, signal(6, 0x35)),
    ])
    #expect(ranges.map(\.kind) == [.command, .command, .command])
    #expect(ranges.allSatisfy { $0.end == nil })
  }
}
