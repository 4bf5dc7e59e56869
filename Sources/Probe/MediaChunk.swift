import ISOBMFF
import MediaCore
import NIOCore

/// A CMAF chunk as it came: where in the answer it begins, when its samples were taken and how long they
/// last.
struct MediaChunk: Hashable, Sendable {
  /// Of the first box, which may be `styp` or `prft`, in the answer's body.
  var offset: Int
  /// Behind its `mdat`.
  var end: Int
  /// What `prft` says (ISO/IEC 14496-12 §8.16.5): since 1970. `nil` without one.
  var reference: Duration?
  /// The reference is the moment at which the `moof` was made or written (flags 2 and 4), not the
  /// moment at which its first frame went into the encoder or came out of it (0, 1, 24).
  var isReferenceOfFragment = false
  /// Of all samples; `nil` where neither fragment nor header says it.
  var duration: Duration?
  /// Of the last sample.
  var lastDuration: Duration?

  /// Chunks of one answer, at most.
  static let maximumCount = 100_000
  /// Seconds from 1900, from which NTP counts, to 1970.
  private static let ntpSeconds: Int64 = 2_208_988_800

  /// The chunks of a segment or part, as far as their boxes are whole.
  static func chunks(of body: ByteBuffer, _ media: MediaHeader?) -> [MediaChunk] {
    var chunks: [MediaChunk] = []
    var chunk: MediaChunk?
    var at = 0
    while at < body.readableBytes, chunks.count < maximumCount {
      let rest = body.getSlice(
        at: body.readerIndex + at, length: body.readableBytes - at)
      guard let rest, let header = try? BoxHeader(parsing: rest, where: "the answer"),
        let claimed = header.byteCount ?? Int64(exactly: rest.readableBytes),
        claimed <= Int64(rest.readableBytes),
        let payload = rest.getSlice(
          at: rest.readerIndex + header.headerByteCount,
          length: Int(claimed) - header.headerByteCount)
      else { break }
      var current = chunk ?? MediaChunk(offset: at, end: at)
      let box = Box(
        type: header.type, path: "\(header.type)", offset: Int64(at),
        headerByteCount: header.headerByteCount, payload: payload)
      at += Int(claimed)
      current.end = at
      switch header.type {
      case "prft": current.read(producerReference: box)
      case "moof": try? current.read(durations: box, media)
      default: break
      }
      chunk = current
      if header.type == "mdat" {
        chunks.append(current)
        chunk = nil
      }
    }
    return chunks
  }

  private mutating func read(producerReference box: Box) {
    var fields = box.fields
    guard let (_, flags) = try? fields.versionAndFlags(), (try? fields.skip(4)) != nil,
      let time = try? fields.read(UInt64.self)
    else { return }
    let microseconds = Int64(((time & 0xffff_ffff) * 1_000_000) >> 32)
    reference = .seconds(Int64(time >> 32) - Self.ntpSeconds) + .microseconds(microseconds)
    isReferenceOfFragment = flags == 2 || flags == 4
  }

  private mutating func read(durations fragment: Box, _ media: MediaHeader?) throws {
    guard let media, let track = try fragment.child("traf"), let head = try track.child("tfhd")
    else { return }
    let usual = try TrackFragmentHeaderBox(head).duration ?? media.sampleDuration
    var (ticks, last): (Int64, Int64) = (0, 0)
    for box in try track.children() where box.type == TrackRunBox.type {
      for sample in try TrackRunBox(box).samples {
        last = Int64(sample.duration ?? usual)
        ticks &+= last
      }
    }
    guard ticks > 0 else { return }
    duration = media.length(ticks)
    lastDuration = media.length(last)
  }

  /// When a packager had the last sample, and so could have made the chunk: since 1970. `nil` without a
  /// reference.
  /// - Parameter length: of the chunk, where it does not say it itself.
  func published(length: Duration) -> Duration? {
    guard let reference, !isReferenceOfFragment else { return reference }
    return reference + (duration ?? length) - (lastDuration ?? .zero)
  }
}

/// What a CMAF header says of the chunks that follow it.
struct MediaHeader: Hashable, Sendable {
  var timescale: Timescale
  /// Ticks of a sample whose fragment does not say it (`trex`).
  var sampleDuration: UInt32

  /// Of the first track.
  /// - Returns: `nil` for what is no header.
  init?(_ header: ByteBuffer) {
    let boxes = try? Box.sequence(in: header)
    guard let movie = boxes?.first(where: { $0.type == "moov" }),
      let track = try? movie.child("trak"), let media = try? track.child("mdia"),
      let head = try? media.child("mdhd"), let timescale = try? MediaHeaderBox(head).timescale
    else { return nil }
    self.timescale = timescale
    let extends = try? movie.child("mvex")?.child(TrackExtendsBox.type)
    sampleDuration = extends.flatMap { try? TrackExtendsBox($0).duration } ?? 0
  }

  func length(_ ticks: Int64) -> Duration {
    .microseconds(rescale(ticks, from: timescale, to: .microseconds))
  }
}

/// A chunk on its way from the server, as the run measures it.
package struct ChunkArrival: Hashable, Sendable {
  /// When the packager had its last sample: since 1970, by the clock of `prft`.
  package var published: Duration?
  package var firstByte: Duration
  package var lastByte: Duration
  package var byteCount: Int
  package var isAtEdge: Bool

  /// The chunks of a piece that came as it was made, each with the moments at which its first and last
  /// bytes came; any other piece came as one, and could not before its last chunk was made.
  static func arrivals(
    of exchange: Exchange, _ chunks: [MediaChunk], piece: Piece
  ) -> [ChunkArrival] {
    let published = chunks.map {
      $0.published(length: piece.duration / max(chunks.count, 1))
    }
    guard piece.isGrowing else {
      return [
        ChunkArrival(
          published: published.compactMap(\.self).max(),
          firstByte: exchange.firstByte ?? exchange.lastByte, lastByte: exchange.lastByte,
          byteCount: exchange.body.readableBytes, isAtEdge: piece.isAtEdge)
      ]
    }
    var index = 0
    var counted = 0
    /// The moment at which the byte at an offset was there; offsets must grow.
    func moment(_ offset: Int) -> Duration {
      while index < exchange.arrivals.count,
        counted + exchange.arrivals[index].byteCount <= offset
      {
        counted += exchange.arrivals[index].byteCount
        index += 1
      }
      return index < exchange.arrivals.count ? exchange.arrivals[index].moment : exchange.lastByte
    }
    return zip(chunks, published).map { chunk, published in
      let first = moment(chunk.offset)
      return ChunkArrival(
        published: published, firstByte: first, lastByte: moment(chunk.end - 1),
        byteCount: chunk.end - chunk.offset, isAtEdge: piece.isAtEdge)
    }
  }
}

extension Timescale {
  static let microseconds = Timescale(literal: 1_000_000)
}
