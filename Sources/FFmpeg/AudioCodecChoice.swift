import CFFmpeg

/// What sound is encoded to where no player takes its own coding.
package enum AudioCodecChoice: String, Sendable, CaseIterable {
  case aac
  case opus
  case eac3

  var encoderName: String {
    switch self {
    case .aac: "aac"
    case .opus: "libopus"
    case .eac3: "eac3"
    }
  }

  /// For people.
  package var name: String {
    switch self {
    case .aac: "AAC"
    case .opus: "Opus"
    case .eac3: "E-AC-3"
    }
  }

  /// The rate to encode at: the source's own where the coding has it and players take it.
  func sampleRate(_ source: Int) -> Int {
    switch self {
    case .opus: return 48_000
    case .eac3: return [32_000, 44_100, 48_000].contains(source) ? source : 48_000
    case .aac:
      let rates = [8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]
      if rates.contains(source) { return source }
      return [88_200, 176_400].contains(source) ? 44_100 : 48_000
    }
  }

  /// The channel count to encode: mono, stereo, 5.1 and 7.1 as they are. What lies between gets the
  /// channels that it lacks, in silence; E-AC-3 ends at 5.1 here.
  func channelCount(_ source: Int) -> Int {
    switch source {
    case ...1: 1
    case 2: 2
    case 3...6: 6
    default: self == .eac3 ? 6 : 8
    }
  }

  /// Bits in a second that leave no artefact to most ears.
  func bitRate(channelCount: Int, sampleRate: Int) -> Int64 {
    let full: Int64 =
      switch (self, channelCount) {
      case (.aac, 1): 96_000
      case (.aac, 2): 192_000
      case (.aac, 6): 448_000
      case (.aac, _): 576_000
      case (.opus, 1): 80_000
      case (.opus, 2): 160_000
      case (.opus, 6): 384_000
      case (.opus, _): 512_000
      case (.eac3, 1): 96_000
      case (.eac3, 2): 224_000
      case (.eac3, _): 448_000
      }
    return self == .aac ? full * Int64(min(sampleRate, 48_000)) / 48_000 : full
  }
}
