package import Foundation
package import MediaCore

/// `title.json`: what the tracks of a title cannot say themselves.
package struct TitleDescription: Codable, Hashable, Sendable {
  package struct Track: Codable, Hashable, Sendable {
    /// Also the name of the track file, without `.mp4`.
    package var name: String
    /// Content digest of the track file: sixteen hexadecimal digits.
    package var digest: String
    /// BCP 47.
    package var language: String
    package var label: String
    package var roles: [String]
    package var isDefault: Bool
    /// `24000/1001`; video only.
    package var frameRate: String?
    /// Content digest of the WebVTT file beside the track; text only.
    package var webVTT: String?
    /// Captions in the samples; video only.
    package var captions: [CaptionService]?

    package init(
      name: String, digest: String, language: String, label: String, roles: [String],
      isDefault: Bool, frameRate: String?
    ) {
      self.name = name
      self.digest = digest
      self.language = language
      self.label = label
      self.roles = roles
      self.isDefault = isDefault
      self.frameRate = frameRate
    }

    enum CodingKeys: String, CodingKey {
      case name, digest, language, label, roles
      case isDefault = "default"
      case frameRate, captions
      case webVTT = "webvtt"
    }
  }

  /// Version of this file's form.
  package var format: Int
  /// In the order in which documents list them.
  package var tracks: [Track]
  package var chapters: [Chapter]?
  package var splices: [Splice]?
  package var images: TitleImages?
  /// How the tracks lie; `nil` for a file each.
  package var segments: TitleLayout?
  /// Content digest of what the title was made from, and how: of scenes of an episode.
  package var origin: String?

  package static let fileName = "title.json"
  package static let currentFormat = 1
  package static let maximumByteCount = 1 << 20
  package static let maximumTrackCount = 256

  package init(tracks: [Track]) {
    format = Self.currentFormat
    self.tracks = tracks
  }

  /// - Parameter path: for messages.
  package init(json: Data, path: String) throws(LibraryError) {
    do {
      self = try JSONDecoder().decode(Self.self, from: json)
    } catch {
      throw LibraryError(.damaged, "\(path) is no title description: \(error)")
    }
    guard format == Self.currentFormat else {
      throw LibraryError(
        .damaged, "\(path) has the format \(format); this version reads \(Self.currentFormat)")
    }
    guard !tracks.isEmpty, tracks.count <= Self.maximumTrackCount else {
      throw LibraryError(
        .limit, "\(path) lists \(tracks.count) tracks; 1 to \(Self.maximumTrackCount) are expected")
    }
    for track in tracks where !TrackName.isValid(track.name) {
      throw LibraryError(.damaged, "\(path) names a track '\(track.name)'; \(TrackName.rule)")
    }
    for track in tracks {
      let services = track.captions ?? []
      guard services.count <= CaptionService.maximumCount, services.allSatisfy(\.isValid) else {
        throw LibraryError(
          .damaged,
          "\(path) lists captions of \(track.name) that are none of CC1 to CC4, SERVICE1 to SERVICE63"
        )
      }
    }
    guard Set(tracks.map(\.name)).count == tracks.count else {
      throw LibraryError(.damaged, "\(path) names two tracks the same")
    }
    try images?.check(tracks: tracks.map(\.name), path: path)
  }

  /// Keys in a fixed order, so that the same title gives the same bytes.
  package var json: Data {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      return try encoder.encode(self) + Data([0x0a])
    }
  }
}

/// Names of tracks: parts of URLs and file names.
package enum TrackName {
  package static let rule = "letters, digits, '-', '_' and '.' are expected, 64 at most"

  package static func isValid(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count) && !name.hasPrefix(".")
      && name.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
          || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e
      }
  }
}

extension Rational {
  /// Reads `25` or `24000/1001`.
  package init?(text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int64($0) }
    switch parts.count {
    case 1: self.init(parts[0] ?? 0, 1)
    case 2: self.init(parts[0] ?? 0, parts[1] ?? 0)
    default: return nil
    }
  }
}
