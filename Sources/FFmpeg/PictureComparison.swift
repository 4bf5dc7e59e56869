import CFFmpeg
package import MediaCore

/// Brings pictures of a source and of its rungs into one form, and says how alike they are.
///
///     var comparison = PictureComparison(encoding, rate: rate, isInterlaced: false)
///     let wanted = try comparison.reference(picture, number: 0)
///     let similarity = try comparison.similarity(of: decoded, to: wanted)
package struct PictureComparison: ~Copyable {
  private let encoding: RungEncoding
  private let isInterlaced: Bool
  private var source: FilterStage
  private var rung: FilterStage
  private let rate: Rational

  /// - Parameters:
  ///   - encoding: of the largest rung: its size, range and depth are those that are compared in.
  ///   - rate: of the source's grid.
  package init(_ encoding: RungEncoding, rate: Rational, isInterlaced: Bool) {
    self.encoding = encoding
    self.isInterlaced = isInterlaced
    self.rate = rate
    source = FilterStage(rate: rate, colour: encoding.colour)
    rung = FilterStage(rate: rate, colour: encoding.colour)
  }

  /// What the largest rung was made of.
  /// - Returns: pictures with their numbers; deinterlacing holds one back until the next, or `finish`.
  package mutating func reference(
    _ picture: Picture, number: Int64
  ) throws -> [(number: Int64, picture: Picture)] {
    let encoding = encoding
    let first = isInterlaced ? [PictureFitting.deinterlacing] : []
    return try source.take(
      NumberedPicture(picture: picture, number: number), form: picture.form
    ) { form in
      let chain = PictureFitting(from: form, to: encoding).chain
      let words = first + (chain.map { [$0] } ?? [])
      return words.isEmpty ? nil : words.joined(separator: ",")
    }.map { ($0.number, $0.picture) }
  }

  /// What is held back.
  package mutating func finish() throws -> [(number: Int64, picture: Picture)] {
    try source.finish().map { ($0.number, $0.picture) }
  }

  /// Structural similarity of luma, 1 for the same picture (Wang et al. 2004), over blocks of 8×8
  /// samples at steps of 4.
  /// - Parameter picture: of a rung; it is brought to the size of the reference.
  package mutating func similarity(of picture: Picture, to reference: Picture) throws -> Double {
    let encoding = encoding
    let made = try rung.take(
      NumberedPicture(picture: picture, number: 0), form: picture.form
    ) { PictureFitting(from: $0, to: encoding).chain }
    guard let scaled = try (made + rung.finish()).first?.picture else {
      throw FFmpegError(.damaged, "a picture cannot be compared")
    }
    let size = (
      min(scaled.form.width, reference.form.width), min(scaled.form.height, reference.form.height)
    )
    return unsafe encoding.bitDepth > 8
      ? Self.similarity(scaled.frame, reference.frame, size, UInt16.self, peak: 1023)
      : Self.similarity(scaled.frame, reference.frame, size, UInt8.self, peak: 255)
  }

  /// Sums over a block of 4×4 samples of two pictures.
  private struct Sums {
    var one: Int64 = 0
    var other: Int64 = 0
    var squares: Int64 = 0
    var products: Int64 = 0

    static func += (left: inout Self, right: Self) {
      left.one += right.one
      left.other += right.other
      left.squares += right.squares
      left.products += right.products
    }
  }

  private static func similarity<Sample: FixedWidthInteger>(
    _ one: UnsafeMutablePointer<AVFrame>, _ other: UnsafeMutablePointer<AVFrame>,
    _ size: (Int, Int), _: Sample.Type, peak: Double
  ) -> Double {
    let (columns, rows) = (size.0 / 4, size.1 / 4)
    guard columns > 1, rows > 1, let first = unsafe one.pointee.data.0,
      let second = unsafe other.pointee.data.0
    else { return 1 }
    var (total, above): (Double, [Sums]) = (0, [])
    for row in 0..<rows {
      var line = [Sums](repeating: Sums(), count: columns)
      for y in row * 4..<row * 4 + 4 {
        let a = unsafe UnsafeRawPointer(first + y * Int(one.pointee.linesize.0))
          .assumingMemoryBound(to: Sample.self)
        let b = unsafe UnsafeRawPointer(second + y * Int(other.pointee.linesize.0))
          .assumingMemoryBound(to: Sample.self)
        for column in 0..<columns {
          var sums = line[column]
          for x in column * 4..<column * 4 + 4 {
            let (p, q) = unsafe (Int64(a[x]), Int64(b[x]))
            sums.one &+= p
            sums.other &+= q
            sums.squares &+= p &* p &+ q &* q
            sums.products &+= p &* q
          }
          line[column] = sums
        }
      }
      if row > 0 {
        for column in 1..<columns {
          var sums = line[column]
          sums += line[column - 1]
          sums += above[column]
          sums += above[column - 1]
          total += index(sums, peak: peak)
        }
      }
      above = line
    }
    return total / Double((columns - 1) * (rows - 1))
  }

  /// SSIM of one block of 64 samples.
  private static func index(_ sums: Sums, peak: Double) -> Double {
    let count = 64.0
    let (one, other) = (Double(sums.one) / count, Double(sums.other) / count)
    let variances = Double(sums.squares) / count - one * one - other * other
    let covariance = Double(sums.products) / count - one * other
    let (c1, c2) = (0.01 * peak * 0.01 * peak, 0.03 * peak * 0.03 * peak)
    return (2 * one * other + c1) * (2 * covariance + c2)
      / ((one * one + other * other + c1) * (variances + c2))
  }
}
