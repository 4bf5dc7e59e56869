import MediaCore
import NIOCore

/// Segment indexes, movie fragments, sample groups.
extension BoxSummary {
  static func segmentIndex(_ box: SegmentIndexBox) -> [Field] {
    let ticks = box.references.reduce(UInt64(0)) { $0 + UInt64($1.duration) }
    let bytes = box.references.reduce(Int64(0)) { $0 + Int64($1.byteCount) }
    let types = Set(box.references.map { $0.startsWithSAP ? $0.sapType : 0 }).sorted()
    return [
      Field("reference", "\(box.referenceID)"), Field("timescale", "\(box.timescale)"),
      Field("earliest", "\(box.earliestPresentationTime)"),
      Field("first offset", "\(box.firstOffset)"), Field("segments", "\(box.references.count)"),
      Field("duration", time(ticks, box.timescale)), Field("bytes", "\(bytes)"),
      Field("SAP types", types.map { "\($0)" }.joined(separator: " ")),
    ]
  }

  static func fragmentHeader(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    return [Field("sequence", "\(try fields.read(UInt32.self))")]
  }

  static func trackFragment(_ box: Box) throws(ISOBMFFError) -> [Field] {
    let header = try TrackFragmentHeaderBox(box)
    var shown = [Field("track", "\(header.trackID)")]
    if header.defaultBaseIsMoof { shown.append(Field("base", "moof")) }
    if let offset = header.baseDataOffset { shown.append(Field("base", "\(offset)")) }
    if let index = header.descriptionIndex { shown.append(Field("description", "\(index)")) }
    if let duration = header.duration { shown.append(Field("duration", "\(duration)")) }
    if let size = header.size { shown.append(Field("size", "\(size)")) }
    if let flags = header.flags { shown.append(Field("flags", hexadecimal(flags, digits: 8))) }
    return shown
  }

  /// The run's head: what each sample says of itself, not the samples.
  static func run(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    let (version, present) = try fields.versionAndFlags()
    var shown = [
      Field("version", "\(version)"), Field("flags", hexadecimal(present, digits: 6)),
      Field("samples", "\(try fields.read(UInt32.self))"),
    ]
    if present & 0x01 != 0 { shown.append(Field("data offset", "\(try fields.read(Int32.self))")) }
    if present & 0x04 != 0 {
      shown.append(Field("first flags", hexadecimal(try fields.read(UInt32.self), digits: 8)))
    }
    let own = [
      (0x100, "duration"), (0x200, "size"), (0x400, "flags"), (0x800, "composition offset"),
    ]
    .filter { present & UInt32($0.0) != 0 }
    if !own.isEmpty { shown.append(Field("each", own.map(\.1).joined(separator: "+"))) }
    return shown
  }

  static func sampleToGroup(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    let type = try fields.code()
    if version == 1 { try fields.skip(4) }
    let count: UInt32 = try fields.read()
    var shown = [Field("grouping", "\(type)"), Field("entries", "\(count)")]
    if count == 1 {
      shown.append(Field("samples", "\(try fields.read(UInt32.self))"))
      shown.append(Field("group", "\(try fields.read(UInt32.self))"))
    }
    return shown
  }

  static func groupDescription(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    let type = try fields.code()
    let length: UInt32 = version >= 1 ? try fields.read() : 0
    if version >= 2 { try fields.skip(4) }
    let count: UInt32 = try fields.read()
    var shown = [Field("grouping", "\(type)"), Field("entries", "\(count)")]
    if type == "roll" || type == "prol", version == 1, length == 2, count == 1 {
      shown.append(Field("distance", "\(try fields.read(Int16.self))"))
    }
    return shown
  }
}
