import Codecs
import FileIO
import MediaCore
import NIOCore

/// Looks at the pictures that a track's tables call sync samples, and says what they are.
///
/// Tables lie: writers mark open-GOP pictures, and pictures that only carry parameter sets, as sync
/// samples. What counts is the VCL NAL unit (ISO/IEC 14496-15 §5.4.3, §8.4.3).
struct RandomAccessScan {
  let file: any StoredFile
  let name: String
  let scrutiny: Scrutiny

  func run(on movie: inout MovieTrack) throws {
    guard let codec = movie.codec, var state = try State(movie.track, codec) else { return }
    if scrutiny.believesTables {
      return try SparseRandomAccessScan(scan: self, codec: codec).run(on: &movie, &state)
    }
    var walk = SampleWalk(movie)
    var bytes = ByteBuffer()
    while let (index, offset) = walk.next() {
      let isMarked = movie.track.samples.randomAccess[index] != 0
      guard isMarked || state.openCandidate != nil else { continue }
      try take(index, at: offset, isMarked: isMarked, codec, &bytes, &movie, &state)
    }
    // The stream's own word goes before the container's.
    movie.track.masteringDisplay = state.metadata.masteringDisplay ?? movie.track.masteringDisplay
    movie.track.contentLight = state.metadata.contentLight ?? movie.track.contentLight
    if let empty = state.empty, !state.hasEntry {
      throw MP4Error(
        .damaged,
        "\(name): sample \(empty.index) of track \(movie.track.number) at byte \(empty.offset), a key "
          + "frame by the file's tables, holds no picture: its coding is malformed")
    }
  }

  /// Looks at the whole of a sample.
  func take(
    _ index: Int, at offset: Int64, isMarked: Bool, _ codec: VideoCodec, _ bytes: inout ByteBuffer,
    _ movie: inout MovieTrack, _ state: inout State
  ) throws {
    let size = Int(movie.track.samples.sizes[index])
    try file.read(at: offset, count: size, into: &bytes)
    let unit = try accessUnit(in: bytes, codec, movie, state, index, offset)
    if scrutiny.believesTables, codec == .hevc {
      if !unit.parameterSets.isEmpty { movie.track.repeatsParameterSets = true }
    } else if state.isFirst, mustBeRewritten(unit, bytes, size, codec) {
      throw MP4Error(
        .notDirect,
        "\(name): the samples of track \(movie.track.number) hold what belongs elsewhere")
    }
    state.isFirst = false
    if try state.changes(by: unit, in: bytes) {
      throw MP4Error(
        .notDirect,
        "\(name): the parameter sets or pictures of track \(movie.track.number) change")
    }
    if !state.hasEntry {
      state.metadata.take(
        bytes, at: bytes.readerIndex, count: size, codec: codec, framing: movie.framing)
    }
    state.classify(unit, index, isMarked: isMarked, &movie.track.samples)
    if isMarked, unit.picture == .none { state.empty = state.empty ?? (index, offset) }
  }

  func accessUnit(
    in bytes: ByteBuffer, _ codec: VideoCodec, _ movie: MovieTrack, _ state: State, _ index: Int,
    _ offset: Int64
  ) throws -> AccessUnit {
    do {
      return try AccessUnit(
        in: bytes, at: bytes.readerIndex, count: bytes.readableBytes, codec: codec,
        framing: movie.framing, parameters: state.parameters)
    } catch let error as CodecsError {
      throw MP4Error(
        .damaged,
        "\(name): sample \(index) of track \(movie.track.number) at byte \(offset) "
          + "is damaged: \(error.message)")
    }
  }

  /// What the samples so far have said.
  struct State {
    let parameters: SliceParameters
    var isFirst = true
    var metadata = HDRMetadata()
    /// A CRA whose leading pictures may follow.
    private(set) var openCandidate: Int?
    /// Decoding can start somewhere.
    private(set) var hasEntry = false
    /// The first sample that is called a sync sample and holds no picture.
    var empty: (index: Int, offset: Int64)?
    private var sets: ParameterSets
    private var format: VP9Format?

    /// - Returns: `nil` if the track is no video.
    init?(_ track: SourceTrack, _ codec: VideoCodec) throws {
      guard let record = try VideoRecord(track.coding) else { return nil }
      parameters = record.parameters
      sets = ParameterSets(codec: codec)
      switch track.coding {
      case .h264(let bytes), .hevc(let bytes), .av1(let bytes): try sets.take(record: bytes)
      default: break
      }
    }

    /// Whether a sample brings parameter sets or a format that differ from those before.
    mutating func changes(by unit: AccessUnit, in bytes: ByteBuffer) throws -> Bool {
      if let own = unit.vp9Format {
        if let format, format != own { return true }
        format = own
      }
      return try sets.take(unit, in: bytes)
    }

    mutating func classify(
      _ unit: AccessUnit, _ index: Int, isMarked: Bool, _ samples: inout SampleTable
    ) {
      if let candidate = openCandidate {
        if unit.leading == .rasl {
          samples.randomAccess[candidate] = RandomAccess.open.rawValue
        }
        // Leading pictures come right behind their CRA in decode order.
        if unit.leading == .none { openCandidate = nil }
      }
      guard isMarked else { return }
      let access: RandomAccess =
        switch unit.picture {
        case .idr, .bla, .cra, .key: .closed
        case .recoveryPoint: .open
        case .none, .intra, .inter: .none
        }
      samples.randomAccess[index] = access.rawValue
      if unit.picture == .cra { openCandidate = index }
      hasEntry = hasEntry || access != .none
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
