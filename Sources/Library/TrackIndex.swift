package import MediaCore

/// One media segment of a track file: where it lies and what it covers.
package struct IndexedSegment: Hashable, Sendable {
  /// The bytes of the segment in the track file: `moof` and `mdat`.
  package var range: ByteRange
  /// Earliest presentation time, in the track's timescale, after the edit list.
  package var start: Int64
  /// Presented length in the track's timescale.
  package var duration: Int64
  /// Stream access point type of the first sample, 0 if unknown (ISO/IEC 14496-12 Annex I).
  package var sapType: UInt8
  /// Bytes from the segment's first byte to the end of its first sample: the range of an
  /// I-frame playlist. 0 in tracks other than video.
  package var firstSampleEnd: Int64

  package init(
    range: ByteRange, start: Int64, duration: Int64, sapType: UInt8, firstSampleEnd: Int64 = 0
  ) {
    self.range = range
    self.start = start
    self.duration = duration
    self.sapType = sapType
    self.firstSampleEnd = firstSampleEnd
  }
}

/// What the CMAF header of a track says of its samples.
package enum TrackFormat: Hashable, Sendable {
  case video(VideoFormat)
  case audio(AudioFormat)
  case text(TextFormat)
  /// What is neither picture nor sound nor text that players know.
  case other

  package var kind: MediaKind {
    switch self {
    case .video: .video
    case .audio: .audio
    case .text: .text
    case .other: .data
    }
  }
}

/// How the subtitles of a CMAF track are coded.
package enum TextFormat: String, Hashable, Sendable {
  /// `wvtt` (ISO/IEC 23000-19 §11.2).
  case webVTT
  /// `stpp` (§11.3).
  case ttml
}

package struct VideoFormat: Hashable, Sendable {
  /// Size of the coded picture after cropping, in samples.
  package var width: Int
  package var height: Int
  /// Width over height of one sample.
  package var sampleAspectRatio: Rational
  /// Size of the presented picture: `width` stretched by the sample aspect ratio.
  package var displayWidth: Int
  package var displayHeight: Int
  /// Frames in a second; `nil` if it was never measured.
  package var frameRate: Rational?
  package var colour: ColourInformation
  /// Pictures are fields, or may be.
  package var isInterlaced = false
  /// `nil` for a flat picture of one view.
  package var spherical: SphericalVideo?
  /// The sample entry itself is of Dolby Vision: its colours are no others' to interpret.
  package var isDolbyVision = false
  /// What a richer player may take the track for.
  package var supplement: CodecSupplement?

  /// Dolby Vision without a compatible base layer is a kind of PQ (Apple's authoring specification
  /// 9.17), whatever its parameter sets leave unsaid.
  package var range: VideoRange {
    isDolbyVision && VideoRange(colour) == .sdr ? .pq : VideoRange(colour)
  }

  package init(
    width: Int, height: Int, sampleAspectRatio: Rational, displayWidth: Int, displayHeight: Int,
    frameRate: Rational?, colour: ColourInformation
  ) {
    self.width = width
    self.height = height
    self.sampleAspectRatio = sampleAspectRatio
    self.displayWidth = displayWidth
    self.displayHeight = displayHeight
    self.frameRate = frameRate
    self.colour = colour
  }
}

/// A codec that a player may use instead of the one that `codecs` names, and the brand of the form
/// that both have in common.
package struct CodecSupplement: Hashable, Sendable {
  /// `dvh1.08.07`
  package var codecs: String
  /// `db4h`
  package var brand: String

  package init(codecs: String, brand: String) {
    self.codecs = codecs
    self.brand = brand
  }
}

package struct AudioFormat: Hashable, Sendable {
  package var channelCount: Int
  /// Samples in a second.
  package var sampleRate: Int
  /// Objects of joint object coding (Dolby Atmos in E-AC-3); `nil` without.
  package var objectCount: Int?
  /// Positions of the channels of AC-3 and E-AC-3: bit 15 is left (ETSI TS 102 366 Annex E.1.3.1.8).
  package var channelMap: UInt16?

  package init(
    channelCount: Int, sampleRate: Int, objectCount: Int? = nil, channelMap: UInt16? = nil
  ) {
    self.channelCount = channelCount
    self.sampleRate = sampleRate
    self.objectCount = objectCount
    self.channelMap = channelMap
  }
}

/// A track file's index: all that a playlist, an MPD or a range read needs to know.
package struct TrackIndex: Hashable, Sendable {
  /// Name of the track, also its file's name without `.mp4`: `video-2160p`, `audio-en`.
  package var name: String
  /// Short content hash: lower-case hexadecimal, safe in a URL.
  package var version: String
  /// Size of the whole track file.
  package var byteCount: Int64
  /// The CMAF header: `ftyp` and `moov`, from offset 0.
  package var header: ByteRange
  /// The `sidx` box.
  package var sidx: ByteRange
  package var timescale: Timescale
  /// `codecs` parameter (RFC 6381), as `avc1.640033`.
  package var codecs: String
  package var format: TrackFormat
  /// Language tag (BCP 47), `und` when unknown.
  package var language: String
  /// In order of decode time, without gaps; at least one at rest, none of a live track.
  package var segments: [IndexedSegment]
  /// Ticks of the media before what is presented at 0: the priming of sound.
  package var mediaStart: Int64 = 0
  /// Ticks of each sample of sound; `nil` if they differ, or were never looked at.
  package var frameDuration: Int64?

  package init(
    name: String, version: String, byteCount: Int64, header: ByteRange, sidx: ByteRange,
    timescale: Timescale, codecs: String, format: TrackFormat, language: String,
    segments: [IndexedSegment]
  ) {
    self.name = name
    self.version = version
    self.byteCount = byteCount
    self.header = header
    self.sidx = sidx
    self.timescale = timescale
    self.codecs = codecs
    self.format = format
    self.language = language
    self.segments = segments
  }

  package var kind: MediaKind { format.kind }

  /// Sum of the segments' durations, in the track's timescale.
  package var duration: Int64 { segments.reduce(0) { $0 + $1.duration } }
}
