package import MediaCore
package import NIOCore

/// `st3d` and `sv3d` (Spherical Video V2 RFC).
extension SphericalVideo {
  /// - Parameters:
  ///   - stereoscopic: payload of `st3d`, version and flags included.
  ///   - spherical: payload of `sv3d`.
  /// - Returns: `nil` for a flat picture of one view.
  /// - Throws: `ISOBMFFError` for boxes that cannot be read.
  package init?(stereoscopic: ByteBuffer?, spherical: ByteBuffer?) throws(ISOBMFFError) {
    self.init(projection: nil, stereoMode: .mono)
    if let stereoscopic,
      let mode = stereoscopic.getInteger(at: stereoscopic.readerIndex + 4, as: UInt8.self)
    {
      stereoMode = StereoMode(rawValue: mode) ?? .mono
    }
    if let spherical {
      for box in try Box.sequence(in: spherical, path: "sv3d/", place: "sv3d")
      where box.type == "proj" {
        for child in try box.children() { try take(child) }
      }
    }
    if projection == nil, stereoMode == .mono { return nil }
  }

  private mutating func take(_ box: Box) throws(ISOBMFFError) {
    switch box.type {
    case "equi":
      projection = .equirectangular
      var fields = box.fields
      try fields.skip(4 + 8)
      // Bounds of left and right, in 0.32 fixed point: a quarter each leaves half a sphere.
      let (left, right) = (try fields.read(UInt32.self), try fields.read(UInt32.self))
      isHalf = left >= 0x3fff_0000 && right >= 0x3fff_0000
    case "cbmp": projection = .cubemap
    case "mshp": projection = .mesh
    default: break
    }
  }

  /// The payload of `sv3d` for a projection over the whole picture; `nil` for a mesh or none.
  package var sphericalBoxPayload: ByteBuffer? {
    var bytes = ByteBuffer()
    bytes.writeFullBox("svhd") { $0.writeInteger(UInt8(0)) }  // metadata_source: empty
    switch projection {
    case nil, .mesh: return nil
    case .equirectangular, .cubemap:
      bytes.writeBox("proj") { proj in
        proj.writeFullBox("prhd") { $0.writeRepeatingByte(0, count: 12) }  // yaw, pitch, roll
        if projection == .cubemap {
          proj.writeFullBox("cbmp") { $0.writeInteger(UInt64(0)) }  // layout 0, no padding
        } else {
          let side: UInt32 = isHalf ? 0x4000_0000 : 0
          proj.writeFullBox("equi") {
            $0.writeInteger(UInt64(0))  // top, bottom
            $0.writeInteger(side)
            $0.writeInteger(side)
          }
        }
      }
    }
    return bytes
  }

  /// The payload of `st3d`; `nil` for one view.
  package var stereoscopicBoxPayload: ByteBuffer? {
    guard stereoMode != .mono else { return nil }
    var bytes = ByteBuffer(integer: UInt32(0))
    bytes.writeInteger(stereoMode.rawValue)
    return bytes
  }
}
