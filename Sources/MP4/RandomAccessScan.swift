import Codecs
import FileIO
import MediaCore
import NIOCore

/// Looks at the pictures that a track's tables call sync samples, and says what they are.
///
/// Tables lie: writers mark open-GOP pictures, and pictures that only carry parameter sets, as sync
/// samples. What counts is the VCL NAL unit (ISO/IEC 14496-15 §5.4.3, §8.4.3).
struct RandomAccessScan {
  let file: ReadableFile
  let name: String

  func run(on movie: inout MovieTrack) throws {
    guard let codec = movie.codec else { return }
    var sets = ParameterSets(codec: codec)
    var parameters = SliceParameters()
    switch movie.track.coding {
    case .h264(let record), .hevc(let record), .av1(let record):
      try sets.take(record: record)
      parameters = try VideoRecord(movie.track.coding)?.parameters ?? parameters
    case .vp9: break
    default: return
    }
    var metadata = HDRMetadata()
    var format: VP9Format?
    var walk = SampleWalk(movie)
    var bytes = ByteBuffer()
    var openCandidate: Int?
    var hasEntry = false
    var isFirst = true
    var empty: (index: Int, offset: Int64)?
    while let (index, offset) = walk.next() {
      let isMarked = movie.track.samples.randomAccess[index] != 0
      guard isMarked || openCandidate != nil else { continue }
      let size = Int(movie.track.samples.sizes[index])
      try file.read(at: offset, count: size, into: &bytes)
      let unit: AccessUnit
      do {
        unit = try AccessUnit(
          in: bytes, at: bytes.readerIndex, count: size, codec: codec, framing: movie.framing,
          parameters: parameters)
      } catch let error as CodecsError {
        throw MP4Error(
          .damaged,
          "\(name): sample \(index) of track \(movie.track.number) at byte \(offset) "
            + "is damaged: \(error.message)")
      }
      if let own = unit.vp9Format {
        if let format, format != own {
          throw MP4Error(.notDirect, "\(name): the pictures of track \(movie.track.number) change")
        }
        format = own
      }
      if isFirst, mustBeRewritten(unit, bytes, size, codec) {
        throw MP4Error(
          .notDirect,
          "\(name): the samples of track \(movie.track.number) hold what belongs elsewhere")
      }
      isFirst = false
      if !hasEntry {
        metadata.take(
          bytes, at: bytes.readerIndex, count: size, codec: codec, framing: movie.framing)
      }
      if try sets.take(unit, in: bytes) {
        throw MP4Error(
          .notDirect, "\(name): the parameter sets of track \(movie.track.number) change")
      }
      if let candidate = openCandidate {
        if unit.leading == .rasl {
          movie.track.samples.randomAccess[candidate] = RandomAccess.open.rawValue
        }
        // Leading pictures come right behind their CRA in decode order.
        if unit.leading == .none { openCandidate = nil }
      }
      guard isMarked else { continue }
      if unit.picture == .none { empty = empty ?? (index, offset) }
      switch unit.picture {
      case .idr, .bla, .key: movie.track.samples.randomAccess[index] = RandomAccess.closed.rawValue
      case .cra:
        movie.track.samples.randomAccess[index] = RandomAccess.closed.rawValue
        openCandidate = index
      case .recoveryPoint: movie.track.samples.randomAccess[index] = RandomAccess.open.rawValue
      default:
        movie.track.samples.randomAccess[index] = RandomAccess.none.rawValue
      }
      hasEntry = hasEntry || movie.track.samples.randomAccess[index] != 0
    }
    // The stream's own word goes before the container's.
    movie.track.masteringDisplay = metadata.masteringDisplay ?? movie.track.masteringDisplay
    movie.track.contentLight = metadata.contentLight ?? movie.track.contentLight
    if let empty, !hasEntry {
      throw MP4Error(
        .damaged,
        "\(name): sample \(empty.index) of track \(movie.track.number) at byte \(empty.offset), a key frame "
          + "by the file's tables, holds no NAL unit of a picture: its coding is malformed")
    }
  }

  /// Whether a sample has to be written anew: parameter sets that `hvc1` keeps in the sample entry
  /// alone (ISO/IEC 14496-15 §8.3.3.1.3), units of AV1 that do not belong into samples
  /// (AV1-ISOBMFF §2.4). Whoever does so begins with the first sample.
  private func mustBeRewritten(
    _ unit: AccessUnit, _ bytes: ByteBuffer, _ count: Int, _ codec: VideoCodec
  ) -> Bool {
    if codec == .hevc { return !unit.parameterSets.isEmpty }
    guard codec == .av1 else { return false }
    var units = AV1OBUs(in: bytes, at: bytes.readerIndex, count: count)
    while let unit = try? units.next() {
      if [.temporalDelimiter, .padding, .tileList].contains(unit.kind) { return true }
    }
    return false
  }
}

/// Visits a track's samples with their file offsets.
struct SampleWalk {
  private let sizes: [UInt32]
  private let offsets: [Int64]
  private let firstSamples: [UInt32]
  private var index = 0
  private var chunk = 0
  private var at: Int64 = 0

  init(_ movie: MovieTrack) {
    sizes = movie.track.samples.sizes
    offsets = movie.chunks.offsets
    firstSamples = movie.chunks.firstSamples
  }

  mutating func next() -> (index: Int, offset: Int64)? {
    guard index < sizes.count else { return nil }
    if chunk < firstSamples.count, Int(firstSamples[chunk]) == index {
      at = offsets[chunk]
      chunk += 1
    }
    defer {
      at += Int64(sizes[index])
      index += 1
    }
    return (index, at)
  }
}
