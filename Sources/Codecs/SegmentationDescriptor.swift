/// What a time_signal marks (ANSI/SCTE 35 §10.3.3).
package struct SegmentationDescriptor: Hashable, Sendable {
  package var eventID: UInt32
  package var isCancelled: Bool
  /// Ticks of 90 kHz.
  package var duration: UInt64?
  package var upidType: UInt8
  package var upid: [UInt8]
  /// segmentation_type_id
  package var typeID: UInt8
  package var segmentNumber: UInt8
  package var segmentsExpected: UInt8

  package init(
    eventID: UInt32, isCancelled: Bool = false, duration: UInt64? = nil, upidType: UInt8 = 0,
    upid: [UInt8] = [], typeID: UInt8, segmentNumber: UInt8 = 0, segmentsExpected: UInt8 = 0
  ) {
    self.eventID = eventID
    self.isCancelled = isCancelled
    self.duration = duration
    self.upidType = upidType
    self.upid = upid
    self.typeID = typeID
    self.segmentNumber = segmentNumber
    self.segmentsExpected = segmentsExpected
  }

  static let tag: UInt8 = 2
  /// `CUEI`
  static let identifier: UInt32 = 0x4355_4549

  /// Types that start a break, where other content may stand in: the break ends with the next type.
  package static let breakStarts: Set<UInt8> = [
    0x22, 0x30, 0x32, 0x34, 0x36, 0x38, 0x3A, 0x44, 0x46,
  ]
  /// Types that end a break.
  package static let breakEnds = Set(breakStarts.map { $0 + 1 })

  /// - Parameter end: bit position behind the descriptor.
  /// - Returns: `nil` for one of another owner.
  init?(_ bits: inout BitReader, end: Int) throws {
    guard try bits.u(32) == Self.identifier else { return nil }
    self.init(eventID: try bits.u(32), isCancelled: try bits.flag(), typeID: 0)
    try bits.skip(7)
    guard !isCancelled else { return }
    let isProgram = try bits.flag()
    let hasDuration = try bits.flag()
    try bits.skip(6)
    if !isProgram { try bits.skip(48 * bits.int(8)) }
    if hasDuration { duration = try bits.wide(40) }
    upidType = try bits.byte()
    let count = try bits.int(8)
    guard bits.position + 8 * (count + 3) <= end else {
      throw CodecsError(.truncated, "segmentation_descriptor: its UPID ends behind it")
    }
    upid = try (0..<count).map { _ in try bits.byte() }
    typeID = try bits.byte()
    segmentNumber = try bits.byte()
    segmentsExpected = try bits.byte()
  }

  func write(into bits: inout BitWriter) {
    var body = BitWriter()
    body.u(32, Self.identifier)
    body.u(32, eventID)
    body.flag(isCancelled)
    body.u(7, 0x7F)
    if !isCancelled {
      body.flag(true)
      body.flag(duration != nil)
      // Delivery is not restricted.
      body.u(6, 0x3F)
      if let duration { body.wide(40, duration) }
      body.u(8, upidType)
      body.u(8, upid.count)
      for byte in upid { body.u(8, byte) }
      body.u(8, typeID)
      body.u(8, segmentNumber)
      body.u(8, segmentsExpected)
    }
    bits.u(8, Self.tag)
    bits.u(8, body.bytes.count)
    for byte in body.bytes { bits.u(8, byte) }
  }
}
