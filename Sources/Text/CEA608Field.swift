/// The two caption channels of one field of CEA-608.
struct CEA608Field: Sendable {
  private(set) var channels = [CEA608Channel(), CEA608Channel()]
  /// The channel that characters belong to.
  private var current = 0
  private var last: (UInt8, UInt8)?
  private var isInDataService = false

  /// Takes a pair of bytes with their parity bits.
  mutating func take(_ first: UInt8, _ second: UInt8, at time: Int64) {
    let (high, low) = (first & 0x7F, second & 0x7F)
    // Padding; a code that is said twice may have some between.
    if high == 0, low == 0 { return }
    let isRight = (Self.isOdd(first), Self.isOdd(second))
    if (0x10...0x1F).contains(high) {
      isInDataService = false
      guard isRight == (true, true) else { return }
      if let last, last == (high, low) {
        // Codes are sent twice, and count once (ANSI/CTA-608-E §D.2).
        self.last = nil
        return
      }
      last = (high, low)
      code(high, low, at: time)
      return
    }
    last = nil
    if (0x01...0x0F).contains(high) {
      // Extended data services, to their end or to the next caption code (§8.6).
      isInDataService = high != 0x0F
      return
    }
    guard !isInDataService else { return }
    if high >= 0x20, isRight.0 {
      channels[current].append(CEA608Characters.basic(high), at: time)
    }
    if low >= 0x20, isRight.1 { channels[current].append(CEA608Characters.basic(low), at: time) }
  }

  private static func isOdd(_ byte: UInt8) -> Bool { byte.nonzeroBitCount & 1 == 1 }

  /// Rows by the low three bits of the first byte; the second row has bit 5 of the second (§6.4.4).
  private static let rows = [
    [10, 10], [0, 1], [2, 3], [11, 12], [13, 14], [4, 5], [6, 7], [8, 9],
  ]

  private mutating func code(_ first: UInt8, _ low: UInt8, at time: Int64) {
    current = first & 8 == 0 ? 0 : 1
    let high = first & 0xF7
    switch (high, low) {
    case (_, 0x40...0x7F):
      let row = Self.rows[Int(high & 7)][low & 0x20 == 0 ? 0 : 1]
      channels[current].preamble(row: row, low & 0x1F, at: time)
    case (0x11, 0x20...0x2F): channels[current].midRow(low & 0x0F, at: time)
    case (0x11, 0x30...0x3F):
      channels[current].append(CEA608Characters.special[Int(low & 0x0F)], at: time)
    case (0x12, 0x20...0x3F):
      let scalar = CEA608Characters.extendedWest[Int(low & 0x1F)]
      channels[current].replace(with: scalar, at: time)
    case (0x13, 0x20...0x3F):
      let scalar = CEA608Characters.extendedNorth[Int(low & 0x1F)]
      channels[current].replace(with: scalar, at: time)
    case (0x14, 0x20...0x2F), (0x15, 0x20...0x2F): channels[current].control(low, at: time)
    case (0x17, 0x21...0x23): channels[current].tab(Int(low & 3))
    default: break
    }
  }

  /// The cues of both channels.
  mutating func finish(at time: Int64) -> [CueList] {
    channels.indices.map { channels[$0].finish(at: time) }
  }
}
