import MediaCore
import NIOCore

/// What the fields of known boxes say, for `BoxTree`: from the first bytes of the payload.
enum BoxSummary {
  typealias Field = BoxTree.Field

  /// Tables of samples and of chunks: a full box, then the count of entries.
  private static let tables: Set<FourCC> = ["stts", "ctts", "stss", "stsc", "stco", "co64", "dref"]
  private static let whole: Set<FourCC> = [
    "ftyp", "styp", "mvhd", "tkhd", "elst", "mdhd", "hdlr", "trex", "mehd", "mfhd", "tfhd", "tfdt",
    "colr", "pasp", "btrt", "avcC", "hvcC", "esds", "sbgp", "sgpd", "stsd",
    "av1C", "vpcC", "mdcv", "clli", "dvcC", "dvvC", "dvwC", "st3d", "prhd", "equi", "cbmp",
  ]

  /// Payload bytes of a box that is understood whole, at most.
  static let maximumByteCount = 64 << 10
  /// Payload bytes of a `sidx`, at most: as many references as it can have.
  static let maximumIndexByteCount = 28 + 12 * SegmentIndexBox.maximumReferenceCount + 8

  /// Payload bytes that `fields` needs; 0 for a box whose size is all that is shown.
  static func byteCount(_ type: FourCC, in parent: FourCC?) -> Int {
    if type == "sidx" { return maximumIndexByteCount }
    if tables.contains(type) || type == "stsz" || type == "stz2" { return 12 }
    if type == "trun" { return 16 }
    if whole.contains(type) { return maximumByteCount }
    let isEntry =
      BoxTree.Content.isVisualEntry(type, in: parent)
      || BoxTree.Content.isAudioEntry(type, in: parent)
    return isEntry ? 32 : 0
  }

  static func fields(_ box: Box, in parent: FourCC?) throws(ISOBMFFError) -> [Field] {
    if BoxTree.Content.isVisualEntry(box.type, in: parent) { return try visualEntry(box) }
    if BoxTree.Content.isAudioEntry(box.type, in: parent) { return try audioEntry(box) }
    if tables.contains(box.type) { return try table(box) }
    return switch box.type {
    case "ftyp", "styp": fileType(try FileTypeBox(box))
    case "mvhd": try movieHeader(box)
    case "tkhd": try trackHeader(box)
    case "elst": try edits(box)
    case "mdhd": try mediaHeader(box)
    case "hdlr": try handler(box)
    case "stsz", "stz2": try sizes(box)
    case "trex": try trackExtends(box)
    case "mehd": try extendsHeader(box)
    case "colr": try colour(box)
    case "pasp": try aspectRatio(box)
    case "btrt": try bitRates(box)
    case "avcC": try avcRecord(box)
    case "hvcC": try hevcRecord(box)
    case "av1C": try av1Record(box)
    case "vpcC": try vpRecord(box)
    case "mdcv": try masteringDisplay(box)
    case "clli": try contentLight(box)
    case "dvcC", "dvvC", "dvwC": try dolbyVision(box)
    case "st3d": try stereoscopic(box)
    case "prhd": try projectionHeader(box)
    case "equi": try equirectangular(box)
    case "cbmp": try cubemap(box)
    case "esds": try elementaryStream(box)
    case "sidx": segmentIndex(try SegmentIndexBox(box))
    case "mfhd": try fragmentHeader(box)
    case "tfhd": try trackFragment(box)
    case "tfdt":
      [Field("decode time", "\(try TrackFragmentDecodeTimeBox(box).baseMediaDecodeTime)")]
    case "trun": try run(box)
    case "sbgp": try sampleToGroup(box)
    case "sgpd": try groupDescription(box)
    default: []
    }
  }

