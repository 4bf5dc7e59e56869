package import NIOCore

/// A message about splice points in a transport stream (ANSI/SCTE 35 §9.6).
///
///     let section = try SpliceInfoSection(parsing: splice.section)
///     section.time  // 90 kHz, on the stream's clock
///
/// To add a command: a case of `SpliceCommand`, its lines in `read` and `write`.
package struct SpliceInfoSection: Hashable, Sendable {
  /// Added to every `pts_time` of the section, modulo 2³³ (§9.6, pts_adjustment).
  package var ptsAdjustment: UInt64
  /// Which receivers it is for; 0xFFF for all.
  package var tier: UInt16
  package var command: SpliceCommand
  package var segmentations: [SegmentationDescriptor]

  /// Bytes of a section, at most: section_length has twelve bits, of which 4093 are allowed.
  package static let maximumByteCount = 4096
  package static let tableID: UInt8 = 0xFC
  /// Ticks after which times of the stream begin again.
  package static let clockModulus: UInt64 = 1 << 33

  package init(
    ptsAdjustment: UInt64 = 0, tier: UInt16 = 0xFFF, command: SpliceCommand,
    segmentations: [SegmentationDescriptor] = []
  ) {
    self.ptsAdjustment = ptsAdjustment
    self.tier = tier
    self.command = command
    self.segmentations = segmentations
  }

  /// Reads a whole section, from table_id to CRC_32.
  ///
  /// - Throws: `.unsupported` for an encrypted one, whose command cannot be read.
  package init(parsing section: ByteBuffer) throws {
    guard section.readableBytes <= Self.maximumByteCount else {
      throw CodecsError(
        .limitExceeded,
        "splice_info_section: \(section.readableBytes) bytes, at most \(Self.maximumByteCount)")
    }
    var bits = try BitReader(section, of: "splice_info_section")
    guard try bits.byte() == Self.tableID else {
      throw CodecsError(.invalidValue, "splice_info_section: table_id is not 0xFC")
    }
    try bits.skip(4)
    let length = try bits.int(12)
    // A demuxer may hand on what fills the packet behind the section.
    guard length + 3 <= section.readableBytes, length >= 15,
      let whole = section.getSlice(at: section.readerIndex, length: length + 3)
    else {
      throw CodecsError(
        .truncated,
        "splice_info_section: \(length) bytes are announced, "
          + "\(section.readableBytes - 3) are there")
    }
    guard CRC32.checksum(whole.readableBytesView) == 0 else {
      throw CodecsError(.invalidValue, "splice_info_section: its CRC_32 does not match its bytes")
    }
    guard try bits.byte() == 0 else {
      throw CodecsError(.unsupported, "splice_info_section: protocol_version is not 0")
    }
    guard try !bits.flag() else {
      throw CodecsError(.unsupported, "splice_info_section: it is encrypted")
    }
    try bits.skip(6)
    ptsAdjustment = try bits.wide(33)
    try bits.skip(8)
    tier = UInt16(try bits.u(12))
    let commandLength = try bits.int(12)
    let type = try bits.byte()
    let start = bits.position
    command = try SpliceCommand(type: type, length: commandLength, &bits)
    // 0xFFF is of old senders, which did not say (§9.6.1).
    if commandLength != 0xFFF { try bits.moveOn(to: start + 8 * commandLength) }
    segmentations = []
    let loopEnd = try bits.int(16) * 8 + bits.position
    guard loopEnd <= (length + 3 - 4) * 8 else {
      throw CodecsError(.truncated, "splice_info_section: its descriptors end behind it")
    }
    while bits.position + 16 <= loopEnd {
      let tag = try bits.byte()
      let end = try bits.int(8) * 8 + bits.position
      guard end <= loopEnd else {
        throw CodecsError(.truncated, "splice_info_section: a descriptor ends behind the others")
      }
      if tag == SegmentationDescriptor.tag,
        let found = try SegmentationDescriptor(&bits, end: end)
      {
        segmentations.append(found)
      }
      try bits.moveOn(to: end)
    }
  }

  /// The section's bytes, from table_id to CRC_32.
  package var bytes: ByteBuffer {
    var body = BitWriter()
    command.write(into: &body)
    var descriptors = BitWriter()
    for segmentation in segmentations { segmentation.write(into: &descriptors) }
    var bits = BitWriter()
    bits.u(8, Self.tableID)
    bits.u(2, 0)
    // No stream access point is promised (sap_type).
    bits.u(2, 3)
    bits.u(12, 11 + body.bytes.count + 2 + descriptors.bytes.count + 4)
    bits.u(8, 0)
    bits.u(7, 0)
    bits.wide(33, ptsAdjustment)
    bits.u(8, 0xFF)
    bits.u(12, tier)
    bits.u(12, body.bytes.count)
    bits.u(8, command.type)
    var bytes = bits.bytes + body.bytes
    bytes += [UInt8(descriptors.bytes.count >> 8), UInt8(descriptors.bytes.count & 0xFF)]
    bytes += descriptors.bytes
    let checksum = CRC32.checksum(bytes)
    bytes += (0..<4).map { UInt8(truncatingIfNeeded: checksum >> (24 - 8 * UInt32($0))) }
    return ByteBuffer(bytes: bytes)
  }

  /// When the splice is, in 90 kHz on the stream's clock; `nil` if that is on arrival.
  package var time: UInt64? {
    command.ptsTime.map { ($0 &+ ptsAdjustment) % Self.clockModulus }
  }

  /// When the splice is on the timeline of its arrival, in 90 kHz. The stream's clock begins again after
  /// 2³³ ticks: of all the times that the section can mean, the one nearest to its arrival.
  ///
  /// - Parameter offset: what is added to times of the stream's clock to come onto the timeline.
  package func time(arrival: Int64, offset: Int64) -> Int64 {
    guard let time else { return arrival }
    return arrival &+ Self.distance(from: arrival, to: Int64(time) &+ offset)
  }

  /// Ticks from one time of 33 bits to the next one that another can mean, before or behind.
  package static func distance(from one: Int64, to other: Int64) -> Int64 {
    let modulus = Int64(clockModulus)
    var difference = (other &- one) % modulus
    if difference > modulus / 2 { difference -= modulus }
    if difference < -modulus / 2 { difference += modulus }
    return difference
  }
}

