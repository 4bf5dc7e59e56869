import Codecs
import FileIO
import MediaCore
import NIOCore

/// Looks at the frames of sound: how long each lasts where they differ, whether all are of one
/// stream, and what the record does not say.
struct SoundScan {
  let file: ReadableFile
  let name: String

  /// Bytes of frames that lie together and are read at one go, at most.
  private static let windowByteCount = 256 << 10

  func run(on movie: inout MovieTrack) throws {
    switch movie.track.coding {
    case .ac3, .eac3, .opus, .flac, .mp3: break
    default: return
    }
    guard movie.track.samples.count > 0 else { return }
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
          if case .eac3 = known.coding,
            try !EAC3AccessUnit(in: window, at: at, count: size).isWhole
          {
            // A general demuxer takes such samples apart and puts them together anew.
            throw MP4Error(.notDirect, "\(name): samples of E-AC-3 of less than six blocks")
          }
          try known.check(frameIn: window, at: at, count: size)
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

  private func located(_ track: Int, _ index: Int, _ offset: Int64, _ body: () throws -> Void)
    throws
  {
    do {
      try body()
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
