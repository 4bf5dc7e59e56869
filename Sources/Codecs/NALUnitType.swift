/// Video codecs that are packaged.
package enum VideoCodec: String, Hashable, Sendable, CaseIterable {
  case h264
  case hevc
  case av1
  case vp9

  /// Samples are NAL units, with parameter sets apart.
  package var usesNALUnits: Bool { self == .h264 || self == .hevc }
}

/// nal_unit_type of H.264: the low five bits of the header byte (ISO/IEC 14496-10 Table 7-1).
package struct H264NALUnitType: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// From the first byte of a NAL unit.
  @inlinable
  package init(header: UInt8) { self.init(rawValue: header & 0x1f) }

  package static let slice = Self(rawValue: 1)
  package static let sliceDataPartitionA = Self(rawValue: 2)
  package static let idrSlice = Self(rawValue: 5)
  package static let supplementalEnhancementInformation = Self(rawValue: 6)
  package static let sequenceParameterSet = Self(rawValue: 7)
  package static let pictureParameterSet = Self(rawValue: 8)
  package static let accessUnitDelimiter = Self(rawValue: 9)
  package static let endOfSequence = Self(rawValue: 10)
  package static let endOfStream = Self(rawValue: 11)
  package static let fillerData = Self(rawValue: 12)
  package static let sequenceParameterSetExtension = Self(rawValue: 13)
  package static let subsetSequenceParameterSet = Self(rawValue: 15)

  /// Slices and slice data partitions of the base view.
  package var isVCL: Bool { (1...5).contains(rawValue) }

  /// Reads the header byte and holds it to one of `types`.
  static func expect(_ types: [Self], in bits: inout BitReader) throws {
    let header = try bits.byte()
    guard header & 0x80 == 0, types.contains(Self(header: header)) else {
      throw CodecsError(
        .invalidValue,
        "\(bits.subject): header byte \(header) is of NAL unit type \(header & 0x1f), "
          + "expected \(types.map { String($0.rawValue) }.joined(separator: " or "))")
    }
  }
}

/// nal_unit_type of HEVC: bits 1 to 6 of the first header byte (ISO/IEC 23008-2 Table 7-1).
package struct HEVCNALUnitType: RawRepresentable, Hashable, Sendable {
  package var rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  /// From the first byte of a NAL unit.
  package init(header: UInt8) { self.init(rawValue: header >> 1 & 0x3f) }

  package static let trailN = Self(rawValue: 0)
  package static let trailR = Self(rawValue: 1)
  package static let radlN = Self(rawValue: 6)
  package static let radlR = Self(rawValue: 7)
  package static let raslN = Self(rawValue: 8)
  package static let raslR = Self(rawValue: 9)
  package static let blaWLP = Self(rawValue: 16)
  package static let blaNLP = Self(rawValue: 18)
  package static let idrWRADL = Self(rawValue: 19)
  package static let idrNLP = Self(rawValue: 20)
  package static let cra = Self(rawValue: 21)
  package static let videoParameterSet = Self(rawValue: 32)
  package static let sequenceParameterSet = Self(rawValue: 33)
  package static let pictureParameterSet = Self(rawValue: 34)
  package static let accessUnitDelimiter = Self(rawValue: 35)
  package static let endOfSequence = Self(rawValue: 36)
  package static let endOfBitstream = Self(rawValue: 37)
  package static let fillerData = Self(rawValue: 38)
  package static let prefixSEI = Self(rawValue: 39)
  package static let suffixSEI = Self(rawValue: 40)

  /// Slice segments of a type that is not reserved.
  package var isVCL: Bool { rawValue <= 9 || (16...21).contains(rawValue) }
  package var isBLA: Bool { (16...18).contains(rawValue) }
  package var isIDR: Bool { rawValue == 19 || rawValue == 20 }
  /// BLA, IDR and CRA, and the two reserved types beside them.
  package var isIRAP: Bool { (16...23).contains(rawValue) }
  package var isRADL: Bool { rawValue == 6 || rawValue == 7 }
  package var isRASL: Bool { rawValue == 8 || rawValue == 9 }
  /// Not used for reference by pictures of its own temporal sub-layer: even types up to 14.
  package var isSubLayerNonReference: Bool { rawValue <= 14 && rawValue & 1 == 0 }

  /// Reads the two header bytes and holds them to one type in the base layer.
  static func expect(_ type: Self, in bits: inout BitReader) throws {
    let header = try bits.u(16)
    let found = Self(header: UInt8(header >> 8))
    guard header & 0x8000 == 0, found == type, header >> 3 & 0x3f == 0, header & 7 > 0 else {
      throw CodecsError(
        .invalidValue,
        "\(bits.subject): header 0x\(String(header, radix: 16)) is of NAL unit type "
          + "\(found.rawValue) in layer \(header >> 3 & 0x3f), expected type \(type.rawValue) "
          + "in layer 0")
    }
  }
}
