package import MediaCore

extension CodecString {
  /// `av01.P.LLT.DD`, and all optional fields where one of them differs from its default
  /// (AV1-ISOBMFF §5): `av01.0.13M.10.0.110.09.16.09.0`.
  /// - Parameter colour: of the `colr` box, which goes before the sequence header's.
  package static func av1(
    _ record: AV1CodecConfigurationRecord, colour: ColourInformation? = nil,
    sampleEntry: String = "av01"
  ) -> String {
    let head = [
      sampleEntry, "\(record.profile)", two(record.level) + (record.isHighTier ? "H" : "M"),
      two(record.bitDepth),
    ]
    let subsampling =
      record.isMonochrome
      ? "110"
      : "\(record.subsamplingX)\(record.subsamplingY)"
        + (record.subsamplingX == 1 && record.subsamplingY == 1
          ? "\(record.chromaSamplePosition)" : "0")
    let colour = colour ?? record.sequenceHeader?.colour ?? .unspecified
    let points = [colour.primaries, colour.transfer, colour.matrix].map { Int($0) }
    let tail = [
      record.isMonochrome ? "1" : "0", subsampling, two(points[0]), two(points[1]),
      two(points[2]), colour.isFullRange ? "1" : "0",
    ]
    // A colour of which nothing is known may be left out as well.
    let isDefault = ["01", "02"].contains { point in
      tail == ["0", "110", point, point, point, "0"]
    }
    return (head + (isDefault ? [] : tail)).joined(separator: ".")
  }

  /// `vp09.PP.LL.DD.CC.cp.tc.mc.FF` (VP-codec-ISOBMFF §2.4).
  package static func vp9(
    _ record: VPCodecConfigurationRecord, sampleEntry: String = "vp09"
  ) -> String {
    let colour = record.colour
    // Reserved and unknown code points are said as unspecified; 0 is no primaries at all.
    let points = [colour.primaries, colour.transfer].map { $0 == 0 ? 2 : Int($0) }
    return
      ([sampleEntry]
      + [
        record.profile, record.level, record.bitDepth, record.chromaSubsampling, points[0],
        points[1], Int(colour.matrix), colour.isFullRange ? 1 : 0,
      ].map(two)).joined(separator: ".")
  }

  private static func two(_ value: Int) -> String { (value < 10 ? "0" : "") + "\(value)" }
}
