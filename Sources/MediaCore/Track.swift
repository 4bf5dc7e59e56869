/// What a track carries.
package enum MediaKind: String, Sendable, Codable, CaseIterable {
  case video
  case audio
  case text
  case data
}

/// Colour of a picture by the code points of ISO/IEC 23091-2 (the `nclx` form of `colr`).
package struct ColourInformation: Hashable, Sendable {
  package var primaries: UInt16
  package var transfer: UInt16
  package var matrix: UInt16
  package var isFullRange: Bool

  package init(primaries: UInt16, transfer: UInt16, matrix: UInt16, isFullRange: Bool) {
    self.primaries = primaries
    self.transfer = transfer
    self.matrix = matrix
    self.isFullRange = isFullRange
  }

  /// Code point 2 everywhere: the source does not say.
  package static let unspecified = ColourInformation(
    primaries: 2, transfer: 2, matrix: 2, isFullRange: false)
}

/// The values of `VIDEO-RANGE` (draft-pantos-hls-rfc8216bis §4.4.6.2).
package enum VideoRange: String, Sendable, Codable {
  case sdr = "SDR"
  case pq = "PQ"
  case hlg = "HLG"

  /// Transfer 16 is SMPTE ST 2084, 18 is ARIB STD-B67 (ISO/IEC 23091-2 §8.2).
  package init(_ colour: ColourInformation) {
    switch colour.transfer {
    case 16: self = .pq
    case 18: self = .hlg
    default: self = .sdr
    }
  }
}
