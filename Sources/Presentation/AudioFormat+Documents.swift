import DASH
import Library

extension AudioFormat {
  /// CHANNELS (draft-pantos-hls-rfc8216bis §4.4.6.1): how many there are; of joint object coding
  /// its objects.
  var hlsChannels: String { objectCount.map { "\($0)/JOC" } ?? "\(channelCount)" }

  /// Channels of AC-3 and E-AC-3 by Dolby's map of positions, of all others by their count.
  var dashChannels: Descriptor {
    if let channelMap { return .dolbyChannels(channelMap) }
    return .audioChannels(channelCount)
  }

  /// What says that E-AC-3 carries objects (ETSI TS 103 420 Annex D).
  var dashObjects: [Descriptor] {
    guard let objectCount else { return [] }
    let base = "tag:dolby.com,2018:dash:EC3_ExtensionType:2018"
    return [
      Descriptor(schemeIdUri: base, value: "JOC"),
      Descriptor(
        schemeIdUri: "tag:dolby.com,2018:dash:EC3_ExtensionComplexityIndex:2018",
        value: "\(objectCount)"),
    ]
  }
}