  /// `0x` and at least `digits` hexadecimal digits.
  static func hexadecimal(_ value: some BinaryInteger, digits: Int) -> String {
    let text = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// Ticks, and the seconds that they are, to a thousandth.
  static func time(_ ticks: UInt64, _ timescale: Timescale) -> String {
    let time = MediaTime(Int64(clamping: ticks), timescale).milliseconds
    let part = "\(time % 1000)"
    return "\(ticks) (\(time / 1000).\(String(repeating: "0", count: 3 - part.count))\(part) s)"
  }

  // MARK: The movie

  private static func fileType(_ box: FileTypeBox) -> [Field] {
    [
      Field("major", "\(box.majorBrand)"), Field("minor", "\(box.minorVersion)"),
      Field("brands", box.compatibleBrands.map(\.description).joined(separator: " ")),
    ]
  }

  private static func movieHeader(_ box: Box) throws(ISOBMFFError) -> [Field] {
    let header = try MovieHeaderBox(box)
    return [
      Field("timescale", "\(header.timescale)"),
      Field("duration", time(header.duration, header.timescale)),
      Field("next track", "\(header.nextTrackID)"),
    ]
  }

  private static func trackHeader(_ box: Box) throws(ISOBMFFError) -> [Field] {
    let header = try TrackHeaderBox(box)
    var fields = [
      Field("track", "\(header.trackID)"), Field("enabled", header.isEnabled ? "yes" : "no"),
      Field("duration", "\(header.duration)"),
    ]
    if header.width > 0 || header.height > 0 {
      fields.append(Field("size", "\(fixed(header.width))x\(fixed(header.height))"))
    }
    if header.matrix != .unity {
      let elements = header.matrix.elements.map { hexadecimal(UInt32(bitPattern: $0), digits: 8) }
      fields.append(Field("matrix", elements.joined(separator: " ")))
    }
    return fields
  }

  /// 16.16 fixed point.
  private static func fixed(_ value: UInt32) -> String {
    value & 0xffff == 0 ? "\(value >> 16)" : "\(Double(value) / 65536)"
  }

  private static func edits(_ box: Box) throws(ISOBMFFError) -> [Field] {
    try EditListBox(box).entries.map { entry in
      let rate = entry.mediaRate == 0x1_0000 ? "" : " at rate \(Double(entry.mediaRate) / 65536)"
      return Field(
        "edit",
        entry.mediaTime == -1
          ? "nothing for \(entry.segmentDuration)"
          : "from \(entry.mediaTime) for \(entry.segmentDuration)\(rate)")
    }
  }

  private static func mediaHeader(_ box: Box) throws(ISOBMFFError) -> [Field] {
    let header = try MediaHeaderBox(box)
    return [
      Field("timescale", "\(header.timescale)"),
      Field("duration", time(header.duration, header.timescale)),
      Field("language", header.language),
    ]
  }

  private static func handler(_ box: Box) throws(ISOBMFFError) -> [Field] {
    let handler = try HandlerBox(box)
    return [
      Field("handler", "\(handler.handlerType)"), Field("name", SafeText.quoted(handler.name)),
    ]
  }

  private static func table(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    return [Field("entries", "\(try fields.read(UInt32.self))")]
  }

  private static func sizes(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    _ = try fields.versionAndFlags()
    let size: UInt32 = try fields.read()
    let count: UInt32 = try fields.read()
    if box.type == "stz2" {
      return [Field("bits", "\(size & 0xff)"), Field("samples", "\(count)")]
    }
    return [Field("samples", "\(count)")] + (size == 0 ? [] : [Field("each", "\(size)")])
  }

  private static func trackExtends(_ box: Box) throws(ISOBMFFError) -> [Field] {
    let defaults = try TrackExtendsBox(box)
    return [
      Field("track", "\(defaults.trackID)"), Field("description", "\(defaults.descriptionIndex)"),
      Field("duration", "\(defaults.duration)"), Field("size", "\(defaults.size)"),
      Field("flags", hexadecimal(defaults.flags, digits: 8)),
    ]
  }

  private static func extendsHeader(_ box: Box) throws(ISOBMFFError) -> [Field] {
    var fields = box.fields
    let (version, _) = try fields.versionAndFlags()
    return [Field("duration", "\(try fields.wide(version))")]
  }
}
