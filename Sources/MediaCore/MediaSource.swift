package import NIOCore

/// How the payloads of a track's samples are coded, with the record that a decoder needs.
package enum SampleCoding: Sendable, Hashable {
  /// An `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3.1); samples are length-prefixed.
  case h264(ByteBuffer)
  /// An `HEVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §8.3.3.1).
  case hevc(ByteBuffer)
  /// The payload of `av1C` (AV1-ISOBMFF §2.3); samples are temporal units without delimiters.
  case av1(ByteBuffer)
  /// The payload of `vpcC`, version and flags included (VP-codec-ISOBMFF §2.2); samples are
  /// superframes.
  case vp9(ByteBuffer)
  /// An `AudioSpecificConfig` (ISO/IEC 14496-3 §1.6.2.1); samples are raw data blocks.
  case aac(ByteBuffer)
  /// The payload of `dac3` (ETSI TS 102 366 Annex F.4); samples are syncframes.
  case ac3(ByteBuffer)
  /// The payload of `dec3` (ETSI TS 102 366 Annex F.6); samples are access units.
  case eac3(ByteBuffer)
  /// The payload of `dOps` (Opus-in-ISOBMFF §4.3.2); samples are packets.
  case opus(ByteBuffer)
  /// The payload of `dfLa`, version and flags included (FLAC-in-ISOBMFF §3.3.2); samples are frames.
  case flac(ByteBuffer)
  /// The four bytes of the first frame's header (ISO/IEC 11172-3 §2.4.1.3); samples are frames.
  case mp3(ByteBuffer)
  /// Subtitles, and what the coding needs beside the samples: a header, a sample entry's payload.
  case text(TextCoding, ByteBuffer)
  /// A coding by its common name, as `AV1`.
  case unsupported(String)
}

/// How the payloads of a subtitle track are coded.
package enum TextCoding: String, Sendable, Hashable, CaseIterable {
  /// Text of one SubRip cue, without number and times.
  case subRip
  /// Text of one WebVTT cue, without times; the record is the file's header, if there is one.
  case webVTT
  /// One `Dialogue` line as Matroska keeps it, without times; the record is the script's header.
  case ass
  /// `TextSample` of 3GPP TS 26.245 §5.16; the record is the payload of the `tx3g` sample entry.
  case tx3g
  /// Boxes of ISO/IEC 14496-30 §6; the record is the payload of `vttC`.
  case wvtt
  /// A TTML document (ISO/IEC 14496-30 §5), also of `stpp`; times are of the document.
  case ttml
  /// Pairs of bytes of CEA-608 in `cdat` and `cdt2` boxes (QuickTime's `c608`).
  case cea608
}

/// One track of a source.
package struct SourceTrack: Sendable {
  /// Number of the track in the source, from 0, as FFmpeg counts streams.
  package var number: Int
  package var kind: MediaKind
  package var coding: SampleCoding
  package var timescale: Timescale
  package var samples: SampleTable
  /// Samples, or parts of them, before this time are decoded and not presented: pre-roll, priming.
  package var presentationStart: Int64
  /// Samples from this time on are not presented; `nil` if all are.
  package var presentationEnd: Int64?
  /// Samples of sound before the first that is presented, at the coding's own rate, where that is
  /// known exactly: times in a container are rounded to its ticks.
  package var priming: Int64?
  /// ISO 639-2/T (three letters) or BCP 47; `und` if unknown.
  package var language = "und"
  /// What the source calls the track.
  package var label: String?
  /// Of a picture that was encoded for the title: names the rendition, as `1080p-hevc`.
  package var rendition: String?
  /// Meant for the hard of hearing, the visually impaired, or as commentary.
  package var roles: [String] = []
  package var isDefault = false
  /// Nine elements of `tkhd`'s matrix; `nil` for upright pictures.
  package var displayMatrix: [Int32]?
  /// Width and height that the container states; 0 if it does not. Cameras code pictures in whole
  /// macroblocks and leave the cropping to it.
  package var statedWidth = 0
  package var statedHeight = 0
  /// From the container; the coded picture's own word goes first.
  package var sampleAspectRatio: Rational?
  package var colour: ColourInformation?
  /// From the container; measured times go first.
  package var frameRateHint: Rational?
  /// HEVC: samples hold parameter sets too, the same as the record's.
  package var repeatsParameterSets = false
  /// The payload of `dvcC`, `dvvC` or `dvwC`: a Dolby Vision configuration record of 24 bytes.
  package var dolbyVision: ByteBuffer?
  /// From the container; the stream's own word goes first.
  package var masteringDisplay: MasteringDisplay?
  package var contentLight: ContentLight?
  /// Payloads of `st3d` and `sv3d` (Spherical Video V2).
  package var stereoscopic: ByteBuffer?
  package var spherical: ByteBuffer?
  /// What an encoder keeps to; `nil` where only samples tell.
  package var statedRates: StatedRates?

  package init(
    number: Int, kind: MediaKind, coding: SampleCoding, timescale: Timescale,
    samples: SampleTable = SampleTable(), presentationStart: Int64 = 0
  ) {
    self.number = number
    self.kind = kind
    self.coding = coding
    self.timescale = timescale
    self.samples = samples
    self.presentationStart = presentationStart
  }
}

