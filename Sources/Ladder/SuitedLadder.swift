package import Codecs
import MediaCore

/// The renditions that one source gets.
///
///     let suited = try SuitedLadder(.uhd, for: source, codecs: [.hevc, .h264])
///     suited.rungs.map(\.name)  // ["2160p-hevc-pq", …, "1080p-h264", …]
///
/// - Nothing is made larger than the source. Where the source lies between two rungs, its own size
///   is the top rung.
/// - The whole picture is kept, its aspect ratio too; samples become square.
/// - Faster sources than a rung takes lose every second picture, or more.
/// - PQ and HLG stay in HEVC and AV1 with ten bits; beside them stands a set in SDR.
/// - Where HEVC or AV1 is made as well, H.264 ends at 1080 lines: no player needs more of it.
package struct SuitedLadder: Hashable, Sendable {
  package var ladder: Ladder
  package var source: SourcePicture
  /// Sets behind one another (codec, then range), each from the largest rung to the smallest.
  package var rungs: [SuitedRung]
  /// What of the source could not stay as it is, a sentence each.
  package var notes: [String]

  /// - Throws: `.unsuitable` for pictures of no size, `.limit` for too many rungs.
  package init(
    _ ladder: Ladder, for source: SourcePicture, codecs: [VideoCodec]? = nil
  ) throws(LadderError) {
    guard (2...LadderLimits.sideLength.upperBound).contains(source.width),
      (2...LadderLimits.sideLength.upperBound).contains(source.height)
    else {
      throw LadderError(
        .unsuitable,
        "pictures of \(source.width)x\(source.height) make no ladder: sides of 2 to "
          + "\(LadderLimits.sideLength.upperBound) are encoded")
    }
    self.ladder = ladder
    self.source = source
    notes = Self.notes(source)
    let codecs = codecs ?? ladder.codecs
    let fitted = try Self.fitted(ladder.rungs, in: source, notes: &notes)
    var rungs: [SuitedRung] = []
    for set in Self.sets(codecs, source: source, notes: &notes) {
      let rows = fitted.filter { row in
        set.codec != .h264 || codecs == [.h264] || min(row.width, row.height) <= 1080
      }
      rungs += rows.compactMap { Self.rung($0, set: set, source: source, presets: ladder.presets) }
    }
    guard !rungs.isEmpty else {
      throw LadderError(
        .unsuitable,
        "the ladder '\(ladder.name)' has no bit rate for "
          + "\(codecs.map(\.rawValue).joined(separator: ", ")); add one, or choose another codec")
    }
    guard rungs.count <= LadderLimits.rungCount else {
      throw LadderError(
        .limit,
        "the ladder comes to \(rungs.count) renditions; at most \(LadderLimits.rungCount) are "
          + "made: name fewer codecs or rungs")
    }
    self.rungs = rungs
    for rung in Set(rungs.map(\.divisor)).sorted() where rung > 1 {
      let rate = rungs.first { $0.divisor == rung }?.frameRate.description ?? ""
      notes.append(
        "of \(source.frameRate) pictures a second the smaller rungs keep one in \(rung), so \(rate)"
      )
    }
  }

  // MARK: Sets

  private struct RungSet: Hashable {
    var codec: VideoCodec
    var range: VideoRange
  }

  /// A set for each codec; of HDR sources one in SDR beside those that keep it.
  private static func sets(
    _ codecs: [VideoCodec], source: SourcePicture, notes: inout [String]
  ) -> [RungSet] {
    guard source.range != .sdr else { return codecs.map { RungSet(codec: $0, range: .sdr) } }
    let keeping = codecs.filter { $0 != .h264 }
    let plain = codecs.contains(.h264) ? VideoCodec.h264 : codecs.first ?? .h264
    notes.append(
      keeping.isEmpty
        ? "its \(source.range.rawValue) becomes SDR by tone mapping, since H.264 has eight bits "
          + "here; name hevc or av1 to keep it"
        : "its \(source.range.rawValue) stays in "
          + "\(keeping.map(\.rawValue).joined(separator: " and ")); the set in "
          + "\(plain.rawValue) is SDR by tone mapping")
    return keeping.map { RungSet(codec: $0, range: source.range) } + [
      RungSet(codec: plain, range: .sdr)
    ]
  }

  private static func rung(
    _ row: Row, set: RungSet, source: SourcePicture, presets: EncoderPresets
  ) -> SuitedRung? {
    guard let rates = row.rung.rates(set.codec) else { return nil }
    let isMapped = set.range != source.range
    var colour = isMapped ? .bt709 : source.completeColour
    colour.isFullRange = false
    let isDeep = set.range != .sdr || (source.bitDepth > 8 && set.codec != .h264 && !isMapped)
    return SuitedRung(
      codec: set.codec, width: row.width, height: row.height, divisor: row.divisor,
      frameRate: row.frameRate, bitDepth: isDeep ? 10 : 8, range: set.range,
      colour: colour,
      masteringDisplay: isMapped ? nil : source.masteringDisplay,
      contentLight: isMapped ? nil : source.contentLight,
      rates: row.frameRate.value > 30.001 ? rates.faster : rates, preset: presets[set.codec])
  }

  // MARK: Sizes

  /// A rung with the size and rate that the source's pictures have on it.
  private struct Row {
    var rung: Rung
    var width: Int
    var height: Int
    var divisor: Int
    var frameRate: Rational
  }

  /// A source's own size is a rung if it has at least so much more than the next: 8 % of a side.
  private static let leastGain = 1.08

  /// - Throws: `.unsuitable` if not one rung is large enough for encoders.
  private static func fitted(
    _ rungs: [Rung], in source: SourcePicture, notes: inout [String]
  ) throws(LadderError) -> [Row] {
    let rows = rows(rungs, in: source)
    let least = LadderLimits.sideLength.lowerBound
    let large = rows.filter { min($0.width, $0.height) >= least }
    guard !large.isEmpty || rows.isEmpty else {
      throw LadderError(
        .unsuitable,
        "pictures of \(source.width)x\(source.height) make no ladder: each side of a rung has at "
          + "least \(least) samples")
    }
    if large.count < rows.count {
      notes.append("rungs of less than \(least) samples a side are left out")
    }
    return large
  }

  private static func rows(_ rungs: [Rung], in source: SourcePicture) -> [Row] {
    let (wide, high) = (Double(source.width) * source.aspectRatio.value, Double(source.height))
    func scale(_ rung: Rung) -> Double {
      let box = wide >= high ? (rung.width, rung.height) : (rung.height, rung.width)
      return min(Double(box.0) / wide, Double(box.1) / high)
    }
    func row(_ rung: Rung, _ scale: Double) -> Row {
      let divisor = divisor(source.frameRate, highest: rung.highestFrameRate)
      return Row(
        rung: rung, width: even(wide * scale), height: even(high * scale), divisor: divisor,
        frameRate: Rational(
          source.frameRate.numerator, source.frameRate.denominator * Int64(divisor))
          ?? source.frameRate)
    }
    let sorted = rungs.sorted { ($0.width * $0.height) > ($1.width * $1.height) }
    let smaller = sorted.filter { scale($0) <= 1 }
    var rows = smaller.map { row($0, scale($0)) }
    let next = smaller.first.map(scale) ?? 0
    if let above = sorted.last(where: { scale($0) > 1 }), next * leastGain < 1 {
      rows.insert(row(above, 1), at: 0)
    }
    return rows
  }

  /// The nearest even number, from 2 on; of halves the smaller.
  private static func even(_ length: Double) -> Int {
    max(2, Int((length / 2 - 1e-9).rounded()) * 2)
  }

  /// The smallest divisor that brings a rate down to the highest.
  private static func divisor(_ rate: Rational, highest: Int) -> Int {
    max(1, Int((rate.value / Double(highest) - 1e-6).rounded(.up)))
  }

  // MARK: Notes

  private static func notes(_ source: SourcePicture) -> [String] {
    var notes: [String] = []
    let (width, height) = (source.width, source.height)
    if width % 2 != 0 || height % 2 != 0 {
      notes.append(
        "its pictures of \(width)x\(height) are scaled to even sides, since 4:2:0 has no others; "
          + "nothing is cut off")
    }
    if source.aspectRatio != .one {
      notes.append(
        "its samples of \(source.aspectRatio.numerator):\(source.aspectRatio.denominator) become "
          + "square")
    }
    if !source.isSubsampled {
      notes.append("its chroma becomes 4:2:0, which is what players take")
    }
    if source.isInterlaced { notes.append("its fields are deinterlaced into whole pictures") }
    if source.isVariableRate {
      notes.append(
        "its pictures come at uneven intervals; they are laid on a grid of \(source.frameRate) a "
          + "second")
    }
    if source.lacksColour {
      let colour = source.completeColour
      notes.append(
        "it does not say all of its colour; it is taken for \(colour.primaries)/\(colour.transfer)/"
          + "\(colour.matrix) (primaries, transfer, matrix of ISO/IEC 23091-2), as its size suggests"
      )
    }
    return notes
  }
}

extension Ladder {
  /// The renditions that a source gets; see `SuitedLadder`.
  package func suited(
    to source: SourcePicture, codecs: [VideoCodec]? = nil
  ) throws(LadderError) -> SuitedLadder {
    try SuitedLadder(self, for: source, codecs: codecs)
  }
}
