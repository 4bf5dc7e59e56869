import Codecs
package import Markup
import MediaCore
import Yams

/// A ladder in YAML.
///
///     ladder: 1                      # version of the format
///     name: evening
///     codecs: [hevc, h264]           # where --codec does not say; h264 without it
///     segment: 2                     # seconds; 2 without it
///     chunk: 15                      # segments that are encoded in one go; without it what suits the length
///     presets: {h264: slow, av1: 6}
///     rungs:                         # kilobits a second, averages
///       - {size: 1920x1080, h264: 6500, hevc: 4200}
///       - {size: 960x540, frame_rate: 30, h264: {average: 1800, peak: 2400}}
///     sound:
///       - {codec: aac, channels: 2, rate: 160}
///
/// To add a key: its name in the list of its mapping's keys, its reading there, its row in
/// docs/ladder.md, and rows in the table of broken files.
package enum LadderFile {
  /// - Parameter name: of the file, for messages.
  /// - Throws: all that is wrong, each with line and column.
  package static func read(
    _ bytes: some Collection<UInt8>, name: String
  ) throws(TextFileError) -> Ladder {
    let root: Node
    do throws(TextFailure) {
      root = try YAMLText(bytes, form: form).parsed()
    } catch {
      throw TextFileError(file: name, problems: [error.problem])
    }
    var reader = LadderFileReader()
    let ladder = reader.ladder(root)
    guard let ladder, reader.problems.isEmpty else {
      throw TextFileError(file: name, problems: reader.problems)
    }
    return ladder
  }

  private static let form = YAMLText.Form(
    byteCount: LadderLimits.fileByteCount, lineLength: LadderLimits.lineLength,
    remedy: "a ladder is a page", opening: "a ladder begins with 'ladder: 1'",
    depth: "a ladder needs 3")
  /// The version of the format.
  static let format = 1
}

/// Reads a YAML tree into a ladder.
struct LadderFileReader: YAMLReader {
  var problems: [TextProblem] = []

  mutating func ladder(_ root: Node) -> Ladder? {
    guard
      let top = fields(
        root, "a ladder file",
        ["ladder", "name", "codecs", "segment", "chunk", "presets", "rungs", "sound"])
    else { return nil }
    guard let version = required("ladder", top) else { return nil }
    guard let format = integer(version, 0...Int.max, "the version of the format") else {
      return nil
    }
    guard format == LadderFile.format else {
      report(version, "version \(format) of the format; this program reads \(LadderFile.format)")
      return nil
    }
    var ladder = Ladder(top["name"].flatMap { name($0) } ?? "ladder", [])
    if let node = top["codecs"] { ladder.codecs = codecs(node) }
    if let node = top["segment"], let seconds = number(node, LadderLimits.segment, "'segment'") {
      ladder.segment = MediaTime(Int64((seconds * 1000).rounded()), Timescale(literal: 1000))
    }
    if let node = top["chunk"],
      let count = integer(node, LadderLimits.groupsPerChunk, "'chunk' (segments)")
    {
      ladder.groupsPerChunk = count
    }
    if let node = top["presets"] { ladder.presets = presets(node) }
    if let node = required("rungs", top) { ladder.rungs = rungs(node) }
    if let node = top["sound"] {
      ladder.sounds = list(node, "'sound'", LadderLimits.soundCount).compactMap { sound($0) }
    }
    checkCodecs(ladder, top["codecs"])
    return ladder
  }

  private mutating func name(_ node: Node) -> String? {
    guard let text = scalar(node, "the ladder's name") else { return nil }
    guard (1...LadderLimits.nameLength).contains(text.count),
      !text.unicodeScalars.contains(where: { $0.value < 0x20 })
    else {
      report(node, "the ladder's name has 1 to \(LadderLimits.nameLength) characters")
      return nil
    }
    return text
  }

  private mutating func codecs(_ node: Node) -> [VideoCodec] {
    let words = Dictionary(uniqueKeysWithValues: Ladder.encodedCodecs.map { ($0.rawValue, $0) })
    var found: [VideoCodec] = []
    for item in list(node, "'codecs'", words.count) {
      guard let codec = word(item, words, "a codec") else { continue }
      guard !found.contains(codec) else {
        report(item, "the codec \(codec.rawValue) is listed twice; keep one")
        continue
      }
      found.append(codec)
    }
    if found.isEmpty, problems.isEmpty {
      report(node, "'codecs' is empty; name one, or leave it out")
    }
    return found
  }

  private mutating func presets(_ node: Node) -> EncoderPresets {
    var presets = EncoderPresets()
    let names = Ladder.encodedCodecs.map(\.rawValue)
    guard let fields = fields(node, "'presets'", names) else { return presets }
    for codec in Ladder.encodedCodecs {
      guard let value = fields[codec.rawValue] else { continue }
      let words = EncoderPresets.words(codec).map { ($0, $0) }
      presets[codec] =
        word(value, Dictionary(uniqueKeysWithValues: words), "a preset of \(codec.rawValue)")
        ?? presets[codec]
    }
    return presets
  }

