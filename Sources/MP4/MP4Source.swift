import Codecs
package import FileIO
import ISOBMFF
package import MediaCore
import NIOCore

/// An MP4 file, progressive or fragmented, read by its own sample tables: payloads go from the file
/// to the output without a copy of each.
///
///     let source = try MP4Source(file, name: "episode.mp4")
///
/// What its structure or coding makes a general demuxer's work throws `.notDirect`. With
/// `scrutiny: .tables(…)` no more of the file is read than its tables and a few beginnings of samples.
package struct MP4Source: MediaSource {
  package let name: String
  package let tracks: [SourceTrack]
  package let chapters: [Chapter]
  private let file: any StoredFile
  private let chunks: [Int: ChunkTable]

  package init(
    _ file: any StoredFile, name: String, scrutiny: Scrutiny = .everySample,
    isCancelled: () -> Bool = { false }
  ) throws {
    self.file = file
    self.name = name
    var movie = try Self.naming(name) {
      try Self.scan(file, scrutiny, isCancelled: isCancelled)
    }
    let scan = RandomAccessScan(file: file, name: name, scrutiny: scrutiny)
    let soundScan = SoundScan(file: file, name: name, scrutiny: scrutiny)
    for index in movie.indices {
      try Self.naming(name) { try scan.run(on: &movie[index]) }
      try Self.naming(name) { try soundScan.run(on: &movie[index]) }
      // Nothing is presented before the first sample, whatever the edit list says.
      let first = movie[index].track.samples.presentationTimes.min() ?? 0
      let start =
        movie[index].hasEdit
        ? max(movie[index].track.presentationStart, first) : first + movie[index].priming
      movie[index].track.presentationStart = start
    }
    let found = ChapterReader(file: file, sampleLimit: scrutiny.sampleLimit).read()
    chapters = found.chapters
    // A track of chapter titles is no subtitle.
    tracks = movie.map(\.track).filter { !found.tracks.contains($0.number) || $0.kind != .text }
    chunks = Dictionary(movie.map { ($0.track.number, $0.chunks) }) { first, _ in first }
  }

  /// Says of what is wrong with a box or a record which file it is in.
  private static func naming<Value>(_ name: String, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as ISOBMFFError {
      throw MP4Error(
        error.code == .limit ? .limit : .damaged,
        error.message.contains(name) ? error.message : "\(name): \(error.message)")
    } catch let error as CodecsError {
      throw MP4Error(.damaged, "\(name): \(error.message)")
    }
  }

  /// Box types that an ISO base media or QuickTime file starts with.
  private static let firstTypes: [FourCC] = [
    "ftyp", "moov", "styp", "free", "skip", "wide", "mdat", "pnot", "uuid",
  ]
  private static let maximumTrackCount = 256

  private static func scan(
    _ file: any StoredFile, _ scrutiny: Scrutiny, isCancelled: () -> Bool
  ) throws -> [MovieTrack] {
    let boxes = FileBoxes(file: file)
    var tracks: [MovieTrack] = []
    var hasMovie = false
    let whole = ByteRange(offset: 0, count: file.byteCount)
    // Before any size is believed: a start code reads as a box of an impossible one.
    let head = try file.read(at: 0, count: Int(min(8, file.byteCount)))
    guard
      firstTypes.contains(where: { "\($0)".utf8.elementsEqual(head.readableBytesView.dropFirst(4)) }
      )
    else { throw MP4Error(.notDirect, "\(file.path) does not start as an MP4 file") }
    do {
      try boxes.visit(whole, isLenient: true) { box in
        if isCancelled() { throw CancellationError() }
        switch box.type {
        case "moov":
          guard !hasMovie else {
            throw MP4Error(.notDirect, "\(file.path) has two 'moov' boxes")
          }
          hasMovie = true
          file.adviseReads(of: windows(of: box.range))
          tracks = try movie(box, boxes, scrutiny)
        case "sidx":
          // An index that is damaged is none; it only says where the fragments will be found.
          if let index = try? SegmentIndexBox(boxes.load(box)) {
            file.adviseReads(
              of: fragmentHeads(index, behind: box).filter { $0.upperBound <= file.byteCount })
          }
        case "moof":
          guard hasMovie else {
            throw MP4Error(.notDirect, "\(file.path) has a fragment before its 'moov' box")
          }
          let moof = try boxes.load(box)
          try FragmentReader(file: file, moof: moof, sampleLimit: scrutiny.sampleLimit)
            .read(into: &tracks)
        default: break
        }
        return true
      }
    }
    guard hasMovie else {
      throw MP4Error(.notDirect, "\(file.path) has no 'moov' box: it is cut short or no MP4 file")
    }
    return tracks
  }

  /// Bytes of tables that are read ahead, at most.
  private static let aheadByteCount: Int64 = 32 << 20

  /// Pieces of the tables, each of which holds all of every window that begins in it.
  private static func windows(of moov: ByteRange) -> [Range<Int64>] {
    let step = 4 * TableCursor.windowByteCount
    let end = moov.offset + min(moov.count, aheadByteCount)
    return stride(from: moov.offset, to: end, by: Int(step)).map {
      $0..<min(moov.end, $0 + step + TableCursor.windowByteCount)
    }
  }

  /// Bytes of a fragment that are read ahead: most `moof` boxes have fewer.
  private static let fragmentHeadByteCount: Int64 = 8 << 10

  private static func fragmentHeads(
    _ index: SegmentIndexBox, behind box: FileBox
  ) -> [Range<Int64>] {
    var at = box.range.end &+ Int64(clamping: min(index.firstOffset, 1 << 60))
    return index.references.map { reference in
      defer { at += Int64(reference.byteCount) }
      return at..<at + min(fragmentHeadByteCount, Int64(reference.byteCount))
    }
  }

  static func movie(
    _ moov: FileBox, _ boxes: FileBoxes, _ scrutiny: Scrutiny
  ) throws -> [MovieTrack] {
    let children = try boxes.children(of: moov)
    guard let box = children.first(where: { $0.type == "mvhd" }) else {
      throw MP4Error(.damaged, "\(boxes.file.path): 'moov' has no 'mvhd' box")
    }
    let header = try MovieHeaderBox(boxes.load(box))
    var defaults: [TrackExtendsBox] = []
    for mvex in children where mvex.type == "mvex" {
      for trex in try boxes.children(of: mvex) where trex.type == "trex" {
        defaults.append(try TrackExtendsBox(boxes.load(trex)))
      }
    }
    let traks = children.filter { $0.type == "trak" }
    guard traks.count <= maximumTrackCount else {
      throw MP4Error(
        .limit,
        "\(boxes.file.path) has \(traks.count) tracks; at most \(maximumTrackCount) are read")
    }
    var left = scrutiny.sampleLimit
    return try traks.enumerated().map { number, trak in
      let track = try MovieTrack(
        trak, number: number, movie: header, defaults: defaults, scrutiny: scrutiny,
        sampleLimit: left, in: boxes.file)
      left -= track.track.samples.count
      return track
    }
  }

  /// Where the samples of a track lie; `nil` if there is no such track.
  package func places(ofTrack number: Int) -> SamplePlaces? {
    guard let track = tracks.first(where: { $0.number == number }), let chunks = chunks[number]
    else { return nil }
    return SamplePlaces(track.samples.sizes, chunks)
  }

  package func makeReader(of wanted: Set<Int>) throws -> any PayloadReader {
    file.adviseSequential()
    let chosen = tracks.filter { wanted.contains($0.number) }
    return MP4PayloadReader(
      file, lanes: chosen.map { MP4PayloadReader.Lane($0, chunks[$0.number] ?? ChunkTable()) })
  }
}
