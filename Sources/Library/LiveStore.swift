package import CMAF
import FileIO
package import MediaCore
import NIOCore
import Synchronization

/// The media of a live title at rest, beside the titles of its library, so that viewers can go back, and so that a
/// packager that was killed goes on where it was.
///
///     let store = try LiveStore(library: "library", name: "channel", window: window)
///     let past = try store.past(of: description)
///     try store.append(chunk, track: "video-1080p")
///
/// `.channel.live` holds for each track files of some minutes, `video-1080p.884121000.m4s` for those from that segment
/// on, and beside each its index, `.index`, of `LiveRecord`s; headers as `video-1080p.0123456789.header`;
/// `splices.log`, its splice messages; and `live.json`, what the title was. A file of media is only ever added to.
package final class LiveStore: LiveArchive {
  /// What a title was before this run.
  package struct Past: Sendable {
    /// In order for each track. Only the latest have their bytes, and are to be served from memory.
    package var chunks: [(track: String, chunk: LiveChunk)] = []
    /// The highest number of a segment.
    package var lastSegment: Int64 = 0
    /// Discontinuities before the first of the chunks.
    package var discontinuitySequence: Int64 = 0
    /// In the order in which they came.
    package var splices: [LiveSplice] = []
  }

  private struct Run {
    var first: Int64
    var path: String
    var records: [LiveRecord] = []

    var end: Int64 { records.last.map { $0.time + $0.duration } ?? 0 }
    var byteCount: Int64 { records.last.map { $0.offset + $0.count } ?? 0 }
  }

  private struct Track {
    var timescale = Timescale(literal: 1)
    /// In order.
    var runs: [Run] = []
    /// The last run's; `nil` where the next chunk begins one.
    var media: WritableFile?
    var index: WritableFile?
    var headers: [String: LiveHeader] = [:]
    var discontinuityCount: Int64 = 0
  }

  private struct State {
    var tracks: [String: Track] = [:]
    /// In the order of the title.
    var described: [LiveTitleDescription.Track] = []
    /// `nil` before it is known what the title is.
    var splices: LiveSpliceFile?
  }

  package let folder: String
  private let window: MediaTime
  private let state = Mutex(State())

  /// How much media a file holds.
  private static let runLength = MediaTime(300, Timescale(literal: 1))
  /// How much of the latest media is read again at the start.
  private static let memory = MediaTime(60, Timescale(literal: 1))
  /// Bytes of an index, at most.
  private static let indexByteCount = 64 << 20

  /// - Parameter window: how far back viewers may go.
  /// - Throws: `LibraryError` if the library is not there, `FileIOError` if the folder cannot be made.
  package init(library: String, name: String, window: MediaTime) throws {
    guard Folder.resolved(library) != nil else {
      throw LibraryError(
        .notFound, "the library \(library) does not exist; make the folder, or name another")
    }
    folder = "\(library)/.\(name).live"
    self.window = window
    if Folder.entry(at: folder) == nil { try Folder.make(folder) }
  }

  /// What a packager has left that is no more, as it was then.
  /// - Throws: `.notFound` if there is nothing.
  package convenience init(left name: String, in library: String) throws {
    let folder = "\(library)/.\(name).live"
    guard let kept = KeptTitle(folder: folder) else {
      throw LibraryError(.notFound, "\(library) has no live title \(name) that was left unfinished")
    }
    try self.init(
      library: library, name: name, window: MediaTime(kept.window, Timescale(literal: 1)))
    var state = State()
    for track in kept.tracks {
      var found = Track(timescale: Timescale(track.timescale) ?? Timescale(literal: 1))
      found.runs = try runs(of: track.name)
      guard let version = found.runs.last?.records.last?.version,
        let header = try header(version, of: track.name, &found),
        let described = track.described(header: header)
      else { continue }
      state.described.append(described)
      state.tracks[track.name] = found
    }
    state.splices = try LiveSpliceFile(
      folder: folder, tracks: kept.tracks.map(\.name), reads: true)
    let restored = state
    self.state.withLock { $0 = restored }
  }

  /// The highest number of a segment that was published, whatever the title was then.
  package func lastSegment() throws -> Int64 { try latest()?.segment ?? 0 }

  private func latest() throws -> LiveRecord? {
    try Folder.names(in: folder).filter { $0.hasSuffix(".index") }
      .compactMap { try Self.records("\(folder)/\($0)").last }
      .max { $0.segment < $1.segment }
  }

  /// Takes up what a run before has left, if it was the same title; else all of it is removed.
  package func past(
    of tracks: [LiveTitleDescription.Track], targetDuration: Int
  ) throws -> Past {
    let title = KeptTitle(tracks: tracks, targetDuration: targetDuration, window: window)
    var past = Past()
    past.lastSegment = try lastSegment()
    var state = State()
    state.described = tracks
    let names = tracks.map(\.name)
    if let known = KeptTitle(folder: folder), known.goesOn(as: title) {
      for track in tracks { state.tracks[track.name] = try restore(track, &past) }
      state.splices = try LiveSpliceFile(folder: folder, tracks: names, reads: true)
      past.splices = state.splices?.splices ?? []
    } else {
      let count = try latest()?.discontinuityCount ?? 0
      try clear()
      for track in tracks {
        state.tracks[track.name] = Track(
          timescale: track.partTarget.timescale, discontinuityCount: count)
      }
      past.discontinuitySequence = count
      state.splices = try LiveSpliceFile(folder: folder, tracks: names, reads: false)
    }
    try title.write(into: folder)
    let restored = state
    self.state.withLock { $0 = restored }
    return past
  }

  /// The files of a track, in order.
  private func runs(of track: String) throws -> [Run] {
    var runs: [Run] = []
    for name in try Folder.names(in: folder) {
      guard name.hasPrefix("\(track)."), name.hasSuffix(".index"),
        let first = Int64(name.dropFirst(track.utf8.count + 1).dropLast(6))
      else { continue }
      let path = "\(folder)/\(name.dropLast(6)).m4s"
      let records = try Self.records("\(folder)/\(name)")
      // What was being written when the packager died is not whole.
      let byteCount = try ReadableFile(path: path).byteCount
      let whole = records.prefix { $0.offset + $0.count <= byteCount }
      if !whole.isEmpty { runs.append(Run(first: first, path: path, records: Array(whole))) }
    }
    return runs.sorted { $0.first < $1.first }
  }

  private func restore(_ track: LiveTitleDescription.Track, _ past: inout Past) throws -> Track {
    var found = Track(timescale: track.partTarget.timescale)
    found.runs = try runs(of: track.name)
    found.discontinuityCount = found.runs.last?.records.last?.discontinuityCount ?? 0
    let end = found.runs.last?.end ?? 0
    let oldest = end - window.rescaled(to: found.timescale).value
    let recent = end - Self.memory.rescaled(to: found.timescale).value
    let listed = found.runs.lazy.flatMap(\.records).first { $0.time + $0.duration > oldest }
    past.discontinuitySequence =
      listed.map { $0.discontinuityCount - ($0.startsDiscontinuity ? 1 : 0) }
      ?? found.discontinuityCount
    for run in found.runs where run.end > oldest {
      let file = try ReadableFile(path: run.path)
      for record in run.records where record.time + record.duration > oldest {
        guard let header = try header(record.version, of: track.name, &found) else { continue }
        var bytes = ByteBuffer()
        if record.time >= recent {
          try file.read(at: record.offset, count: Int(record.count), into: &bytes)
        }
        past.chunks.append((track.name, record.chunk(header: header, bytes: bytes)))
      }
    }
    return found
  }

  private func header(
    _ version: String, of track: String, _ found: inout Track
  ) throws -> LiveHeader? {
    if let known = found.headers[version] { return known }
    let path = "\(folder)/\(track).\(version).header"
    guard Folder.entry(at: path) == .file else { return nil }
    let file = try ReadableFile(path: path)
    var bytes = ByteBuffer()
    try file.read(at: 0, count: Int(file.byteCount), into: &bytes)
    let header = LiveHeader(version: version, bytes: bytes)
    found.headers[version] = header
    return header
  }

  private static func records(_ path: String) throws -> [LiveRecord] {
    let file = try ReadableFile(path: path)
    guard file.byteCount <= indexByteCount else {
      throw LibraryError(.limit, "\(path) has \(file.byteCount) bytes; it is no index")
    }
    var bytes = ByteBuffer()
    try file.read(at: 0, count: Int(file.byteCount), into: &bytes)
    var records: [LiveRecord] = []
    while let record = LiveRecord(&bytes) { records.append(record) }
    return records
  }

  // MARK: What comes

  /// Keeps a chunk; once this returns, a crash of the program loses nothing of it.
  package func append(_ chunk: LiveChunk, track name: String) throws {
    try state.withLock { state in
      guard var track = state.tracks[name] else {
        throw LibraryError(.notFound, "\(folder) has no track \(name)")
      }
      defer { state.tracks[name] = track }
      if track.headers[chunk.header.version] == nil {
        let path = "\(folder)/\(name).\(chunk.header.version).header"
        if Folder.entry(at: path) == nil {
          try WritableFile(creating: path).write(chunk.header.bytes, at: 0)
        }
        track.headers[chunk.header.version] = chunk.header
      }
      if chunk.part == 0 || track.media == nil { try begin(chunk, name, &track) }
      guard let media = track.media, let index = track.index, !track.runs.isEmpty else { return }
      let last = track.runs.count - 1
      if chunk.startsDiscontinuity { track.discontinuityCount += 1 }
      let record = LiveRecord(
        chunk, offset: track.runs[last].byteCount, discontinuityCount: track.discontinuityCount)
      var bytes = ByteBuffer()
      record.write(into: &bytes)
      try media.write(chunk.bytes, at: record.offset)
      try index.write(
        bytes, at: Int64(track.runs[last].records.count) * Int64(LiveRecord.byteCount))
      track.runs[last].records.append(record)
    }
  }

  /// Keeps a splice message; once this returns, a crash of the program loses nothing of it.
  package func append(_ splice: LiveSplice) throws {
    try state.withLock { try $0.splices?.append(splice) }
  }

  /// Begins another file where it is time to, and removes those that nobody may ask for any more.
  private func begin(_ chunk: LiveChunk, _ name: String, _ track: inout Track) throws {
    let length = Self.runLength.rescaled(to: track.timescale).value
    if let run = track.runs.last, track.media != nil, let first = run.records.first,
      chunk.time - first.time < length
    {
      return
    }
    let path = "\(folder)/\(name).\(chunk.segment)"
    // What stands there was never published: its records are not whole.
    for name in ["\(path).m4s", "\(path).index"] { try Folder.remove(name) }
    track.media = try WritableFile(creating: "\(path).m4s")
    track.index = try WritableFile(creating: "\(path).index")
    track.runs.append(Run(first: chunk.segment, path: "\(path).m4s"))
    // A segment stays as long as a playlist that held it may be followed
    // (draft-pantos-hls-rfc8216bis §6.2.2).
    let oldest = chunk.time - 2 * window.rescaled(to: track.timescale).value - length
    while let run = track.runs.first, run.end < oldest, track.runs.count > 1 {
      try Folder.remove("\(run.path.dropLast(4)).index")
      try Folder.remove(run.path)
      track.runs.removeFirst()
    }
  }

  // MARK: What becomes of it

  /// What viewers may go back to, from one change of a header to the next.
  package func stretches() throws -> [LiveStretch] {
    try state.withLock { state in
      let kept = try state.described.compactMap { described -> KeptTrack? in
        guard !described.isWebVTT, var track = state.tracks[described.name] else { return nil }
        let chunks = track.runs.flatMap { run in run.records.map { (run.path, $0) } }
        for version in Set(chunks.map(\.1.version)) {
          _ = try header(version, of: described.name, &track)
        }
        return KeptTrack(description: described, chunks: chunks, headers: track.headers)
      }
      let splices = state.splices?.splices.map(\.splice) ?? []
      return LiveStretch.all(of: kept, window: window).map { $0.with(splices) }
    }
  }

  /// Removes all that was kept. Nothing may be added afterwards.
  package func remove() throws { try Folder.remove(folder) }

  /// Removes what was kept; what comes next begins anew.
  package func clear() throws {
    try state.withLock { state in
      state = State()
      for name in try Folder.names(in: folder) { try Folder.remove("\(folder)/\(name)") }
    }
  }

  package func place(
    ofSegment number: Int64, track: String, version: String
  ) throws -> LiveArchivePlace? {
    state.withLock { state in
      guard let run = state.tracks[track]?.runs.last(where: { $0.first <= number }) else {
        return nil
      }
      let records = run.records.filter { $0.segment == number }
      guard let first = records.first, let last = records.last, first.version == version,
        !records.contains(where: \.isGap)
      else { return nil }
      return LiveArchivePlace(
        path: run.path,
        range: ByteRange(offset: first.offset, count: last.offset + last.count - first.offset))
    }
  }
}

extension LiveRecord {
  fileprivate func chunk(header: LiveHeader, bytes: ByteBuffer) -> LiveChunk {
    LiveChunk(
      header: header, segment: segment, part: part, time: time, duration: duration,
      isIndependent: isIndependent, endsSegment: endsSegment,
      startsDiscontinuity: startsDiscontinuity, isGap: isGap, producedAt: producedAt,
      bytes: bytes)
  }
}
