import Codecs
import ISOBMFF
package import MediaCore
import NIOCore

/// One fragment of one track, its samples with it.
package struct StreamFragment: Sendable {
  /// Index of the track in the header; samples have the same number.
  package var track: Int
  /// In decode order; at least one. Times are of the source.
  package var samples: [LiveSample]
  /// Decode time behind the last of them, ticks of the track.
  package var end: Int64
  /// A moment of the track, in its ticks, and when it was captured, nanoseconds since 1970: what `prft` says.
  package var reference: (mediaTime: Int64, wallClock: Int64)?

  package init(
    track: Int, samples: [LiveSample], end: Int64,
    reference: (mediaTime: Int64, wallClock: Int64)? = nil
  ) {
    self.track = track
    self.samples = samples
    self.end = end
    self.reference = reference
  }

  /// Decode time of the first sample, ticks of the track.
  package var start: Int64 { samples.first?.decodeTime ?? end }
}

/// What the `moov` of a fragmented stream says of its tracks.
package struct StreamHeader: Sendable {
  private var movie: [MovieTrack]
  /// Video: what tells its pictures apart.
  private let records: [VideoRecord?]

  /// Numbered from 0, without samples. Of a coding that is not packaged those too.
  package var tracks: [SourceTrack] { movie.map(\.track) }

  /// - Parameters:
  ///   - moov: the whole box.
  ///   - name: the stream, for messages.
  init(moov: ByteBuffer, name: String) throws {
    let file = MemoryFile(path: name, bytes: moov)
    let boxes = FileBoxes(file: file)
    var found: [FileBox] = []
    try boxes.visit(ByteRange(offset: 0, count: file.byteCount)) {
      found.append($0)
      return true
    }
    guard let box = found.first else { throw MP4Error(.damaged, "\(name): 'moov' is empty") }
    movie = try MP4Source.movie(box, boxes, .tables(sampleCount: 0))
    guard !movie.isEmpty, movie.count <= StreamLimits.trackCount else {
      throw MP4Error(
        movie.isEmpty ? .damaged : .limit,
        "\(name) has \(movie.count) tracks; 1 to \(StreamLimits.trackCount) are taken")
    }
    records = try movie.map { try VideoRecord($0.track.coding) }
  }

  /// The samples that a `moof` describes.
  /// - Parameter media: the `mdat` behind it.
  mutating func fragments(
    _ moof: Box, media: Box, reference: ProducerReferenceTimeBox?
  ) throws -> [StreamFragment] {
    var fragments: [StreamFragment] = []
    var dataEnd = moof.offset
    var count = 0
    for traf in try moof.children() where traf.type == "traf" {
      let boxes = try traf.children()
      guard let box = boxes.first(where: { $0.type == "tfhd" }) else {
        throw MP4Error(.damaged, "\(traf.place) has no 'tfhd' box")
      }
      let head = try TrackFragmentHeaderBox(box)
      guard let index = movie.firstIndex(where: { $0.id == head.trackID }) else {
        throw MP4Error(
          .damaged, "\(traf.place) is of track \(head.trackID), which the header has not")
      }
      if let time = try boxes.first(where: { $0.type == "tfdt" })
        .map(TrackFragmentDecodeTimeBox.init)
      {
        guard time.baseMediaDecodeTime < StreamLimits.timeEnd else {
          throw MP4Error(
            .damaged, "\(traf.place) starts at the impossible time \(time.baseMediaDecodeTime)")
        }
        movie[index].decodeTime = Int64(time.baseMediaDecodeTime)
      }
      var base = head.defaultBaseIsMoof ? moof.offset : dataEnd
      if let own = head.baseDataOffset { base = Int64(clamping: own) }
      var fragment = StreamFragment(track: index, samples: [], end: 0)
      var at = base
      for box in boxes where box.type == "trun" {
        let run = try TrackRunBox(box)
        if let offset = run.dataOffset { at = base &+ Int64(offset) }
        count += run.samples.count
        guard count <= StreamLimits.fragmentSampleCount else {
          throw MP4Error(
            .limit,
            "\(moof.place) has more than \(StreamLimits.fragmentSampleCount) samples")
        }
        try append(run, head, at: &at, media, to: &fragment)
      }
      dataEnd = at
      guard !fragment.samples.isEmpty else { continue }
      fragment.end = movie[index].decodeTime + max(0, movie[index].shift)
      if let reference, reference.trackID == head.trackID,
        reference.mediaTime < StreamLimits.timeEnd
      {
        fragment.reference = (Int64(reference.mediaTime) + movie[index].shift, reference.wallClock)
      }
      fragments.append(fragment)
    }
    return fragments
  }

  private mutating func append(
    _ run: TrackRunBox, _ head: TrackFragmentHeaderBox, at: inout Int64, _ media: Box,
    to fragment: inout StreamFragment
  ) throws {
    let track = movie[fragment.track]
    let start = media.offset + Int64(media.headerByteCount)
    for (index, sample) in run.samples.enumerated() {
      let size = sample.size ?? head.size ?? track.defaults.size
      let duration = Int64(sample.duration ?? head.duration ?? track.defaults.duration)
      let flags =
        (index == 0 ? run.firstSampleFlags : nil) ?? sample.flags ?? head.flags
        ?? track.defaults.flags
      guard at >= start,
        let payload = media.payload.getSlice(
          at: media.payload.readerIndex + Int(min(at - start, Int64(media.payload.readableBytes))),
          length: Int(size))
      else {
        throw MP4Error(
          .damaged,
          "a sample of track \(track.id) lies at bytes \(at) to \(at &+ Int64(size)), outside of \(media.place)"
        )
      }
      let decodeTime = movie[fragment.track].decodeTime
      // A start that an edit list puts off is one of decoding too; one that it brings forward is priming.
      let time = decodeTime + max(0, track.shift)
      guard time < Int64(StreamLimits.timeEnd) else {
        throw MP4Error(.damaged, "track \(track.id) has come to the impossible time \(time)")
      }
      // Sound is never reordered.
      let offset = track.track.kind == .audio ? 0 : Int64(sample.compositionOffset ?? 0)
      fragment.samples.append(
        LiveSample(
          track: fragment.track, decodeTime: time,
          presentationTime: time + offset + min(0, track.shift),
          duration: duration,
          // Flag 0x10000: sample_is_non_sync_sample.
          randomAccess: flags & 0x1_0000 == 0 ? entry(payload, fragment.track) : .none,
          payload: payload))
      movie[fragment.track].decodeTime = decodeTime + duration
      at += Int64(size)
    }
  }

  /// Writers call pictures sync samples that are none: what counts is the picture itself.
  private func entry(_ payload: ByteBuffer, _ index: Int) -> RandomAccess {
    guard let record = records[index] else { return .closed }
    guard
      let unit = try? AccessUnit(
        in: payload, at: payload.readerIndex, count: payload.readableBytes, codec: record.codec,
        framing: record.framing, parameters: record.parameters)
    else { return .none }
    switch unit.picture {
    case .idr, .bla, .cra, .key: return .closed
    case .recoveryPoint: return .open
    case .none, .intra, .inter: return .none
    }
  }
}
