import Codecs
package import ISOBMFF
package import MediaCore
package import NIOCore

/// Reads CMAF, and any fragmented MP4, as it comes: in pieces of any size, from whoever sends it.
///
///     var stream = FragmentedStream(name: "video.cmfv")
///     for event in try stream.take(bytes) { … }
///     try stream.finish()
///
/// A fragment is given out when the last byte of its `mdat` has come. No more is kept than one of them
/// (`StreamLimits`). What follows a header is of that header's tracks; a stream without one may be given what
/// another has had.
package struct FragmentedStream: Sendable {
  package enum Event: Sendable {
    /// A `moov`: the stream's tracks, numbered as they stand there. None has samples.
    case header([SourceTrack])
    /// Brands of a `styp`.
    case segment([FourCC])
    case fragment(StreamFragment)
    /// `mfra`: nothing follows.
    case end
  }

  private let name: String
  private var header: StreamHeader?
  /// Bytes that make no whole box yet.
  private var waiting = ByteBuffer()
  /// Place of the first of them in the stream.
  private var offset: Int64 = 0
  /// Bytes of a box that nobody wants.
  private var skipping: Int64 = 0
  private var moof: Box?
  private var reference: ProducerReferenceTimeBox?

  /// - Parameters:
  ///   - name: the stream, for messages.
  ///   - header: of another stream, which this one continues.
  package init(name: String, header: StreamHeader? = nil) {
    self.name = name
    self.header = header
  }

  /// What the tracks are; a stream that goes on elsewhere needs it there.
  package var currentHeader: StreamHeader? { header }

  /// Bytes that are kept.
  package var byteCount: Int { waiting.readableBytes }

  /// - Throws: `MP4Error`: `.limit` for more than is kept, `.notDirect` for what is no such stream, `.noHeader` for
  ///   a header that is missing or cannot be read, `.damaged` for the rest.
  package mutating func take(_ bytes: ByteBuffer) throws(MP4Error) -> [Event] {
    if waiting.readableBytes == 0 { waiting = bytes } else { waiting.writeImmutableBuffer(bytes) }
    var events: [Event] = []
    do {
      while try step(&events) {}
    } catch let error as MP4Error {
      throw error
    } catch {
      throw MP4Error(.damaged, "\(name): \(error)")
    }
    if waiting.readableBytes == 0 { waiting = ByteBuffer() } else { waiting.discardReadBytes() }
    return events
  }

  /// Whether bytes begin with a `moof`, and can be no others.
  package static func beginsFragment(_ bytes: ByteBuffer) -> Bool {
    bytes.getString(at: bytes.readerIndex + 4, length: 4) == "moof"
      && bytes.getString(at: bytes.readerIndex + 12, length: 4) == "mfhd"
  }

  /// The rest of what has been begun will not come.
  package mutating func abandonFragment() {
    offset += Int64(waiting.readableBytes)
    waiting = ByteBuffer()
    skipping = 0
    (moof, reference) = (nil, nil)
  }

  /// The stream is over.
  /// - Throws: if that is in the middle of a box.
  package func finish() throws(MP4Error) {
    guard waiting.readableBytes == 0, skipping == 0 else {
      throw MP4Error(.damaged, "\(name) ends inside a box, behind byte \(offset)")
    }
  }

  /// - Returns: whether there may be more to do with what is there.
  private mutating func step(_ events: inout [Event]) throws -> Bool {
    if skipping > 0 {
      let count = Int(min(skipping, Int64(waiting.readableBytes)))
      advance(count)
      skipping -= Int64(count)
      return count > 0 && skipping == 0
    }
    guard
      let found = try BoxHeader(parsing: waiting, where: "\(name), byte \(offset)")
    else { return false }
    guard let count = found.byteCount else {
      throw MP4Error(
        .damaged, "\(name): box '\(found.type)' at byte \(offset) does not say how long it is")
    }
    if offset == 0, !Self.firstTypes.contains(found.type) {
      throw MP4Error(
        .notDirect,
        "\(name) begins with '\(found.type)': CMAF or another fragmented MP4 is expected")
    }
    guard Self.readTypes.contains(found.type) else {
      if found.type == "mfra" { events.append(.end) }
      skipping = count
      return true
    }
    let limit = found.type == "mdat" ? StreamLimits.mediaByteCount : StreamLimits.headBoxByteCount
    guard count <= limit else {
      throw MP4Error(
        .limit,
        "\(name): box '\(found.type)' at byte \(offset) has \(count) bytes; at most \(limit) are taken"
      )
    }
    // Nothing is made ready for bytes that are only promised.
    guard waiting.readableBytes >= Int(count),
      let payload = waiting.getSlice(
        at: waiting.readerIndex + found.headerByteCount, length: Int(count) - found.headerByteCount)
    else { return false }
    let box = Box(
      type: found.type, path: "\(found.type)", offset: offset,
      headerByteCount: found.headerByteCount, payload: payload)
    try take(box, whole: waiting.getSlice(at: waiting.readerIndex, length: Int(count)), &events)
    advance(Int(count))
    return true
  }

  private mutating func advance(_ count: Int) {
    waiting.moveReaderIndex(forwardBy: count)
    offset += Int64(count)
  }

  /// Boxes that are of use; all others are passed over.
  private static let readTypes: Set<FourCC> = ["styp", "moov", "prft", "moof", "mdat"]
  /// Boxes that a stream, or a piece of one, begins with.
  private static let firstTypes: Set<FourCC> = [
    "ftyp", "styp", "moov", "moof", "prft", "emsg", "sidx", "free", "skip", "uuid", "mfra",
  ]

  private mutating func take(_ box: Box, whole: ByteBuffer?, _ events: inout [Event]) throws {
    switch box.type {
    case "styp":
      let brands = try FileTypeBox(box)
      events.append(.segment([brands.majorBrand] + brands.compatibleBrands))
    case "moov":
      do {
        let read = try StreamHeader(moov: whole ?? ByteBuffer(), name: name)
        header = read
        events.append(.header(read.tracks))
      } catch {
        throw MP4Error(.noHeader, "\(name): the header cannot be read: \(error)")
      }
      moof = nil
    case "prft": reference = try ProducerReferenceTimeBox(box)
    case "moof":
      guard header != nil else {
        throw MP4Error(
          .noHeader, "\(name): a fragment came before the CMAF header that tells what is in it")
      }
      moof = box
    default:
      guard let described = moof else {
        throw MP4Error(
          .notDirect, "\(name) is not fragmented: the 'mdat' at byte \(offset) follows no 'moof'")
      }
      moof = nil
      for fragment in try header?.fragments(described, media: box, reference: reference) ?? [] {
        events.append(.fragment(fragment))
      }
      reference = nil
    }
  }
}
