import ISOBMFF
import NIOCore

/// A `moof` without its first samples. Their bytes stay in the `mdat`, where nothing refers to them.
///
/// For fragments of one run, whose samples only `trun` and `sbgp` speak of, as those of sound do.
struct CutFragment {
  /// The new `moof`; empty if no sample is left.
  let bytes: ByteBuffer

  /// - Parameters:
  ///   - moof: the box, and `whole` its bytes.
  ///   - start: ticks; samples with an earlier decode time are left out.
  init(_ moof: Box, whole: ByteBuffer, before start: Int64) throws(ISOBMFFError) {
    let trafs = try moof.children().filter { $0.type == "traf" }
    guard trafs.count == 1, let traf = trafs.first else { throw MovedBox.cannotCut(moof) }
    let cut = try Cut(traf, before: start)
    guard cut.count > 0 else {
      bytes = whole
      return
    }
    guard !cut.isAll else {
      bytes = ByteBuffer()
      return
    }
    // Nothing throws while boxes are written: the parts first.
    var parts: [(box: Box, bytes: ByteBuffer?)] = []
    for box in try traf.children() { parts.append((box, try cut.part(box))) }
    let shrinkage = parts.reduce(0) { sum, part in
      sum + (part.bytes.map { part.box.payload.readableBytes - $0.readableBytes } ?? 0)
    }
    for index in parts.indices where parts[index].box.type == "trun" {
      // `sample_count`, then the offset of the data from the start of the `moof`.
      let old = parts[index].bytes?.getInteger(at: 8, as: Int32.self) ?? 0
      let (new, overflow) = old.addingReportingOverflow(
        Int32(clamping: cut.byteCount - Int64(shrinkage)))
      guard !overflow else { throw MovedBox.cannotCut(parts[index].box) }
      parts[index].bytes?.setInteger(new, at: 8)
    }
    let children = try moof.children()
    var made = ByteBuffer()
    made.writeBox("moof") { moof in
      for child in children {
        moof.writeBox(child.type) { written in
          guard child.type == "traf" else { return _ = written.writeImmutableBuffer(child.payload) }
          for (box, bytes) in parts {
            written.writeBox(box.type) { $0.writeImmutableBuffer(bytes ?? box.payload) }
          }
        }
      }
    }
    bytes = made
  }
}

/// How much of a `traf` goes, from its front.
private struct Cut {
  /// Samples.
  var count = 0
  /// Of their media data.
  var byteCount: Int64 = 0
  var ticks: UInt64 = 0
  let isAll: Bool

  init(_ traf: Box, before start: Int64) throws(ISOBMFFError) {
    let header = try TrackFragmentHeaderBox(traf.required("tfhd"))
    let runs = try traf.children().filter { $0.type == "trun" }
    guard runs.count == 1, let box = runs.first else { throw MovedBox.cannotCut(traf) }
    let run = try TrackRunBox(box)
    var time = try TrackFragmentDecodeTimeBox(traf.required("tfdt")).baseMediaDecodeTime
    for sample in run.samples {
      guard time < UInt64(clamping: start) else { break }
      guard let duration = sample.duration ?? header.duration, let size = sample.size ?? header.size
      else { throw MovedBox.cannotCut(box) }
      let (next, overflow) = time.addingReportingOverflow(UInt64(duration))
      guard !overflow else { throw MovedBox.cannotCut(box) }
      time = next
      ticks += UInt64(duration)
      byteCount += Int64(size)
      count += 1
    }
    isAll = count == run.samples.count
    guard count == 0 || isAll || run.dataOffset != nil && run.firstSampleFlags == nil else {
      throw MovedBox.cannotCut(box)
    }
  }

  /// The payload of a box in the `traf`; `nil` if it stays.
  func part(_ box: Box) throws(ISOBMFFError) -> ByteBuffer? {
    switch box.type {
    case "tfhd": return nil
    case "tfdt":
      let time = try TrackFragmentDecodeTimeBox(box).baseMediaDecodeTime
      var fields = box.fields
      let isWide = try fields.versionAndFlags().version > 0
      var made = ByteBuffer(bytes: box.payload.readableBytesView)
      if isWide {
        made.setInteger(time + ticks, at: 4)
      } else {
        guard let narrow = UInt32(exactly: time + ticks) else { throw MovedBox.cannotCut(box) }
        made.setInteger(narrow, at: 4)
      }
      return made
    case "trun": return try run(box)
    case "sbgp": return try groups(box)
    default: throw MovedBox.cannotCut(box)
    }
  }

  /// Checked by `init`: there is a data offset, and there are more samples.
  private func run(_ box: Box) throws(ISOBMFFError) -> ByteBuffer {
    var fields = box.fields
    let (version, present) = try fields.versionAndFlags()
    let all: UInt32 = try fields.read()
    let offset: UInt32 = try fields.read()
    try fields.skip(count * 4 * (present >> 8 & 15).nonzeroBitCount)
    var made = ByteBuffer()
    made.writeInteger(UInt32(version) << 24 | present)
    made.writeInteger(all - UInt32(count))
    made.writeInteger(offset)
    made.writeImmutableBuffer(try fields.slice(fields.remaining))
    return made
  }

  private func groups(_ box: Box) throws(ISOBMFFError) -> ByteBuffer {
    var fields = box.fields
    let (version, flags) = try fields.versionAndFlags()
    let type: UInt32 = try fields.read()
    let parameter: UInt32? = version == 1 ? try fields.read() : nil
    let entryCount: UInt32 = try fields.read()
    guard Int(entryCount) * 8 <= fields.remaining else { throw MovedBox.cannotCut(box) }
    var left = UInt32(count)
    var entries: [(count: UInt32, group: UInt32)] = []
    for _ in 0..<entryCount {
      let samples: UInt32 = try fields.read()
      let group: UInt32 = try fields.read()
      let gone = min(left, samples)
      left -= gone
      if samples > gone { entries.append((samples - gone, group)) }
    }
    var made = ByteBuffer()
    made.writeInteger(UInt32(version) << 24 | flags)
    made.writeInteger(type)
    if let parameter { made.writeInteger(parameter) }
    made.writeInteger(UInt32(entries.count))
    for entry in entries {
      made.writeInteger(entry.count)
      made.writeInteger(entry.group)
    }
    return made
  }
}
