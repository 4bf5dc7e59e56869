package import NIOCore

/// How the payloads of a track's samples are coded, with the record that a decoder needs.
package enum SampleCoding: Sendable, Hashable {
  /// An `AVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §5.3.3.1); samples are length-prefixed.
  case h264(ByteBuffer)
  /// An `HEVCDecoderConfigurationRecord` (ISO/IEC 14496-15 §8.3.3.1).
  case hevc(ByteBuffer)
  /// An `AudioSpecificConfig` (ISO/IEC 14496-3 §1.6.2.1); samples are raw data blocks.
  case aac(ByteBuffer)
  /// A coding by its common name, as `AV1`.
  case unsupported(String)
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
  /// ISO 639-2/T (three letters) or BCP 47; `und` if unknown.
  package var language = "und"
  /// What the source calls the track.
  package var label: String?
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
  /// - Parameter tracks: numbers of the tracks whose payloads are wanted.
  func makeReader(of tracks: Set<Int>) throws -> any PayloadReader
}
