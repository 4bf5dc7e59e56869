package import MediaCore

/// What is known of a source's pictures before they are encoded.
package struct SourcePicture: Hashable, Sendable {
  /// In samples, as they are coded and cropped.
  package var width: Int
  package var height: Int
  /// Of one sample.
  package var aspectRatio: Rational
  /// Pictures in a second: of the grid that pictures are laid on.
  package var frameRate: Rational
  /// Pictures come at intervals of more than one length.
  package var isVariableRate: Bool
  package var bitDepth: Int
  /// `nil` if nothing says it.
  package var colour: ColourInformation?
  package var masteringDisplay: MasteringDisplay?
  package var contentLight: ContentLight?
  /// Pictures are fields, or may be.
  package var isInterlaced: Bool
  /// Chroma has half the columns and half the rows of luma, as in rungs.
  package var isSubsampled = true

  package init(
    width: Int, height: Int, aspectRatio: Rational = .one, frameRate: Rational,
    isVariableRate: Bool = false, bitDepth: Int = 8, colour: ColourInformation? = nil,
    masteringDisplay: MasteringDisplay? = nil, contentLight: ContentLight? = nil,
    isInterlaced: Bool = false
  ) {
    self.width = width
    self.height = height
    self.aspectRatio = aspectRatio
    self.frameRate = frameRate
    self.isVariableRate = isVariableRate
    self.bitDepth = bitDepth
    self.colour = colour
    self.masteringDisplay = masteringDisplay
    self.contentLight = contentLight
    self.isInterlaced = isInterlaced
  }

  package var range: VideoRange { colour.map { VideoRange($0) } ?? .sdr }

  /// The colour that rungs in the source's range say: what the source leaves out is what its size
  /// suggests (ITU-R BT.709 in HD, BT.601 below, BT.2020 beside HDR transfers).
  package var completeColour: ColourInformation {
    var complete = colour ?? .unspecified
    let suggestion: ColourInformation =
      switch (range, height) {
      case (.pq, _): ColourInformation(primaries: 9, transfer: 16, matrix: 9, isFullRange: false)
      case (.hlg, _): ColourInformation(primaries: 9, transfer: 18, matrix: 9, isFullRange: false)
      case (.sdr, ..<577) where isOf50Fields:
        ColourInformation(primaries: 5, transfer: 6, matrix: 6, isFullRange: false)
      case (.sdr, ..<577):
        ColourInformation(primaries: 6, transfer: 6, matrix: 6, isFullRange: false)
      case (.sdr, _): .bt709
      }
    if complete.primaries == 2 { complete.primaries = suggestion.primaries }
    if complete.transfer == 2 { complete.transfer = suggestion.transfer }
    // RGB, 0, has a matrix once it is coded.
    if complete.matrix == 2 || complete.matrix == 0 { complete.matrix = suggestion.matrix }
    return complete
  }

  private var isOf50Fields: Bool { frameRate.value == 25 || frameRate.value == 50 }

  /// The source does not say all of its colour.
  package var lacksColour: Bool {
    guard let colour else { return true }
    return [colour.primaries, colour.transfer, colour.matrix].contains(2)
  }
}

extension ColourInformation {
  /// ITU-R BT.709 in limited range.
  package static let bt709 = ColourInformation(
    primaries: 1, transfer: 1, matrix: 1, isFullRange: false)
}
