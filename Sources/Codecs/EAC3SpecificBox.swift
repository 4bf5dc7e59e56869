package import NIOCore

/// The payload of `dec3` (ETSI TS 102 366 Annex F.6, with the extension of ETSI TS 103 420 §8.3).
package struct EAC3SpecificBox: Hashable, Sendable {
  /// An independent substream and what depends on it.
  package struct Substream: Hashable, Sendable {
    package var sampleRateCode: Int
    package var bitStreamID: Int
    package var isAssociated = false
    package var bitStreamMode: Int
    package var channelMode: Int
    package var hasLowFrequency: Bool
    package var dependentCount = 0
    /// chan_loc: positions that the dependent substreams add, nine bits; bit 0 is the pair Lc/Rc.
    package var addedLocations = 0

    /// Positions of all channels: bit 15 is left (Annex E.1.3.1.8).
    package var channelMap: UInt16 {
      var map = DolbyTables.channelMaps[channelMode] | (hasLowFrequency ? 1 : 0)
      for bit in 0..<8 where addedLocations >> bit & 1 == 1 { map |= 0x400 >> UInt16(bit) }
      if addedLocations >> 8 & 1 == 1 { map |= 2 }
      return map
    }
  }

  /// Kilobits in a second, 13 bits.
  package var dataRate: Int
  /// One to eight.
  package var substreams: [Substream]
  /// complexity_index_type_a; `nil` without joint object coding.
  package var objectCount: Int?

  /// From the first access unit of a stream.
  package init(_ unit: EAC3AccessUnit) throws {
    substreams = []
    dataRate = 0
    for frame in unit.frames {
      objectCount = objectCount ?? frame.objectCount
      if frame.streamType != .dependent {
        // Shorter frames come several times.
        guard frame.substream == substreams.count else { continue }
        substreams.append(
          Substream(
            sampleRateCode: frame.sampleRateCode, bitStreamID: frame.bitStreamID,
            bitStreamMode: frame.bitStreamMode, channelMode: frame.channelMode,
            hasLowFrequency: frame.hasLowFrequency))
      } else if !substreams.isEmpty {
        let last = substreams.count - 1
        substreams[last].dependentCount = max(
          substreams[last].dependentCount, frame.substream + 1)
        for bit in 0..<8 where frame.positions & 0x400 >> UInt16(bit) != 0 {
          substreams[last].addedLocations |= 1 << bit
        }
        if frame.positions & 2 != 0 { substreams[last].addedLocations |= 0x100 }
      }
    }
    guard let first = unit.frames.first, !substreams.isEmpty else {
      throw CodecsError(.invalidValue, "E-AC-3: no independent substream")
    }
    let bits = unit.frames.reduce(0) { $0 + $1.byteCount } * 8
    dataRate = min(
      bits * first.sampleRate / max(1, unit.blockCount * 256) / 1000, 0x1fff)
  }

  /// - Throws: `CodecsError`
  package init(parsing payload: ByteBuffer) throws {
    var bits = try BitReader(payload, of: "dec3")
    dataRate = try bits.int(13)
    substreams = []
    for _ in 0...(try bits.int(3)) {
      var stream = Substream(
        sampleRateCode: try bits.int(2), bitStreamID: try bits.int(5), bitStreamMode: 0,
        channelMode: 0, hasLowFrequency: false)
      try bits.skip(1)
      stream.isAssociated = try bits.flag()
      stream.bitStreamMode = try bits.int(3)
      stream.channelMode = try bits.int(3)
      stream.hasLowFrequency = try bits.flag()
      try bits.skip(3)
      stream.dependentCount = try bits.int(4)
      if stream.dependentCount > 0 {
        stream.addedLocations = try bits.int(9)
      } else {
        try bits.skip(1)
      }
      guard (11...16).contains(stream.bitStreamID) else {
        throw CodecsError(.invalidValue, "dec3: bsid \(stream.bitStreamID) is no E-AC-3")
      }
      substreams.append(stream)
    }
    guard bits.remaining >= 16 else { return }
    try bits.skip(7)
    if try bits.flag() { objectCount = try bits.int(8) }
  }

  package var bytes: ByteBuffer {
    var bits = BitWriter()
    bits.u(13, dataRate)
    bits.u(3, substreams.count - 1)
    for stream in substreams {
      bits.u(2, stream.sampleRateCode)
      bits.u(5, stream.bitStreamID)
      bits.u(1, 0)
      bits.flag(stream.isAssociated)
      bits.u(3, stream.bitStreamMode)
      bits.u(3, stream.channelMode)
      bits.flag(stream.hasLowFrequency)
      bits.u(3, 0)
      bits.u(4, stream.dependentCount)
      if stream.dependentCount > 0 { bits.u(9, stream.addedLocations) } else { bits.u(1, 0) }
    }
    if let objectCount {
      bits.u(7, 0)
      bits.flag(true)
      bits.u(8, objectCount)
    }
    return bits.buffer
  }

  /// Samples in a second; `nil` for the halved rates, which the box does not tell apart.
  package var sampleRate: Int? {
    let code = substreams[0].sampleRateCode
    return code < 3 ? DolbyTables.sampleRates[code] : nil
  }

  /// Positions of the first programme's channels: bit 15 is left.
  package var channelMap: UInt16 { substreams[0].channelMap }

  package var channelCount: Int { DolbyTables.channelCount(channelMap) }
}
