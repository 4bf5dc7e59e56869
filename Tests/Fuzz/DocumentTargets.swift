import DASH
import Foundation
import HLS
import Library
import NIOCore
import Verification

/// Playlists, MPDs and descriptions of titles.
extension FuzzTarget {
  static let documentTargets = [
    FuzzTarget(name: "playlist") { bytes in
      let text = String(buffer: bytes)
      tolerant { _ = try MediaPlaylist(parsing: text).render() }
      tolerant { _ = try MultivariantPlaylist(parsing: text).render() }
    },
    FuzzTarget(name: "mpd") { bytes in
      tolerant { _ = try MPD(parsing: String(buffer: bytes)).render() }
    },
    FuzzTarget(name: "jpeg") { bytes in _ = JPEGHeader(bytes) },
    FuzzTarget(name: "description") { bytes in
      tolerant {
        _ = try TitleDescription(json: Data(bytes.readableBytesView), path: "title.json").json
      }
    },
  ]
}
