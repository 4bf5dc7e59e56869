import FileIO
import Foundation
import Library
import MediaCore
import NIOCore

extension Rule {
  static let descriptionMissing = Rule("description-missing", "title.json")
  static let description = Rule("description", "title.json")
  static let trackFileMissing = Rule("track-file-missing", "title.json")
  static let trackFileUnlisted = Rule("track-file-unlisted", "title.json", .warning)
  static let defaultTrack = Rule("default-track", "title.json", .warning)
  static let captions = Rule("captions", "RFC 8216bis §4.4.6.1")
  static let captionsUnlisted = Rule("captions-unlisted", "RFC 8216bis §4.4.6.2", .warning)
  static let languageTag = Rule("language-tag", "RFC 5646 §2.1")
}

/// `title.json`: which tracks there are.
struct DescriptionRules {
  struct Track {
    var name: String
    /// `nil` if only its file is there.
    var description: TitleDescription.Track?
  }

  private(set) var log = FindingLog(file: TitleDescription.fileName)
  /// Tracks whose files are there.
  private(set) var tracks: [Track] = []
  private(set) var byteCount: Int64 = 0
  /// `nil` if it could not be read.
  private(set) var description: TitleDescription?
  var layout: TitleLayout { description?.segments ?? .tracks }
  var images: TitleImages? { description?.images }

  init(folder: String, files: [String]) {
    let trackFiles = files.filter {
      $0.hasSuffix(".mp4") && TrackName.isValid(String($0.dropLast(4)))
    }
    let listed = read(folder, files)
    for track in listed {
      let path =
        layout == .files
        ? "\(folder)/\(track.name)/\(TrackStorage.indexName)" : "\(folder)/\(track.name).mp4"
      guard Folder.entry(at: path) == .file else {
        log.add(
          .trackFileMissing, "track \(track.name)",
          "\(path.dropFirst(folder.utf8.count + 1)) is no regular file here")
        continue
      }
      tracks.append(Track(name: track.name, description: track))
    }
    let names = Set(listed.map(\.name))
    for file in trackFiles where !names.contains(String(file.dropLast(4))) {
      guard Folder.entry(at: "\(folder)/\(file)") == .file,
        tracks.count < TitleDescription.maximumTrackCount
      else { continue }
      tracks.append(Track(name: String(file.dropLast(4)), description: nil))
      if !listed.isEmpty {
        log.add(.trackFileUnlisted, "", "\(file) stands in the folder, but not in the description")
      }
    }
    check(listed)
  }

  private mutating func read(_ folder: String, _ files: [String]) -> [TitleDescription.Track] {
    guard files.contains(TitleDescription.fileName) else {
      log.add(.descriptionMissing, "", "the title has no description: package it anew")
      return []
    }
    do {
      let file = try ReadableFile(path: "\(folder)/\(TitleDescription.fileName)")
      guard file.byteCount <= TitleDescription.maximumByteCount else {
        log.add(
          .description, "",
          "has \(file.byteCount) bytes; at most \(TitleDescription.maximumByteCount) are expected")
        return []
      }
      byteCount = file.byteCount
      let bytes = try file.read(at: 0, count: Int(file.byteCount))
      let read = try TitleDescription(
        json: Data(bytes.readableBytesView), path: TitleDescription.fileName)
      description = read
      return read.tracks
    } catch {
      log.add(.description, "", "\(error)")
      return []
    }
  }

  private mutating func check(_ listed: [TitleDescription.Track]) {
    for track in listed {
      log.require(
        track.digest.utf8.count == 16
          && track.digest.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
          },
        .description, "track \(track.name)",
        "digest '\(track.digest)': sixteen lower-case hexadecimal digits are expected")
      log.require(
        LanguageTag.bcp47(track.language) == track.language, .languageTag, "track \(track.name)",
        "language '\(track.language)': '\(LanguageTag.bcp47(track.language))' is the tag for it")
      if let rate = track.frameRate {
        log.require(
          Rational(text: rate) != nil, .description, "track \(track.name)",
          "frameRate '\(rate)': a fraction as 24000/1001 is expected")
      }
    }
  }

  /// Rules that need to know what the tracks are.
  static func findings(in tracks: [MeasuredTrack]) -> [Finding] {
    var log = FindingLog(file: TitleDescription.fileName)
    let audio = tracks.filter(\.isAudio).compactMap(\.description)
    if !audio.isEmpty {
      let count = audio.count { $0.isDefault }
      log.require(
        count == 1, .defaultTrack, "", "\(count) audio tracks are the default; one is expected")
    }
    let text = tracks.filter(\.isText).compactMap(\.description)
    log.require(
      text.count { $0.isDefault } <= 1, .defaultTrack, "",
      "\(text.count { $0.isDefault }) tracks of subtitles are the default; one at most is expected")
    for track in tracks {
      guard let description = track.description else { continue }
      let services = description.captions ?? []
      log.require(
        services.isEmpty || track.hasCaptions, .captions, "track \(track.name)",
        "captions are listed, and its samples carry none")
      log.require(
        !services.isEmpty || !track.hasCaptions, .captionsUnlisted, "track \(track.name)",
        "its samples carry captions that are not listed")
    }
    return log.findings
  }
}
