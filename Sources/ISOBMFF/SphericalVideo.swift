package import NIOCore

/// How a picture covers the sphere around the viewer, and how two views share it: what `sv3d` and
/// `st3d` say (Spherical Video V2 RFC).
package struct SphericalVideo: Hashable, Sendable {
  package enum Projection: String, Hashable, Sendable, Codable {
    case equirectangular
    case cubemap
    /// A mesh that the file brings along.
    case mesh
  }

  /// stereo_mode of `st3d`.
  package enum StereoMode: UInt8, Hashable, Sendable {
    case mono = 0
    case topBottom = 1
    case leftRight = 2
    /// Views in a mesh of their own each.
    case custom = 3
    case rightLeft = 4
  }

  /// `nil` for a flat picture.
  package var projection: Projection?
  package var stereoMode: StereoMode
  /// The equirectangular picture covers half of the sphere: its bounds cut a quarter off at both
  /// sides.
  package var isHalf = false

  /// - Parameters:
  ///   - stereoscopic: payload of `st3d`, version and flags included.
  ///   - spherical: payload of `sv3d`.
  /// - Returns: `nil` for a flat picture of one view.
  /// - Throws: `ISOBMFFError` for boxes that cannot be read.
  package init?(stereoscopic: ByteBuffer?, spherical: ByteBuffer?) throws(ISOBMFFError) {
    stereoMode = .mono
    if let stereoscopic, stereoscopic.readableBytes >= 5,
      let mode = stereoscopic.getInteger(at: stereoscopic.readerIndex + 4, as: UInt8.self)
    {
      stereoMode = StereoMode(rawValue: mode) ?? .mono
    }
    if let spherical {
      for box in try Box.sequence(in: spherical, path: "sv3d/", place: "sv3d")
      where box.type == "proj" {
        for child in try box.children() {
          switch child.type {
          case "equi":
            projection = .equirectangular
            var fields = child.fields
            try fields.skip(4 + 8)
            // Bounds of left and right, 0.32 fixed point.
            let (left, right) = (try fields.read(UInt32.self), try fields.read(UInt32.self))
            isHalf = left >= 0x3fff_0000 && right >= 0x3fff_0000
          case "cbmp": projection = .cubemap
          case "mshp": projection = .mesh
          default: break
          }
        }
      }
    }
    if projection == nil, stereoMode == .mono { return nil }
  }
}
