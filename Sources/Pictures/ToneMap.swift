package import FFmpeg
import Glibc
package import MediaCore
import NIOCore

/// High dynamic range as standard dynamic range: the transfer of PQ or HLG undone (ITU-R BT.2100),
/// luminance rolled off above diffuse white, primaries of BT.2020 turned into those of BT.709.
///
/// Meant for small pictures to choose by, not for masters: the peak is taken to be 1000 cd/m².
package struct ToneMap: Sendable {
  /// cd/m² of diffuse white (ITU-R BT.2408 §2).
  private static let diffuseWhite: Float = 203
  private static let peak: Float = 1000
  /// Keeps the brightness of faces near to what it is in a graded picture.
  private static let exposure: Float = 1.6

  private let range: VideoRange
  /// By the coded value: cd/m² of PQ, scene light from 0 to 1 of HLG.
  private let light: [Float]
  /// By light in 4096 steps: sRGB.
  private let code: [UInt8]

  /// - Returns: `nil` for standard dynamic range.
  package init?(_ range: VideoRange) {
    guard range != .sdr else { return nil }
    self.range = range
    light = (0...65_535).map { value in
      let signal = Float(value) / 65_535
      return range == .pq ? Self.perceptual(signal) : Self.hybrid(signal)
    }
    code = (0...4096).map { step in
      let linear = Float(step) / 4096
      let signal =
        linear <= 0.003_130_8 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055
      return UInt8(max(0, min(255, (signal * 255).rounded())))
    }
  }

  /// SMPTE ST 2084: the signal as cd/m².
  private static func perceptual(_ signal: Float) -> Float {
    let power = pow(signal, 1 / 78.843_75)
    let (c1, c2, c3): (Float, Float, Float) = (0.835_937_5, 18.851_562_5, 18.6875)
    return 10_000 * pow(max(power - c1, 0) / (c2 - c3 * power), 1 / 0.159_301_757_812_5)
  }

  /// ARIB STD-B67: the signal as light of the scene.
  private static func hybrid(_ signal: Float) -> Float {
    signal <= 0.5
      ? signal * signal / 3
      : (exp((signal - 0.559_910_73) / 0.178_832_77) + 0.284_668_92) / 12
  }

  /// - Precondition: sixteen bits a sample.
  package func applied(to picture: RGBPicture) -> RGBPicture {
    precondition(picture.depth == .sixteen, "tone mapping starts from sixteen bits")
    let source = Array(picture.bytes.readableBytesView)
    var target = [UInt8](repeating: 0, count: source.count / 2)
    for pixel in 0..<picture.width * picture.height {
      let at = 6 * pixel
      var red = light[Int(source[at]) | Int(source[at + 1]) << 8]
      var green = light[Int(source[at + 2]) | Int(source[at + 3]) << 8]
      var blue = light[Int(source[at + 4]) | Int(source[at + 5]) << 8]
      var luminance = 0.2627 * red + 0.6780 * green + 0.0593 * blue
      if range == .hlg {
        // The OOTF of a display of 1000 cd/m², whose gamma is 1.2.
        let gain = Self.peak * pow(max(luminance, 1e-6), 0.2)
        (red, green, blue, luminance) = (red * gain, green * gain, blue * gain, luminance * gain)
      }
      let relative = Self.exposure * luminance / Self.diffuseWhite
      let white = Self.exposure * Self.peak / Self.diffuseWhite
      // Reinhard's curve, in which the peak becomes 1.
      let scale =
        Self.exposure / Self.diffuseWhite * (1 + relative / (white * white)) / (1 + relative)
      (red, green, blue) = (red * scale, green * scale, blue * scale)
      target[3 * pixel] = coded(1.6605 * red - 0.5876 * green - 0.0728 * blue)
      target[3 * pixel + 1] = coded(-0.1246 * red + 1.1329 * green - 0.0083 * blue)
      target[3 * pixel + 2] = coded(-0.0182 * red - 0.1006 * green + 1.1187 * blue)
    }
    return RGBPicture(
      width: picture.width, height: picture.height, depth: .eight, bytes: ByteBuffer(bytes: target))
  }

  private func coded(_ linear: Float) -> UInt8 {
    code[Int(max(0, min(1, linear)) * 4096)]
  }
}
