import DASH
import Library
import MediaCore

/// How documents tell that a picture is no flat picture of one view.
extension VideoFormat {
  /// REQ-VIDEO-LAYOUT (draft-pantos-hls-rfc8216bis §4.4.6.2): channels and projection, so that no
  /// player shows the sphere flat or both views at once. Empty for a flat picture of one view, and
  /// for what the draft has no word for (cubemaps, meshes).
  var hlsLayout: [String] {
    guard let spherical else { return [] }
    let channels = spherical.stereoMode == .mono ? "CH-MONO" : "CH-STEREO"
    switch spherical.projection {
    case nil: return [channels]
    case .equirectangular: return ["\(channels)/\(spherical.isHalf ? "PROJ-HEQU" : "PROJ-EQUI")"]
    case .cubemap, .mesh: return []
    }
  }

  /// How two views share the picture (ISO/IEC 23009-1 §5.3.7.2): frame_packing_arrangement_type of
  /// ISO/IEC 14496-10 §D.2.26, 3 side by side, 4 top and bottom.
  var dashPacking: [Descriptor] {
    let type: String? =
      switch spherical?.stereoMode {
      case .leftRight, .rightLeft: "3"
      case .topBottom: "4"
      default: nil
      }
    return type.map {
      [
        Descriptor(
          schemeIdUri: "urn:mpeg:dash:14496:10:frame_packing_arrangement_type:2011", value: $0)
      ]
    } ?? []
  }

  /// The projection, essential: shown flat, the picture makes no sense (ISO/IEC 23090-2 §8.2.2 has
  /// 0 for equirectangular and 1 for cubemap; a mesh is named by Google's scheme).
  var dashProjection: [Descriptor] {
    switch spherical?.projection {
    case nil: []
    case .equirectangular: [.projection("0")]
    case .cubemap: [.projection("1")]
    case .mesh: [Descriptor(schemeIdUri: "http://youtube.com/yt/2012/10/10", value: "mesh")]
    }
  }
}
