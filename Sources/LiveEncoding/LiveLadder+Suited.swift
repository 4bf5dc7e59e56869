package import Codecs
import FFmpeg
package import Ladder
package import MediaCore

extension LiveLadder {
  /// The renditions of a ladder that a live source gets, in settings that keep up with it: no picture waits for another.
  /// - Parameters:
  ///   - name: how the command calls the ladder, for messages.
  ///   - segment: wanted length of a segment.
  ///   - part: wanted length of a part.
  ///   - codecs: `nil`: the ladder's.
  ///   - maximumHeight: taller rungs are left out.
  /// - Throws: `LadderError`
  package init(
    _ ladder: Ladder, of study: PictureStudy, name: String, segment: MediaTime,
    part: MediaTime, codecs: [VideoCodec]?, maximumHeight: Int?
  ) throws {
    var ladder = ladder
    if ladder.presets == EncoderPresets() { ladder.presets = .realTime }
    // Each field becomes a picture if some rung takes so many.
    var fieldCount: Int64 = study.isInterlaced ? 2 : 1
    var suited = try ladder.suited(to: study.source(fieldCount: fieldCount), codecs: codecs)
    if fieldCount > 1,
      suited.rungs.allSatisfy({ $0.divisor > 1 || $0.height > maximumHeight ?? .max })
    {
      fieldCount = 1
      suited = try ladder.suited(to: study.source(fieldCount: 1), codecs: codecs)
    }
    let chosen = suited.rungs.filter { $0.height <= maximumHeight ?? .max }
    guard !chosen.isEmpty, let grid = FrameGrid(rate: suited.source.frameRate) else {
      throw LadderError(
        .unsuitable,
        "\(name) has no rung of \(maximumHeight ?? 0) lines or fewer: its smallest has "
          + "\(suited.rungs.map(\.height).min() ?? 0)")
    }
    let step = chosen.map { Int64($0.divisor) }.reduce(fieldCount, Self.leastCommonMultiple)
    let distance = Self.pictureCount(segment, grid: grid, step: step)
    let rungs = chosen.enumerated().map { number, rung in
      LadderRung(
        rung.name, track: number,
        RungEncoding(live: rung, keyFrameDistance: Int(distance) / rung.divisor))
    }
    self.init(
      name, rungs, grid: grid, keyDistance: distance,
      partLength: Self.pictureCount(part, grid: grid, step: step), notes: suited.notes)
    self.fieldCount = fieldCount
  }
}

extension EncoderPresets {
  /// What keeps up with a live source on a few cores.
  static let realTime: EncoderPresets = {
    var presets = EncoderPresets()
    presets[.h264] = "veryfast"
    presets[.hevc] = "superfast"
    presets[.av1] = "11"
    return presets
  }()
}

extension RungEncoding {
  fileprivate init(live rung: SuitedRung, keyFrameDistance: Int) {
    let buffer = rung.buffer(segment: Double(keyFrameDistance) / rung.frameRate.value)
    var colour = rung.colour
    colour.isFullRange = false
    self.init(
      rung.codec, width: rung.width, height: rung.height, frameRate: rung.frameRate,
      colour: colour, rate: .average(rung.rates.average),
      maximumBitsPerSecond: buffer.bitsPerSecond, bufferBits: buffer.bits, preset: rung.preset,
      keyFrameDistance: keyFrameDistance)
    bitDepth = rung.bitDepth
    masteringDisplay = rung.masteringDisplay
    contentLight = rung.contentLight
    bidirectionalFrames = 0
    lookahead = 0
    isLowDelay = true
    // One gives the same bytes everywhere; what one cannot keep up with has more.
    let samples = Double(rung.width * rung.height) * rung.frameRate.value
    threadCount =
      switch rung.codec == .h264 ? samples : 3 * samples {
      case ..<130e6: 1
      case ..<400e6: 4
      default: 8
      }
  }
}

extension PictureStudy {
  /// The pictures in a ladder's words.
  /// - Parameter fieldCount: pictures that each becomes.
  func source(fieldCount: Int64) -> SourcePicture {
    let rate = Rational(grid.rate.numerator * fieldCount, grid.rate.denominator) ?? grid.rate
    let isColourKnown =
      form.colour.primaries != 2 || form.colour.transfer != 2
      || form.colour.matrix != 2
    return SourcePicture(
      width: form.width, height: form.height, aspectRatio: form.aspectRatio, frameRate: rate,
      isVariableRate: isVariableRate, bitDepth: form.bitDepth,
      colour: isColourKnown ? form.colour : nil, masteringDisplay: masteringDisplay,
      contentLight: contentLight, isInterlaced: isInterlaced)
  }

  /// A ladder of one rung of the source's own size.
  package var ownSize: Ladder {
    let width = Int((Double(form.width) * form.aspectRatio.value).rounded())
    // As the named ladders have it: 6.5 Mb/s at 1080 lines, and less for each sample of larger pictures.
    let samples = Double(width * form.height) / (1920 * 1080)
    let kilobits = max(100, 6500 * samples.squareRoot() * samples.squareRoot().squareRoot())
    func rates(_ share: Double) -> BitRates { BitRates(average: Int64(kilobits * share) * 1000) }
    let rung = Rung(
      width: width, height: form.height, highestFrameRate: LadderLimits.frameRate.upperBound,
      h264: rates(1), hevc: rates(0.65), av1: rates(0.5))
    return Ladder("source", [rung])
  }
}
