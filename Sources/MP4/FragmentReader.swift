import FileIO
import ISOBMFF
import MediaCore
import NIOCore

/// Appends the samples of a `moof` to the tracks of a movie (ISO/IEC 14496-12 §8.8).
struct FragmentReader {
  let file: any StoredFile
  let moof: Box
  /// Samples of all tracks together, at most.
  let sampleLimit: Int

  func read(into tracks: inout [MovieTrack]) throws {
    // Without a base of its own, a fragment's data follows the one before (§8.8.7).
    var dataEnd = moof.offset
    for traf in try moof.children() where traf.type == "traf" {
      let boxes = try traf.children()
      guard let box = boxes.first(where: { $0.type == "tfhd" }) else {
        throw MP4Error(.damaged, "\(file.path): \(traf.place) has no 'tfhd' box")
      }
      let header = try TrackFragmentHeaderBox(box)
      guard let index = tracks.firstIndex(where: { $0.id == header.trackID }) else { continue }
      guard header.descriptionIndex ?? 1 <= 1 else {
        throw MP4Error(.notDirect, "\(file.path): fragments of more than one sample description")
      }
      if let time = try boxes.first(where: { $0.type == "tfdt" })
        .map(TrackFragmentDecodeTimeBox.init)
      {
        guard time.baseMediaDecodeTime < 1 << 60 else {
          throw MP4Error(
            .damaged,
            "\(file.path): \(traf.place) starts at the impossible time \(time.baseMediaDecodeTime)")
        }
        tracks[index].decodeTime = Int64(time.baseMediaDecodeTime)
      }
      var base = header.defaultBaseIsMoof ? moof.offset : dataEnd
      if let own = header.baseDataOffset {
        guard own < 1 << 60 else {
          throw MP4Error(.damaged, "\(file.path): \(traf.place) points at byte \(own)")
        }
        base = Int64(own)
      }
      var at = base
      for box in boxes where box.type == "trun" {
        let run = try TrackRunBox(box)
        if let offset = run.dataOffset { at = base + Int64(offset) }
        let others = tracks.reduce(0) { $0 + $1.track.samples.count }
        guard run.samples.count <= sampleLimit - others else {
          throw SampleTableReader.tooMany(sampleLimit, in: file)
        }
        try append(run, header, at: &at, to: &tracks[index], place: box.place)
      }
      dataEnd = at
    }
  }

  private func append(
    _ run: TrackRunBox, _ header: TrackFragmentHeaderBox, at: inout Int64,
    to movie: inout MovieTrack, place: String
  ) throws {
    if case .unsupported = movie.track.coding { return }
    for (index, sample) in run.samples.enumerated() {
      let size = sample.size ?? header.size ?? movie.defaults.size
      let duration = sample.duration ?? header.duration ?? movie.defaults.duration
      let flags =
        (index == 0 ? run.firstSampleFlags : nil) ?? sample.flags ?? header.flags
        ?? movie.defaults.flags
      guard at >= 0, Int64(size) <= SampleTable.maximumSampleByteCount,
        at + Int64(size) <= file.byteCount
      else {
        throw MP4Error(
          .damaged,
          "\(file.path): a sample of \(place) lies at bytes \(at) to \(at + Int64(size)), the file "
            + "ends at \(file.byteCount): it is cut short or damaged")
      }
      // Sound is never reordered.
      let offset = movie.track.kind == .audio ? 0 : Int64(sample.compositionOffset ?? 0)
      let time = movie.decodeTime + offset + movie.shift
      movie.chunks.append(
        offset: at, firstSample: movie.track.samples.count, byteCount: Int64(size))
      // Flag 0x10000: sample_is_non_sync_sample.
      movie.track.samples.append(
        presentationTime: time, size: size, randomAccess: flags & 0x1_0000 == 0 ? .closed : .none)
      if duration > 0 { movie.track.samples.lastDuration = Int64(duration) }
      if movie.keepsDurations { movie.track.samples.durations.append(Int64(duration)) }
      movie.decodeTime += Int64(duration)
      at += Int64(size)
    }
  }
}
