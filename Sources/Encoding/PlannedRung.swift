package import Codecs
package import Ladder
import Library
package import MediaCore

/// One rendition in a plan, in the form in which plans are kept: all that its encoder is asked for.
package struct PlannedRung: Codable, Hashable, Sendable {
  package struct Colour: Codable, Hashable, Sendable {
    /// Code points of ISO/IEC 23091-2.
    var primaries: UInt16
    var transfer: UInt16
    var matrix: UInt16
    var isFullRange: Bool
  }

  package struct Mastering: Codable, Hashable, Sendable {
    /// As `MasteringDisplay` has them.
    var coordinates: [UInt16]
    var maximumLuminance: UInt32
    var minimumLuminance: UInt32
  }

  package struct Light: Codable, Hashable, Sendable {
    var maximum: UInt16
    var maximumFrameAverage: UInt16
  }

  package var name: String
  package var codec: String
  package var width: Int
  package var height: Int
  /// Of the source's pictures every `divisor`th is kept.
  package var divisor: Int
  /// As `24000/1001`.
  package var frameRate: String
  package var bitDepth: Int
  package var colour: Colour
  package var masteringDisplay: Mastering?
  package var contentLight: Light?
  package var averageBitsPerSecond: Int64
  /// What no segment exceeds.
  package var peakBitsPerSecond: Int64
  /// What the encoder's buffer model is told.
  package var bufferBitsPerSecond: Int64
  package var bufferBits: Int64
  package var preset: String
  /// Of the encoder, whatever machine it is: its bytes depend on it.
  package var threadCount: Int

  /// - Parameter segment: seconds of the shortest segment that is held to the peak.
  package init(_ rung: SuitedRung, segment: Double) {
    let buffer = rung.buffer(segment: segment)
    name = rung.name
    codec = rung.codec.rawValue
    width = rung.width
    height = rung.height
    divisor = rung.divisor
    frameRate = rung.frameRate.description
    bitDepth = rung.bitDepth
    colour = Colour(
      primaries: rung.colour.primaries, transfer: rung.colour.transfer,
      matrix: rung.colour.matrix, isFullRange: rung.colour.isFullRange)
    masteringDisplay = rung.masteringDisplay.map {
      Mastering(
        coordinates: $0.coordinates, maximumLuminance: $0.maximumLuminance,
        minimumLuminance: $0.minimumLuminance)
    }
    contentLight = rung.contentLight.map {
      Light(maximum: $0.maximum, maximumFrameAverage: $0.maximumFrameAverage)
    }
    averageBitsPerSecond = rung.rates.average
    peakBitsPerSecond = rung.rates.peak
    bufferBitsPerSecond = buffer.bitsPerSecond
    bufferBits = buffer.bits
    preset = rung.preset
    let isShared = rung.codec == .h264 && rung.width * rung.height > Self.unsharedSampleCount
    threadCount = isShared ? 2 : 1
  }

  /// Samples of the largest pictures that one thread encodes. Where one had larger ones to itself, all others would wait
  /// for it, or another chunk had to be worked on meanwhile, which takes its memory.
  private static let unsharedSampleCount = 2560 * 1440

  /// Threads that a plan may ask for: with more than one the same pictures give the same bytes in H.264 alone.
  package var threadCounts: ClosedRange<Int> { videoCodec == .h264 ? 1...16 : 1...1 }

  package var videoCodec: VideoCodec? {
    VideoCodec(rawValue: codec).flatMap { Ladder.encodedCodecs.contains($0) ? $0 : nil }
  }

  package var rate: Rational? { Rational(text: frameRate) }

  package var colourInformation: ColourInformation {
    ColourInformation(
      primaries: colour.primaries, transfer: colour.transfer, matrix: colour.matrix,
      isFullRange: colour.isFullRange)
  }

  package var masteringDisplayValue: MasteringDisplay? {
    guard let display = masteringDisplay, display.coordinates.count == 8 else { return nil }
    return MasteringDisplay(
      coordinates: display.coordinates, maximumLuminance: display.maximumLuminance,
      minimumLuminance: display.minimumLuminance)
  }

  package var contentLightValue: ContentLight? {
    contentLight.map {
      ContentLight(maximum: $0.maximum, maximumFrameAverage: $0.maximumFrameAverage)
    }
  }

  package var range: VideoRange { VideoRange(colourInformation) }
}