/// What a section asks for.
package enum SpliceCommand: Hashable, Sendable {
  case null
  case insert(SpliceInsert)
  /// Its descriptors say what the time is of; `nil` means on arrival.
  case timeSignal(ptsTime: UInt64?)
  /// A command whose content is not read: splice_schedule, bandwidth_reservation, private.
  case other(type: UInt8, [UInt8])

  var type: UInt8 {
    switch self {
    case .null: 0
    case .insert: 5
    case .timeSignal: 6
    case .other(let type, _): type
    }
  }

  var ptsTime: UInt64? {
    switch self {
    case .insert(let insert): insert.ptsTime
    case .timeSignal(let time): time
    case .null, .other: nil
    }
  }

  fileprivate init(type: UInt8, length: Int, _ bits: inout BitReader) throws {
    switch type {
    case 0: self = .null
    case 5: self = .insert(try SpliceInsert(&bits))
    case 6: self = .timeSignal(ptsTime: try bits.spliceTime())
    default:
      guard length != 0xFFF else {
        throw CodecsError(
          .unsupported, "splice_info_section: a command of type \(type) without a length")
      }
      self = .other(type: type, try (0..<length).map { _ in try bits.byte() })
    }
  }

  fileprivate func write(into bits: inout BitWriter) {
    switch self {
    case .null: break
    case .insert(let insert): insert.write(into: &bits)
    case .timeSignal(let time): bits.spliceTime(time)
    case .other(_, let bytes): for byte in bytes { bits.u(8, byte) }
    }
  }
}