  // MARK: Rungs

  private mutating func rungs(_ node: Node) -> [Rung] {
    let items = list(node, "'rungs'", LadderLimits.rungCount)
    if items.isEmpty, problems.isEmpty { report(node, "a ladder has at least one rung") }
    var rungs: [Rung] = []
    for item in items {
      guard let rung = rung(item) else { continue }
      guard !rungs.contains(where: { ($0.width, $0.height) == (rung.width, rung.height) }) else {
        report(item, "two rungs have the size \(rung.width)x\(rung.height); keep one")
        continue
      }
      rungs.append(rung)
    }
    return rungs.sorted { $0.width * $0.height > $1.width * $1.height }
  }

  private mutating func rung(_ node: Node) -> Rung? {
    guard let fields = fields(node, "a rung", ["size", "frame_rate", "h264", "hevc", "av1"]),
      let size = required("size", fields).flatMap({ self.size($0) })
    else { return nil }
    var rung = Rung(width: size.width, height: size.height, h264: nil, hevc: nil, av1: nil)
    if let node = fields["frame_rate"],
      let rate = integer(node, LadderLimits.frameRate, "'frame_rate'")
    {
      rung.highestFrameRate = rate
    }
    rung.h264 = fields["h264"].flatMap { rates($0) }
    rung.hevc = fields["hevc"].flatMap { rates($0) }
    rung.av1 = fields["av1"].flatMap { rates($0) }
    if Ladder.encodedCodecs.allSatisfy({ fields[$0.rawValue] == nil }) {
      report(node, "the rung \(size.width)x\(size.height) has no bit rate; write 'h264: 6000'")
    }
    return rung
  }

  private mutating func size(_ node: Node) -> (width: Int, height: Int)? {
    guard let text = scalar(node, "the size of a rung") else { return nil }
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let sides = parts.compactMap { part in
      part.utf8.allSatisfy { (0x30...0x39) ~= $0 } && part.utf8.count <= 5 ? Int(part) : nil
    }
    guard parts.count == 2, sides.count == 2 else {
      report(
        node,
        "the size of a rung is \(SafeText.quoted(text)); width x height is expected, as "
          + "1920x1080")
      return nil
    }
    let range = LadderLimits.sideLength
    guard sides.allSatisfy({ range.contains($0) && $0 % 2 == 0 }) else {
      report(
        node,
        "the size of a rung is \(SafeText.quoted(text)); even sides of \(range.lowerBound) to "
          + "\(range.upperBound) are expected")
      return nil
    }
    return (sides[0], sides[1])
  }

  /// An average alone, or average and peak.
  private mutating func rates(_ node: Node) -> BitRates? {
    let range = LadderLimits.pictureKilobits
    if case .scalar = node {
      return integer(node, range, "a bit rate (kbit/s)").map {
        BitRates(average: Int64($0) * 1000)
      }
    }
    guard let fields = fields(node, "a bit rate", ["average", "peak"]),
      let average = required("average", fields).flatMap({
        integer($0, range, "'average' (kbit/s)")
      })
    else { return nil }
    var rates = BitRates(average: Int64(average) * 1000)
    if let node = fields["peak"] {
      guard let peak = integer(node, average...range.upperBound, "'peak' (kbit/s)") else {
        return nil
      }
      rates.peak = Int64(peak) * 1000
    }
    return rates
  }

  private mutating func checkCodecs(_ ladder: Ladder, _ node: Node?) {
    guard problems.isEmpty else { return }
    for codec in ladder.codecs where ladder.rungs.allSatisfy({ $0.rates(codec) == nil }) {
      let message = "no rung has a bit rate for \(codec.rawValue)"
      if let node {
        report(node, "\(message); add one, or take the codec out")
      } else {
        report(
          TextPosition(line: 1, column: 1),
          "\(message), which is what pictures are encoded in where 'codecs' is not written")
      }
    }
  }

  // MARK: Sound

  private mutating func sound(_ node: Node) -> SoundRung? {
    guard let fields = fields(node, "a coding of sound", ["codec", "channels", "rate"]),
      let codec = required("codec", fields).flatMap({
        word(
          $0,
          Dictionary(uniqueKeysWithValues: SoundRung.Codec.allCases.map { ($0.rawValue, $0) }),
          "a codec of sound")
      }),
      let channels = required("channels", fields).flatMap({
        word($0, ["2": 2, "6": 6], "'channels'")
      }),
      let rate = required("rate", fields).flatMap({
        integer($0, LadderLimits.soundKilobits, "'rate' (kbit/s)")
      })
    else { return nil }
    return SoundRung(codec, channelCount: channels, bitsPerSecond: Int64(rate) * 1000)
  }
}