/// What the samples of a track cost, by the word of who encodes it.
package struct StatedRates: Hashable, Sendable {
  /// Bits in a second that no segment exceeds.
  package var peak: Int64
  /// Bits in a second, over all.
  package var average: Int64

  package init(peak: Int64, average: Int64) {
    self.peak = peak
    self.average = average
  }
}

/// Samples of one track that lie behind each other in a batch.
package struct PayloadRun: Hashable, Sendable {
  /// Number of the track.
  package var track: Int
  /// Index of the first sample in the track's table.
  package var first: Int
  package var count: Int
  /// Where the first sample's payload starts, from the batch's reader index.
  package var offset: Int

  package init(track: Int, first: Int, count: Int, offset: Int) {
    self.track = track
    self.first = first
    self.count = count
    self.offset = offset
  }
}

/// Payloads of whole samples, read at one go.
package struct PayloadBatch: Sendable {
  package var bytes: ByteBuffer
  package var runs: [PayloadRun]

  /// Bytes of a batch that hold more than one sample, at most: what stays in a core's cache.
  package static let targetByteCount = 1 << 20

  package init(bytes: ByteBuffer, runs: [PayloadRun]) {
    self.bytes = bytes
    self.runs = runs
  }
}

/// Delivers the payloads of some tracks of a source, each track's samples in decode order.
package protocol PayloadReader: AnyObject {
  /// The next batch; `nil` after the last. The batch must be let go before the next call, so that
  /// its storage is used again.
  func next() throws -> PayloadBatch?
}

/// Something that samples come from: a file read by its own tables, or by FFmpeg.
///
/// A source is scanned when it is made: its tracks know every sample's time, size and kind.
/// Payloads are read later, once the place of each in the output is known.
package protocol MediaSource: Sendable {
  /// As the user named it.
  var name: String { get }
  var tracks: [SourceTrack] { get }
  /// In order of time; empty in most sources.
  var chapters: [Chapter] { get }
  /// Splice points (SCTE 35) in order of time; empty in most sources.
  var splices: [Splice] { get }
  /// Times are those of an MPEG-2 system clock, as subtitles beside a transport stream name it
  /// (RFC 8216bis §3.1.4), and count from anywhere.
  var hasSystemClock: Bool { get }
  /// What the source had to do, a sentence each; empty in most sources.
  var notes: [String] { get }
  /// - Parameter tracks: numbers of the tracks whose payloads are wanted.
  func makeReader(of tracks: Set<Int>) throws -> any PayloadReader
}

extension MediaSource {
  package var chapters: [Chapter] { [] }
  package var splices: [Splice] { [] }
  package var hasSystemClock: Bool { false }
  package var notes: [String] { [] }
}
