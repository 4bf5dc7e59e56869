import CMAF
import FileIO
import Foundation
import MediaCore
import NIOCore

/// `live.json`: what a live title is, so that it can go on, or become a title at rest, when its packager is
/// no more.
struct KeptTitle: Codable, Hashable {
  struct Track: Codable, Hashable {
    var name: String
    var timescale: UInt32
    var partTarget: Int64
    var language: String
    var label: String
    var roles: [String]
    var isDefault: Bool
    /// `24000/1001`; of video.
    var frameRate: String?
    var peakBitrate: Int64
    var averageBitrate: Int64

    init(_ track: LiveTitleDescription.Track) {
      name = track.name
      timescale = track.partTarget.timescale.ticksPerSecond
      partTarget = track.partTarget.value
      language = track.language
      label = track.label
      roles = track.roles
      isDefault = track.isDefault
      frameRate = track.frameRate?.description
      peakBitrate = track.peakBitrate
      averageBitrate = track.averageBitrate
    }

    /// - Returns: `nil` if it has no timescale.
    func described(header: LiveHeader) -> LiveTitleDescription.Track? {
      Timescale(timescale).map {
        LiveTitleDescription.Track(
          name: name, language: language, label: label, roles: roles, isDefault: isDefault,
          frameRate: frameRate.flatMap { Rational(text: $0) }, header: header,
          partTarget: MediaTime(partTarget, $0), peakBitrate: peakBitrate,
          averageBitrate: averageBitrate)
      }
    }
  }

  var tracks: [Track]
  var targetDuration: Int
  /// Seconds.
  var window: Int64

  static let fileName = "live.json"

  /// - Returns: `nil` if the folder has none that can be read.
  init?(folder: String) {
    guard let data = try? Data(contentsOf: URL(filePath: "\(folder)/\(Self.fileName)")),
      let read = try? JSONDecoder().decode(Self.self, from: data)
    else { return nil }
    self = read
  }

  init(tracks: [LiveTitleDescription.Track], targetDuration: Int, window: MediaTime) {
    self.tracks = tracks.map { Track($0) }
    self.targetDuration = targetDuration
    self.window = window.rescaled(to: Timescale(literal: 1)).value
  }

  /// What must stay the same for a title to go on.
  func goesOn(as other: KeptTitle) -> Bool {
    targetDuration == other.targetDuration
      && tracks.map(\.identity) == other.tracks.map(\.identity)
  }

  func write(into folder: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let path = "\(folder)/\(Self.fileName)"
    try Folder.remove("\(path).new")
    let file = try WritableFile(creating: "\(path).new")
    try file.write(ByteBuffer(bytes: try encoder.encode(self)), at: 0)
    try file.synchronize()
    try Folder.rename("\(path).new", to: path)
  }
}

extension KeptTitle.Track {
  fileprivate struct Identity: Hashable {
    var name: String
    var timescale: UInt32
    var partTarget: Int64
  }

  fileprivate var identity: Identity {
    Identity(name: name, timescale: timescale, partTarget: partTarget)
  }
}
