package import HLS
import Library
import MediaCore

extension HLSPresentation {
  /// `main.m3u8`: every video track with every audio group, or the audio groups alone.
  package func multivariantPlaylist() -> MultivariantPlaylist {
    let video = title.tracks(of: .video)
    let groups = AudioGroup.groups(of: title.tracks(of: .audio))
    let rates = groups.map(largest)
    var playlist = MultivariantPlaylist()
    if video.isEmpty {
      let isGrouped = groups.count > 1 || groups.contains { $0.members.count > 1 }
      playlist.variants = zip(groups, rates).map { audioVariant($0, $1, isGrouped: isGrouped) }
      if isGrouped { playlist.renditions = renditions(of: groups) }
    } else {
      playlist.variants = video.flatMap { track in
        let rate = rate(of: track)
        return groups.isEmpty
          ? [variant(track, rate, nil, nil)]
          : zip(groups, rates).filter { $0.0.accompanies(track, of: video) }
            .map { variant(track, rate, $0, $1) }
      }
      playlist.renditions = renditions(of: groups)
    }
    addText(to: &playlist)
    playlist.sessionData = TitleEventDocuments(title: title).sessionData
    playlist.iFrameVariants = (video + title.trickTracks)
      .filter { $0.index.hasIFrames || self.rates.iFrames[$0.index.name] != nil }.map(iFrameVariant)
    playlist.imageVariants = imageVariants()
    VariantScore.rank(&playlist)
    playlist.variants = Self.startFirst(playlist.variants)
    let timed = video.isEmpty ? title.tracks(of: .audio) : video
    playlist.hasIndependentSegments = timed.allSatisfy(\.index.hasIndependentSegments)
    return playlist
  }

  /// Bits in a second of a first segment that a mobile connection brings without a wait.
  static let startBandwidth = 5_000_000

  /// Players that have measured nothing begin with the first variant stream. In the title's order
  /// that would be the heaviest, so the heaviest that is light enough to start with, in SDR if
  /// there is one, comes first, and the others follow in the title's order.
  private static func startFirst(_ variants: [VariantStream]) -> [VariantStream] {
    let plain = variants.indices.filter { (variants[$0].videoRange ?? .sdr) == .sdr }
    let candidates = plain.isEmpty ? Array(variants.indices) : plain
    let light = candidates.filter { variants[$0].bandwidth <= startBandwidth }
    let heaviest = light.first { index in
      light.allSatisfy { variants[$0].bandwidth <= variants[index].bandwidth }
    }
    let lightest = candidates.first { index in
      candidates.allSatisfy { variants[$0].bandwidth >= variants[index].bandwidth }
    }
    guard let first = heaviest ?? lightest else { return variants }
    return [variants[first]] + variants[..<first] + variants[(first + 1)...]
  }

  private func renditions(of groups: [AudioGroup]) -> [Rendition] {
    groups.flatMap { $0.renditions(uri: Self.playlistReference) }
  }

  private func rate(of track: TitleTrack) -> PeakBitrate {
    rates.playlists[track.index.name] ?? track.bitrate(targetDuration: targetDuration)
  }

  private typealias Rate = (peak: Int64, average: Int64)

  private func variant(
    _ track: TitleTrack, _ rate: PeakBitrate, _ group: AudioGroup?, _ audio: Rate?
  ) -> VariantStream {
    let video = track.index.video
    return VariantStream(
      bandwidth: sum(rate.peak, audio?.peak), averageBandwidth: sum(rate.average, audio?.average),
      codecs: [Codec(track.index.codecs).hls] + (group?.codecs ?? []),
      resolution: resolution(track), frameRate: video?.frameRate, videoRange: video?.range,
      supplementalCodecs: supplements(video), videoLayout: video?.hlsLayout ?? [],
      stableID: [track.index.name, group?.id].compactMap { $0 }.joined(separator: "/"),
      audio: group?.id, closedCaptions: CaptionGroup.reference(track, in: title),
      uri: Self.playlistReference(track))
  }

  private func audioVariant(
    _ group: AudioGroup, _ rate: Rate, isGrouped: Bool
  ) -> VariantStream {
    VariantStream(
      bandwidth: rate.peak, averageBandwidth: rate.average, codecs: group.codecs,
      stableID: group.id, audio: isGrouped ? group.id : nil, closedCaptions: .absent,
      uri: Self.playlistReference(group.defaultMember.track))
  }

  /// Subtitles and captions: one group each, named by all variant streams.
  private func addText(to playlist: inout MultivariantPlaylist) {
    playlist.renditions += CaptionGroup.renditions(of: title.tracks(of: .video))
    guard let group = SubtitleGroup(title.tracks(of: .text)) else { return }
    playlist.renditions += group.renditions(uri: Self.playlistReference)
    let rates = group.members.map { rate(of: $0.track) }
    for index in playlist.variants.indices {
      playlist.variants[index].subtitles = SubtitleGroup.id
      playlist.variants[index].codecs += group.codecs
      playlist.variants[index].bandwidth = sum(
        playlist.variants[index].bandwidth, rates.map(\.peak).max())
      playlist.variants[index].averageBandwidth = sum(
        playlist.variants[index].averageBandwidth ?? 0, rates.map(\.average).max())
    }
  }

  private func iFrameVariant(_ track: TitleTrack) -> IFrameVariantStream {
    let rate =
      rates.iFrames[track.index.name]
      ?? track.index.iFrameBitrate(targetDuration: targetDuration)
    return IFrameVariantStream(
      bandwidth: rate.peak, averageBandwidth: rate.average,
      codecs: [Codec(track.index.codecs).hls], resolution: resolution(track),
      videoRange: track.index.video?.range, supplementalCodecs: supplements(track.index.video),
      videoLayout: track.index.video?.hlsLayout ?? [], stableID: "\(track.index.name)/iframes",
      uri: Self.iFramePlaylistReference(track))
  }

  private func supplements(_ video: VideoFormat?) -> [String] {
    video?.supplement.map { ["\($0.codecs)/\($0.brand)"] } ?? []
  }

  /// The largest peak and the largest average of the group's renditions: one of them plays.
  private func largest(_ group: AudioGroup) -> Rate {
    let rates = group.members.map { rate(of: $0.track) }
    return (rates.map(\.peak).max() ?? 0, rates.map(\.average).max() ?? 0)
  }

  private func sum(_ video: Int64, _ audio: Int64?) -> Int64 {
    let (sum, overflow) = video.addingReportingOverflow(audio ?? 0)
    return overflow ? .max : sum
  }

  private func resolution(_ track: TitleTrack) -> Resolution? {
    track.index.video.map { Resolution(width: $0.displayWidth, height: $0.displayHeight) }
  }

  private static func playlistReference(_ track: TitleTrack) -> String {
    Reference.encoded(DocumentName.playlist(of: track))
  }

  private static func iFramePlaylistReference(_ track: TitleTrack) -> String {
    Reference.encoded(DocumentName.iFramePlaylist(of: track))
  }
}
