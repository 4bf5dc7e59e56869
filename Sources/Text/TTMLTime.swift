/// Reads time expressions of TTML (TTML1 §10.3.1) by the parameters of a document.
struct TTMLTime {
  /// Frames in a second, as a fraction.
  private var frames: (numerator: Int64, denominator: Int64) = (30, 1)
  /// `frameRate` without its multiplier: frames that a second of SMPTE time counts.
  private var nominalFrames: Int64 = 30
  private var subframes: Int64 = 1
  private var ticks: Int64 = 1
  private var isSMPTE = false
  private var dropsFrames = false

  init(_ root: TTMLElement) {
    let number = { (name: String) -> Int64? in
      root[name].flatMap { Int64($0) }.flatMap { (1...1_000_000_000).contains($0) ? $0 : nil }
    }
    if let rate = number("frameRate"), rate <= 1000 {
      frames = (rate, 1)
      nominalFrames = rate
      ticks = rate
    }
    if let rate = number("subFrameRate"), rate <= 1000 { subframes = rate }
    if let multiplier = root["frameRateMultiplier"] {
      let parts = multiplier.split { $0 == " " || $0 == ":" }.compactMap { Int64($0) }
      if parts.count == 2, parts.allSatisfy({ (1...1_000_000).contains($0) }) {
        frames.numerator *= parts[0]
        frames.denominator *= parts[1]
      }
    }
    ticks = number("tickRate") ?? (root["frameRate"] == nil ? 1 : nominalFrames * subframes)
    isSMPTE = root["timeBase"] == "smpte"
    dropsFrames = isSMPTE && root["dropMode"] == "dropNTSC"
  }

  /// Milliseconds; `nil` if the expression cannot be read.
  func milliseconds(_ text: String) -> Int64? {
    var bytes = Array(text.utf8)[...]
    while bytes.first == 0x20 { bytes.removeFirst() }
    while bytes.last == 0x20 { bytes.removeLast() }
    guard let first = Self.decimal(&bytes) else { return nil }
    return bytes.first == UInt8(ascii: ":")
      ? clockTime(hours: first, &bytes) : offsetTime(first, bytes)
  }

  /// A decimal number in millionths.
  private static func decimal(_ text: inout ArraySlice<UInt8>) -> Int64? {
    let digits = text.prefix { (0x30...0x39).contains($0) }
    guard !digits.isEmpty, digits.count <= 12 else { return nil }
    text = text[digits.endIndex...]
    var value = digits.reduce(Int64(0)) { $0 * 10 + Int64($1 - 0x30) } * 1_000_000
    if text.first == UInt8(ascii: ".") {
      let fraction = text.dropFirst().prefix { (0x30...0x39).contains($0) }
      text = text[fraction.endIndex...]
      var unit: Int64 = 100_000
      for digit in fraction {
        value += Int64(digit - 0x30) * unit
        unit /= 10
      }
    }
    return value
  }

  /// `HH:MM:SS`, then a fraction of the second, or frames and subframes.
  private func clockTime(hours: Int64, _ text: inout ArraySlice<UInt8>) -> Int64? {
    var parts = [hours]
    while parts.count < 4, text.first == UInt8(ascii: ":") {
      text.removeFirst()
      guard let part = Self.decimal(&text) else { return nil }
      parts.append(part)
    }
    guard parts.count >= 3, text.isEmpty, parts[0] / 1_000_000 < 100_000,
      parts[1] < 60_000_000, parts[2] < 61_000_000
    else { return nil }
    let seconds = (parts[0] / 1_000_000 * 60 + parts[1] / 1_000_000) * 60
    guard isSMPTE else {
      // Frames of media time begin anew with each second.
      let whole = Int128(seconds) * 1_000_000 + Int128(parts[2])
      let frame = parts.count == 4 ? parts[3] : 0
      return Self.rounded(
        whole * Int128(frames.numerator) + Int128(frame) * Int128(frames.denominator), 1000,
        Int128(1_000_000) * Int128(frames.numerator))
    }
    var frame = (Int128(seconds) * 1_000_000 + Int128(parts[2])) * Int128(nominalFrames)
    if parts.count == 4 { frame += Int128(parts[3]) }
    if dropsFrames {
      // Two labels are left out each minute, but not each tenth (SMPTE ST 12-1 §5.2.2).
      let minutes = Int128(seconds / 60)
      frame -= (minutes - minutes / 10) * 2 * 1_000_000
    }
    return Self.rounded(
      frame * Int128(frames.denominator), 1000, Int128(1_000_000) * Int128(frames.numerator))
  }

  private func offsetTime(_ value: Int64, _ metric: ArraySlice<UInt8>) -> Int64? {
    let (numerator, denominator): (Int64, Int64)
    switch String(decoding: metric, as: UTF8.self) {
    case "h": (numerator, denominator) = (3_600_000, 1)
    case "m": (numerator, denominator) = (60_000, 1)
    case "s": (numerator, denominator) = (1000, 1)
    case "ms": (numerator, denominator) = (1, 1)
    case "f": (numerator, denominator) = (1000 * frames.denominator, frames.numerator)
    case "t": (numerator, denominator) = (1000, ticks)
    default: return nil
    }
    return Self.rounded(Int128(value), Int128(numerator), 1_000_000 * Int128(denominator))
  }

  /// `value · numerator / denominator`, to the nearest.
  private static func rounded(
    _ value: Int128, _ numerator: Int128, _ denominator: Int128
  ) -> Int64? {
    let (product, overflows) = value.multipliedReportingOverflow(by: numerator)
    guard !overflows else { return nil }
    let time = (product + denominator / 2) / denominator
    return time >= 0 && time <= Int128(CueTime.maximum) ? Int64(time) : nil
  }
}
