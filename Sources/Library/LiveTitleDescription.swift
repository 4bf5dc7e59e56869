package import CMAF
import Codecs
import ISOBMFF
package import MediaCore
import NIOCore

/// What is fixed when a live title starts.
package struct LiveTitleDescription: Sendable {
  package struct Track: Sendable {
    /// `video-1080p`, `audio-en`; see `TrackName`.
    package var name: String
    /// BCP 47.
    package var language: String
    package var label: String
    package var roles: [String]
    package var isDefault: Bool
    /// Of video.
    package var frameRate: Rational?
    /// The first one; chunks name later ones.
    package var header: LiveHeader
    /// The longest part, in ticks of the track: never more, and never changed
    /// (draft-pantos-hls-rfc8216bis §4.4.3.7).
    package var partTarget: MediaTime
    /// Every segment begins with a sync sample.
    package var hasIndependentSegments = true
    /// Bits in a second of the costliest segment to be expected, and of all.
    package var peakBitrate: Int64
    package var averageBitrate: Int64

    /// Subtitles as WebVTT files, which nothing decodes. The same in `wvtt` samples is the track beside it.
    package var isWebVTT: Bool { header.bytes.readableBytes == 0 }
    /// The same track in `wvtt` samples has this behind its name; no playlist of HLS names it.
    package static let fragmentedTextSuffix = ".wvtt"
    package var isFragmentedText: Bool { name.hasSuffix(Self.fragmentedTextSuffix) }

    package init(
      name: String, language: String, label: String, roles: [String], isDefault: Bool,
      frameRate: Rational?, header: LiveHeader, partTarget: MediaTime, peakBitrate: Int64,
      averageBitrate: Int64
    ) {
      self.name = name
      self.language = language
      self.label = label
      self.roles = roles
      self.isDefault = isDefault
      self.frameRate = frameRate
      self.header = header
      self.partTarget = partTarget
      self.peakBitrate = peakBitrate
      self.averageBitrate = averageBitrate
    }
  }

  package var name: String
  /// In the order in which documents list them.
  package var tracks: [Track]
  /// What segments last, on average.
  package var segmentDuration: MediaTime
  /// Seconds; no segment, rounded to the nearest second, is longer (§4.4.3.1).
  package var targetDuration: Int
  /// How far back viewers may go.
  package var window: MediaTime

  package init(
    name: String, tracks: [Track], segmentDuration: MediaTime, targetDuration: Int,
    window: MediaTime
  ) {
    self.name = name
    self.tracks = tracks
    self.segmentDuration = segmentDuration
    self.targetDuration = targetDuration
    self.window = window
  }

  /// The title as documents describe it: its tracks have no segments, and WebVTT is none of them.
  /// - Throws: `.damaged` for a header that is none.
  package func title() throws -> Title {
    try Title(
      name: name,
      tracks: tracks.filter { !$0.isWebVTT }.map { track in
        var made = TitleTrack(
          index: try TrackIndex(
            liveHeader: track.header, name: track.name, language: track.language,
            frameRate: track.frameRate),
          label: track.label, roles: track.roles, isDefault: track.isDefault)
        if track.isFragmentedText {
          made.webVTT = WebVTTIndex(version: track.header.version, byteCount: 0, segments: [])
        }
        return made
      })
  }
}

extension TrackIndex {
  /// The index of a live track: what its header says, and no segments.
  package init(
    liveHeader header: LiveHeader, name: String, language: String, frameRate: Rational?
  ) throws {
    guard let moov = try Box.sequence(in: header.bytes).first(where: { $0.type == "moov" }) else {
      throw LibraryError(.damaged, "\(name) has a CMAF header without 'moov'")
    }
    let description = try TrackDescription(moov, path: name)
    let count = Int64(header.bytes.readableBytes)
    self.init(
      name: name, version: header.version, byteCount: count,
      header: ByteRange(offset: 0, count: count), sidx: ByteRange(offset: count, count: 0),
      timescale: description.timescale, codecs: description.codecs, format: description.format,
      language: language, segments: [])
    if case .video(var format) = description.format {
      format.frameRate = frameRate
      self.format = .video(format)
    }
    mediaStart = description.mediaStart
  }
}
