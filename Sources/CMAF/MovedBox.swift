package import ISOBMFF
package import MediaCore
package import NIOCore

/// A box of a media segment whose times are moved; all else is as it was.
///
///     var bytes = moof
///     try MovedBox.move(&bytes, by: TimelineMove(offset: 512_000), timescale: track)
///
/// Knows `moof` (`tfdt`), `sidx`, `emsg` of version 1 and `prft`; the other boxes of a segment have no
/// times. A time of version 0 that would need more than 32 bits is refused: making room for it would
/// move every byte behind it.
package enum MovedBox {
  package static let types: Set<FourCC> = ["moof", "sidx", "emsg", "prft"]

  /// - Parameters:
  ///   - bytes: one whole box. Without a sample that is left, a `moof` becomes empty: then its `mdat` is
  ///     to be left out too.
  ///   - timescale: of the track.
  /// - Throws: for what is no such box, times that end beyond their field, and samples that cannot be
  ///   left out.
  package static func move(
    _ bytes: inout ByteBuffer, by move: TimelineMove, timescale: Timescale, at position: Int64 = 0
  ) throws(ISOBMFFError) {
    guard let box = try Box.sequence(in: bytes, offset: position).first else { return }
    let payload = bytes.readerIndex + box.headerByteCount
    switch box.type {
    case "moof": try moof(&bytes, box, move)
    case "sidx":
      guard move.start == 0 else { throw cannotCut(box) }
      // `reference_ID` and `timescale`, then the time.
      let ticks = bytes.getInteger(at: payload + 8, as: UInt32.self) ?? 0
      let scale = try box.timescale(ticks)
      try add(
        rescale(move.offset, from: timescale, to: scale), to: &bytes, at: payload + 12, in: box)
    case "emsg":
      // Version 0 counts from its segment.
      guard bytes.getInteger(at: payload, as: UInt8.self) == 1 else { return }
      let scale = try box.timescale(bytes.getInteger(at: payload + 4, as: UInt32.self) ?? 0)
      try add(
        rescale(move.offset, from: timescale, to: scale), to: &bytes, at: payload + 8, in: box)
    case "prft":
      // `reference_track_ID` and `ntp_timestamp`, then the time.
      try add(move.offset, to: &bytes, at: payload + 16, in: box)
    default: break
    }
  }

  /// Adds to a time of 32 bits in a box of version 0, else of 64.
  private static func add(
    _ offset: Int64, to bytes: inout ByteBuffer, at index: Int, in box: Box
  ) throws(ISOBMFFError) {
    var fields = box.fields
    let isWide = try fields.versionAndFlags().version > 0
    let old =
      isWide
      ? bytes.getInteger(at: index, as: UInt64.self)
      : bytes.getInteger(at: index, as: UInt32.self).map(UInt64.init)
    guard let old, index + (isWide ? 8 : 4) <= bytes.writerIndex else {
      throw ISOBMFFError(.truncated, "\(box.place) ends in the middle of a field")
    }
    let (new, overflow) = old.addingReportingOverflow(UInt64(clamping: offset))
    guard !overflow, new <= (isWide ? UInt64(Int64.max) : UInt64(UInt32.max)) else {
      throw ISOBMFFError(
        .limit,
        "\(box.place) has no room for its time and \(offset) ticks more"
          + (isWide ? "" : "; version 1, of 64 bits, has"))
    }
    if isWide {
      bytes.setInteger(new, at: index)
    } else {
      bytes.setInteger(UInt32(new), at: index)
    }
  }

  private static func moof(
    _ bytes: inout ByteBuffer, _ moof: Box, _ move: TimelineMove
  ) throws(ISOBMFFError) {
    if move.start > 0 {
      bytes = try CutFragment(moof, whole: bytes, before: move.start).bytes
      guard let cut = try Box.sequence(in: bytes, offset: moof.offset).first else { return }
      return try times(&bytes, cut, move.offset)
    }
    try times(&bytes, moof, move.offset)
  }

  private static func times(
    _ bytes: inout ByteBuffer, _ moof: Box, _ offset: Int64
  ) throws(ISOBMFFError) {
    for traf in try moof.children() where traf.type == "traf" {
      let tfdt = try traf.required("tfdt")
      let index = bytes.readerIndex + Int(tfdt.offset - moof.offset) + tfdt.headerByteCount
      try add(offset, to: &bytes, at: index + 4, in: tfdt)
    }
  }

  static func cannotCut(_ box: Box) -> ISOBMFFError {
    ISOBMFFError(
      .badValue, "samples cannot be left out of the segment: \(box.place) says more of them")
  }
}
