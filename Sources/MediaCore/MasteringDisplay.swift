/// Colour volume of the display that the content was mastered on (SMPTE ST 2086; the `mdcv` box of
/// ISO/IEC 14496-12 §12.1.6, the SEI message of ISO/IEC 23008-2 §D.3.28).
package struct MasteringDisplay: Hashable, Sendable {
  /// Chromaticity coordinates x and y in 0.00002: green, blue, red, white point: eight numbers.
  package var coordinates: [UInt16]
  /// In 0.0001 cd/m².
  package var maximumLuminance: UInt32
  package var minimumLuminance: UInt32

  /// - Precondition: eight coordinates.
  package init(coordinates: [UInt16], maximumLuminance: UInt32, minimumLuminance: UInt32) {
    precondition(coordinates.count == 8, "\(coordinates.count) coordinates")
    self.coordinates = coordinates
    self.maximumLuminance = maximumLuminance
    self.minimumLuminance = minimumLuminance
  }
}

/// Light levels of the content (CTA-861.3; the `clli` box of ISO/IEC 14496-12 §12.1.6).
package struct ContentLight: Hashable, Sendable {
  /// MaxCLL and MaxFALL in cd/m²; 0 is unknown.
  package var maximum: UInt16
  package var maximumFrameAverage: UInt16

  package init(maximum: UInt16, maximumFrameAverage: UInt16) {
    self.maximum = maximum
    self.maximumFrameAverage = maximumFrameAverage
  }
}
