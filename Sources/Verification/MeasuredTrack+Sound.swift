/// What documents must say of the channels of a track.
extension MeasuredTrack {
  /// CHANNELS: a count, or the objects of joint object coding.
  var channels: String {
    header.objectCount.map { "\($0)/JOC" } ?? "\(header.channelCount)"
  }

  /// AudioChannelConfiguration: Dolby's map of positions for its codings, else a count.
  var channelConfiguration: (scheme: String, value: String) {
    guard let map = header.channelMap else {
      return (
        "urn:mpeg:dash:23003:3:audio_channel_configuration:2011", "\(header.channelCount)"
      )
    }
    let digits = String(map, radix: 16, uppercase: true)
    return (
      "tag:dolby.com,2014:dash:audio_channel_configuration:2011",
      String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    )
  }
}
