/// How a picture covers the sphere around the viewer, and how two views share it: what `sv3d` and
/// `st3d` say (Spherical Video V2 RFC).
package struct SphericalVideo: Hashable, Sendable {
  package enum Projection: String, Hashable, Sendable {
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
  /// The equirectangular picture covers the half of the sphere before the viewer.
  package var isHalf: Bool

  package init(projection: Projection?, stereoMode: StereoMode, isHalf: Bool = false) {
    self.projection = projection
    self.stereoMode = stereoMode
    self.isHalf = isHalf
  }
}
