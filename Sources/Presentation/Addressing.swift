package import Library
import MediaCore

/// How a document names media.
package enum Addressing: Sendable, CaseIterable {
  /// At rest: byte ranges of `NAME.mp4` beside the document; the on-demand profile of DASH.
  case wholeTracks
  /// At rest: `NAME/init.mp4` and `NAME/N.m4s` with N from 1 beside the document; the live profile.
  case segmentFiles
  /// At the origin: `NAME/VERSION/init.mp4` and `NAME/VERSION/N.m4s` with N from 1; the live
  /// profile of DASH.
  case segments

  /// How the documents beside a title's tracks name them.
  package static func atRest(_ title: Title) -> Addressing {
    switch title.layout {
    case .tracks: .wholeTracks
    case .files: .segmentFiles
    }
  }

  /// Each segment has a URL of its own.
  var hasSegments: Bool { self != .wholeTracks }
}

/// Relative references (RFC 3986 §4.2) of what a title consists of.
enum Reference {
  static func trackFile(_ name: String) -> String { "\(encoded(name)).mp4" }

  /// The folder of a track's segments, with its slash.
  static func folder(_ name: String, version: String) -> String {
    "\(encoded(name))/\(encoded(version))/"
  }

  /// The folder of a track's segments as an addressing has it.
  static func folder(_ name: String, version: String, _ addressing: Addressing) -> String {
    addressing == .segments ? folder(name, version: version) : "\(encoded(name))/"
  }

  static let header = "init.mp4"

  /// The pattern of a segment that starts at `$Time$`.
  static let timedSegment = "t$Time$.m4s"

  /// A segment at another place of the timeline: `3;o=512000.m4s`, `1;o=512000;s=1024.m4s`. The
  /// extension stays last, since FFmpeg 7.1 and later look at it before they open a segment.
  static func moved(_ reference: String, by move: TimelineMove) -> String {
    guard move != TimelineMove(offset: 0), let dot = reference.lastIndex(of: ".") else {
      return reference
    }
    return reference[..<dot] + ";o=\(move.offset)" + (move.start > 0 ? ";s=\(move.start)" : "")
      + reference[dot...]
  }

  static func segment(_ number: Int) -> String { "\(number).m4s" }

  /// The folder of a title's thumbnails, with its slash.
  static func images(_ thumbnails: TitleImages.Thumbnails, _ addressing: Addressing) -> String {
    folder(thumbnails.name, version: thumbnails.version, addressing)
  }

  static func webVTTFile(_ name: String) -> String { encoded(WebVTTIndex.fileName(of: name)) }

  static func webVTTSegment(_ number: Int) -> String { "\(number).vtt" }

  /// One path segment: every byte but the unreserved ones percent-encoded (§2.3).
  static func encoded(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}