/// splice_insert (§9.7.3).
package struct SpliceInsert: Hashable, Sendable {
  package var eventID: UInt32
  /// An event that was announced does not happen.
  package var isCancelled: Bool
  /// Out of the network's feed into a break, or back.
  package var isOut: Bool
  /// `nil` means on arrival.
  package var ptsTime: UInt64?
  /// Ticks of 90 kHz that the break lasts.
  package var breakDuration: UInt64?
  /// The break ends after its duration without another message.
  package var returnsByItself: Bool
  package var programID: UInt16

  package init(
    eventID: UInt32, isCancelled: Bool = false, isOut: Bool = true, ptsTime: UInt64? = nil,
    breakDuration: UInt64? = nil, returnsByItself: Bool = false, programID: UInt16 = 0
  ) {
    self.eventID = eventID
    self.isCancelled = isCancelled
    self.isOut = isOut
    self.ptsTime = ptsTime
    self.breakDuration = breakDuration
    self.returnsByItself = returnsByItself
    self.programID = programID
  }

  fileprivate init(_ bits: inout BitReader) throws {
    self.init(eventID: try bits.u(32), isCancelled: try bits.flag(), isOut: false)
    try bits.skip(7)
    guard !isCancelled else { return }
    isOut = try bits.flag()
    let isProgram = try bits.flag()
    let hasDuration = try bits.flag()
    let isImmediate = try bits.flag()
    try bits.skip(4)
    if isProgram {
      if !isImmediate { ptsTime = try bits.spliceTime() }
    } else {
      // Of single components: the first one's time stands for the event.
      let count = try bits.int(8)
      for index in 0..<count {
        try bits.skip(8)
        guard !isImmediate else { continue }
        let time = try bits.spliceTime()
        if index == 0 { ptsTime = time }
      }
    }
    if hasDuration {
      returnsByItself = try bits.flag()
      try bits.skip(6)
      breakDuration = try bits.wide(33)
    }
    programID = UInt16(try bits.u(16))
    try bits.skip(16)
  }

  fileprivate func write(into bits: inout BitWriter) {
    bits.u(32, eventID)
    bits.flag(isCancelled)
    bits.u(7, 0x7F)
    guard !isCancelled else { return }
    bits.flag(isOut)
    bits.flag(true)
    bits.flag(breakDuration != nil)
    bits.flag(ptsTime == nil)
    bits.u(4, 0xF)
    if ptsTime != nil { bits.spliceTime(ptsTime) }
    if let breakDuration {
      bits.flag(returnsByItself)
      bits.u(6, 0x3F)
      bits.wide(33, breakDuration)
    }
    bits.u(16, programID)
    bits.u(16, 0)
  }
}

extension BitReader {
  /// A number of 33 to 64 bits.
  mutating func wide(_ bitCount: Int) throws -> UInt64 {
    let high = UInt64(try u(bitCount - 32))
    return high << 32 | UInt64(try u(32))
  }

  /// splice_time (§9.8.1).
  fileprivate mutating func spliceTime() throws -> UInt64? {
    guard try flag() else {
      try skip(7)
      return nil
    }
    try skip(6)
    return try wide(33)
  }

  /// Skips to a position that is not before the present one.
  fileprivate mutating func moveOn(to position: Int) throws {
    guard position >= self.position else {
      throw CodecsError(.invalidValue, "\(subject): a part is longer than its length says")
    }
    try skip(position - self.position)
  }
}

extension BitWriter {
  mutating func wide(_ bitCount: Int, _ value: UInt64) {
    u(bitCount - 32, value >> 32)
    u(32, value & 0xFFFF_FFFF)
  }

  fileprivate mutating func spliceTime(_ time: UInt64?) {
    bits(time)
  }

  private mutating func bits(_ time: UInt64?) {
    flag(time != nil)
    guard let time else { return u(7, 0x7F) }
    u(6, 0x3F)
    wide(33, time % SpliceInfoSection.clockModulus)
  }
}

/// CRC_32 of MPEG-2 sections (ISO/IEC 13818-1 Annex A): 0 over a section with its own.
package enum CRC32 {
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index) << 24) { value, _ in
      value & 0x8000_0000 != 0 ? value << 1 ^ 0x04C1_1DB7 : value << 1
    }
  }

  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(.max) { value, byte in
      value << 8 ^ table[Int(value >> 24 ^ UInt32(byte))]
    }
  }
}
