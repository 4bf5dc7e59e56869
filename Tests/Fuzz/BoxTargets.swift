import FileIO
import Glibc
import ISOBMFF
import Library
import MP4
import MediaCore
import NIOCore
import OnTheFly
import Packaging
import Presentation

/// Box trees, MP4 files as sources, and track files at rest.
extension FuzzTarget {
  static let boxTargets = [
    FuzzTarget(name: "boxes", run: boxes),
    FuzzTarget(name: "mp4") { bytes in
      tolerant {
        let source = try MP4Source(try written(bytes), name: "fuzz")
        var options = PackagingOptions()
        options.skipsUnsupported = true
        _ = try PackagingJob([source], options: options)
        let reader = try source.makeReader(of: Set(source.tracks.map(\.number)))
        while try reader.next() != nil {}
      }
    },
    FuzzTarget(name: "on-the-fly") { bytes in
      tolerant {
        let file = try FileTitle(try written(bytes), name: "fuzz")
        let documents = TitleDocuments(file.title, addressing: .segments)
        for name in documents.names { _ = documents.document(named: name) }
        for track in file.tracks.values { walk(track, of: Int64(bytes.readableBytes)) }
      }
    },
    FuzzTarget(name: "track") { bytes in
      tolerant { _ = try TrackFile(try written(bytes), name: "fuzz") }
      tolerant { _ = try TrackFile(TrackStorage(written(bytes)), name: "fuzz", isForeign: true) }
    },
    FuzzTarget(name: "uploaded", run: uploaded),
  ]

  /// What is uploaded means the same, however the network cuts it into pieces.
  private static func uploaded(_ bytes: ByteBuffer) {
    func events(pieces count: Int) -> Int? {
      var stream = FragmentedStream(name: "fuzz")
      var rest = bytes
      var total = 0
      do {
        while let piece = rest.readSlice(length: min(count, rest.readableBytes)), count > 0,
          piece.readableBytes > 0
        {
          total += try stream.take(piece).count
          demand(stream.byteCount <= bytes.readableBytes, "more is kept than came")
        }
        try stream.finish()
      } catch {
        return nil
      }
      return total
    }
    let whole = events(pieces: max(1, bytes.readableBytes))
    demand(events(pieces: 7) == whole, "pieces of 7 bytes mean something else")
  }

  /// Makes the first units of a track, which have the length that its index says and lie in the file.
  private static func walk(_ track: FileTrack, of byteCount: Int64) {
    var at: Int64 = 0
    for _ in 0..<64 where at < track.byteCount {
      let unit = track.unit(at: at)
      var count: Int64 = 0
      for part in unit.parts {
        switch part {
        case .bytes(let bytes): count += Int64(bytes.readableBytes)
        case .file(let range):
          precondition(range.offset >= 0 && range.end <= byteCount)
          count += range.count
        }
      }
      precondition(unit.range.offset == at && unit.range.count == count)
      at = unit.range.end
    }
  }

  private static func boxes(_ bytes: ByteBuffer) {
    tolerant { _ = try BoxTree(bytes).text }
    tolerant {
      var budget = walkBudget
      for box in try Box.sequence(in: bytes) { walk(box, depth: 0, &budget) }
    }
  }

  /// Boxes that one input is walked through, at most: where children begin is tried at several places,
  /// which multiplies with the depth.
  private static let walkBudget = 1024

  private static func walk(_ box: Box, depth: Int, _ budget: inout Int) {
    budget -= 1
    guard budget > 0 else { return }
    tolerant {
      switch box.type {
      case "ftyp": _ = try FileTypeBox(box)
      case "tkhd": _ = try TrackHeaderBox(box)
      case "mvhd": _ = try MovieHeaderBox(box)
      case "mdhd": _ = try MediaHeaderBox(box)
      case "hdlr": _ = try HandlerBox(box)
      case "elst": _ = try EditListBox(box)
      case "sidx": _ = try SegmentIndexBox(box)
      case "trun": _ = try TrackRunBox(box)
      case "tfhd": _ = try TrackFragmentHeaderBox(box)
      case "tfdt": _ = try TrackFragmentDecodeTimeBox(box)
      case "trex": _ = try TrackExtendsBox(box)
      case "emsg": _ = try EventMessageBox(box)
      default:
        guard depth < 12 else { return }
        for skipped in [0, 4, 8, 28, 78] where budget > 0 {
          tolerant {
            for child in try box.children(after: skipped) where budget > 0 {
              walk(child, depth: depth + 1, &budget)
            }
          }
        }
      }
    }
  }

  /// The bytes as a file, which the readers of MP4 want.
  private static func written(_ bytes: ByteBuffer) throws -> ReadableFile {
    let path = "/dev/shm/dougong-fuzz-\(getpid())"
    try Folder.remove(path)
    let file = try WritableFile(creating: path)
    try file.write(bytes, at: 0)
    return try ReadableFile(path: path)
  }
}
