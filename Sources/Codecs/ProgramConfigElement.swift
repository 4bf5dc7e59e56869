/// program_config_element() (ISO/IEC 14496-3 §4.4.1.1): the channels of a stream whose
/// channelConfiguration is 0.
package struct ProgramConfigElement: Hashable, Sendable {
  /// A single channel or channel pair element.
  package struct Element: Hashable, Sendable {
    package var isPair: Bool
    /// 0 to 15.
    package var tag: UInt8
  }

  /// A coupling channel element.
  package struct Coupling: Hashable, Sendable {
    package var isIndependentlySwitched: Bool
    package var tag: UInt8
  }

  package var tag: UInt8
  /// Audio object type minus 1.
  package var objectType: UInt8
  package var samplingFrequencyIndex: UInt8
  package var front: [Element]
  package var side: [Element]
  package var back: [Element]
  package var lowFrequency: [UInt8]
  package var associatedData: [UInt8]
  package var coupling: [Coupling]
  package var monoMixdown: UInt8?
  package var stereoMixdown: UInt8?
  /// matrix_mixdown_idx and pseudo_surround_enable in three bits.
  package var matrixMixdown: UInt8?
  package var comment: [UInt8]

  /// Output channels.
  package var channelCount: Int {
    (front + side + back).reduce(lowFrequency.count) { $0 + ($1.isPair ? 2 : 1) }
  }

  /// Reads the element; the reader's first byte is what byte_alignment() counts from.
  init(from bits: inout BitReader) throws {
    tag = UInt8(try bits.u(4))
    objectType = UInt8(try bits.u(2))
    samplingFrequencyIndex = UInt8(try bits.u(4))
    let (frontCount, sideCount, backCount) = (
      try bits.int(4), try bits.int(4), try bits.int(4)
    )
    let (lowCount, dataCount, couplingCount) = (
      try bits.int(2), try bits.int(3), try bits.int(4)
    )
    monoMixdown = try bits.flag() ? UInt8(try bits.u(4)) : nil
    stereoMixdown = try bits.flag() ? UInt8(try bits.u(4)) : nil
    matrixMixdown = try bits.flag() ? UInt8(try bits.u(3)) : nil
    front = try Self.elements(frontCount, &bits)
    side = try Self.elements(sideCount, &bits)
    back = try Self.elements(backCount, &bits)
    lowFrequency = try Self.tags(lowCount, &bits)
    associatedData = try Self.tags(dataCount, &bits)
    coupling = try Self.elements(couplingCount, &bits).map {
      Coupling(isIndependentlySwitched: $0.isPair, tag: $0.tag)
    }
    bits.alignToByte()
    comment = []
    for _ in 0..<(try bits.int(8)) { comment.append(try bits.byte()) }
  }

  /// Writes the element; byte_alignment() counts from the writer's first byte.
  func write(into bits: inout BitWriter) {
    bits.u(4, tag)
    bits.u(2, objectType)
    bits.u(4, samplingFrequencyIndex)
    for elements in [front, side, back] { bits.u(4, elements.count) }
    bits.u(2, lowFrequency.count)
    bits.u(3, associatedData.count)
    bits.u(4, coupling.count)
    for (mixdown, width) in [(monoMixdown, 4), (stereoMixdown, 4), (matrixMixdown, 3)] {
      bits.flag(mixdown != nil)
      if let mixdown { bits.u(width, mixdown) }
    }
    for element in front + side + back {
      bits.flag(element.isPair)
      bits.u(4, element.tag)
    }
    for tag in lowFrequency + associatedData { bits.u(4, tag) }
    for element in coupling {
      bits.flag(element.isIndependentlySwitched)
      bits.u(4, element.tag)
    }
    bits.alignToByte()
    bits.u(8, comment.count)
    for byte in comment { bits.u(8, byte) }
  }

  private static func elements(_ count: Int, _ bits: inout BitReader) throws -> [Element] {
    var elements: [Element] = []
    for _ in 0..<count {
      elements.append(Element(isPair: try bits.flag(), tag: UInt8(try bits.u(4))))
    }
    return elements
  }

  private static func tags(_ count: Int, _ bits: inout BitReader) throws -> [UInt8] {
    var tags: [UInt8] = []
    for _ in 0..<count { tags.append(UInt8(try bits.u(4))) }
    return tags
  }
}
