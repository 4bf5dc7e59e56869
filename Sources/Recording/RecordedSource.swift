import Codecs
import FileIO
package import Library
import MP4
package import MediaCore

/// What a live title has kept, as a source to be packaged: samples as they were published, times as they were, but
/// for moments at which no track has anything, which are left out.
///
///     let source = try RecordedSource(stretch, name: "channel")
package struct RecordedSource: MediaSource {
  package let name: String
  package let tracks: [SourceTrack]
  package let splices: [Splice]
  package let notes: [String]
  private let files: [MP4Source]

  package init(_ stretch: LiveStretch, name: String) throws {
    self.name = name
    files = try stretch.tracks.map { try MP4Source(LiveTrackFile($0), name: name) }
    var tracks: [SourceTrack] = []
    for (index, (file, kept)) in zip(files, stretch.tracks).enumerated() {
      guard var track = file.tracks.first else {
        throw LibraryError(.damaged, "\(name): \(kept.description.name) has no samples")
      }
      track.number = index
      track.language = kept.description.language
      track.label = kept.description.label
      track.roles = kept.description.roles
      track.isDefault = kept.description.isDefault
      track.frameRateHint = kept.description.frameRate
      tracks.append(track)
    }
    let holes = TimelineHoles(stretch, tracks)
    for index in tracks.indices { holes.close(in: &tracks[index]) }
    self.tracks = tracks
    splices = stretch.splices.compactMap { Self.closed($0, holes) }
    notes = holes.note.map { [$0] } ?? []
  }

  private static func closed(_ splice: Splice, _ holes: TimelineHoles) -> Splice? {
    guard let section = try? SpliceInfoSection(parsing: splice.section) else { return nil }
    let clock = Timescale(literal: 90_000)
    let arrival = splice.time.rescaled(to: clock)
    let time = MediaTime(
      section.time(arrival: arrival.value, offset: splice.timeOffset), clock)
    var moved = splice
    moved.time = holes.closed(arrival)
    moved.timeOffset += holes.closed(time).value - time.value
    return moved
  }

  package func makeReader(of wanted: Set<Int>) throws -> any PayloadReader {
    let readers = try tracks.indices.filter { wanted.contains($0) }.map { index in
      RecordedReader.Lane(
        track: index, number: files[index].tracks[0].number,
        reader: try files[index].makeReader(of: [files[index].tracks[0].number]))
    }
    return RecordedReader(readers)
  }
}

/// Payloads of one track behind those of the other.
private final class RecordedReader: PayloadReader {
  struct Lane {
    /// Number in the whole, and in its file.
    var track: Int
    var number: Int
    var reader: any PayloadReader
  }

  private var lanes: ArraySlice<Lane>

  init(_ lanes: [Lane]) { self.lanes = lanes[...] }

  func next() throws -> PayloadBatch? {
    while let lane = lanes.first {
      if var batch = try lane.reader.next() {
        for index in batch.runs.indices { batch.runs[index].track = lane.track }
        return batch
      }
      lanes.removeFirst()
    }
    return nil
  }
}
