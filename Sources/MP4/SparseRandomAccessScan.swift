import Codecs
import FileIO
import ISOBMFF
import MediaCore
import NIOCore

/// Looks at the first sample of a track and at the beginnings of some other sync samples.
///
/// Of H.264 and HEVC the first bytes of a sample tell whether it is what the tables call it. Where one
/// of those looked at begins an open group of pictures, all that were not looked at are taken for
/// such: that is safe, since whoever enters there drops what cannot be decoded.
struct SparseRandomAccessScan {
  let scan: RandomAccessScan
  let codec: VideoCodec

  /// Sync samples that are looked at, at most, beside the first.
  private static let sampleCount = 16
  /// Bytes of a sample that are read, at first.
  private static let prefixByteCount = 4 << 10
  /// Samples behind a key frame that may be its leading pictures.
  private static let leadingCount = 3

  func run(on movie: inout MovieTrack, _ state: inout RandomAccessScan.State) throws {
    let marked = movie.track.samples.randomAccess.indices.filter {
      movie.track.samples.randomAccess[$0] != RandomAccess.none.rawValue
    }
    guard let first = marked.first else { return }
    let places = movie.places
    var bytes = ByteBuffer()
    try scan.take(
      first, at: places.offset(of: first), isMarked: true, codec, &bytes, &movie, &state)
    movie.track.masteringDisplay = state.metadata.masteringDisplay ?? movie.track.masteringDisplay
    movie.track.contentLight = state.metadata.contentLight ?? movie.track.contentLight
    guard state.hasEntry else { throw contradiction(first, movie) }
    guard codec == .h264 || codec == .hevc else { return }
    let looked = Self.spread(marked)
    scan.file.adviseReads(
      of: looked.map { sample in
        let offset = places.offset(of: sample)
        let count = min(Self.prefixByteCount, Int(movie.track.samples.sizes[sample]))
        return offset..<offset + Int64(count)
      })
    let entry = try access(at: first, places, &movie, &state)
    movie.track.samples.randomAccess[first] = entry.rawValue
    var isOpen = false
    for sample in looked where try access(at: sample, places, &movie, &state) == .open {
      isOpen = true
    }
    guard isOpen else { return }
    for sample in marked.dropFirst() {
      movie.track.samples.randomAccess[sample] = RandomAccess.open.rawValue
    }
  }

  /// Some of the sync samples behind the first, the second and the last among them.
  private static func spread(_ marked: [Int]) -> [Int] {
    let rest = marked.dropFirst()
    guard rest.count > sampleCount else { return Array(rest) }
    return (0..<sampleCount).map {
      rest[rest.startIndex + $0 * (rest.count - 1) / (sampleCount - 1)]
    }
  }

  private func access(
    at sample: Int, _ places: SamplePlaces, _ movie: inout MovieTrack,
    _ state: inout RandomAccessScan.State
  ) throws -> RandomAccess {
    let (unit, bytes) = try beginning(of: sample, places, movie, state)
    if try state.changes(by: unit, in: bytes) {
      throw MP4Error(
        .notDirect, "\(scan.name): the parameter sets of track \(movie.track.number) change")
    }
    if codec == .hevc, !unit.parameterSets.isEmpty { movie.track.repeatsParameterSets = true }
    switch unit.picture {
    case .idr, .bla, .key: return .closed
    case .recoveryPoint: return .open
    case .cra:
      let end = min(sample + 1 + Self.leadingCount, movie.track.samples.count)
      for next in sample + 1..<end {
        let leading = try beginning(of: next, places, movie, state).unit.leading
        if leading == .rasl { return .open }
        if leading == .none { break }
      }
      return .closed
    case .none, .intra, .inter: throw contradiction(sample, movie)
    }
  }

  private func contradiction(_ sample: Int, _ movie: MovieTrack) -> MP4Error {
    MP4Error(
      .notDirect,
      "\(scan.name): sample \(sample) of track \(movie.track.number) is a key frame by the file's "
        + "tables and none by its own coding")
  }

  /// The NAL units that a sample begins with: enough for the first slice.
  private func beginning(
    of sample: Int, _ places: SamplePlaces, _ movie: MovieTrack, _ state: RandomAccessScan.State
  ) throws -> (unit: AccessUnit, bytes: ByteBuffer) {
    let size = Int(movie.track.samples.sizes[sample])
    let offset = places.offset(of: sample)
    var bytes = try scan.file.read(at: offset, count: min(size, Self.prefixByteCount))
    if bytes.readableBytes < size {
      movie.framing.endLastUnit(of: &bytes)
      let unit = try scan.accessUnit(in: bytes, codec, movie, state, sample, offset)
      if unit.picture != .none { return (unit, bytes) }
      bytes = try scan.file.read(at: offset, count: size)
    }
    return (try scan.accessUnit(in: bytes, codec, movie, state, sample, offset), bytes)
  }
}
