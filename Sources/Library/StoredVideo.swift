import Codecs
import ISOBMFF
package import MediaCore
package import NIOCore

/// A video track at rest, opened for decoding.
///
///     let video = try StoredVideo(track, in: stored.files[track.index.name])
///     let samples = try video.samples(ofSegment: 0)
///     let payload = try video.payload(of: samples[0])
package struct StoredVideo: Sendable {
  package let index: TrackIndex
  package let format: VideoFormat
  package let coding: SampleCoding
  /// Nine elements of `tkhd`'s matrix.
  package let matrix: [Int32]
  /// Payloads of `st3d` and `sv3d`.
  package let stereoscopic: ByteBuffer?
  package let spherical: ByteBuffer?
  private let storage: TrackStorage
  private let defaults: TrackExtendsBox

  /// - Throws: `LibraryError` if the track is no video, or its header cannot be read.
  package init(_ track: TitleTrack, in storage: TrackStorage) throws {
    guard case .video(let format) = track.index.format else {
      throw LibraryError(.damaged, "\(storage.path) is no video")
    }
    self.format = format
    index = track.index
    self.storage = storage
    let bytes = try storage.read(at: index.header.offset, count: Int(index.header.count))
    guard let moov = try Box.sequence(in: bytes).first(where: { $0.type == "moov" }) else {
      throw LibraryError(.damaged, "\(storage.path) has no 'moov'")
    }
    let trak = try moov.required("trak")
    matrix = try TrackHeaderBox(trak.required("tkhd")).matrix.elements
    let trex = try moov.child("mvex")?.child("trex")
    defaults = try trex.map(TrackExtendsBox.init) ?? TrackExtendsBox(trackID: 1)
    let stsd = try trak.required("mdia").required("minf").required("stbl").required("stsd")
    guard let box = try stsd.children(after: 8).first else {
      throw LibraryError(.damaged, "\(storage.path) has no sample description")
    }
    let entry = try VisualSampleEntry(
      box, configurationTypes: VideoRecord.configurationTypes.map { FourCC(stringLiteral: $0) })
    guard
      let coding = VideoRecord.coding(
        configurationType: "\(entry.configurationType)", entry.configuration)
    else { throw LibraryError(.damaged, "\(storage.path) has no configuration that is known") }
    self.coding = coding
    stereoscopic = entry.stereoscopic
    spherical = entry.spherical
  }

  /// The samples of a segment, counted from 0, in decode order.
  package func samples(ofSegment number: Int) throws -> [StoredSample] {
    try SegmentSamples(index.segments[number], in: storage, defaults: defaults).samples
  }

  package func payload(of sample: StoredSample) throws -> ByteBuffer {
    try storage.read(at: sample.range.offset, count: Int(sample.range.count))
  }

  /// The segment that is presented at a time; the first or last for times outside.
  package func segment(at time: Int64) -> Int {
    var (low, high) = (0, index.segments.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if index.segments[middle].start <= time { low = middle } else { high = middle - 1 }
    }
    return low
  }
}
