import FFmpeg
package import Library
import NIOCore

/// How a track's pictures are turned before they are shown: the matrix of `tkhd` in whole quarters
/// (ISO/IEC 14496-12 §8.3.2).
package struct PictureOrientation: Hashable, Sendable {
  /// Rows become columns.
  package var isTransposed = false
  /// The shown picture runs against the coded one.
  package var isFlippedHorizontally = false
  package var isFlippedVertically = false

  package static let upright = PictureOrientation()

  package init() {}

  /// - Parameter matrix: nine elements {a, b, u, c, d, v, x, y, w}.
  package init(matrix: [Int32]) {
    guard matrix.count == 9 else { return }
    let (a, b, c, d) = (matrix[0], matrix[1], matrix[3], matrix[4])
    // x' = a·x + c·y and y' = b·x + d·y: what is nearest to a quarter is one.
    isTransposed = b.magnitude > a.magnitude
    isFlippedHorizontally = isTransposed ? c < 0 : a < 0
    isFlippedVertically = isTransposed ? b < 0 : d < 0
  }

  /// - Precondition: eight bits a sample.
  func applied(to picture: RGBPicture) -> RGBPicture {
    guard self != .upright else { return picture }
    let (width, height) =
      isTransposed ? (picture.height, picture.width) : (picture.width, picture.height)
    let source = Array(picture.bytes.readableBytesView)
    var target = [UInt8](repeating: 0, count: source.count)
    var at = 0
    for row in 0..<height {
      let along = isFlippedVertically ? height - 1 - row : row
      for column in 0..<width {
        let across = isFlippedHorizontally ? width - 1 - column : column
        let from =
          3 * (isTransposed ? across * picture.width + along : along * picture.width + across)
        target[at] = source[from]
        target[at + 1] = source[from + 1]
        target[at + 2] = source[from + 2]
        at += 3
      }
    }
    return RGBPicture(width: width, height: height, depth: .eight, bytes: ByteBuffer(bytes: target))
  }
}

/// The size that pictures are made in: square pixels, upright, both sides even.
package struct PictureGeometry: Hashable, Sendable {
  package let width: Int
  package let height: Int
  package let orientation: PictureOrientation

  /// The largest size inside a box that keeps the picture's shape and does not enlarge it. Of an
  /// upright picture the box is turned too.
  package init(
    _ format: VideoFormat, orientation: PictureOrientation, boxWidth: Int, boxHeight: Int
  ) {
    self.orientation = orientation
    let shown = (max(1, format.displayWidth), max(1, format.displayHeight))
    let (wide, high) = orientation.isTransposed ? (shown.1, shown.0) : shown
    let (roomWide, roomHigh) = wide >= high ? (boxWidth, boxHeight) : (boxHeight, boxWidth)
    // Compared as products, so that nothing is rounded twice.
    let isLimitedByWidth = wide * roomHigh >= high * roomWide
    var (across, down) = (wide, high)
    if isLimitedByWidth, wide > roomWide {
      across = roomWide
      down = (high * roomWide + wide / 2) / wide
    } else if !isLimitedByWidth, high > roomHigh {
      down = roomHigh
      across = (wide * roomHigh + high / 2) / high
    }
    width = Self.even(across)
    height = Self.even(down)
  }

  private static func even(_ length: Int) -> Int { max(2, (length + 1) / 2 * 2) }

  /// The same before it is turned.
  var codedWidth: Int { orientation.isTransposed ? height : width }
  var codedHeight: Int { orientation.isTransposed ? width : height }
}
