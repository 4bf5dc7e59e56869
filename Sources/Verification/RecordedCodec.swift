import MediaCore

/// `codecs` parameters (RFC 6381 §3.3, ISO/IEC 14496-15 Annex E) from the first bytes of a record.
enum RecordedCodec {
  static func avc(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 4 else { return nil }
    return "avc1." + bytes[1...3].map(twoDigits).joined()
  }

  static func hevc(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 13 else { return nil }
    let space = ["", "A", "B", "C"][Int(bytes[1] >> 6)]
    let isHighTier = bytes[1] & 0x20 != 0
    // The flags' bits in reverse, so that flag 0 is the least.
    var flags: UInt32 = 0
    for byte in bytes[2...5].reversed() {
      for bit in 0..<8 { flags = flags << 1 | UInt32(byte >> UInt8(bit) & 1) }
    }
    var constraints = bytes[6...11]
    while constraints.last == 0 { constraints.removeLast() }
    let head = "hvc1.\(space)\(bytes[1] & 31).\(String(flags, radix: 16))"
    let tail = constraints.map { "." + String($0, radix: 16) }.joined()
    return "\(head).\(isHighTier ? "H" : "L")\(bytes[12])\(tail)"
  }

  /// From the first three bytes of `av1C` (AV1-ISOBMFF §5); the optional fields stand there all, or
  /// none where each has its default.
  /// - Parameter colour: of `colr`, or else of the sequence header.
  static func av1(_ bytes: [UInt8], colour: ColourInformation?) -> String? {
    guard bytes.count >= 3 else { return nil }
    let (second, third) = (bytes[1], bytes[2])
    let depth = third & 0x40 == 0 ? "08" : third & 0x20 == 0 ? "10" : "12"
    let tier = third & 0x80 == 0 ? "M" : "H"
    let head = "av01.\(second >> 5).\(twoDecimals(Int(second & 31)))\(tier).\(depth)"
    let isMonochrome = third & 0x10 != 0
    let position = third & 0x0c == 0x0c ? third & 3 : 0
    let subsampling =
      isMonochrome ? "110" : "\(third >> 3 & 1)\(third >> 2 & 1)\(position)"
    let colour = colour ?? .unspecified
    let points = [colour.primaries, colour.transfer, colour.matrix]
    let range = colour.isFullRange ? 1 : 0
    let isUnsaid = points == [1, 1, 1] || points == [2, 2, 2]
    if !isMonochrome, subsampling == "110", isUnsaid, range == 0 { return head }
    let texts = points.map { twoDecimals(Int($0)) }.joined(separator: ".")
    return "\(head).\(isMonochrome ? 1 : 0).\(subsampling).\(texts).\(range)"
  }

  /// From `vpcC`, version and flags included (VP-codec-ISOBMFF §2.4): all nine fields.
  static func vp9(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 10 else { return nil }
    let packed = bytes[6]
    let points = [bytes[7] == 0 ? 2 : bytes[7], bytes[8] == 0 ? 2 : bytes[8], bytes[9]]
    let fields = [bytes[4], bytes[5], packed >> 4, packed >> 1 & 7] + points + [packed & 1]
    return "vp09." + fields.map { twoDecimals(Int($0)) }.joined(separator: ".")
  }

  /// From the first five bytes of a Dolby Vision configuration record (Dolby Vision Streams Within
  /// the ISO Base Media File Format §3).
  static func dolbyVision(_ bytes: [UInt8], entry: String) -> String? {
    guard bytes.count >= 5 else { return nil }
    let level = Int(bytes[2] & 1) << 5 | Int(bytes[3] >> 3)
    return "\(entry).\(twoDecimals(Int(bytes[2] >> 1))).\(twoDecimals(level))"
  }

  /// From an AudioSpecificConfig: its first audioObjectType (ISO/IEC 14496-3 §1.6.2.1).
  static func aac(_ bytes: [UInt8]) -> String? {
    guard bytes.count >= 2 else { return nil }
    let short = bytes[0] >> 3
    let type = short == 31 ? 32 + Int((bytes[0] & 7) << 3 | bytes[1] >> 5) : Int(short)
    return "mp4a.40.\(type)"
  }

  private static func twoDigits(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func twoDecimals(_ value: Int) -> String { (value < 10 ? "0" : "") + "\(value)" }
}
