import Codecs
import FileIO
import MediaCore
import NIOCore

/// Looks at the frames of sound: how long each lasts where they differ, whether all are of one
/// stream, and what the record does not say.
struct SoundScan {
  let file: any StoredFile
  let name: String
  let scrutiny: Scrutiny

  /// Bytes of frames that lie together and are read at one go, at most.
  private static let windowByteCount = 256 << 10

  func run(on movie: inout MovieTrack) throws {
    switch movie.track.coding {
    case .ac3, .eac3, .opus, .flac, .mp3: break
    default: return
    }
    guard movie.track.samples.count > 0 else { return }
    if scrutiny.believesTables { return try lookAtEnds(of: &movie) }
    var record: SoundRecord?
    var lengths: [UInt32] = []
    var walk = SampleWalk(movie)
    let sizes = movie.track.samples.sizes
    var window = ByteBuffer()
    var start: Int64 = 0
    var pending = walk.next()
    while let (first, offset) = pending {
      // Frames that lie behind each other.
      var end = offset + Int64(sizes[first])
      var last = first
      pending = walk.next()
      while let (index, next) = pending, next == end,
        end - offset < Int64(Self.windowByteCount)
      {
        end += Int64(sizes[index])
        last = index
        pending = walk.next()
      }
      start = offset
      try file.read(at: start, count: Int(end - start), into: &window)
      var at = window.readerIndex
      for index in first...last {
        let size = Int(sizes[index])
        try located(movie.track.number, index, start + Int64(at - window.readerIndex)) {
          let known = try record ?? Self.complete(movie.track.coding, in: window, at: at, size)
          record = known
          try check(known, window, at: at, size)
          if let length = try known.sampleCount(ofFrameIn: window, at: at, count: size) {
            lengths.append(UInt32(length))
          }
        }
        at += size
      }
    }
    if let record { movie.track.coding = record.sampleCoding }
    movie.track.samples.frameLengths = lengths
  }

  /// The record by the first frame, the lengths by the tables but for the last frame's: theirs is what
  /// of it is presented.
  private func lookAtEnds(of movie: inout MovieTrack) throws {
    let sizes = movie.track.samples.sizes
    let places = movie.places
    var record: SoundRecord?
    var lastLength: Int?
    for index in [0, sizes.count - 1] {
      let offset = places.offset(of: index)
      let size = Int(sizes[index])
      let frame = try file.read(at: offset, count: size)
      try located(movie.track.number, index, offset) {
        let known =
          try record ?? Self.complete(movie.track.coding, in: frame, at: frame.readerIndex, size)
        record = known
        try check(known, frame, at: frame.readerIndex, size)
        lastLength = try known.sampleCount(ofFrameIn: frame, at: frame.readerIndex, count: size)
      }
    }
    guard let record, let rate = Timescale(UInt32(clamping: record.sampleRate)) else { return }
    movie.track.coding = record.sampleCoding
    movie.track.samples.frameLengths = movie.track.samples.durations.map {
      UInt32(clamping: rescale($0, from: movie.track.timescale, to: rate))
    }
    if let lastLength, let last = movie.track.samples.frameLengths.indices.last {
      movie.track.samples.frameLengths[last] = UInt32(clamping: lastLength)
    }
    movie.track.samples.durations = []
    guard movie.track.samples.frameLengths.allSatisfy({ $0 > 0 }) else {
      throw MP4Error(
        .damaged,
        "\(name): by the tables of track \(movie.track.number), some of its frames of sound last no time"
      )
    }
  }

  private func check(
    _ record: SoundRecord, _ bytes: ByteBuffer, at offset: Int, _ size: Int
  ) throws {
    if case .eac3 = record.coding,
      try !EAC3AccessUnit(in: bytes, at: offset, count: size).isWhole
    {
      // A general demuxer takes such samples apart and puts them together anew.
      throw MP4Error(.notDirect, "\(name): samples of E-AC-3 of less than six blocks")
    }
    try record.check(frameIn: bytes, at: offset, count: size)
  }

  private func located<Value>(
    _ track: Int, _ index: Int, _ offset: Int64, _ body: () throws -> Value
  ) throws -> Value {
    do {
      return try body()
    } catch let error as CodecsError {
      throw MP4Error(
        .damaged,
        "\(name): sample \(index) of track \(track) at byte \(offset): \(error.message)")
    }
  }

  /// The container's record, completed by what the first frame says.
  private static func complete(
    _ coding: SampleCoding, in bytes: ByteBuffer, at offset: Int, _ count: Int
  ) throws -> SoundRecord {
    switch coding {
    case .ac3(let box) where box.readableBytes == 0:
      return SoundRecord(.ac3(AC3SpecificBox(try AC3Header(in: bytes, at: offset))))
    case .eac3(let box):
      let unit = try EAC3AccessUnit(in: bytes, at: offset, count: count)
      let own = try EAC3SpecificBox(unit)
      guard box.readableBytes > 0 else { return SoundRecord(.eac3(own)) }
      var stated = try EAC3SpecificBox(parsing: box)
      // Old writers do not know joint object coding.
      stated.objectCount = own.objectCount ?? stated.objectCount
      return SoundRecord(.eac3(stated))
    case .mp3:
      return SoundRecord(.mp3(try MPEGAudioHeader(in: bytes, at: offset)))
    default:
      guard let record = try SoundRecord(coding) else {
        throw CodecsError(.unsupported, "is no coded sound")
      }
      return record
    }
  }
}
